/** The configuration database of a jurisdiction. Used by everything that reads tenants; holds no query. */
import type { StorageRegion } from "../../schema/pack.ts";
import type { Env } from "./env.ts";

export function configDatabase(env: Pick<Env, "CONFIG_DB" | "CONFIG_DB_EU">, jurisdiction: StorageRegion): D1Database {
  return jurisdiction === "eu" ? env.CONFIG_DB_EU : env.CONFIG_DB;
}
