/** CPU of ingest's full accept path on bare workerd by events a request. Used by the pack bench, for its price. */
import { mintKey } from "../../workers/shared/ingest-key.ts";
import { benchBodies } from "./events.ts";
import { runLoad } from "./load.ts";
import { startWorkerd } from "./workerd.ts";

const SECRET = "a-secret-of-thirty-two-characters-or-more";
const CONNECTIONS = 4;
const SECONDS = 1.5;
/** Enough that no body is sent twice: a pack known from a minute ago is not sent again. */
const EVENTS_PER_SECOND: Partial<Record<number, number>> = { 1: 8_000, 10: 50_000 };
const MAX_EVENTS_PER_SECOND = 150_000;

/** The bench Worker's variables and a key that it takes. */
export function ingestVars(): { key: string; vars: Record<string, string> } {
  const { key } = mintKey(SECRET, "us", "header");
  const vars = {
    BENCH_KEY: key,
    JURISDICTIONS: "enforced",
    KEY_TAG_SECRET: SECRET,
    JWT_PRIVATE_KEY: "unused",
    OPERATOR_TOKEN: SECRET,
    CLICKHOUSE_US_URL: "http://127.0.0.1:1",
    CLICKHOUSE_US_DATABASE: "x",
    CLICKHOUSE_EU_URL: "http://127.0.0.1:1",
    CLICKHOUSE_EU_DATABASE: "x",
  };
  return { key, vars };
}

/** us of CPU an event. */
export async function acceptCpu(batch: number): Promise<number> {
  const { key, vars } = ingestVars();
  const queues = ["EVENTS_0", "EVENTS_1", "EVENTS_2", "EVENTS_3", "BACKFILL"];
  const workerd = await startWorkerd("bench/workers/ingest.ts", queues, vars);
  try {
    const load = { port: workerd.port, path: "/v1/events", headers: { authorization: `Bearer ${key}` } };
    const rate = EVENTS_PER_SECOND[batch] ?? MAX_EVENTS_PER_SECOND;
    const bodies = benchBodies(Math.ceil((rate * SECONDS) / batch), batch);
    const warm = benchBodies(Math.ceil(20_000 / batch / 10), batch);
    await runLoad({ ...load, bodies: warm, connections: CONNECTIONS, seconds: SECONDS / 3 });
    const report = await runLoad({ ...load, bodies, connections: CONNECTIONS, seconds: SECONDS, pid: workerd.pid });
    if (report.failed > 0) throw new Error(`${report.failed} requests failed`);
    return (report.cpu / report.requests / batch) * 1e6;
  } finally {
    workerd.stop();
  }
}
