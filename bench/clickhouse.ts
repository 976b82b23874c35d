/**
 * What the development server costs over chDB called directly, and what a 1 GB insert does to its memory. Called by bench/main.
 * The variants take turns in every round, so that a busy machine hits all.
 */

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { zstdCompressSync } from "node:zlib";
import { Session } from "chdb";
import { type RunningClickHouse, startClickHouse } from "../dev/clickhouse/spawn.ts";
import { type BenchResult, median } from "./result.ts";

const ROWS_PER_BODY = 10_000;
const BODIES = 10;
const ROUNDS = 7;
const BIG_BYTES = 1e9;
/** Length of one event as JSON, the size used by all benches. */
const EVENT_BYTES = 443;

const TABLE = `(event_id String, org_id LowCardinality(String), event_type LowCardinality(String), agent_id String,
  session_id String, timestamp DateTime64(3), metadata String CODEC(ZSTD(3)))
  ENGINE = MergeTree PARTITION BY toYYYYMM(timestamp) ORDER BY (org_id, event_type, timestamp, event_id)`;

function event(i: number): string {
  const fields = {
    event_id: randomBytes(16).toString("hex"),
    org_id: `org_${i % 50}`,
    event_type: i % 3 === 0 ? "llm.call" : "tool.call",
    agent_id: `agent_${i % 200}`,
    session_id: `session_${i % 5000}`,
    timestamp: new Date(Date.UTC(2026, 10, 1) + i * 7).toISOString(),
    metadata: JSON.stringify({ model: "gpt", tokens: i % 4096, cost: i / 1e6, trace: randomBytes(24).toString("hex") }),
  };
  const bare = JSON.stringify({ ...fields, agent_id: "" }).length;
  return JSON.stringify({ ...fields, agent_id: fields.agent_id.padEnd(EVENT_BYTES - bare, "x") });
}

const lines = (from: number, count: number) =>
  Buffer.from(Array.from({ length: count }, (_, i) => `${event(from + i)}\n`).join(""));

export async function run(): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), "tenfold-bench-clickhouse-"));
  const server = await startClickHouse({ dataDir: join(dir, "server") });
  const direct = new Session(join(dir, "direct"));
  try {
    const insert = await compareInserts(server, direct, dir);
    return {
      title: "ClickHouse for development: insert",
      ...insert,
      notes: [...insert.notes, await bigInsert(server)],
    };
  } finally {
    direct.close();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function compareInserts(server: RunningClickHouse, direct: Session, dir: string) {
  const plain = Array.from({ length: BODIES }, (_, i) => lines(i * ROWS_PER_BODY, ROWS_PER_BODY));
  const packed = plain.map((body) => zstdCompressSync(body, { params: { 100: 1 } }));
  const files = packed.map((_, i) => join(dir, `body-${i}.zst`));
  await Promise.all(packed.map((body, i) => writeFile(files[i] ?? "", body)));
  for (const name of ["t", "source"]) await direct.queryAsync(`CREATE TABLE ${name} ${TABLE}`);
  for (const file of files) await direct.queryAsync(infile("source", file));
  await post(server, `CREATE TABLE t ${TABLE}`);

  const variants: Record<string, () => Promise<unknown>> = {
    "server, zstd NDJSON": async () => {
      for (const body of packed) await post(server, body, "INSERT INTO t FORMAT JSONEachRow", "zstd");
    },
    "server, two bodies at a time": async () => {
      const sender = async (from: number) => {
        for (let i = from; i < BODIES; i += 2)
          await post(server, packed[i] ?? "", "INSERT INTO t FORMAT JSONEachRow", "zstd");
      };
      await Promise.all([sender(0), sender(1)]);
    },
    "chDB, FROM INFILE zstd NDJSON": async () => {
      for (const file of files) await direct.queryAsync(infile("t", file));
    },
    "chDB, insert(buffer) NDJSON": async () => {
      for (const values of plain) await direct.insert({ table: "t", values, format: "JSONEachRow" });
    },
    "chDB, INSERT SELECT": () => direct.queryAsync("INSERT INTO t SELECT * FROM source"),
  };
  const rates = new Map<string, number[]>(Object.keys(variants).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, insert] of Object.entries(variants)) {
      await direct.queryAsync("TRUNCATE TABLE t");
      await post(server, "TRUNCATE TABLE t");
      const started = performance.now();
      await insert();
      // The first round only warms up.
      if (round > 0) rates.get(name)?.push((ROWS_PER_BODY * BODIES * 1000) / (performance.now() - started));
    }
  }
  const medians = new Map([...rates].map(([name, values]) => [name, median(values)]));
  const best = medians.get("chDB, FROM INFILE zstd NDJSON") ?? Number.NaN;
  const floor = medians.get("chDB, INSERT SELECT") ?? Number.NaN;
  const rows = [...medians].map(([name, rate]) => ({
    variant: name,
    "rows/s, median": Math.round(rate),
    "of FROM INFILE": (rate / best).toFixed(2),
    "of INSERT SELECT": (rate / floor).toFixed(2),
  }));
  const bytes = Math.round(packed.reduce((sum, body) => sum + body.length, 0) / (ROWS_PER_BODY * BODIES));
  return { rows, notes: [`${EVENT_BYTES} B an event, ${bytes} B packed, ${ROWS_PER_BODY} a body, ${ROUNDS} rounds`] };
}

/** Uncompressed, so that a gigabyte really crosses the socket. */
async function bigInsert(server: RunningClickHouse): Promise<string> {
  const chunk = lines(0, ROWS_PER_BODY);
  const before = residentMegabytes(server.pid);
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(server.pid));
  }, 50);
  const started = performance.now();
  const url = `${server.url}/?${new URLSearchParams({ query: "INSERT INTO t FORMAT JSONEachRow" })}`;
  const call = request(url, { method: "POST" });
  const status = new Promise<number | undefined>((resolve, reject) => {
    call.on("error", reject);
    call.on("response", (response) => response.resume().on("end", () => resolve(response.statusCode)));
  });
  await pipeline(async function* () {
    for (let sent = 0; sent < BIG_BYTES; sent += chunk.length) yield chunk;
  }, call);
  const answered = await status;
  clearInterval(watch);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return `1 GB in one insert: status ${answered}, ${seconds} s, resident ${before} MB before, ${peak} MB at most`;
}

const infile = (table: string, file: string) =>
  `INSERT INTO ${table} FROM INFILE '${file}' COMPRESSION 'zstd' FORMAT JSONEachRow`;

async function post(server: RunningClickHouse, body: string | Uint8Array, query = "", encoding = "identity") {
  const url = `${server.url}/?${new URLSearchParams({ query })}`;
  const response = await fetch(url, { method: "POST", body, headers: { "Content-Encoding": encoding } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
}

/** Linux only; elsewhere the figure is missing. */
function residentMegabytes(pid: number): number {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024);
  } catch {
    return Number.NaN;
  }
}
