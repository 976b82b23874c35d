import { afterAll, beforeAll, expect, test } from "vitest";
import { send, startTestServer, type TestServer, until } from "./support.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const SLOW = "SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))";
const running = async () =>
  Number(await server.ok("SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number)%'")) - 1;

test("fast queries, inserts, commands and /ping answer while slow reads run", async () => {
  await server.ok("CREATE TABLE fast (a UInt32) ENGINE = MergeTree ORDER BY a");
  const abort = new AbortController();
  const search = new URLSearchParams({ max_threads: "1" });
  const slow = Array.from({ length: 8 }, () =>
    send(`${server.url}/?${search}`, { method: "POST", body: SLOW, signal: abort.signal }).catch(() => "aborted"),
  );
  await until("the slow reads run", async () => (await running()) === 8);
  expect(await server.ok("SELECT {x:UInt8}", { param_x: "7" })).toBe("7");
  expect((await send(`${server.url}/ping`)).text).toBe("Ok.\n");
  await server.ok("INSERT INTO fast VALUES (1)");
  await server.ok("OPTIMIZE TABLE fast FINAL");
  expect(await server.ok("SELECT sum(a) FROM fast")).toBe("1");
  expect(await running()).toBe(8);
  abort.abort();
  expect(new Set(await Promise.all(slow))).toEqual(new Set(["aborted"]));
  await until("the slow reads are gone", async () => (await running()) === 0);
});

test("more queries than slots are all answered, and readers that leave while waiting do no harm", async () => {
  const leaving = new AbortController();
  const left = Array.from({ length: 40 }, () =>
    send(server.url, { method: "POST", body: "SELECT sleep(0.1)", signal: leaving.signal }).catch(() => "left"),
  );
  const stayed = Array.from({ length: 40 }, (_, i) => server.ok(`SELECT ${i} + sleep(0.05)`));
  leaving.abort();
  expect(await Promise.all(stayed)).toEqual(Array.from({ length: 40 }, (_, i) => String(i)));
  await Promise.all(left);
});

test("concurrent inserts are all there", async () => {
  await server.ok("CREATE TABLE many (a UInt32) ENGINE = MergeTree ORDER BY a");
  await Promise.all(Array.from({ length: 50 }, (_, i) => server.post(`INSERT INTO many VALUES (${i})`)));
  expect(await server.ok("SELECT count(), sum(a) FROM many")).toBe("50\t1225");
});

test("a slow reader holds back the engine, not the memory, and others pass", async () => {
  const response = await fetch(server.url, {
    method: "POST",
    body: "SELECT number, 'slow-reader' FROM system.numbers",
  });
  const reader = response.body?.getReader();
  await reader?.read();
  expect(await server.ok("SELECT 1")).toBe("1");
  await reader?.cancel();
  const count =
    "SELECT count() FROM system.processes WHERE query LIKE '%slow-reader%' AND query NOT LIKE '%processes%'";
  await until("the read is gone", async () => (await server.ok(count)) === "0");
});
