/**
 * Log records/s over OTLP, in JSON and in protobuf, beside JSON events/s of /v1/events: the same accept path on bare workerd in one
 * interleaved run. Records are recorded ones of Claude Code, 19 to 27 attributes each. Two kinds of events stand beside them: those of
 * the ingest bench, a quarter of the bytes, and those that the records become, which is what OTLP costs over sending them natively.
 * Limit: >= 0.6 of the same events/s in records/s, for each encoding.
 */

import { toProtobuf } from "../test/support/otlp-protobuf.ts";
import { decode } from "../workers/ingest/otlp/decode.ts";
import { normalise } from "../workers/ingest/otlp/normalise/normalise.ts";
import { type BenchResult, median, percentile, round } from "./result.ts";
import { ingestVars } from "./support/accept-cpu.ts";
import { benchBodies } from "./support/events.ts";
import { runLoad } from "./support/load.ts";
import { logExports } from "./support/otlp-bodies.ts";
import { startWorkerd } from "./support/workerd.ts";

const BATCH = 100;
const ROUNDS = 5;
const SECONDS = 1.5;
const CONNECTIONS = 8;
/** Distinct bodies of one round: a pack known from a minute ago is not sent again. More requests than these are not made in a round. */
const BODIES = 1_500;
const TARGET = 0.6;

const SAME = "the records' events, JSON";

interface Sample {
  rate: number;
  cpu: number;
  latencies: number[];
  failed: number;
}

interface Way {
  name: string;
  path: string;
  type: string;
  bodies: (round: number) => (string | Uint8Array)[];
}

function ways(): Way[] {
  const start = Date.now();
  const exportsOf = (round: number) => logExports(BODIES, BATCH, start - (round + 1) * BODIES);
  return [
    {
      name: "events, JSON",
      path: "/v1/events",
      type: "application/json",
      bodies: () => benchBodies(BODIES, BATCH),
    },
    {
      name: SAME,
      path: "/v1/events",
      type: "application/json",
      bodies: (round) => exportsOf(round + 2 * ROUNDS + 2).map(asEvents),
    },
    {
      name: "log records, JSON",
      path: "/v1/logs",
      type: "application/json",
      bodies: (round) => exportsOf(round).map((root) => JSON.stringify(root)),
    },
    {
      name: "log records, protobuf",
      path: "/v1/logs",
      type: "application/x-protobuf",
      // Another year of milliseconds than the JSON's, so that no pack repeats.
      bodies: (round) => exportsOf(round + ROUNDS + 1).map((root) => toProtobuf("logs", root)),
    },
  ];
}

/** What the records become, as a client of /v1/events would send it. */
function asEvents(root: unknown): string {
  const { otlp } = decode("logs", "json", new TextEncoder().encode(JSON.stringify(root)));
  return JSON.stringify(normalise(otlp).events.map(({ event }) => event));
}

export async function run(): Promise<BenchResult> {
  const { key, vars } = ingestVars();
  const queues = ["EVENTS_0", "EVENTS_1", "EVENTS_2", "EVENTS_3", "BACKFILL"];
  const workerd = await startWorkerd("bench/workers/ingest.ts", queues, vars);
  const all = ways();
  const samples = new Map<string, Sample[]>(all.map(({ name }) => [name, []]));
  const bytes = new Map<string, number>();
  try {
    for (let n = -1; n < ROUNDS; n++) {
      for (const { name, path, type, bodies } of all) {
        const some = bodies(n + 1);
        bytes.set(name, median(some.map((body) => Buffer.byteLength(body))) / BATCH);
        const report = await runLoad({
          port: workerd.port,
          path,
          bodies: some,
          headers: { authorization: `Bearer ${key}`, "content-type": type },
          connections: CONNECTIONS,
          seconds: SECONDS,
          pid: workerd.pid,
        });
        if (n < 0) continue;
        samples.get(name)?.push({
          rate: report.requests / report.seconds,
          cpu: report.cpu / report.requests,
          latencies: report.latencies,
          failed: report.failed,
        });
      }
    }
  } finally {
    workerd.stop();
  }
  return report(samples, bytes);
}

function report(samples: ReadonlyMap<string, Sample[]>, bytes: ReadonlyMap<string, number>): BenchResult {
  const rateOf = (name: string): number => median((samples.get(name) ?? []).map(({ rate }) => rate));
  const events = rateOf("events, JSON");
  const same = rateOf(SAME);
  const rows = [...samples].map(([what, list]) => {
    const rate = rateOf(what);
    const cpu = median(list.map((sample) => sample.cpu)) * 1e6;
    const latencies = list.flatMap((sample) => sample.latencies);
    return {
      what,
      "bytes each": round(bytes.get(what) ?? 0),
      "each/s": round(rate * BATCH),
      "us CPU each": round(cpu / BATCH, 2),
      "of events": round(rate / events, 2),
      "of the same events": round(rate / same, 2),
      "p50 ms": round(percentile(latencies, 0.5), 1),
      "p99 ms": round(percentile(latencies, 0.99), 1),
      failed: list.reduce((sum, sample) => sum + sample.failed, 0),
    };
  });
  const ratios = rows
    .slice(2)
    .map((row) => `${row.what} ${row["of the same events"]} (${row["of events"]} of small ones)`);
  return {
    title: `otlp: ${BATCH} a request, 8 connections, bare workerd`,
    rows,
    notes: [`of the same events/s as JSON: ${ratios.join(", ")} (target >= ${TARGET})`],
  };
}
