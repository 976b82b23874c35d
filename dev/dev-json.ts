/**
 * `<data>/dev.json`: what `npm start` tells other local tools. Written by dev/start, read by importers, tests and benches.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RoleSchema } from "../schema/access.ts";
import { ResidencySchema } from "../schema/pack.ts";

const ClickHouseSchema = z.object({ url: z.url(), database: z.string(), user: z.string(), password: z.string() });

export const DevJsonSchema = z.object({
  url: z.url(),
  clickhouse: z.object({ us: ClickHouseSchema, eu: ClickHouseSchema }),
  orgs: z.array(
    z.object({
      org_id: z.string(),
      name: z.string(),
      residency: ResidencySchema,
      ingest_key: z.string(),
      /** Every key by its kind: us, eu, gl-us, gl-eu, and path-* for the class that may stand in a URL. */
      keys: z.record(z.string(), z.string()),
      users: z.array(z.object({ email: z.string(), password: z.string(), role: RoleSchema })),
    }),
  ),
  operator_token: z.string(),
  /** Process ids, for tools that look at memory or kill things on purpose. */
  processes: z.object({ main: z.number(), clickhouse: z.number() }),
});
export type DevJson = z.infer<typeof DevJsonSchema>;

const pathOf = (dataDir: string): string => join(dataDir, "dev.json");

/** Writes the file in one step, so that a reader never sees half of it. */
export function writeDevJson(dataDir: string, value: DevJson): void {
  const path = pathOf(dataDir);
  writeFileSync(`${path}.tmp`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

/** Reads the file. Throws when there is none or it is of another version. */
export function readDevJson(dataDir: string): DevJson {
  return DevJsonSchema.parse(JSON.parse(readFileSync(pathOf(dataDir), "utf8")));
}

/** Takes the file away when the system it describes has stopped. */
export function removeDevJson(dataDir: string): void {
  rmSync(pathOf(dataDir), { force: true });
}

/** URL of a system that runs on this data directory now, if any: two would lock each other out of ClickHouse. */
export function runningHere(dataDir: string): string | undefined {
  if (!existsSync(pathOf(dataDir))) return undefined;
  try {
    const { processes, url } = readDevJson(dataDir);
    process.kill(processes.main, 0);
    return processes.main === process.pid ? undefined : url;
  } catch {
    return undefined;
  }
}
