/**
 * The full accept path (key, validate, enrich, zstd pack, queue send) beside a handler that only does `await req.json()`, on bare
 * workerd with 100-event 44 KB batches. Target: >= 0.45 of json() and <= 15 us CPU an event.
 */
import { type BenchResult, median, percentile, round } from "./result.ts";
import { ingestVars } from "./support/accept-cpu.ts";
import { benchBodies } from "./support/events.ts";
import { runLoad } from "./support/load.ts";
import { startWorkerd } from "./support/workerd.ts";

const BATCH = 100;
const BODIES = 4_000;
const ROUNDS = 7;
const SECONDS = 2;
const CONNECTIONS = 8;
const HANDLERS = [
  ["empty answer", "/empty"],
  ["arrayBuffer()", "/arrayBuffer"],
  ["json()", "/json"],
  ["full accept path", "/v1/events"],
] as const;

export async function run(): Promise<BenchResult> {
  const { key, vars } = ingestVars();
  const workerd = await startWorkerd(
    "bench/workers/ingest.ts",
    ["EVENTS_0", "EVENTS_1", "EVENTS_2", "EVENTS_3", "BACKFILL"],
    vars,
  );
  const bodies = benchBodies(BODIES, BATCH);
  const samples = new Map<string, { rate: number; cpu: number; latencies: number[]; failed: number }[]>();
  try {
    for (let n = -1; n < ROUNDS; n++) {
      for (const [name, path] of HANDLERS) {
        // Distinct bodies every time: a repeated pack would be answered without a send.
        const some = bodies.slice(Math.max(0, n) * 500, Math.max(0, n) * 500 + 500);
        const report = await runLoad({
          port: workerd.port,
          path,
          bodies: path === "/empty" ? [""] : fresh(some, path),
          headers: { authorization: `Bearer ${key}` },
          connections: CONNECTIONS,
          seconds: SECONDS,
          pid: workerd.pid,
        });
        if (n < 0) continue;
        const list = samples.get(name) ?? [];
        list.push({
          rate: report.requests / report.seconds,
          cpu: report.cpu / report.requests,
          latencies: report.latencies,
          failed: report.failed,
        });
        samples.set(name, list);
      }
    }
  } finally {
    workerd.stop();
  }
  return report(samples);
}

/** Only the accept path remembers packs; its bodies get a part that differs at every use. */
function fresh(bodies: readonly string[], path: string): string[] {
  if (path !== "/v1/events") return [...bodies];
  return bodies.flatMap((body) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((n) =>
      body.replaceAll('"event_id":"', `"event_id":"${n}`).replaceAll(/"event_id":"(\d.{35})./g, '"event_id":"$1'),
    ),
  );
}

function report(
  samples: Map<string, { rate: number; cpu: number; latencies: number[]; failed: number }[]>,
): BenchResult {
  const json = median((samples.get("json()") ?? []).map(({ rate }) => rate));
  const rows = [...samples].map(([handler, list]) => {
    const rate = median(list.map((sample) => sample.rate));
    const cpu = median(list.map((sample) => sample.cpu)) * 1e6;
    const latencies = list.flatMap((sample) => sample.latencies);
    return {
      handler,
      "requests/s": round(rate),
      "events/s": handler === "empty answer" ? "-" : round(rate * BATCH),
      "us CPU/request": round(cpu),
      "us CPU/event": handler === "empty answer" ? "-" : round(cpu / BATCH, 2),
      "of json()": round(rate / json, 2),
      "p50 ms": round(percentile(latencies, 0.5), 1),
      "p99 ms": round(percentile(latencies, 0.99), 1),
      failed: list.reduce((sum, sample) => sum + sample.failed, 0),
    };
  });
  const full = rows.find(({ handler }) => handler === "full accept path");
  return {
    title: "ingest: accept path on bare workerd, 100-event batches of 44 KB, 8 connections",
    rows,
    notes: [
      `full/json ${full?.["of json()"]} (target >= 0.45, stretch 0.75); ${full?.["us CPU/event"]} us CPU an event (target <= 15)`,
    ],
  };
}
