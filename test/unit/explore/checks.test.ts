/** What a question may be: every limit at it and past it, and every function and comparison with every kind of column. */
import { describe, expect, it } from "vitest";
import { QuerySchema, SavedQuerySchema } from "../../../schema/api/query.ts";
import {
  COLUMN_NAMES,
  COMPARISONS,
  COMPARISONS_OF,
  DIMENSION_NAMES,
  FUNCTIONS_OF,
  QUERY_COLUMNS,
  VALUE_FUNCTIONS,
} from "../../../schema/api/query-catalogue.ts";
import {
  MAX_DIMENSIONS,
  MAX_FILTER_DEPTH,
  MAX_FILTER_NODES,
  MAX_FILTER_TEXT,
  MAX_IN_VALUES,
  MAX_MEASURES,
  MAX_NAME,
  MAX_ORDER,
  MAX_PATH,
  MAX_QUERY_ROWS,
} from "../../../schema/api/query-parts.ts";
import { MAX_METADATA_KEY_LENGTH } from "../../../schema/limits.ts";
import { prepare } from "../../../workers/api/explore/prepare.ts";

const COUNT = { fn: "count" };
const base = { measures: [COUNT] };
const many = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const comparison = { op: "eq", of: "model", value: "x" };
const nested = (depth: number): unknown => (depth === 1 ? comparison : { op: "not", filter: nested(depth - 1) });

/** A question with `n` of something, and how many there may be. */
const LIMITS: [what: string, most: number, (n: number) => unknown][] = [
  ["measures", MAX_MEASURES, (n) => ({ measures: many(n, (i) => ({ fn: "count", as: `m${i}` })) })],
  ["dimensions", MAX_DIMENSIONS, (n) => ({ ...base, dimensions: DIMENSION_NAMES.slice(0, n) })],
  [
    "filter nodes",
    MAX_FILTER_NODES,
    (n) => ({ ...base, filters: { op: "and", filters: many(n - 1, () => comparison) } }),
  ],
  [
    "filter nodes of filters and measures together",
    MAX_FILTER_NODES,
    (n) => ({
      measures: [{ fn: "count", where: { op: "or", filters: many(n - 2, () => comparison) } }],
      filters: comparison,
    }),
  ],
  ["depth of a filter", MAX_FILTER_DEPTH, (n) => ({ ...base, filters: nested(n) })],
  ["depth of a measure's filter", MAX_FILTER_DEPTH, (n) => ({ measures: [{ fn: "count", where: nested(n) }] })],
  ["keys of a path", MAX_PATH, (n) => ({ ...base, dimensions: [{ path: many(n, () => "k"), as: "d" }] })],
  [
    "characters of a key",
    MAX_METADATA_KEY_LENGTH,
    (n) => ({ ...base, dimensions: [{ path: ["k".repeat(n)], as: "d" }] }),
  ],
  ["values", MAX_IN_VALUES, (n) => ({ ...base, filters: { op: "in", of: "model", values: many(n, String) } })],
  ["characters of a value", MAX_FILTER_TEXT, (n) => ({ ...base, filters: { ...comparison, value: "x".repeat(n) } })],
  ["rows", MAX_QUERY_ROWS, (n) => ({ ...base, limit: n })],
  ["characters of a name", MAX_NAME, (n) => ({ measures: [{ fn: "count", as: "x".repeat(n) }] })],
  [
    "characters of a name that was not given",
    MAX_NAME,
    (n) => ({ measures: [{ fn: "uniq", of: { path: ["x".repeat(n - "uniq()".length)] } }] }),
  ],
  [
    "names to order by",
    MAX_ORDER,
    (n) => ({ measures: many(10, (i) => ({ fn: "count", as: `m${i}` })), order: many(n, (i) => ({ by: `m${i}` })) }),
  ],
];

