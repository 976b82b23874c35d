/**
 * The whole pipeline on miniflare: 10,000 events/s for 60 s, open loop, over three tenants (us, eu, global). How long from POST
 * until ClickHouse answers with the event, and whether it holds exactly what was acknowledged.
 * Targets: nothing lost, nothing double, no failed request; POST -> visible p95 < 5 s.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { DevJson } from "../dev/dev-json.ts";
import type { System } from "../dev/system.ts";
import { type Books, query, settledBooks } from "../test/support/ledger.ts";
import { type BenchResult, percentile, round } from "./result.ts";
import { benchEvent } from "./support/events.ts";
import { runOpenLoad } from "./support/open-load.ts";
import { usageNote, watchUsage } from "./support/usage.ts";
import { withSystem } from "./support/whole-system.ts";

const BATCH = 100;
/** Environment: TENFOLD_BENCH_EVENTS_PER_SECOND and TENFOLD_BENCH_SECONDS look for the limit beyond the target. */
const EVENTS_PER_SECOND = Number(process.env.TENFOLD_BENCH_EVENTS_PER_SECOND ?? 10_000);
const SECONDS = Number(process.env.TENFOLD_BENCH_SECONDS ?? 60);
const WARM_SECONDS = 3;
/** One request in so many carries a marker whose arrival is polled for. */
const MARK_EVERY = 40;
const POLL_MS = 100;
const SETTLE_MS = 60_000;
const VISIBLE_TARGET_MS = 5_000;
const MARKER = "custom.marker";

const IdsSchema = z.array(z.object({ id: z.string() }));
const LagSchema = z.array(z.object({ p50: z.coerce.number(), p95: z.coerce.number(), p99: z.coerce.number() }));
const CountSchema = z.array(z.object({ n: z.coerce.number() }));

export async function run(): Promise<BenchResult> {
  return await withSystem(async (system) => {
    const { orgs } = system.devJson;
    await sendLoad(system, WARM_SECONDS, {}, new Markers(system.devJson));
    const books: Books = await settledWarmUp(system.devJson);
    const markers = new Markers(system.devJson);
    const from = Date.now();
    const usage = watchUsage(system);
    const polling = markers.poll();
    const report = await sendLoad(system, SECONDS, books, markers);
    const used = await usage.stop();
    const settling = performance.now();
    const stored = await settledBooks(system.devJson, books, SETTLE_MS);
    const settled = performance.now() - settling;
    await markers.done(polling);

    const sum = (some: Books): number => Object.values(some).reduce((all, n) => all + n, 0);
    const differences = Object.keys({ ...books, ...stored }).map((key) => (books[key] ?? 0) - (stored[key] ?? 0));
    const lost = differences.reduce((all, n) => all + Math.max(0, n), 0);
    const extra = differences.reduce((all, n) => all + Math.max(0, -n), 0);
    const rows = await insertedRows(system.devJson);
    const visible = markers.times;
    const p95 = percentile(visible, 0.95);
    const failed = Object.values(report.failed).reduce((all, n) => all + n, 0);
    const met = lost === 0 && extra === 0 && failed === 0 && p95 < VISIBLE_TARGET_MS && markers.missing === 0;
    const line = (what: string, times: readonly number[]) => ({
      what,
      "p50 ms": round(percentile(times, 0.5)),
      "p95 ms": round(percentile(times, 0.95)),
      "p99 ms": round(percentile(times, 0.99)),
      "max ms": round(Math.max(...times)),
      samples: times.length,
    });
    return {
      title: `store: ${EVENTS_PER_SECOND} events/s for ${SECONDS} s into ${orgs.length} tenants on miniflare`,
      rows: [
        line("POST -> 202", report.latencies),
        line("POST -> visible in ClickHouse (marker polled)", visible),
        ...(await lags(system.devJson, from)),
      ],
      notes: [
        `acknowledged ${sum(books)}, events FINAL ${sum(stored)}: lost ${lost}, double ${extra}; rows before FINAL ${rows}; failed requests ${failed} ${failed > 0 ? JSON.stringify(report.failed) : ""}`,
        usageNote(used),
        `everything visible ${round(settled)} ms after the last answer; requests went out at most ${round(report.lateMs)} ms late; polls every ${POLL_MS} ms`,
        `target: none lost, none double, 0 failed, visible p95 < ${VISIBLE_TARGET_MS} ms: ${met ? "met" : "MISSED"}`,
      ],
    };
  });
}

