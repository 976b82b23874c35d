/**
 * The whole system on one machine: ClickHouse, the built Worker on miniflare, databases migrated and seeded.
 * Called by dev/start (what a user runs), the tests and the benches. Knows nothing of terminals and signals.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Log, LogLevel, Miniflare } from "miniflare";
import { QueuesAnswerSchema } from "../schema/operator.ts";
import type { ClickHouseTarget } from "../workers/shared/env.ts";
import { buildAll } from "./build.ts";
import { migrateClickHouse, readMigrations } from "./clickhouse-migrations.ts";
import { ClickHouseSupervisor } from "./clickhouse-supervisor.ts";
import { startCron } from "./cron.ts";
import { migrateD1 } from "./d1-migrations.ts";
import { type DevJson, removeDevJson, runningHere, writeDevJson } from "./dev-json.ts";
import { localSecrets } from "./secrets.ts";
import { seed } from "./seed.ts";
import { WorkerLog } from "./worker-log.ts";
import { miniflareOptions } from "./worker-options.ts";

export interface SystemOptions {
  dataDir: string;
  /** 0: a free one. */
  port: number;
  log: (text: string) => void;
  /** Puts something between the Worker and ClickHouse; the tests' fault proxy. */
  clickhouseUrl?: (url: string) => string;
  /** Another built Worker than the shipped one: the fault harness's wrapper around it. */
  script?: string;
}

const HOST = "127.0.0.1";
const CLICKHOUSE_USER = "tenfold";
/** Draining waits for everything acknowledged; what is still queued then is lost, as local queues live in memory. */
const DRAIN_TIMEOUT_MS = 60_000;
const DRAIN_POLL_MS = 100;

const QUEUES = ["EVENTS_0", "EVENTS_1", "EVENTS_2", "EVENTS_3", "BACKFILL"] as const;

/** A running system. */
export interface System {
  devJson: DevJson;
  clickhouse: ClickHouseSupervisor;
  miniflare: Miniflare;
  /** Messages in all queues, in flight and waiting for a retry; 0 when all is delivered. */
  backlog(): Promise<number>;
  /** Kills the Worker's process and starts another on the same port and data. What was queued is lost: queues live in its memory. */
  restartWorker(): Promise<void>;
  /** Drains the queues, then stops everything this started. */
  stop(): Promise<void>;
}

/** Starts everything; resolves when every part answers. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { dataDir, log } = options;
  mkdirSync(dataDir, { recursive: true });
  const other = runningHere(dataDir);
  if (other !== undefined) throw new Error(`Tenfold already runs on this data (${dataDir}) at ${other}`);
  const secrets = localSecrets(dataDir);
  log("building ...");
  const built = await buildAll();

  log("starting ClickHouse ...");
  let devJson: DevJson | undefined;
  const clickhouse = await ClickHouseSupervisor.start({
    dataDir: join(dataDir, "clickhouse"),
    user: CLICKHOUSE_USER,
    password: secrets.CLICKHOUSE_PASSWORD,
    log,
    onStart: (pid) => {
      if (devJson === undefined) return;
      devJson.processes.clickhouse = pid;
      writeDevJson(dataDir, devJson);
    },
  });
  const targetOf = (database: string): ClickHouseTarget => ({
    url: clickhouse.url,
    database,
    user: CLICKHOUSE_USER,
    password: secrets.CLICKHOUSE_PASSWORD,
  });
  const targets = { us: targetOf("tenfold_us"), eu: targetOf("tenfold_eu") };
  for (const target of [targets.us, targets.eu]) await migrateClickHouse(target, readMigrations());

  log("starting the Worker ...");
  const through = options.clickhouseUrl ?? ((url: string) => url);
  const workerLog = new WorkerLog(join(dataDir, "logs"));
  const worker = miniflareOptions({
    script: options.script ?? built.worker,
    host: HOST,
    port: options.port,
    storage: join(dataDir, "storage"),
    secrets,
    clickhouse: {
      us: { ...targets.us, url: through(targets.us.url) },
      eu: { ...targets.eu, url: through(targets.eu.url) },
    },
    log: new Log(LogLevel.WARN),
    onLog: (line) => workerLog.write(line),
  });
  const miniflare = new Miniflare(worker);
  const url = (await miniflare.ready).origin;
  const [routing, config, configEu] = await Promise.all(
    ["ROUTING_DB", "CONFIG_DB", "CONFIG_DB_EU"].map((name) => miniflare.getD1Database(name)),
  );
  if (routing === undefined || config === undefined || configEu === undefined)
    throw new Error("a D1 binding is missing");
  await migrateD1(routing, "routing");
  for (const database of [config, configEu]) await migrateD1(database, "config");
  const orgs = await seed(dataDir, secrets.KEY_TAG_SECRET, { routing, config, configEu });
  devJson = {
    url,
    clickhouse: targets,
    orgs,
    operator_token: secrets.OPERATOR_TOKEN,
    processes: { main: process.pid, clickhouse: clickhouse.pid },
  };
  writeDevJson(dataDir, devJson);
  const health = await fetch(`${url}/healthz`);
  if (!health.ok) throw new Error(`the Worker answers ${health.status}`);
  const cron = startCron(miniflare, log);

  const backlog = async (): Promise<number> => {
    const counts = await Promise.all(
      QUEUES.map(async (name) => (await (await miniflare.getQueueProducer(name)).metrics()).backlogCount),
    );
    // The local broker's count leaves out the batch in flight and messages that wait for a retry; the Worker knows of those.
    const response = await miniflare.dispatchFetch(`${url}/operator/queues`, {
      headers: { authorization: `Bearer ${secrets.OPERATOR_TOKEN}` },
    });
    const { unsettled } = QueuesAnswerSchema.parse(await response.json());
    return counts.reduce((sum, count) => sum + count, unsettled);
  };
  const restartWorker = (): Promise<void> => miniflare.setOptions({ ...worker, port: Number(new URL(url).port) });
  const stop = async (): Promise<void> => {
    cron.stop();
    const deadline = Date.now() + DRAIN_TIMEOUT_MS;
    let left = await backlog();
    if (left > 0) log(`draining ${left} packs ...`);
    // Twice nothing: between the broker's hands and the consumer's a batch is in neither count.
    for (let empty = 0; empty < 2 && Date.now() < deadline; empty = left === 0 ? empty + 1 : 0) {
      await delay(DRAIN_POLL_MS);
      left = await backlog();
    }
    if (left > 0) log(`${left} packs could not be delivered and are lost: ClickHouse did not take them for a minute`);
    await miniflare.dispose();
    await clickhouse.stop();
    workerLog.close();
    removeDevJson(dataDir);
  };
  return { devJson, clickhouse, miniflare, backlog, restartWorker, stop };
}
