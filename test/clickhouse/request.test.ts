import { describe, expect, test } from "vitest";
import { type Headers, parseRequest } from "../../dev/clickhouse/request.ts";

const parse = (search: string, headers: Headers = {}, method = "POST") =>
  parseRequest(method, new URLSearchParams(search), headers);

test("tells settings, parameters and the rest apart", () => {
  const request = parse("query=SELECT+1&database=d&default_format=JSON&query_id=q&param_a=1&max_threads=2&role=r");
  expect(request).toMatchObject({ query: "SELECT 1", database: "d", defaultFormat: "JSON", queryId: "q" });
  expect([...request.settings]).toEqual([["max_threads", "2"]]);
  expect([...request.parameters]).toEqual([["a", "1"]]);
});

test("a GET reads only, unless it says how", () => {
  expect(parse("query=x", {}, "GET").settings.get("readonly")).toBe("2");
  expect(parse("query=x&readonly=1", {}, "GET").settings.get("readonly")).toBe("1");
  expect(parse("query=x").settings.has("readonly")).toBe(false);
});

describe("credentials", () => {
  const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString("base64")}` });
  test.each([
    ["headers", "", { "x-clickhouse-user": "u", "x-clickhouse-key": "p" }, { user: "u", password: "p" }],
    ["basic", "", basic("u:p:q"), { user: "u", password: "p:q" }],
    ["basic without password", "", basic("u"), { user: "u", password: "" }],
    ["URL", "user=u&password=p", {}, { user: "u", password: "p" }],
    ["URL, password only", "password=p", {}, { user: "default", password: "p" }],
    ["headers before URL", "user=x", { "x-clickhouse-user": "u" }, { user: "u", password: "" }],
    ["none", "", {}, undefined],
  ])("%s", (_name, search, headers, expected) => {
    expect(parse(search, headers).credentials).toEqual(expected);
  });
});

test("buffering", () => {
  expect(parse("")).toMatchObject({ bufferBytes: 1024 * 1024, waitEndOfQuery: false });
  expect(parse("buffer_size=10&wait_end_of_query=1")).toMatchObject({ bufferBytes: 10, waitEndOfQuery: true });
  expect(parse("http_response_buffer_size=20").bufferBytes).toBe(20);
  expect(parse("buffer_size=99999999999").bufferBytes).toBe(16 * 1024 * 1024);
  expect(() => parse("buffer_size=x")).toThrow(/BAD_ARGUMENTS/);
});

test("answers are compressed only when the setting and the header ask for it", () => {
  expect(parse("", { "accept-encoding": "gzip" }).acceptEncoding).toBe("");
  expect(parse("enable_http_compression=1", { "accept-encoding": "gzip" }).acceptEncoding).toBe("gzip");
});

test("refuses names that could leave their place in a statement", () => {
  expect(() => parse("a%3D1%2Cb=2")).toThrow(/BAD_ARGUMENTS/);
  expect(() => parse("param_a%3D1=2")).toThrow(/BAD_ARGUMENTS/);
  expect(() => parse("compress=1")).toThrow(/NOT_IMPLEMENTED/);
});

test("sessions", () => {
  expect(parse("session_id=s").session).toEqual({ id: "s", timeoutSeconds: 60, mustExist: false });
  expect(parse("session_id=s&session_timeout=5&session_check=1").session).toEqual({
    id: "s",
    timeoutSeconds: 5,
    mustExist: true,
  });
});
