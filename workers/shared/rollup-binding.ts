/** The rollup Workflow of a region. Used by the cron and the operator app. The EU's has jurisdiction eu in wrangler.toml. */
import type { StorageRegion } from "../../schema/pack.ts";
import type { Env } from "./env.ts";

export function rollupBinding(env: Pick<Env, "ROLLUP" | "ROLLUP_EU">, region: StorageRegion): Env["ROLLUP"] {
  return region === "eu" ? env.ROLLUP_EU : env.ROLLUP;
}