describe("limits", () => {
  it.each(LIMITS)("%s: %i are taken, one more is refused", (_, most, make) => {
    expect(SavedQuerySchema.safeParse(make(most)).error).toBeUndefined();
    expect(SavedQuerySchema.safeParse(make(most + 1)).success).toBe(false);
  });

  it.each([
    ["measures", { measures: [] }],
    ["keys of a path", { ...base, dimensions: [{ path: [] }] }],
    ["values", { ...base, filters: { op: "in", of: "model", values: [] } }],
    ["conditions", { ...base, filters: { op: "and", filters: [] } }],
    ["rows", { ...base, limit: 0 }],
    ["characters of a name", { measures: [{ fn: "count", as: "" }] }],
  ])("no %s are refused", (_, question) => {
    expect(SavedQuerySchema.safeParse(question).success).toBe(false);
  });

  it("nesting of hundreds is a refusal, not an overflow", () => {
    expect(SavedQuerySchema.safeParse({ ...base, filters: nested(700) }).success).toBe(false);
  });

  it("steps: 3,000 are taken, more are refused", () => {
    const question = SavedQuerySchema.parse({ ...base, dimensions: ["time"], interval: "1h" });
    const from = Date.UTC(2026, 0, 1);
    const hours = (n: number) => ({ from, to: from + n * 3_600_000 });
    expect(prepare(question, hours(2_999), false).lengths).toHaveLength(2_999);
    expect(() => prepare(question, hours(3_001), false)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });
});

describe("what fits what", () => {
  const cells = COLUMN_NAMES.flatMap((of) => VALUE_FUNCTIONS.map((fn) => [fn, of] as const));
  it.each(cells)("%s of %s", (fn, of) => {
    const fits = FUNCTIONS_OF[QUERY_COLUMNS[of].kind].includes(fn);
    expect(SavedQuerySchema.safeParse({ measures: [{ fn, of }] }).success).toBe(fits);
    const ratio = { fn: "ratio", numerator: { fn, of }, denominator: COUNT };
    expect(SavedQuerySchema.safeParse({ measures: [ratio] }).success).toBe(fits);
  });

  const GOOD = {
    text: ["x", ""],
    boolean: [true, false],
    number: [0, -1.5, 2 ** 60],
    money: ["0", "-5", "007", "999999999999999999", 12],
    time: ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00.123+02:00"],
  };
  const BAD = {
    text: [1, true],
    boolean: ["true", 1],
    number: ["1", true],
    money: ["1.5", "1e3", " 1", "", "9999999999999999999", 1.5, 2 ** 60, true],
    time: ["2026-11-22", "yesterday", "2026-13-01T00:00:00Z", 5],
  };
  it.each(COLUMN_NAMES.flatMap((of) => COMPARISONS.map((op) => [op, of] as const)))("%s with %s", (op, of) => {
    const { kind } = QUERY_COLUMNS[of];
    const isKnown = COMPARISONS_OF[kind].includes(op);
    const parse = (value: unknown): boolean => {
      const filters = op === "in" ? { op, of, values: [value] } : op === "exists" ? { op, of } : { op, of, value };
      return SavedQuerySchema.safeParse({ ...base, filters }).success;
    };
    if (op === "exists") {
      expect(parse(undefined)).toBe(isKnown);
      return;
    }
    for (const value of GOOD[kind]) {
      const isEmpty = op === "contains" && value === "";
      expect([value, parse(value)]).toEqual([value, isKnown && !isEmpty]);
    }
    for (const value of BAD[kind]) expect([value, parse(value)]).toEqual([value, false]);
  });

  it("groups by what has few values, and orders by what is there", () => {
    for (const name of COLUMN_NAMES) {
      const isTaken = SavedQuerySchema.safeParse({ ...base, dimensions: [name] }).success;
      expect([name, isTaken]).toEqual([name, QUERY_COLUMNS[name].dimension]);
    }
    const ordered = (by: string) => SavedQuerySchema.safeParse({ ...base, dimensions: ["time"], order: [{ by }] });
    expect([ordered("count").success, ordered("time").success, ordered("model").success]).toEqual([true, true, false]);
  });

  it("names the place of every problem", () => {
    const result = QuerySchema.safeParse({
      measures: [{ fn: "sum", of: "model" }, COUNT, COUNT],
      dimensions: ["model", "model"],
      filters: {
        op: "and",
        filters: [
          { op: "gt", of: "repo", value: "x" },
          { op: "eq", of: "fatal", value: 1 },
        ],
      },
      order: [{ by: "nothing" }],
    });
    expect(result.error?.issues.map(({ path }) => path.join("."))).toEqual([
      "measures.0.of",
      "filters.filters.0.op",
      "filters.filters.1.value",
      "dimensions.1",
      "measures.2",
      "order.0.by",
    ]);
  });

  it("refuses texts with lone surrogates everywhere", () => {
    for (const question of [
      { measures: [{ fn: "count", as: "\ud800" }] },
      { ...base, filters: { ...comparison, value: "\ud800" } },
      { ...base, filters: { op: "exists", of: { path: ["\ud800"] } } },
    ]) {
      expect(SavedQuerySchema.safeParse(question).success).toBe(false);
    }
  });
});
