import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startClickHouse } from "../../dev/clickhouse/spawn.ts";
import { attach, isGone, until } from "./support.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "tenfold-clickhouse-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const start = async () => {
  const process = await startClickHouse({ dataDir });
  return { process, server: attach(process, dataDir) };
};

test("what was acknowledged survives SIGKILL in the middle of inserts", async () => {
  const { process, server } = await start();
  await server.ok("CREATE DATABASE tenfold_us");
  await server.ok("CREATE TABLE tenfold_us.t (a UInt32, s String) ENGINE = MergeTree ORDER BY a");
  const acknowledged: number[] = [];
  const insert = async (a: number): Promise<void> => {
    const body = Array.from({ length: 500 }, () => `{"a":${a},"s":"${"y".repeat(100)}"}\n`).join("");
    const search = { query: "INSERT INTO tenfold_us.t FORMAT JSONEachRow" };
    if ((await server.post(body, search).catch(() => undefined))?.status === 200) acknowledged.push(a);
  };
  const inserting = (async () => {
    for (let a = 0; !(await isGone(process.pid)); a += 2) await Promise.all([insert(a), insert(a + 1)]);
  })();
  await until("some inserts are acknowledged", () => acknowledged.length >= 20);
  await process.kill();
  await inserting;
  const second = await start();
  const stored = await second.server.ok("SELECT a, count() FROM tenfold_us.t GROUP BY a ORDER BY a");
  const counts = new Map<number, number>();
  for (const line of stored.split("\n")) {
    const [a, count] = line.split("\t").map(Number);
    counts.set(a ?? Number.NaN, count ?? Number.NaN);
  }
  expect(acknowledged.filter((a) => counts.get(a) !== 500)).toEqual([]);
  // What was not acknowledged may be there, but never in part.
  expect(new Set(counts.values())).toEqual(new Set([500]));
  await second.process.stop();
});

test("SIGTERM lets a running insert finish, ends reads, and the data is there after a restart", async () => {
  const { process, server } = await start();
  await server.ok("CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a");
  const slowRead = server.post("SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))");
  const read = slowRead.then((answer) => answer.status).catch(() => "cut");
  const insert = server.post("INSERT INTO t SELECT number + sleepEachRow(0.01) FROM numbers(100)");
  await until("both run", async () => (await server.ok("SELECT count() FROM system.processes")) === "3");
  await process.stop();
  expect(await read).not.toBe(200);
  expect((await insert).status).toBe(200);
  expect(await isGone(process.pid)).toBe(true);
  const second = await start();
  expect(await second.server.ok("SELECT count() FROM t")).toBe("100");
  await second.process.stop();
});

test("the process ends when its parent is killed", async () => {
  const node = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));
  const spawnModule = fileURLToPath(new URL("../../dev/clickhouse/spawn.ts", import.meta.url));
  const script = `import { startClickHouse } from ${JSON.stringify(spawnModule)};
    const { pid } = await startClickHouse({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(node, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout, "data");
  const pid = Number(String(line));
  expect(await isGone(pid)).toBe(false);
  parent.kill("SIGKILL");
  await until("the server is gone", () => isGone(pid));
});

test("a second process on the same directory waits for the first to end", async () => {
  const { process, server } = await start();
  await server.ok("CREATE TABLE handed_over (a UInt32) ENGINE = MergeTree ORDER BY a");
  const second = start();
  const first = await Promise.race([second.then(() => "second"), server.ok("SELECT 'first', sleep(0.7)")]);
  expect(first).toContain("first");
  await process.stop();
  const { server: next, process: successor } = await second;
  expect(await next.ok("EXISTS TABLE handed_over")).toBe("1");
  await successor.stop();
});

test("a second process gives up when the first stays", async () => {
  const { process, server } = await start();
  await expect(startClickHouse({ dataDir })).rejects.toThrow(/did not start/);
  expect(await server.ok("SELECT 1")).toBe("1");
  await process.stop();
});
