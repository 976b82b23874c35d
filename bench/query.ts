/**
 * Reading history through the API: the twelve questions of the dashboard over N events, with 50 people at the same time (warm), and one
 * by one with nothing remembered (cold), beside the same statements asked of ClickHouse directly; then again while 10,000 events/s come
 * in. Targets: warm p50 < 50 ms, p99 < 300 ms; during inserts at most 2x idle.
 * TENFOLD_BENCH_ROWS: sizes in millions, default 1,10; 100 more takes a quarter of an hour and 15 GB. Each size says what it measured
 * as soon as it did.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type System, startSystem } from "../dev/system.ts";
import { type BenchResult, median, percentile, round } from "./result.ts";
import { ask, dashboardQueries, type NamedQuery } from "./support/dashboard.ts";
import { benchEvent } from "./support/events.ts";
import { makeHistory, rollUp, statement } from "./support/history.ts";
import { signIn } from "./support/live-client.ts";
import { runOpenLoad } from "./support/open-load.ts";
import { Recorder } from "./support/recorder.ts";

const SIZES = (process.env.TENFOLD_BENCH_ROWS ?? "1,10").split(",").map((millions) => Number(millions) * 1_000_000);
const PEOPLE = 50;
/** Questions of one person in the warm round. */
const ASKED_EACH = 40;
const COLD_ROUNDS = 5;
const INSERT_SECONDS = 20;
const BATCH = 100;
const REQUESTS_PER_SECOND = 100;
const P50_TARGET_MS = 50;
const P99_TARGET_MS = 300;

export async function run(): Promise<BenchResult> {
  const rows: BenchResult["rows"] = [];
  const notes: string[] = [];
  for (const size of SIZES) {
    const said = notes.length;
    await measure(size, rows, notes);
    for (const note of notes.slice(said)) console.log(note);
  }
  return {
    title: `query: twelve questions of the dashboard, ${PEOPLE} people, over ${SIZES.join(", ")} events`,
    rows,
    notes,
  };
}

