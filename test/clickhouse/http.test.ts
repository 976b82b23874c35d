import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { send, startTestServer, type TestServer } from "./support.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test("/ping, / and unknown paths", async () => {
  expect(await send(`${server.url}/ping`)).toMatchObject({ status: 200, text: "Ok.\n" });
  expect(await send(server.url)).toMatchObject({ status: 200, text: "Ok.\n" });
  expect((await send(`${server.url}/nothing`)).status).toBe(404);
});

test("a query in the body, in the URL, by GET, and split between URL and body", async () => {
  const query = (search: string) => `${server.url}/?${search}`;
  expect((await send(query("query=SELECT+1"))).text).toBe("1\n");
  expect((await server.post("SELECT 2")).text).toBe("2\n");
  expect((await server.post("", { query: "SELECT 3" })).text).toBe("3\n");
  expect((await server.post("+ 1", { query: "SELECT 3" })).text).toBe("4\n");
});

test("a GET cannot write", async () => {
  const answer = await send(`${server.url}/?query=CREATE+DATABASE+written_by_get`);
  expect(answer).toMatchObject({ status: 500, text: expect.stringContaining("(READONLY)") });
  expect(await server.ok("EXISTS DATABASE written_by_get")).toBe("0");
});

test("headers of an answer", async () => {
  const { headers } = await server.post("SELECT 1 AS x FORMAT JSONEachRow", { query_id: "my-id" });
  expect(headers.get("x-clickhouse-query-id")).toBe("my-id");
  expect(headers.get("x-clickhouse-format")).toBe("JSONEachRow");
  expect(headers.get("content-type")).toBe("application/x-ndjson; charset=UTF-8");
  expect(headers.get("x-clickhouse-timezone")).toBe(await server.ok("SELECT serverTimezone()"));
  expect(JSON.parse(headers.get("x-clickhouse-summary") ?? "")).toMatchObject({ result_rows: "1" });
});

test.each([
  ["SELEC 1", 400, 62],
  ["SELECT a FROM no_such_table", 404, 60],
  ["SELECT no_such_column", 404, 47],
  ["SELECT no_such_function(1)", 404, 46],
  ["SELECT * FROM no_such_database.t", 404, 81],
  ["SELECT 1 FORMAT NoSuchFormat", 404, 73],
  ["SELECT toUInt8('x')", 400, 6],
  ["SELECT 1 + 'x'", 500, 43],
  ["SELECT throwIf(1)", 500, 395],
  ["SELECT 1; SELECT 2", 400, 62],
  ["", 400, 62],
  ["INSERT INTO no_such_table VALUES (1)", 404, 60],
])("an error has ClickHouse's text, code and status: %s", async (query, status, code) => {
  const answer = await server.post(query);
  expect(answer.text).toMatch(
    new RegExp(`^Code: ${code}\\. DB::Exception: .*\\([A-Z_0-9]+\\) \\(version [\\d.]+\\)\\n$`, "s"),
  );
  expect(answer.status).toBe(status);
  expect(answer.headers.get("x-clickhouse-exception-code")).toBe(String(code));
  expect(answer.text).not.toMatch(/OUTFILE|INFILE/);
});

test("unknown settings and databases are errors, and leave nothing behind", async () => {
  expect(await server.post("SELECT 1", { no_such_setting: "1" })).toMatchObject({ status: 404 });
  expect(await server.post("SELECT 1", { database: "no_such_database" })).toMatchObject({ status: 404 });
  expect(await server.ok("SELECT currentDatabase()")).toBe("default");
});

test("settings, database and parameters hold for one request only", async () => {
  await server.ok("CREATE DATABASE IF NOT EXISTS tenfold_eu");
  const query = "SELECT currentDatabase(), getSetting('max_threads') = 1, getSetting('readonly')";
  const scope = { database: "tenfold_eu", max_threads: "1", readonly: "1" };
  for (let round = 0; round < 5; round += 1) {
    expect(await server.ok(query, scope)).toBe("tenfold_eu\t1\t1");
    expect(await server.ok(query)).toBe("default\t0\t0");
    expect(await server.ok("SELECT {p:String}", { param_p: String(round) })).toBe(String(round));
    expect((await server.post("SELECT {p:String}")).text).toContain("Substitution `p` is not set");
  }
});

test("SET and USE without a session change nothing for others", async () => {
  await server.ok("CREATE DATABASE IF NOT EXISTS tenfold_us");
  await server.ok("SET max_threads = 1");
  await server.ok("USE tenfold_us");
  const seen = await Promise.all(
    Array.from({ length: 8 }, () => server.ok("SELECT currentDatabase(), getSetting('max_threads') = 1")),
  );
  expect(new Set(seen)).toEqual(new Set(["default\t0"]));
});

test("a session keeps temporary tables and settings, one request at a time", async () => {
  const session = { session_id: "s1" };
  await server.ok("CREATE TEMPORARY TABLE kept (a UInt8)", session);
  await server.ok("INSERT INTO kept VALUES (7)", session);
  expect(await server.ok("SELECT a FROM kept", session)).toBe("7");
  expect((await server.post("SELECT a FROM kept")).status).toBe(404);
  const [first, second] = await Promise.all([
    server.post("SELECT sleep(0.5)", session),
    server.post("SELECT sleep(0.5)", session),
  ]);
  expect([first.status, second.status].sort()).toEqual([200, 500]);
  expect(`${first.text}${second.text}`).toContain("SESSION_IS_LOCKED");
  expect((await server.post("SELECT 1", { session_id: "s2", session_check: "1" })).text).toContain("SESSION_NOT_FOUND");
});

