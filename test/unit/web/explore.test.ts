/** What Explore makes of questions and answers: addresses, choices that fit, edits, conditions, words for refusals, tables and charts. */
import { describe, expect, it } from "vitest";
import { type QueryAnswer, QuerySchema, type Question, SavedQuerySchema } from "../../../schema/api/query.ts";
import { COLUMN_NAMES, DIMENSION_NAMES, QUERY_COLUMNS } from "../../../schema/api/query-catalogue.ts";
import { type Filter, measureName, type Operand } from "../../../schema/api/query-parts.ts";
import { answerChart, chartable, MAX_SERIES } from "../../../web/src/explore/answer-chart.ts";
import { csvValue, labelText, valueText } from "../../../web/src/explore/answer-values.ts";
import {
  functionsFor,
  measureOn,
  operandGroups,
  operandKey,
  operandOf,
  operatorsFor,
  simpleOn,
} from "../../../web/src/explore/choices.ts";
import {
  addDimension,
  addMeasure,
  dimensionOf,
  nextMeasure,
  problemOf,
  removeDimension,
  withMeasure,
} from "../../../web/src/explore/edit.ts";
import { EXAMPLES, FIRST_QUESTION } from "../../../web/src/explore/examples.ts";
import { conditionOf, conditionsOf, filtersOf, filterWords, nanoOf } from "../../../web/src/explore/filter-edit.ts";
import {
  ExploreSearchSchema,
  readQuestion,
  sameQuestion,
  writeQuestion,
} from "../../../web/src/explore/question-url.ts";
import { adviceOn, savedRefusal } from "../../../web/src/explore/refusal.ts";
import { COST_PER_SESSION, SLOW_TOOLS } from "../../../workers/api/explore/examples.ts";

const question = (parts: Partial<Question> = {}): Question =>
  SavedQuerySchema.parse({ measures: [{ fn: "count" }], ...parts });
const asked = ({ from: _f, to: _t, ...rest }: Record<string, unknown>): Question => SavedQuerySchema.parse(rest);

describe("a question's address", () => {
  it("gives the question back, whatever it holds, but for the zone, which is the page's", () => {
    const all = [
      question(),
      asked(COST_PER_SESSION),
      asked(SLOW_TOOLS),
      question({ filters: { op: "eq", of: "repo", value: "مستودع/🚀 a+b/c?d=e&f\u0000" } }),
      ...EXAMPLES.map((example) => SavedQuerySchema.parse(example.question)),
    ];
    for (const one of all) {
      const text = writeQuestion(one);
      expect(text).toMatch(/^[\w-]+$/);
      expect(readQuestion(text)).toEqual({ ...one, timezone: "UTC" });
      expect(sameQuestion(one, { ...one, timezone: "Asia/Tokyo" })).toBe(true);
    }
  });

  it("is short for what is default, and differs where questions differ", () => {
    expect(writeQuestion(question()).length).toBeLessThan(48);
    expect(sameQuestion(question(), question({ limit: 10 }))).toBe(false);
    expect(sameQuestion(question(), question({ compare: "previous" }))).toBe(false);
  });

  it("is dropped when it is cut, edited or asks what cannot be asked", () => {
    const text = writeQuestion(asked(SLOW_TOOLS));
    const encoded = (value: unknown): string => btoa(JSON.stringify(value)).replaceAll("=", "");
    const bad = [
      text.slice(0, -5),
      "%%%",
      "",
      encoded({ measures: [] }),
      encoded({ measures: [{ fn: "sum", of: "repo" }] }),
      encoded({ measures: [{ fn: "count" }], org: "other" }),
      encoded(null),
      "a".repeat(7_000),
    ];
    for (const q of bad) expect(ExploreSearchSchema.parse({ q, metric: "m1" })).toEqual({ q: undefined, metric: "m1" });
    expect(ExploreSearchSchema.parse({ q: text }).q).toBe(text);
  });
});

/** Every column and a path. */
const OPERANDS: readonly Operand[] = [...COLUMN_NAMES, { path: ["a", "b"] }];

