import fc from "fast-check";
import { expect, test } from "vitest";
import { type Scope, transition } from "../../dev/clickhouse/connection.ts";
import { fromEngine, statusOf } from "../../dev/clickhouse/errors.ts";
import { chooseEncoder, contentTypeOf, exceptionFrame } from "../../dev/clickhouse/response.ts";
import { Slots } from "../../dev/clickhouse/slots.ts";

test("statuses are ClickHouse's", () => {
  const codes = { 62: 400, 27: 400, 36: 400, 60: 404, 81: 404, 115: 404, 516: 403, 194: 401, 159: 408, 48: 501 };
  for (const [code, status] of Object.entries(codes)) expect([code, statusOf(Number(code))]).toEqual([code, status]);
  expect([229, 439, 395, 241].map(statusOf)).toEqual([413, 503, 500, 500]);
});

test("the engine's nested error becomes one line, without traces of the spool file", () => {
  const inner = "Cannot parse input: (at row 3)\n";
  const trace = ": (in file/uri /x/y): While executing File: data for INSERT was parsed from file";
  const message = `Code: 27. DB::Exception: Code: 27. DB::Exception: ${inner}${trace}. (NAME_X) (version 26.7.2.1). (NAME_X)`;
  expect(fromEngine(new Error(message))).toMatchObject({
    code: 27,
    line: `Code: 27. DB::Exception: ${inner}. (NAME_X)`,
  });
});

test("a syntax error quotes only the caller's own text", () => {
  const message =
    "Code: 62. DB::Exception: Syntax error: failed at position 8 (x): x INTO OUTFILE '/p'. (SYNTAX_ERROR)";
  expect(fromEngine(new Error(message), [" INTO OUTFILE '/p'"]).line).not.toContain("OUTFILE");
});

test("an error that is not ClickHouse's is a std::exception", () => {
  expect(fromEngine(new Error("ENOSPC"))).toMatchObject({ code: 1001 });
});

/** Does what the engine does with the statements, as far as scopes go. */
function apply(state: Scope, statements: readonly string[]): Scope {
  const settings = new Map(state.settings);
  const parameters = new Map(state.parameters);
  let { database } = state;
  for (const statement of statements) {
    const use = /^USE `(.*)`$/.exec(statement);
    if (use) database = use[1] ?? "";
    for (const [, name = "", value = ""] of statement.matchAll(/(\w+) = ('[^']*'|DEFAULT)/g)) {
      const readonly = settings.get("readonly");
      if (readonly !== undefined && value !== "DEFAULT" && !name.startsWith("param_")) {
        throw new Error("Cannot modify a setting in readonly mode");
      }
      const plain = value.replaceAll("'", "");
      if (name.startsWith("param_")) parameters.set(name.slice("param_".length), plain);
      else if (value === "DEFAULT") settings.delete(name);
      else settings.set(name, plain);
    }
  }
  return { database, settings, parameters };
}

test("a connection reaches any scope from any other, without a change while read-only", () => {
  const map = (names: string[]) =>
    fc
      .dictionary(fc.constantFrom(...names), fc.constantFrom("1", "2"))
      .map((record) => new Map(Object.entries(record)));
  const scope: fc.Arbitrary<Scope> = fc.record({
    database: fc.constantFrom("us", "eu"),
    settings: map(["readonly", "max_threads", "max_rows"]),
    parameters: map(["x", "y"]),
  });
  fc.assert(
    fc.property(scope, scope, (from, to) => {
      const reached = apply(from, transition(from, to));
      expect(reached.database).toBe(to.database);
      expect(Object.fromEntries(reached.settings)).toEqual(Object.fromEntries(to.settings));
      for (const [name, value] of to.parameters) expect(reached.parameters.get(name)).toBe(value);
      expect(transition(to, to)).toEqual([]);
    }),
  );
});

test("an encoder is chosen by preference, and q=0 forbids", () => {
  const chosen = (header: string) => chooseEncoder(header)?.[0];
  expect(chosen("gzip, deflate, br, zstd")).toBe("zstd");
  expect(chosen("gzip, zstd;q=0")).toBe("gzip");
  expect(chosen("identity")).toBeUndefined();
  expect(chosen("")).toBeUndefined();
});

test("content types", () => {
  expect(contentTypeOf("JSON")).toMatch("application/json");
  expect(contentTypeOf("JSONEachRow")).toMatch("application/x-ndjson");
  expect(contentTypeOf("JSONCompactEachRowWithNames")).toMatch("application/x-ndjson");
  expect(contentTypeOf("TabSeparated")).toMatch("text/tab-separated-values");
  expect(contentTypeOf("RowBinary")).toMatch("application/octet-stream");
});

test("the frame of a late error states the length of its message", () => {
  expect(exceptionFrame("böom", "TAG").toString()).toBe("\r\n__exception__\r\nTAG\r\nböom\n6 TAG\r\n__exception__\r\n");
});

test("slots go to the first who waits, and not to one who has left", async () => {
  const slots = new Slots(["a"]);
  const stay = new AbortController();
  const leave = new AbortController();
  expect(await slots.take(stay.signal)).toBe("a");
  const left = slots.take(leave.signal);
  const waiting = slots.take(stay.signal);
  leave.abort();
  slots.give("a");
  expect(await left).toBeUndefined();
  expect(await waiting).toBe("a");
});