function sendLoad(system: System, seconds: number, books: Books, markers: Markers) {
  const { url, orgs } = system.devJson;
  const sent = new Map<number, { org: DevJson["orgs"][number]; types: string[]; marker: string | undefined }>();
  return runOpenLoad({
    url,
    requestsPerSecond: EVENTS_PER_SECOND / BATCH,
    seconds,
    requestOf: (n) => {
      const org = orgs[n % orgs.length];
      if (org === undefined) throw new Error("no orgs");
      const now = Date.now();
      const events = Array.from({ length: BATCH }, (_, i) => benchEvent(n * BATCH + i, now - (i % 50)));
      const marker = n % MARK_EVERY === 0 ? events[0] : undefined;
      if (marker !== undefined) marker.event_type = MARKER;
      const id = marker === undefined ? undefined : String(marker.event_id);
      sent.set(n, { org, types: events.map(({ event_type }) => String(event_type)), marker: id });
      return { key: org.ingest_key, body: JSON.stringify(events) };
    },
    onAnswer: (n, dueAt, status) => {
      const request = sent.get(n);
      sent.delete(n);
      if (request === undefined || status !== 202) return;
      for (const type of request.types) {
        const key = `${request.org.org_id}/${type}`;
        books[key] = (books[key] ?? 0) + 1;
      }
      if (request.marker !== undefined) markers.expect(request.org, request.marker, dueAt);
    },
  });
}

/** Waits until the warm-up has arrived; what ClickHouse holds then is where the books begin. */
async function settledWarmUp(devJson: DevJson): Promise<Books> {
  const expected = EVENTS_PER_SECOND * WARM_SECONDS;
  for (const deadline = Date.now() + SETTLE_MS; Date.now() < deadline; await delay(POLL_MS)) {
    const books = await settledBooks(devJson, {}, 0);
    if (Object.values(books).reduce((all, n) => all + n, 0) === expected) return books;
  }
  throw new Error("the warm-up did not arrive");
}

/** Markers on their way, and how long those took that arrived. */
class Markers {
  readonly times: number[] = [];
  readonly #waiting = { us: new Map<string, number>(), eu: new Map<string, number>() };
  readonly #devJson: DevJson;
  #last = false;

  constructor(devJson: DevJson) {
    this.#devJson = devJson;
  }

  get missing(): number {
    return this.#waiting.us.size + this.#waiting.eu.size;
  }

  expect(org: DevJson["orgs"][number], id: string, dueAt: number): void {
    this.#waiting[org.residency === "eu" ? "eu" : "us"].set(id, dueAt);
  }

  async poll(): Promise<void> {
    while (!this.#last || this.missing > 0) {
      const at = performance.now();
      await Promise.all([this.#look("us"), this.#look("eu")]);
      await delay(Math.max(1, POLL_MS - (performance.now() - at)));
    }
  }

  /** No more are expected; waits for those under way. */
  async done(polling: Promise<void>): Promise<void> {
    this.#last = true;
    await Promise.race([polling, delay(2_000)]);
  }

  async #look(region: "us" | "eu"): Promise<void> {
    const waiting = this.#waiting[region];
    if (waiting.size === 0) return;
    const ids = [...waiting.keys()].map((id) => `'${id}'`).join(",");
    const orgs = this.#devJson.orgs.map(({ org_id }) => `'${org_id}'`).join(",");
    const sql = `SELECT toString(event_id) AS id FROM events WHERE org_id IN (${orgs}) AND event_type = '${MARKER}' AND event_id IN (${ids})`;
    const found = IdsSchema.parse(await query(this.#devJson, region, sql));
    for (const { id } of found) {
      const dueAt = waiting.get(id);
      if (waiting.delete(id) && dueAt !== undefined) this.times.push(performance.now() - dueAt);
    }
  }
}

/** Of every event received since `from` (ms), by storage: the edge's clock until the insert ran. */
async function lags(devJson: DevJson, from: number): Promise<BenchResult["rows"]> {
  const rows: BenchResult["rows"] = [];
  const since = `received_at >= fromUnixTimestamp64Milli(${from})`;
  for (const region of ["us", "eu"] as const) {
    const lag = "dateDiff('millisecond', received_at, _processing_time)";
    const sql = `SELECT quantile(0.5)(${lag}) AS p50, quantile(0.95)(${lag}) AS p95, quantile(0.99)(${lag}) AS p99 FROM events WHERE ${since}`;
    const [found] = LagSchema.parse(await query(devJson, region, sql));
    const [count] = CountSchema.parse(await query(devJson, region, `SELECT count() AS n FROM events WHERE ${since}`));
    rows.push({
      what: `received_at -> _processing_time, ${region === "eu" ? "eu (EventBuffer)" : "us and global (queue)"}`,
      "p50 ms": round(found?.p50 ?? Number.NaN),
      "p95 ms": round(found?.p95 ?? Number.NaN),
      "p99 ms": round(found?.p99 ?? Number.NaN),
      "max ms": "-",
      samples: count?.n ?? 0,
    });
  }
  return rows;
}

async function insertedRows(devJson: DevJson): Promise<number> {
  let rows = 0;
  for (const region of ["us", "eu"] as const) {
    const [count] = CountSchema.parse(await query(devJson, region, "SELECT count() AS n FROM events"));
    rows += count?.n ?? 0;
  }
  return rows;
}