async function measure(size: number, rows: BenchResult["rows"], notes: string[]): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "tenfold-bench-"));
  const recorder = await Recorder.start();
  const system = await startSystem({
    dataDir,
    port: 0,
    log: () => undefined,
    clickhouseUrl: (url) => recorder.before(url),
  });
  try {
    const [org] = system.devJson.orgs.filter(({ residency }) => residency === "us");
    const [user] = org?.users ?? [];
    if (org === undefined || user === undefined) throw new Error("the seed has no us tenant");
    const end = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const began = performance.now();
    await makeHistory(system.devJson, size, end);
    const made = performance.now();
    await rollUp(system.devJson, end);
    const rolled = performance.now();
    const { url } = system.devJson;
    const queries = dashboardQueries(org.org_id, end);
    const cookies = await Promise.all(Array.from({ length: PEOPLE }, () => signIn(url, user)));

    const disk = await diskBytes(system);
    console.log(`${size / 1e6} M events are there and rolled up, ${round(disk / 1e9, 2)} GB`);
    const cold = await coldRound(url, cookies, queries, recorder);
    const warm = await warmRound(url, cookies, queries);
    for (const [i, { name }] of queries.entries()) {
      const own = cold[i];
      rows.push({
        "events, M": size / 1e6,
        question: name,
        "cold p50 ms": round(median(own?.times ?? [])),
        "cold max ms": round(Math.max(...(own?.times ?? []))),
        "ClickHouse alone ms": round(median(own?.direct ?? [])),
        statements: own?.statements ?? 0,
        "warm p50 ms": round(percentile(warm.get(name) ?? [], 0.5), 1),
        "warm p99 ms": round(percentile(warm.get(name) ?? [], 0.99)),
      });
    }
    const all = [...warm.values()].flat();
    const [p50, p99] = [percentile(all, 0.5), percentile(all, 0.99)];
    const met = p50 < P50_TARGET_MS && p99 < P99_TARGET_MS;
    notes.push(
      `${size / 1e6} M events: made in ${round((made - began) / 1_000)} s, two tenants rolled up in ${round((rolled - made) / 1_000)} s, ` +
        `${round(disk / 1e9, 2)} GB; ${coldNote(cold)}; warm over all p50 ${round(p50, 1)} ms, p99 ${round(p99)} ms (target < ${P50_TARGET_MS} and < ${P99_TARGET_MS}): ${met ? "met" : "MISSED"}`,
    );
    notes.push(`${size / 1e6} M events: ${await duringInserts(system, cookies, queries)}`);
  } finally {
    await system.stop();
    recorder.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Bytes of all tables. */
async function diskBytes({ devJson }: System): Promise<number> {
  return Number(await statement(devJson, "us", "SELECT sum(bytes_on_disk) FROM system.parts WHERE active"));
}

function coldNote(cold: readonly Cold[]): string {
  const of = (times: readonly number[]): string =>
    `p50 ${round(percentile(times, 0.5))} ms, p99 ${round(percentile(times, 0.99))} ms`;
  return `cold over all ${of(cold.flatMap(({ times }) => times))}, their statements alone ${of(cold.flatMap(({ direct }) => direct))}`;
}

interface Cold {
  times: number[];
  direct: number[];
  statements: number;
}

/** Each question alone and computed anew; then its very statements at ClickHouse, one after the other as they were. */
async function coldRound(url: string, cookies: string[], queries: NamedQuery[], recorder: Recorder): Promise<Cold[]> {
  const results: Cold[] = [];
  for (const { path } of queries) {
    const result: Cold = { times: [], direct: [], statements: 0 };
    for (let round = 0; round < COLD_ROUNDS; round++) {
      recorder.record();
      result.times.push(await ask(url, cookies[round % cookies.length] ?? "", path, true));
      const statements = recorder.recorded();
      result.statements = statements.length;
      const at = performance.now();
      for (const again of statements) await again();
      result.direct.push(performance.now() - at);
    }
    results.push(result);
  }
  return results;
}

/** Everybody asks all questions, each in an order of their own, as fast as the answers come. */
async function warmRound(url: string, cookies: string[], queries: NamedQuery[]): Promise<Map<string, number[]>> {
  const times = new Map(queries.map(({ name }): [string, number[]] => [name, []]));
  await Promise.all(
    cookies.map(async (cookie, person) => {
      for (let n = 0; n < ASKED_EACH; n++) {
        const query = queries[(person * 7 + n) % queries.length];
        if (query !== undefined) times.get(query.name)?.push(await ask(url, cookie, query.path));
      }
    }),
  );
  return times;
}

/** Cold answers while another tenant's events come in at full rate, beside the same without. */
async function duringInserts(system: System, cookies: string[], queries: NamedQuery[]): Promise<string> {
  const { url, orgs } = system.devJson;
  const other = orgs.filter(({ residency }) => residency === "us").at(-1);
  if (other === undefined) throw new Error("no tenant");
  const read = async (until: () => boolean): Promise<number[]> => {
    const times: number[] = [];
    for (let n = 0; !until() || n < queries.length; n++) {
      const query = queries[n % queries.length];
      if (query !== undefined) times.push(await ask(url, cookies[n % cookies.length] ?? "", query.path, true));
    }
    return times;
  };
  const idleEnd = performance.now() + 10_000;
  const idle = await read(() => performance.now() > idleEnd);
  let sending = true;
  const load = runOpenLoad({
    url,
    requestsPerSecond: REQUESTS_PER_SECOND,
    seconds: INSERT_SECONDS,
    requestOf: (n) => {
      const now = Date.now();
      const events = Array.from({ length: BATCH }, (_, i) => benchEvent(n * BATCH + i, now - (i % 50)));
      return { key: other.ingest_key, body: JSON.stringify(events) };
    },
    onAnswer: () => undefined,
  }).finally(() => {
    sending = false;
  });
  const busy = await read(() => !sending);
  await load;
  const ratio = median(busy) / median(idle);
  return (
    `cold answers during ${REQUESTS_PER_SECOND * BATCH} events/s of inserts: median ${round(median(busy))} ms beside ` +
    `${round(median(idle))} ms idle, ${round(ratio, 2)} times (target <= 2): ${ratio <= 2 ? "met" : "MISSED"}; ` +
    `p99 ${round(percentile(busy, 0.99))} beside ${round(percentile(idle, 0.99))} ms`
  );
}
