/**
 * The built Worker's options for miniflare: bindings from wrangler.toml itself, plus what only a laptop sets.
 * Used by dev/system and the benches, so that a local run binds what a deploy binds.
 */
import { convertV4MiniflareOptions, type Log, type MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { z } from "zod";
import type { ClickHouseTarget } from "../workers/shared/env.ts";
import { CRON_OPTIONS } from "./cron.ts";
import { inRoot } from "./paths.ts";
import type { Secrets } from "./secrets.ts";

export interface LocalWorker {
  /** Path of the built Worker. */
  script: string;
  host: string;
  port: number;
  /** Where D1, R2 and Durable Objects keep their data; undefined: in memory. */
  storage: string | undefined;
  secrets: Secrets;
  clickhouse: { us: ClickHouseTarget; eu: ClickHouseTarget };
  log: Log;
  /** One structured line of the Worker's console. */
  onLog?: (line: { level: string; message: string }) => void;
}

/** Seconds a backfill batch waits; 60 in production, where it saves money, and 2 here, where somebody is watching. */
const LOCAL_BACKFILL_TIMEOUT_S = 2;

function clickHouseVars(region: "US" | "EU", target: ClickHouseTarget): Record<string, string> {
  return {
    [`CLICKHOUSE_${region}_URL`]: target.url,
    [`CLICKHOUSE_${region}_DATABASE`]: target.database,
    [`CLICKHOUSE_${region}_USER`]: target.user,
    [`CLICKHOUSE_${region}_PASSWORD`]: target.password,
  };
}

/** The two parts of wrangler's answer that are changed here; the rest passes through. */
const WorkerOptionsSchema = z.looseObject({
  bindings: z.record(z.string(), z.string()),
  queueConsumers: z.record(z.string(), z.looseObject({ maxBatchTimeout: z.number() })),
});

/** Options of one miniflare instance. */
export function miniflareOptions(local: LocalWorker): MiniflareOptions {
  const workerOptions = WorkerOptionsSchema.parse(
    unstable_getMiniflareWorkerOptions(inRoot("wrangler.toml")).workerOptions,
  );
  const backfill = workerOptions.queueConsumers["tenfold-backfill"];
  if (backfill !== undefined) backfill.maxBatchTimeout = LOCAL_BACKFILL_TIMEOUT_S;
  const { onLog, storage } = local;
  return convertV4MiniflareOptions({
    ...workerOptions,
    name: "tenfold",
    modules: [{ type: "ESModule", path: local.script }],
    bindings: {
      ...workerOptions.bindings,
      JURISDICTIONS: "emulated",
      KEY_TAG_SECRET: local.secrets.KEY_TAG_SECRET,
      JWT_PRIVATE_KEY: local.secrets.JWT_PRIVATE_KEY,
      OPERATOR_TOKEN: local.secrets.OPERATOR_TOKEN,
      ...clickHouseVars("US", local.clickhouse.us),
      ...clickHouseVars("EU", local.clickhouse.eu),
    },
    host: local.host,
    port: local.port,
    cf: false,
    log: local.log,
    logRequests: false,
    ...CRON_OPTIONS,
    ...(storage === undefined ? {} : { resourcePersistencePath: storage }),
    ...(onLog === undefined ? {} : { handleStructuredLogs: onLog }),
  });
}
