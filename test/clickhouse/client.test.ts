import { ClickHouseError, createClient } from "@clickhouse/client-web";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer, until } from "./support.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.client.command({ query: "CREATE DATABASE tenfold_us" });
});
afterAll(() => server.close());

const SLOW = "SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))";
const running = (text: string) =>
  server.ok(`SELECT count() FROM system.processes WHERE query LIKE '%${text}%' AND query NOT LIKE '%processes%'`);

test("ping, command, exec and insert of objects", async () => {
  const client = createClient({ url: server.url, database: "tenfold_us" });
  expect(await client.ping()).toEqual({ success: true });
  const { query_id, response_headers } = await client.command({
    query: "CREATE TABLE people (id UInt64, name String) ENGINE = MergeTree ORDER BY id",
  });
  expect(response_headers["x-clickhouse-query-id"]).toBe(query_id);
  await client.insert({ table: "people", values: [{ id: "1", name: "Ä'\\\n" }], format: "JSONEachRow" });
  await client.insert({ table: "people", values: [["2", "b"]], format: "JSONCompactEachRow" });
  await client.exec({ query: "INSERT INTO people FORMAT TabSeparated\n3\tc\n" });
  await client.insert({ table: "people", columns: ["id"], values: [{ id: 4 }], format: "JSONEachRow" });
  const rows = await client.query({ query: "SELECT name FROM people ORDER BY id", format: "JSONEachRow" });
  expect(await rows.json()).toEqual([{ name: "Ä'\\\n" }, { name: "b" }, { name: "c" }, { name: "" }]);
  const { stream } = await client.exec({ query: "SELECT name FROM people WHERE id = 2 FORMAT CSV" });
  expect(await new Response(stream).text()).toBe('"b"\n');
  await client.close();
});

test("parameters of every type arrive as they were sent", async () => {
  const query_params = {
    u: 42,
    i: -1n,
    f: 1.5,
    s: "tab\t newline\n quote' back\\slash {x:y} ü",
    b: true,
    d: new Date(Date.UTC(2026, 10, 22, 10, 0, 0, 123)),
    n: null,
    a: [1, 2, 3],
    t: ["it's", "b\\"],
    m: { k: "v'" },
    e: [],
    tbl: "one",
  };
  const query = `SELECT {u:UInt8} AS u, toString({i:Int64}) AS i, {f:Float64} AS f, {s:String} AS s, {b:Bool} AS b,
    toUnixTimestamp64Milli({d:DateTime64(3)}) AS d, {n:Nullable(String)} AS n, {a:Array(UInt8)} AS a,
    {t:Array(String)} AS t, {m:Map(String, String)} AS m, {e:Array(String)} AS e FROM system.{tbl:Identifier}`;
  const result = await server.client.query({ query, query_params, format: "JSONEachRow" });
  const expected = { ...query_params, i: "-1", d: query_params.d.getTime() };
  expect(await result.json()).toEqual([Object.fromEntries(Object.entries(expected).filter(([key]) => key !== "tbl"))]);
});

test("parameters of concurrent queries do not mix", async () => {
  const answers = await Promise.all(
    Array.from({ length: 60 }, async (_, x) => {
      const result = await server.client.query({ query: "SELECT {x:UInt32} AS x", query_params: { x }, format: "CSV" });
      return Number(await result.text()) === x;
    }),
  );
  expect(answers.every(Boolean)).toBe(true);
});

test("long parameters go as a form", async () => {
  const client = createClient({ url: server.url, use_multipart_params: true });
  const query_params = { a: Array.from({ length: 10_000 }, (_, i) => `it's ${i}\n`) };
  const result = await client.query({
    query: "SELECT length({a:Array(String)}), {a:Array(String)}[3]",
    query_params,
    format: "JSONCompactEachRow",
  });
  expect(await result.json()).toEqual([[10_000, "it's 2\n"]]);
  await client.close();
});

test("settings and JSON results", async () => {
  const result = await server.client.query({
    query: "SELECT number, toString(number) AS s FROM numbers(3)",
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1, max_execution_time: 10, readonly: "1" },
  });
  expect(await result.json()).toMatchObject({
    rows: 3,
    meta: [
      { name: "number", type: "UInt64" },
      { name: "s", type: "String" },
    ],
    data: [
      { number: "0", s: "0" },
      { number: "1", s: "1" },
      { number: "2", s: "2" },
    ],
  });
});

