import { request } from "node:http";
import { pipeline } from "node:stream/promises";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { residentBytes, startTestServer, type TestServer, until } from "./support.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => server.ok("CREATE OR REPLACE TABLE t (a UInt32, s String DEFAULT 'd') ENGINE = MergeTree ORDER BY a"));

const ROWS = { query: "INSERT INTO t FORMAT JSONEachRow" };
const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `{"a":${from + i},"s":"${"x".repeat(50)}"}\n`).join("");
const stored = () => server.ok("SELECT count(), sum(a) FROM t");

test("several zstd frames and several gzip members in one body", async () => {
  const parts = [rows(0, 1000), rows(1000, 1000), rows(2000, 1000)].map((part) => Buffer.from(part));
  const zstd = Buffer.concat(parts.map((part) => zstdCompressSync(part)));
  const gzip = Buffer.concat(parts.map((part) => gzipSync(part)));
  const first = await server.post(zstd, ROWS, { headers: { "Content-Encoding": "zstd" } });
  expect(JSON.parse(first.headers.get("x-clickhouse-summary") ?? "")).toMatchObject({ written_rows: "3000" });
  expect(await stored()).toBe("3000\t4498500");
  await server.post(gzip, ROWS, { headers: { "Content-Encoding": "gzip" } });
  expect(await stored()).toBe("6000\t8997000");
});

test.each([
  ["zstd", zstdCompressSync],
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
] as const)("a %s body, with the statement in the URL or in the body", async (encoding, compress) => {
  const init = { headers: { "Content-Encoding": encoding } };
  expect((await server.post(compress(rows(0, 100)), ROWS, init)).status).toBe(200);
  const whole = `INSERT INTO t FORMAT JSONEachRow\n${rows(100, 100)}`;
  expect((await server.post(compress(whole), {}, init)).status).toBe(200);
  expect(await stored()).toBe("200\t19900");
  expect((await server.post(compress("SELECT 'ü'"), {}, init)).text).toBe("ü\n");
});

test("statements and rows in all their places", async () => {
  expect((await server.post("(1, 'a'), (2, concat('b', 'c'))", { query: "INSERT INTO t VALUES" })).status).toBe(200);
  expect((await server.post("INSERT INTO t VALUES (3, 'ü;\\'')")).status).toBe(200);
  expect((await server.post("", { query: "INSERT INTO t (a) VALUES (4)" })).status).toBe(200);
  expect((await server.post("6", { query: "INSERT INTO t (a) FORMAT CSV\n5" })).status).toBe(200);
  expect((await server.post("INSERT INTO t (a) SETTINGS max_insert_threads = 1 FORMAT CSV\n7\n")).status).toBe(200);
  expect((await server.post("", ROWS)).status).toBe(200);
  expect(await server.ok("SELECT groupArray((a, s)) FROM (SELECT * FROM t ORDER BY a)")).toBe(
    "[(1,'a'),(2,'bc'),(3,'ü;\\''),(4,'d'),(5,'d'),(6,'d'),(7,'d')]",
  );
});

test("an insert that does not parse inserts nothing and says which row", async () => {
  const answer = await server.post(`${rows(0, 50_000)}{"a":"nope"}\n`, ROWS);
  expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([400, "27"]);
  expect(answer.text).toContain("(at row 50001)");
  expect(answer.text).not.toContain(server.dataDir);
  expect(await stored()).toBe("0\t0");
});

test("a body that is not what it says inserts nothing", async () => {
  const answer = await server.post(rows(0, 10), ROWS, { headers: { "Content-Encoding": "zstd" } });
  expect(answer.status).toBe(500);
  const unknown = await server.post(rows(0, 10), ROWS, { headers: { "Content-Encoding": "rot13" } });
  expect(unknown.status).toBe(501);
  expect(await stored()).toBe("0\t0");
});

test("an upload that breaks off inserts nothing", async () => {
  const url = `${server.url}/?${new URLSearchParams(ROWS)}`;
  const call = request(url, { method: "POST", headers: { "Content-Length": 10_000_000 } });
  const failed = new Promise<string>((resolve) => {
    call.on("error", (error) => resolve(error.message));
  });
  await new Promise((resolve) => call.write(rows(0, 1000), resolve));
  call.destroy(new Error("cable pulled"));
  expect(await failed).toBe("cable pulled");
  await until("the spool is empty", async () => {
    const { readdir } = await import("node:fs/promises");
    const left = await readdir(`${server.dataDir}/transfer`);
    return left.every((name) => name.endsWith(".pipe"));
  });
  expect(await stored()).toBe("0\t0");
});

test("INSERT SELECT, and what is not supported says so", async () => {
  await server.ok("INSERT INTO t SELECT number, 'x' FROM numbers(10)");
  await server.ok("INSERT INTO t (a) SELECT number FROM numbers(10)");
  expect(await stored()).toBe("20\t90");
  expect((await server.post("INSERT INTO t FROM INFILE '/etc/hosts' FORMAT CSV")).status).toBe(404);
  expect((await server.post("x", { query: "INSERT INTO t FORMAT CSV", decompress: "1" })).status).toBe(501);
});

test("the same deduplication token is inserted once", async () => {
  await server.ok(
    "CREATE OR REPLACE TABLE t (a UInt32, s String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100",
  );
  for (const token of ["one", "one", "two"]) {
    expect((await server.post(rows(0, 100), { ...ROWS, insert_deduplication_token: token })).status).toBe(200);
  }
  expect(await server.ok("SELECT count() FROM t")).toBe("200");
});

/** Streams about `bytes` of rows and gives the highest resident memory of the server meanwhile. */
async function insertAndWatch(bytes: number): Promise<number> {
  // Small blocks leave what this server itself would hold.
  const search = new URLSearchParams({
    query: "INSERT INTO nowhere FORMAT JSONEachRow",
    max_insert_block_size: "10000",
    input_format_parallel_parsing: "0",
  });
  const chunk = Buffer.from(rows(0, 10_000));
  let peak = 0;
  async function* body(): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < bytes; sent += chunk.length) {
      peak = Math.max(peak, await residentBytes(server.pid));
      yield chunk;
    }
  }
  const watch = setInterval(async () => {
    peak = Math.max(peak, await residentBytes(server.pid));
  }, 20);
  const call = request(`${server.url}/?${search}`, { method: "POST" });
  const status = new Promise<number | undefined>((resolve, reject) => {
    call.on("error", reject);
    call.on("response", (response) => response.resume().on("end", () => resolve(response.statusCode)));
  });
  await pipeline(body, call);
  expect(await status).toBe(200);
  clearInterval(watch);
  return peak;
}

test.runIf(process.platform === "linux")("a body is never held in memory", async () => {
  await server.ok("CREATE TABLE nowhere (a UInt32, s String) ENGINE = Null");
  // The first insert fills the caches and pools of the engine; the second shows what grows with the body.
  const warm = await insertAndWatch(100e6);
  const peak = await insertAndWatch(800e6);
  expect((peak - warm) / 1e6).toBeLessThan(400);
});
