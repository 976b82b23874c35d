import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenize } from "../../dev/clickhouse/lexer.ts";
import { classify, parameterNames, sqlString } from "../../dev/clickhouse/statement.ts";

/** The statement as the server rewrites it, with marks for what it inserts. */
function rewritten(text: string): string {
  const found = classify(text);
  if (found.kind === "select") {
    const tail = found.format === undefined ? " FORMAT default" : ` ${text.slice(found.outfileAt)}`;
    return `${text.slice(0, found.outfileAt)} <OUT>${tail}`.replace(/ +/g, " ");
  }
  if (found.kind === "insert") {
    const [head, settings] = [text.slice(0, found.infileAt), text.slice(found.infileAt, found.formatAt)];
    return `${head} <IN> ${settings} FORMAT ${found.format} | ${text.slice(found.dataAt)}`.replace(/ +/g, " ");
  }
  return found.kind;
}

describe("a SELECT is cut in front of its FORMAT", () => {
  test.each([
    ["SELECT 1", "SELECT 1 <OUT> FORMAT default"],
    ["SELECT 1;", "SELECT 1 <OUT> FORMAT default"],
    ["SELECT 1 -- done", "SELECT 1 <OUT> FORMAT default"],
    ["select 1 format JSON", "select 1 <OUT> format JSON"],
    ["SELECT 1 FORMAT JSON SETTINGS max_threads = 1", "SELECT 1 <OUT> FORMAT JSON SETTINGS max_threads = 1"],
    ["SELECT 1 SETTINGS max_threads = 1 FORMAT TSV", "SELECT 1 SETTINGS max_threads = 1 <OUT> FORMAT TSV"],
    ["SELECT format FROM t", "SELECT format FROM t <OUT> FORMAT default"],
    ["SELECT 'a FORMAT JSON'", "SELECT 'a FORMAT JSON' <OUT> FORMAT default"],
    ["SELECT 'it''s' FORMAT CSV", "SELECT 'it''s' <OUT> FORMAT CSV"],
    ["SELECT 1 /* FORMAT JSON */", "SELECT 1 <OUT> FORMAT default"],
    ["SELECT $$ ; FORMAT JSON $$", "SELECT $$ ; FORMAT JSON $$ <OUT> FORMAT default"],
    ["WITH 1 AS x SELECT x", "WITH 1 AS x SELECT x <OUT> FORMAT default"],
    ["(SELECT 1) UNION ALL (SELECT 2)", "(SELECT 1) UNION ALL (SELECT 2) <OUT> FORMAT default"],
    ["FROM t SELECT a FORMAT JSON", "FROM t SELECT a <OUT> FORMAT JSON"],
    ['SELECT `a FORMAT x`, "b;c" FROM t', 'SELECT `a FORMAT x`, "b;c" FROM t <OUT> FORMAT default'],
  ])("%s", (text, expected) => {
    expect(rewritten(text)).toBe(expected);
  });
});

describe("an INSERT is cut in front of its data", () => {
  test.each([
    ["INSERT INTO t FORMAT JSONEachRow", "INSERT INTO t <IN> FORMAT JSONEachRow | "],
    ['INSERT INTO t FORMAT JSONEachRow\n{"a":1}', 'INSERT INTO t <IN> FORMAT JSONEachRow | {"a":1}'],
    ["INSERT INTO t (a, b) VALUES (1, 2)", "INSERT INTO t (a, b) <IN> FORMAT Values | (1, 2)"],
    ["insert into db.t values (1)", "insert into db.t <IN> FORMAT Values | (1)"],
    [
      "INSERT INTO t SETTINGS async_insert=1 FORMAT CSV\n1",
      "INSERT INTO t <IN> SETTINGS async_insert=1 FORMAT CSV | 1",
    ],
    ["INSERT INTO TABLE `format` (`values`) FORMAT TSV", "INSERT INTO TABLE `format` (`values`) <IN> FORMAT TSV | "],
    ["INSERT INTO FUNCTION null('a UInt8') FORMAT CSV\n1", "INSERT INTO FUNCTION null('a UInt8') <IN> FORMAT CSV | 1"],
    ["INSERT INTO t (a, b)", "INSERT INTO t (a, b) <IN> FORMAT undefined | "],
    ["INSERT INTO {t:Identifier} FORMAT CSV\n1", "INSERT INTO {t:Identifier} <IN> FORMAT CSV | 1"],
    ["INSERT INTO t SELECT 1", "command"],
    ["INSERT INTO t (a) SELECT format FROM x", "command"],
    ["INSERT INTO t (SELECT 1)", "command"],
    ["INSERT INTO t WITH 1 AS x SELECT x", "command"],
    ["WITH 1 AS x INSERT INTO t SELECT x", "command"],
  ])("%s", (text, expected) => {
    expect(rewritten(text)).toBe(expected);
  });

  test("its data is not scanned", () => {
    const text = `INSERT INTO t FORMAT CSV\n${"'".repeat(10_000_001)}`;
    expect(classify(text)).toMatchObject({ kind: "insert", format: "CSV", dataAt: 25 });
  });
});

test("what changes a connection is told from what does not", () => {
  const scoped = (text: string) => {
    const found = classify(text);
    return found.kind === "command" && found.scoped;
  };
  expect(["SET a = 1", "USE db", "CREATE TEMPORARY TABLE t (a UInt8)"].map(scoped)).toEqual([true, true, true]);
  expect(["CREATE TABLE t (a UInt8)", "DROP TABLE t", "SHOW TABLES"].map(scoped)).toEqual([false, false, false]);
});

test("refuses what a server refuses", () => {
  expect(() => classify("SELECT 1; SELECT 2")).toThrow(/Multi-statements are not allowed.*SYNTAX_ERROR/);
  expect(() => classify("SELECT 1 INTO OUTFILE '/etc/x'")).toThrow(/INTO_OUTFILE_NOT_ALLOWED/);
  expect(() => classify("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV")).toThrow(/UNKNOWN_TYPE_OF_QUERY/);
  expect(classify(" /* nothing */ ;").kind).toBe("empty");
});

test("names of parameters are found outside strings and comments", () => {
  const text = "SELECT {a:UInt8}, '{b:UInt8}', {`c`:UInt8}, map('x', {d : Array(String)}) -- {e:UInt8}";
  expect(parameterNames(text)).toEqual(["a", "d"]);
});

test("a quoted string always ends where it should", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const [literal, after, ...rest] = [...tokenize(`${sqlString(value)};`)];
      expect([literal?.kind, after?.text, rest]).toEqual(["literal", ";", []]);
    }),
  );
});

test("tokens never overlap and never leave the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab1'\"`-/*#$(){}[]; \n\\é") }), (text) => {
      let end = 0;
      for (const token of tokenize(text)) {
        expect(token.start).toBeGreaterThanOrEqual(end);
        expect(token.end).toBeGreaterThan(token.start);
        expect(token.raw).toBe(text.slice(token.start, token.end));
        end = token.end;
      }
      expect(end).toBeLessThanOrEqual(text.length);
    }),
  );
});