test("a compressed answer is read", async () => {
  const client = createClient({ url: server.url, compression: { response: true } });
  const result = await client.query({ query: "SELECT number FROM numbers(100000)", format: "JSONEachRow" });
  expect(result.response_headers["content-encoding"] ?? "gzip").toBe("gzip");
  expect(await result.json()).toHaveLength(100_000);
  await client.close();
});

test("a million rows stream", async () => {
  const result = await server.client.query({ query: "SELECT number FROM numbers(1000000)", format: "JSONEachRow" });
  const reader = result.stream().getReader();
  let rows = 0;
  let last = "";
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    rows += step.value.length;
    last = step.value.at(-1)?.text ?? last;
  }
  expect([rows, last]).toEqual([1_000_000, '{"number":999999}']);
});

test("errors carry ClickHouse's code and type", async () => {
  const failed = server.client.query({ query: "SELECT * FROM no_such_table" });
  await expect(failed).rejects.toBeInstanceOf(ClickHouseError);
  await expect(failed).rejects.toMatchObject({ code: "60", type: "UNKNOWN_TABLE" });
});

test("an error behind rows reaches the reader of the stream", async () => {
  const query = "SELECT number, throwIf(number = 900000, 'late') FROM numbers(1000000)";
  const result = await server.client.query({ query, format: "JSONEachRow" });
  const read = async () => {
    const reader = result.stream().getReader();
    for (let step = await reader.read(); !step.done; step = await reader.read());
  };
  await expect(read()).rejects.toMatchObject({ code: "395", message: expect.stringContaining("late") });
});

test("aborting a running read stops it in the engine", async () => {
  const abort = new AbortController();
  const query = `${SLOW} AND 'abort-me' != ''`;
  const failed = server.client.query({ query, abort_signal: abort.signal }).catch((error: Error) => error.message);
  await until("the query runs", async () => (await running("abort-me")) === "1");
  abort.abort();
  expect(await failed).toContain("abort");
  await until("the query is gone", async () => (await running("abort-me")) === "0");
});

test("closing a stream half-way stops the read, and spares the next query on its slot", async () => {
  for (let round = 0; round < 5; round += 1) {
    const query = "SELECT number, 'half-way' FROM system.numbers";
    const result = await server.client.query({ query, format: "JSONEachRow" });
    const reader = result.stream().getReader();
    await reader.read();
    await reader.cancel();
    await until("the query is gone", async () => (await running("half-way")) === "0");
    const next = await Promise.all(Array.from({ length: 20 }, () => server.ok("SELECT sleep(0.01)")));
    expect(new Set(next)).toEqual(new Set(["0"]));
  }
});

test("sessions of the client keep temporary tables", async () => {
  const client = createClient({ url: server.url, session_id: "client-session" });
  await client.command({ query: "CREATE TEMPORARY TABLE scratch (a UInt8)" });
  await client.insert({ table: "scratch", values: [{ a: 5 }], format: "JSONEachRow" });
  const result = await client.query({ query: "SELECT a FROM scratch", format: "JSONEachRow" });
  expect(await result.json()).toEqual([{ a: 5 }]);
  await client.close();
});

test("async_insert is accepted and acknowledged rows are there", async () => {
  await server.client.command({ query: "CREATE TABLE buffered (a UInt32) ENGINE = MergeTree ORDER BY a" });
  const clickhouse_settings = { async_insert: 1, wait_for_async_insert: 1 } as const;
  const one = (a: number) =>
    server.client.insert({ table: "buffered", values: [{ a }], format: "JSONEachRow", clickhouse_settings });
  await Promise.all(Array.from({ length: 20 }, (_, a) => one(a)));
  expect(await server.ok("SELECT count(), sum(a) FROM buffered")).toBe("20\t190");
});

test("ReplacingMergeTree FINAL keeps the last version", async () => {
  await server.client.command({
    query: "CREATE TABLE versions (id UInt32, v UInt32, s String) ENGINE = ReplacingMergeTree(v) ORDER BY id",
  });
  for (const v of [1, 3, 2]) {
    await server.client.insert({ table: "versions", values: [{ id: 1, v, s: `v${v}` }], format: "JSONEachRow" });
  }
  const result = await server.client.query({ query: "SELECT s FROM versions FINAL", format: "JSONEachRow" });
  expect(await result.json()).toEqual([{ s: "v3" }]);
});