describe("what can be chosen", () => {
  it("makes only measures and conditions that the API takes, for every column and a path", () => {
    for (const operand of [undefined, ...OPERANDS]) {
      for (const fn of functionsFor(operand))
        expect(problemOf(question({ measures: [measureOn(operand, fn)] }))).toBe(null);
      for (const fn of functionsFor(operand, true)) {
        const part = simpleOn(operand, fn);
        expect(part.fn).toBe(fn);
        expect(
          problemOf(question({ measures: [{ fn: "ratio", numerator: part, denominator: { fn: "count" } }] })),
        ).toBe(null);
      }
      if (operand !== undefined) expect(operandOf(operandKey(operand))).toEqual(operand);
    }
    for (const operand of OPERANDS) {
      const kind = typeof operand === "string" ? QUERY_COLUMNS[operand].kind : "path";
      const typed = { boolean: "false", number: "7", money: "1.5", time: "2026-11-22T10:00", text: "x", path: "7" }[
        kind
      ];
      for (const operator of operatorsFor(operand)) {
        const filters = conditionOf(operand, operator, typed, "utc");
        expect("problem" in filters ? filters.problem : problemOf(question({ filters }))).toBe(null);
      }
    }
  });

  it("keeps the function on another column if it fits, and takes the first that does otherwise", () => {
    expect(measureOn("tokens", "p95")).toEqual({ fn: "p95", of: "tokens" });
    expect(measureOn("repo", "p95")).toEqual({ fn: "uniq", of: "repo" });
    expect(measureOn(undefined, "sum")).toEqual({ fn: "count" });
    expect(measureOn("tokens", "rate", "day")).toEqual({ fn: "rate", of: "tokens", per: "day" });
    expect(simpleOn("tokens", "rate")).toEqual({ fn: "sum", of: "tokens" });
    expect(functionsFor("timestamp")).toEqual(["min", "max", "count"]);
  });

  it("is grouped by the event that has it, then by metadata", () => {
    const columns = COLUMN_NAMES.map((name) => ({
      ...QUERY_COLUMNS[name],
      name,
      on: null,
      functions: [],
      comparisons: [],
    }));
    const some = columns.map((column) => (column.name === "tokens" ? { ...column, on: "cost_incurred" } : column));
    const metadata_paths = [{ path: ["a", "b.c"], kinds: ["text"], event_types: [] }];
    const groups = operandGroups({ columns: some, metadata_paths }, ({ dimension }) => dimension);
    expect(groups.map(({ label }) => label)).toEqual(["Every event", "Metadata"]);
    expect(groups[0]?.choices.map(({ key }) => key)).toEqual(DIMENSION_NAMES);
    expect(operandOf(groups[1]?.choices[0]?.key ?? "")).toEqual({ path: ["a", "b.c"] });
    const all = operandGroups({ columns: some, metadata_paths: [] }, () => true);
    expect(all.map(({ label }) => label)).toEqual(["Every event", "Only cost_incurred"]);
  });

  it("offers examples that the API takes", () => {
    const when = { from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z" };
    for (const one of [...EXAMPLES.map((example) => example.question), FIRST_QUESTION]) {
      expect(QuerySchema.safeParse({ ...when, ...one }).success).toBe(true);
    }
  });
});

describe("edits", () => {
  const ordered = question({
    measures: [{ fn: "count" }, { fn: "uniq", of: "user", as: "people" }],
    dimensions: ["repo"],
    order: [
      { by: "people", direction: "asc" },
      { by: "repo", direction: "desc" },
    ],
  });

  it("order by the same measure under its new name, and by nothing that is gone", () => {
    const named = withMeasure(ordered, 1, { fn: "uniq", of: "user", as: "users" });
    expect(named.order).toEqual([
      { by: "users", direction: "asc" },
      { by: "repo", direction: "desc" },
    ]);
    expect(withMeasure(ordered, 1, null).order).toEqual([{ by: "repo", direction: "desc" }]);
    expect(removeDimension(ordered, 0).order).toEqual([{ by: "people", direction: "asc" }]);
    for (const one of [named, withMeasure(ordered, 1, null), removeDimension(ordered, 0)])
      expect(problemOf(one)).toBe(null);
  });

  it("add measures that are not there yet, until there are ten", () => {
    let all = question();
    for (let i = 1; i < 10; i++) all = addMeasure(all);
    expect(new Set(all.measures.map(measureName)).size).toBe(10);
    expect(problemOf(all)).toBe(null);
    expect(measureName(nextMeasure(question()))).toBe("uniq(session)");
  });

  it("put time first and make room for its steps", () => {
    const timed = addDimension(ordered, "time");
    expect([timed.dimensions, timed.limit]).toEqual([["time", "repo"], 1_000]);
    expect(addDimension(ordered, "agent").limit).toBe(100);
    expect(dimensionOf("tokens", "tokens")).toBe(undefined);
    expect(dimensionOf("", undefined)).toBe(undefined);
    expect(dimensionOf("x", { path: ["a"] })).toEqual({ path: ["a"] });
  });

  it("say why the API would refuse", () => {
    expect(problemOf(question({ measures: [{ fn: "count" }] }))).toBe(null);
    const twice: Question = { ...question(), measures: [{ fn: "count" }, { fn: "count" }] };
    expect(problemOf(twice)).toBe("Measure 2 has the name of another: give it one with `as`");
  });
});

describe("conditions", () => {
  it("are what was typed in the column's kind, without losing digits of money", () => {
    expect(conditionOf("cost_nano_usd", "gt", "0.0000042", "utc")).toEqual({
      op: "gt",
      of: "cost_nano_usd",
      value: "4200",
    });
    expect(nanoOf("123456789.123456789")).toBe("123456789123456789");
    expect(nanoOf("-1")).toBe("-1000000000");
    expect(conditionOf("type", "not_in", "error, ,pr_created\n", "utc")).toEqual({
      op: "not",
      filter: { op: "in", of: "type", values: ["error", "pr_created"] },
    });
    expect(conditionOf("accepted", "eq", "false", "utc")).toMatchObject({ value: false });
    expect(conditionOf("timestamp", "gte", "2026-11-22T10:00", "utc")).toMatchObject({
      value: "2026-11-22T10:00:00.000Z",
    });
    expect(conditionOf({ path: ["a"] }, "eq", "007", "utc")).toMatchObject({ value: "007" });
    expect(conditionOf({ path: ["a"] }, "eq", "7", "utc")).toMatchObject({ value: 7 });
    expect(conditionOf("team", "eq", "", "utc")).toMatchObject({ value: "" });
  });

  it("say what is missing", () => {
    for (const [of, operator, typed] of [
      ["tokens", "gt", "many"],
      ["tokens", "gt", ""],
      ["cost_nano_usd", "lt", "1,5"],
      ["cost_nano_usd", "lt", "0.0000000001"],
      ["timestamp", "lt", "yesterday"],
      ["type", "in", " , "],
    ] as const) {
      expect(conditionOf(of, operator, typed, "utc")).toHaveProperty("problem");
    }
  });

  it("read as words, nested ones too, and come apart and together again", () => {
    const cost: Filter = { op: "gt", of: "cost_nano_usd", value: "1500000000" };
    const not: Filter = { op: "not", filter: { op: "in", of: "team", values: ["a", ""] } };
    expect(filterWords(cost, "utc")).toBe("Cost is more than $1.50");
    expect(filterWords(not, "utc")).toContain("is none of a, not given");
    const both: Filter = { op: "or", filters: [cost, { op: "and", filters: [not, cost] }] };
    expect(filterWords(both, "utc")).toMatch(/^\(Cost .+\) or \(\(Team .+\) and \(Cost .+\)\)$/);
    const { match, list } = conditionsOf(both);
    expect(filtersOf(match, list)).toEqual(both);
    expect(conditionsOf(undefined).list).toEqual([]);
    expect(filtersOf("and", [])).toBe(undefined);
    expect(filtersOf("or", [cost])).toEqual(cost);
  });
});

const T = ["2026-11-22T10:00:00.000Z", "2026-11-22T11:00:00.000Z", "2026-11-22T12:00:00.000Z"];
type Rows = QueryAnswer["rows"];
const answer = (rows: Rows, measure: QueryAnswer["measures"][number], more: Partial<QueryAnswer> = {}): QueryAnswer =>
  ({
    org_id: "acme",
    scope: "org",
    from: T[0],
    to: "2026-11-22T13:00:00.000Z",
    previous_from: null,
    interval: "1h",
    timezone: "UTC",
    dimensions: [
      { name: "time", kind: "time" },
      { name: "agent", kind: "text" },
    ],
    measures: [measure],
    rows,
    next_cursor: null,
    ...more,
  }) as QueryAnswer;
const row = (
  time: string | undefined,
  agent: string,
  value: string | number | null,
  previous: number | null = null,
) => ({
  dimensions: [time ?? "", agent],
  values: [value],
  previous: previous === null ? null : [previous],
});

describe("an answer over time", () => {
  const COUNT = { name: "count", fn: "count" as const, unit: "events" as const };
  it("is 0 where nothing happened and a gap where nothing has a value", () => {
    const rows = [row(T[0], "a", 2), row(T[2], "a", 3), row(T[1], "", 1)];
    const counted = answerChart(answer(rows, COUNT), 0, T).data;
    expect(counted.series.map(({ label, values, total }) => [label, values, total])).toEqual([
      ["a", [2, 0, 3], 5],
      ["not given", [0, 1, 0], 1],
    ]);
    const average = answerChart(answer(rows, { ...COUNT, fn: "avg" }), 0, T).data;
    expect(average.series[0]).toMatchObject({ values: [2, null, 3], total: null });
  });

  it("claims nothing of steps after the page it has", () => {
    const { data } = answerChart(answer([row(T[0], "a", 2)], COUNT, { next_cursor: "more" }), 0, T);
    expect(data.series[0]?.values).toEqual([2, null, null]);
  });

  it("draws money in USD, the period before of a single group, and the largest groups only", () => {
    const money = { name: "cost", fn: "sum" as const, unit: "nano_usd" as const };
    const one = answerChart(answer([row(T[0], "a", "1500000000", 2e9)], money, { previous_from: T[0] ?? "" }), 0, T);
    expect(one.data.series.map(({ values, before }) => [values[0], before])).toEqual([
      [1.5, undefined],
      [2, true],
    ]);
    const many = Array.from({ length: 20 }, (_, i) => row(T[0], `agent ${i}`, i));
    const { data, groups } = answerChart(answer(many, COUNT), 0, T);
    expect([data.series.length, data.series[0]?.label, groups]).toEqual([MAX_SERIES, "agent 19", 20]);
  });

  it("needs a time, and a measure that has a scale", () => {
    expect(chartable(answer([], COUNT))).toEqual([{ name: "count", index: 0 }]);
    expect(chartable(answer([], { name: "latest", fn: "max", unit: "time" }))).toEqual([]);
    expect(chartable(answer([], COUNT, { dimensions: [{ name: "time", kind: "path" }] }))).toEqual([]);
  });
});

describe("values", () => {
  it("have their unit, and nothing known is a dash", () => {
    expect(valueText(null, "events", "utc").short).toBe("—");
    expect(valueText(0, "events", "utc").short).toBe("0");
    expect(valueText("4200000", "nano_usd", "utc")).toEqual({ short: "$0.0042", exact: "$0.0042" });
    expect(valueText(12_345, "tokens", "utc")).toEqual({ short: "12.3\u00a0K", exact: "12,345" });
    expect(valueText(0.33333, "ratio", "utc").short).toBe("0.333");
    expect(valueText(192_000, "ms", "utc").short).toBe("3\u00a0m\u00a012\u00a0s");
    expect(valueText("2026-11-22T10:00:00.000Z", "time", "utc").short).toContain("22 Nov 2026");
    expect([labelText(true), labelText(null), labelText(404)]).toEqual(["yes", "", "404"]);
  });

  it("go to a file with every digit", () => {
    expect(csvValue("123456789123456789", "nano_usd")).toBe("123456789.123456789");
    expect(csvValue("-1500000000", "nano_usd")).toBe("-1.50");
    expect(csvValue(0, "events")).toBe(0);
    expect(csvValue(null, "events")).toBe(null);
  });
});

describe("refusals", () => {
  const failure = (code: string, retryAfterSeconds: number | null = null) => ({ status: 422, code, retryAfterSeconds });
  it("come with what to do", () => {
    expect(adviceOn(failure("query_too_expensive"))).toContain("shorter range");
    expect(adviceOn(failure("query_timeout"))).toContain("given up");
    expect(adviceOn(failure("rate_limited", 12))).toBe("Wait 12 s and try again.");
    expect(adviceOn(failure("internal"))).toBe(null);
  });

  it("of the plan are no failure", () => {
    const refused = (message: string) => savedRefusal({ kind: "forbidden", message });
    expect(refused("the starter plan does not have custom_metrics_enabled")).toContain(
      "The starter plan does not include",
    );
    expect(refused("custom metrics are switched off in the organisation's settings")).toContain("switched off");
    expect(refused("you may not")).toBe(null);
    expect(savedRefusal({ kind: "network", message: "" })).toBe(null);
  });
});
