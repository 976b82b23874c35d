import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../dev/paths.ts";
import type { System } from "../../dev/system.ts";
import { readPack } from "../../schema/pack.ts";
import { spillKey } from "../../workers/shared/stored-packs.ts";
import { type FaultProxy, seededRandom } from "../support/fault-proxy.ts";
import { type FaultySystem, startFaultySystem } from "../support/faulty-system.ts";
import { settledBooks, storedBooks } from "../support/ledger.ts";
import { type SendReport, send } from "../support/senders.ts";

const SETTLE_MS = 60_000;
const BAD_DATA = {
  code: 27,
  text: "Code: 27. DB::Exception: Cannot parse input: on purpose. (CANNOT_PARSE_INPUT_ASSERTION_FAILED)",
};

describe("replay", () => {
  let faulty: FaultySystem;
  let system: System;
  let proxy: FaultProxy;
  let report: SendReport;

  beforeAll(async () => {
    faulty = await startFaultySystem({ refuse: 0, loseAnswer: 0 }, 1);
    ({ system, proxy } = faulty);
  });

  afterAll(() => faulty?.stop());

  /** Keys under `prefix` in both buckets. */
  async function keys(prefix: string): Promise<string[]> {
    const all: string[] = [];
    for (const name of ["BUCKET", "BUCKET_EU"]) {
      const bucket = await system.miniflare.getR2Bucket(name);
      all.push(...(await bucket.list({ prefix })).objects.map(({ key }) => key));
    }
    return all;
  }

  async function until(condition: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + SETTLE_MS; !(await condition()); await delay(200)) {
      if (Date.now() > deadline) throw new Error("the condition did not come true in time");
    }
  }

  /** `npm run replay`, as an operator runs it. */
  async function replay(...args: string[]): Promise<string> {
    const child = spawn("npm", ["run", "--silent", "replay", "--", ...args], {
      cwd: ROOT,
      env: { ...process.env, TENFOLD_DATA: faulty.dataDir },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk));
    const [code] = await once(child, "exit");
    expect([code, output]).toEqual([0, expect.stringContaining("0 failed")]);
    return output;
  }

  it("brings every dead letter back after ClickHouse called all of it bad data", async () => {
    proxy.reject = BAD_DATA;
    report = await send(system.devJson.url, {
      orgs: system.devJson.orgs,
      events: 3_000,
      senders: 4,
      batch: 100,
      twice: 0.2,
      again: 0.05,
      random: seededRandom(7),
    });
    expect(report.unexpected).toEqual([]);
    await until(async () => (await system.backlog()) === 0 && (await keys("dead-letters/")).length >= 30);
    expect(await storedBooks(system.devJson)).toEqual({});
    proxy.reject = undefined;
    expect(await replay("--dead-letters")).toMatch(/^\d\d+ packs sent again/);
    expect(await settledBooks(system.devJson, report.books, SETTLE_MS)).toEqual(report.books);
    await until(async () => (await keys("dead-letters/")).length === 0);
  });

  it("changes no count when everything of the last hours is sent again", async () => {
    const now = Date.now();
    const from = new Date(now - 7_200_000).toISOString();
    const to = new Date(now + 3_600_000).toISOString();
    const passed = proxy.counts.passed;
    await replay("--from", from, "--to", to);
    await until(async () => (await system.backlog()) === 0 && proxy.counts.passed > passed);
    await replay("--from", from, "--to", to);
    await until(async () => (await system.backlog()) === 0);
    expect(await settledBooks(system.devJson, report.books, SETTLE_MS)).toEqual(report.books);
  });

  it("sends spilled packs by cron and takes them out of the bucket", async () => {
    const bucket = await system.miniflare.getR2Bucket("BUCKET");
    const [copy] = (await bucket.list({ prefix: "packs/" })).objects;
    const object = await bucket.get(copy?.key ?? "");
    const bytes = new Uint8Array((await object?.arrayBuffer()) ?? new ArrayBuffer(0));
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const pack = bytes.slice(4, 4 + length);
    await bucket.put(spillKey(readPack(pack).header), pack);
    const passed = proxy.counts.passed;
    await (await system.miniflare.getWorker()).scheduled({ cron: "* * * * *" });
    expect(await keys("spill/")).toEqual([]);
    await until(async () => proxy.counts.passed > passed);
    expect(await settledBooks(system.devJson, report.books, SETTLE_MS)).toEqual(report.books);
  });

  it("waits for packs that wait for a retry before it calls the queues drained", async () => {
    await system.clickhouse.hold();
    const more = await send(system.devJson.url, {
      orgs: system.devJson.orgs.filter(({ residency }) => residency !== "eu"),
      events: 500,
      senders: 2,
      batch: 100,
      twice: 0,
      again: 0,
      random: seededRandom(8),
    });
    expect(more.unexpected).toEqual([]);
    // Long enough that every pack has been tried and put back at least twice.
    const seen: number[] = [];
    for (const deadline = Date.now() + 8_000; Date.now() < deadline; await delay(200))
      seen.push(await system.backlog());
    expect(Math.min(...seen)).toBeGreaterThan(0);
    system.clickhouse.release();
    await until(async () => (await system.backlog()) === 0);
    const books = { ...report.books };
    for (const [key, n] of Object.entries(more.books)) books[key] = (books[key] ?? 0) + n;
    expect(await storedBooks(system.devJson)).toEqual(books);
  });

  it("is for operators only", async () => {
    const ask = (token?: string) =>
      fetch(`${system.devJson.url}/operator/replay`, {
        method: "POST",
        body: JSON.stringify({ source: "dead-letters" }),
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
    expect((await ask()).status).toBe(401);
    expect((await ask(system.devJson.orgs[0]?.ingest_key)).status).toBe(401);
    expect((await ask(system.devJson.operator_token)).status).toBe(200);
  });
});