test("formats with a head and a tail come out whole", async () => {
  const rows = 200_000;
  const json = await server.ok(`SELECT number FROM numbers(${rows}) FORMAT JSON`);
  expect(JSON.parse(json)).toMatchObject({ rows, statistics: { rows_read: rows } });
  const csv = await server.ok(`SELECT number FROM numbers(${rows}) FORMAT CSVWithNames`);
  expect(csv.split("\n").filter((line) => line.includes("number"))).toHaveLength(1);
  expect(csv.split("\n")).toHaveLength(rows + 1);
});

test("default_format applies where the query names none", async () => {
  expect(await server.ok("SELECT 1 AS x", { default_format: "JSONEachRow" })).toBe('{"x":1}');
  expect(await server.ok("SELECT 1 AS x FORMAT CSV", { default_format: "JSONEachRow" })).toBe("1");
  expect(await server.ok("EXISTS TABLE x", { default_format: "JSONEachRow" })).toBe('{"result":0}');
});

test("answers are compressed as asked", async () => {
  const raw = async (encoding: string) => {
    const { request } = await import("node:http");
    const url = `${server.url}/?enable_http_compression=1`;
    return new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
      const call = request(url, { method: "POST", headers: { "accept-encoding": encoding } }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ encoding: response.headers["content-encoding"], body: Buffer.concat(chunks) }),
        );
      });
      call.on("error", reject);
      call.end("SELECT repeat('a', 1000)");
    });
  };
  const expected = `${"a".repeat(1000)}\n`;
  const [gzip, zstd, plain] = await Promise.all([raw("gzip"), raw("gzip, zstd"), raw("identity")]);
  expect([gzip.encoding, gunzipSync(gzip.body).toString()]).toEqual(["gzip", expected]);
  expect([zstd.encoding, zstdDecompressSync(zstd.body).toString()]).toEqual(["zstd", expected]);
  expect([plain.encoding, plain.body.toString()]).toEqual([undefined, expected]);
});

test("wait_end_of_query turns a late error into a status", async () => {
  const query = "SELECT number, throwIf(number = 900000) FROM numbers(1000000)";
  await expect(server.post(query)).rejects.toThrow();
  const answer = await server.post(query, { wait_end_of_query: "1" });
  expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([500, "395"]);
  expect(await server.ok("SELECT sum(number) FROM numbers(10)", { wait_end_of_query: "1" })).toBe("45");
});

test("max_execution_time ends a query", async () => {
  const started = performance.now();
  const slow = "SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))";
  const answer = await server.post(slow, { max_execution_time: "1" });
  expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([408, "159"]);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a query id is taken by one running query", async () => {
  const [first, second] = await Promise.all([
    server.post("SELECT sleep(0.5)", { query_id: "twice" }),
    server.post("SELECT sleep(0.5)", { query_id: "twice" }),
  ]);
  expect(`${first.text}${second.text}`).toContain("QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING");
  expect((await server.post("SELECT 1", { query_id: "twice" })).status).toBe(200);
});

test("a long statement and long parameters pass", async () => {
  const list = Array.from({ length: 20_000 }, (_, i) => i).join(",");
  expect(await server.ok(`SELECT length([${list}])`)).toBe("20000");
  const longer = `SELECT length('${"y".repeat(300_000)}')`;
  expect((await server.post(longer)).text).toContain("Max query size exceeded");
  expect(await server.ok(longer, { max_query_size: "400000" })).toBe("300000");
  expect(await server.ok("SELECT length({p:String})", { param_p: "x".repeat(500_000) })).toBe("500000");
});

test("only a configured user with the right password gets in", async () => {
  const guarded = await startTestServer({ user: "tenfold", password: "s3:cret" });
  try {
    const headers = (init: Record<string, string>) => ({ headers: init });
    const basic = (pair: string) => headers({ authorization: `Basic ${btoa(pair)}` });
    const ask = (init: RequestInit, search = {}) => guarded.post("SELECT 1", search, init);
    const allowed = await Promise.all([
      ask(basic("tenfold:s3:cret")),
      ask(headers({ "X-ClickHouse-User": "tenfold", "X-ClickHouse-Key": "s3:cret" })),
      ask({}, { user: "tenfold", password: "s3:cret" }),
    ]);
    const denied = await Promise.all([
      ask({}),
      ask(basic("tenfold:wrong")),
      ask(basic("other:s3:cret")),
      ask(headers({ "X-ClickHouse-User": "tenfold" })),
      ask({}, { user: "tenfold", password: "" }),
    ]);
    expect(allowed.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(denied.map((answer) => answer.status)).toEqual([403, 403, 403, 403, 403]);
    expect(denied[0]?.text).toContain("(AUTHENTICATION_FAILED)");
    expect((await send(`${guarded.url}/ping`)).status).toBe(200);
  } finally {
    await guarded.close();
  }
});
