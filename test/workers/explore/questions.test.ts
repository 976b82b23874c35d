/** Filters, metadata, time, order, pages and comparison against SQL by hand or worked-out values; and injections against ClickHouse. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import type { QueryAnswer } from "../../../schema/api/query.ts";
import { COST_PER_SESSION, SLOW_TOOLS } from "../../../workers/api/explore/examples.ts";
import { INJECTIONS } from "../../support/injections.ts";
import type { EventInput } from "../api/world.ts";
import { makeEvents, RANGE } from "./data.ts";
import { Explore } from "./world.ts";

let world: Explore;
let me: Principal;
let global: Principal;
let meta: Principal;
let injected: Principal;
const WITHIN = `timestamp >= '${RANGE.from.slice(0, -1)}' AND timestamp < '${RANGE.to.slice(0, -1)}'`;

const person = async (org: string, residency: "us" | "global" = "us"): Promise<Principal> =>
  await world.person(await world.org(org, residency), `${org}-admin`, "admin");
const event = (org_id: string, metadata: unknown, more: Partial<EventInput> = {}): EventInput => ({
  org_id,
  event_type: "custom.meta",
  timestamp: "2026-10-25T12:00:00.000Z",
  metadata: typeof metadata === "string" ? metadata : JSON.stringify(metadata),
  ...more,
});

let deep: unknown = 7;
for (let i = 9; i >= 0; i--) deep = { [`k${i}`]: deep };

beforeAll(async () => {
  world = await Explore.start();
  me = await person("que-us");
  global = await person("que-gl", "global");
  meta = await person("que-meta");
  injected = await person("que-inj");
  const other = await person("que-other");
  await world.insert("us", makeEvents("que-us", 300));
  await world.insert("us", makeEvents(other.org_id, 100));
  await world.insert("us", makeEvents("que-gl", 150));
  await world.insert("eu", makeEvents("que-gl", 170, 500));
  await world.insert("us", [
    event("que-meta", { "a.b": 1, a: { b: 2 } }, { session_id: "dots" }),
    event("que-meta", { n: "12.5" }, { session_id: "text number" }),
    event("que-meta", { n: 12.5 }, { session_id: "number" }),
    event("que-meta", { n: "1e3" }, { session_id: "text exponent" }),
    event("que-meta", { n: "NaN" }, { session_id: "text nan" }),
    event("que-meta", { n: "twelve" }, { session_id: "text" }),
    event("que-meta", { n: [1, 2] }, { session_id: "array" }),
    event("que-meta", { n: { x: 1 } }, { session_id: "object" }),
    event("que-meta", { n: null }, { session_id: "null" }),
    event("que-meta", { n: true }, { session_id: "boolean" }),
    event("que-meta", { n: "" }, { session_id: "empty" }),
    event("que-meta", {}, { session_id: "absent" }),
    event("que-meta", { Größe: "schön 🚀", "": "nameless", "it's": 1 }, { session_id: "unicode" }),
    event("que-meta", deep, { session_id: "deep" }),
    event("que-meta", '{"big":12345678901234567890,"q":"a\\"b\\\\c"}', { session_id: "odd" }),
  ]);
});

const COUNT = { fn: "count" };
const countOf = async (who: Principal, filters: unknown): Promise<unknown> =>
  (await world.answer(who, { ...RANGE, measures: [COUNT], filters })).rows[0]?.values[0];
const not = (filter: unknown) => ({ op: "not", filter });
const eq = (of: unknown, value: unknown) => ({ op: "eq", of, value });

const FILTERS: [filter: unknown, sql: string][] = [
  [eq("type", "error"), "event_type = 'error'"],
  [eq("model", ""), "model = ''"],
  [eq("model", "it's"), "model = 'it\\'s'"],
  [not(eq("model", "alpha")), "model != 'alpha'"],
  [{ op: "in", of: "model", values: ["alpha", "Ünïcode 🚀"] }, "model IN ('alpha', 'Ünïcode 🚀')"],
  [{ op: "contains", of: "branch", value: "FEATURE" }, "branch IN ('Feature/A', 'feature/b')"],
  [{ op: "contains", of: "model", value: "ünï" }, "model = 'Ünïcode 🚀'"],
  [{ op: "contains", of: "branch", value: "%" }, "0"],
  [{ op: "exists", of: "agent" }, "agent != ''"],
  [not({ op: "exists", of: "tool_name" }), "tool_name = ''"],
  [eq("accepted", true), "accepted = true"],
  [not(eq("accepted", true)), "accepted IS NULL OR accepted = false"],
  [{ op: "exists", of: "fatal" }, "fatal IS NOT NULL"],
  [eq("status_code", 429), "status_code = 429"],
  [{ op: "in", of: "status_code", values: [429, 500, 1.5] }, "status_code IN (429, 500)"],
  [{ op: "gt", of: "lines_added", value: 100 }, "event_type = 'code_generated' AND lines_added > 100"],
  [{ op: "lte", of: "lines_added", value: 100 }, "event_type = 'code_generated' AND lines_added <= 100"],
  [not({ op: "gt", of: "lines_added", value: 100 }), "NOT (event_type = 'code_generated' AND lines_added > 100)"],
  [{ op: "gte", of: "duration_ms", value: 1_000.5 }, "duration_ms >= 1000.5"],
  [{ op: "gt", of: "cost_nano_usd", value: "900000000000100000" }, "cost_nano_usd > 900000000000100000"],
  [eq("cost_nano_usd", "0900000000014014"), "cost_nano_usd = 900000000014014"],
  [
    { op: "in", of: "cost_nano_usd", values: ["900000000014014", "-0", 900_000_000_046_046] },
    "cost_nano_usd IN (900000000014014, 900000000046046)",
  ],
  [{ op: "lt", of: "timestamp", value: "2026-10-25T02:00:00.500+02:00" }, "timestamp < '2026-10-25 00:00:00.500'"],
  [
    { op: "and", filters: [eq("type", "error"), { op: "or", filters: [eq("team", "red"), eq("team", "blue")] }] },
    "event_type = 'error' AND (team_id = 'red' OR team_id = 'blue')",
  ],
  [
    not({ op: "or", filters: [eq("type", "error"), not({ op: "and", filters: [eq("repo", "acme/web")] })] }),
    "event_type != 'error' AND repo = 'acme/web'",
  ],
];

describe("a filter", () => {
  it.each(FILTERS)("%j is %s", async (filter, sql) => {
    const [[count] = []] = await world.table(
      "us",
      `SELECT countIf(${sql}) FROM us.events FINAL WHERE org_id = 'que-us' AND ${WITHIN}`,
    );
    expect(await countOf(me, filter)).toBe(count);
    const { rows } = await world.answer(me, { ...RANGE, measures: [COUNT, { ...COUNT, as: "some", where: filter }] });
    expect(rows[0]?.values[1]).toBe(count);
  });
});

/** Sessions of the events that meet a filter. */
async function sessions(filters: unknown): Promise<unknown[]> {
  const { rows } = await world.answer(meta, { ...RANGE, measures: [COUNT], dimensions: ["session"], filters });
  return rows.map((row) => row.dimensions[0]).sort();
}
const N = { path: ["n"] };

describe("a metadata path", () => {
  it.each<[string, unknown, string[]]>([
    ["a key with a dot is no nesting", eq({ path: ["a.b"] }, 1), ["dots"]],
    ["nor is nesting a key with a dot", eq({ path: ["a", "b"] }, 2), ["dots"]],
    ["and they are not mixed up", eq({ path: ["a", "b"] }, 1), []],
    ["numbers and texts that are one", eq(N, 12.5), ["number", "text number"]],
    ["as text, as it is written", eq(N, "12.5"), ["number", "text number"]],
    ["in order as numbers", { op: "gt", of: N, value: 12 }, ["number", "text exponent", "text number"]],
    ["what is no number is in no order", { op: "lt", of: N, value: 1e300 }, ["number", "text exponent", "text number"]],
    ["true as a value", eq(N, true), ["boolean"]],
    ["the empty text is a value", eq(N, ""), ["empty"]],
    [
      "any of several kinds",
      { op: "in", of: N, values: ["twelve", 1_000, true] },
      ["boolean", "text", "text exponent"],
    ],
    ["a part of a text in any case", { op: "contains", of: N, value: "WELV" }, ["text"]],
    ["unicode keys and values", eq({ path: ["Größe"] }, "schön 🚀"), ["unicode"]],
    ["unicode in any case", { op: "contains", of: { path: ["Größe"] }, value: "SCHÖN" }, ["unicode"]],
    ["the empty key", eq({ path: [""] }, "nameless"), ["unicode"]],
    ["a quote in a key", eq({ path: ["it's"] }, 1), ["unicode"]],
    ["ten levels", eq({ path: Array.from({ length: 10 }, (_, i) => `k${i}`) }, 7), ["deep"]],
    ["nine of them: an object has no value", eq({ path: ["k0", "k1"] }, 7), []],
    ["digits past a double, as text", eq({ path: ["big"] }, "12345678901234567890"), ["odd"]],
    ["quotes and backslashes inside", eq({ path: ["q"] }, 'a"b\\c'), ["odd"]],
    ["a path through an array", eq({ path: ["n", "0"] }, 1), []],
  ])("%s", async (_, filter, expected) => {
    expect(await sessions(filter)).toEqual(expected);
  });

  it("exists when it is there and not null, whatever it holds", async () => {
    const there = ["array", "boolean", "empty", "number", "object", "text", "text exponent", "text nan", "text number"];
    expect(await sessions({ op: "exists", of: N })).toEqual(there);
  });

  it("groups by its value; arrays, objects and null are none", async () => {
    const { rows } = await world.answer(meta, { ...RANGE, measures: [COUNT], dimensions: [N], order: [{ by: "n" }] });
    const counts = Object.fromEntries(rows.map((row) => [String(row.dimensions[0]), row.values[0]]));
    expect(counts).toEqual({ "12.5": 2, "1e3": 1, NaN: 1, twelve: 1, true: 1, "": 1, null: 8 });
    expect(rows.at(-1)?.dimensions).toEqual([null]);
  });

  it("is measured where it is a number", async () => {
    const measures = ["sum", "avg", "min", "max", "p50", "uniq"].map((fn) => ({ fn, of: N }));
    const { rows } = await world.answer(meta, {
      ...RANGE,
      measures: [...measures, { fn: "count", of: N, as: "there" }],
    });
    expect(rows[0]?.values).toEqual([1_025, 1_025 / 3, 12.5, 1_000, 12.5, 6, 9]);
  });
});

describe("time", () => {
  const steps = async (interval: string, range = RANGE, timezone = "Europe/Berlin"): Promise<QueryAnswer> =>
    await world.answer(me, { ...range, measures: [COUNT], dimensions: ["time"], interval, timezone, limit: 1_000 });

  it("has a day of 25 hours where clocks go back", async () => {
    const { rows, timezone } = await steps("1d");
    expect(timezone).toBe("Europe/Berlin");
    const midnights = ["2026-10-23T22:00:00.000Z", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"];
    expect(rows.map((row) => row.dimensions[0])).toEqual(midnights);
    const wanted = await world.table(
      "us",
      `SELECT count() FROM us.events FINAL WHERE org_id = 'que-us' AND ${WITHIN} GROUP BY toStartOfDay(timestamp, 'Europe/Berlin') AS d ORDER BY d`,
    );
    expect(rows.map((row) => row.values)).toEqual(wanted);
  });

  it("has both hours that the clock shows twice", async () => {
    const night = { from: "2026-10-25T00:00:00Z", to: "2026-10-25T02:00:00Z" };
    const { rows } = await steps("1h", night);
    expect(rows.map((row) => row.dimensions[0])).toEqual(["2026-10-25T00:00:00.000Z", "2026-10-25T01:00:00.000Z"]);
  });

  it("makes a rate of the part of a step that is inside the range", async () => {
    const measures = [
      COUNT,
      { fn: "rate", per: "hour", as: "rate" },
      { fn: "rate", of: "cost_nano_usd", per: "day", as: "spend" },
      { fn: "sum", of: "cost_nano_usd", as: "cost" },
    ];
    const { rows, measures: named } = await world.answer(me, {
      ...RANGE,
      measures,
      dimensions: ["time"],
      interval: "1d",
      timezone: "Europe/Berlin",
      order: [{ by: "rate" }],
    });
    expect(named.map(({ unit }) => unit)).toEqual(["events", "events", "nano_usd", "nano_usd"]);
    const hours: Record<string, number> = {
      "2026-10-23T22:00:00.000Z": 15.5,
      "2026-10-24T22:00:00.000Z": 25,
      "2026-10-25T23:00:00.000Z": 19.25,
    };
    for (const { dimensions, values } of rows) {
      const length = hours[String(dimensions[0])] ?? 0;
      expect(values[1]).toBeCloseTo(Number(values[0]) / length, 9);
      const spend = (BigInt(String(values[3])) * 24n * 4n * 2n + BigInt(length * 4)) / (BigInt(length * 4) * 2n);
      expect(values[2]).toBe(String(spend));
    }
    const rates = rows.map((row) => Number(row.values[1]));
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
  });

  it("compares with the period before, group by group", async () => {
    const range = { from: "2026-10-25T12:00:00Z", to: "2026-10-26T12:00:00Z" };
    const { rows, previous_from } = await world.answer(me, {
      ...range,
      measures: [COUNT, { fn: "sum", of: "cost_nano_usd" }],
      dimensions: ["model"],
      compare: "previous",
    });
    expect(previous_from).toBe("2026-10-24T12:00:00.000Z");
    const wanted = await world.table(
      "us",
      `SELECT nullIf(toString(model), ''), countIf(timestamp >= '2026-10-25 12:00:00'), countIf(timestamp < '2026-10-25 12:00:00'), toString(sumIf(toInt128(ifNull(cost_nano_usd, 0)), timestamp < '2026-10-25 12:00:00')) FROM us.events FINAL WHERE org_id = 'que-us' AND timestamp >= '2026-10-24 12:00:00' AND timestamp < '2026-10-26 12:00:00' GROUP BY model`,
    );
    const got = rows.map((row) => [row.dimensions[0], row.values[0], row.previous?.[0], row.previous?.[1]]);
    expect(got.sort()).toEqual(wanted.sort());
    const hourly = await world.answer(me, {
      ...range,
      measures: [COUNT],
      dimensions: ["time"],
      interval: "1h",
      compare: "previous",
    });
    const total = (of: "values" | "previous"): number =>
      hourly.rows.reduce((sum, row) => sum + Number(row[of]?.[0]), 0);
    expect(total("values")).toBe(rows.reduce((sum, row) => sum + Number(row.values[0]), 0));
    expect(total("previous")).toBe(rows.reduce((sum, row) => sum + Number(row.previous?.[0]), 0));
    for (const { dimensions } of hourly.rows) expect(String(dimensions[0]) >= "2026-10-25T12:00:00.000Z").toBe(true);
  });
});

describe("a ratio", () => {
  it("is one measure by another, exact for money, null by nothing", async () => {
    const cost = { fn: "sum", of: "cost_nano_usd" };
    const events = { fn: "count", where: eq("type", "cost_incurred") };
    const measures = [
      { fn: "ratio", numerator: cost, denominator: events, as: "cost per event" },
      { fn: "ratio", numerator: { fn: "count", where: eq("type", "error") }, denominator: COUNT, as: "errors" },
      { fn: "ratio", numerator: cost, denominator: { fn: "count", where: eq("model", "nothing") }, as: "by nothing" },
      { fn: "ratio", numerator: cost, denominator: cost, as: "one" },
      cost,
      events,
      COUNT,
    ].map((measure, i) => ({ as: `m${i}`, ...measure }));
    for (const who of [me, global]) {
      const { rows, measures: named } = await world.answer(who, { ...RANGE, measures });
      const [perEvent, errors, byNothing, one, total, n, all] = rows[0]?.values ?? [];
      const exact = (BigInt(String(total)) * 2n + BigInt(Number(n))) / (2n * BigInt(Number(n)));
      expect([perEvent, byNothing, one]).toEqual([exact.toString(), null, 1]);
      expect(errors).toBeCloseTo(Number(await countOf(who, eq("type", "error"))) / Number(all), 12);
      expect(named.map(({ unit }) => unit).slice(0, 4)).toEqual(["nano_usd", "ratio", "nano_usd", "ratio"]);
    }
  });
});

describe("rows", () => {
  const QUESTIONS: [string, Record<string, unknown>][] = [
    ["by default", {}],
    ["by a measure that ties", { order: [{ by: "n" }] }],
    ["by money, smallest first", { order: [{ by: "cost", direction: "asc" }] }],
    ["by a percentile that is often null", { order: [{ by: "p" }, { by: "n", direction: "asc" }] }],
    ["by a text, then time", { order: [{ by: "model", direction: "asc" }, { by: "time" }] }],
  ];
  const base = {
    ...RANGE,
    measures: [
      { fn: "count", as: "n" },
      { fn: "sum", of: "cost_nano_usd", as: "cost" },
      { fn: "avg", of: "tokens", as: "p" },
    ],
    dimensions: ["time", "model", "accepted"],
    interval: "1h",
  };

  it.each(QUESTIONS)("come on pages, each once and in order: %s", async (_, more) => {
    for (const who of [me, global]) {
      const whole = await world.answer(who, { ...base, ...more, limit: 1_000 });
      expect(whole.next_cursor).toBeNull();
      expect(whole.rows.length).toBeGreaterThan(60);
      const paged: unknown[] = [];
      let cursor: string | null | undefined;
      for (let pages = 0; cursor !== null && pages < 50; pages++) {
        const page: QueryAnswer = await world.answer(who, {
          ...base,
          ...more,
          limit: 23,
          ...(cursor === undefined ? {} : { cursor }),
        });
        paged.push(...page.rows);
        cursor = page.next_cursor;
      }
      expect(paged).toEqual(whole.rows);
      expect(new Set(paged.map((row) => JSON.stringify((row as { dimensions: unknown }).dimensions))).size).toBe(
        paged.length,
      );
    }
  });

  it("are in the same order out of one region and out of two", async () => {
    for (const [, more] of QUESTIONS) {
      const { rows } = await world.answer(global, { ...base, ...more, limit: 1_000 });
      const one = await world.answer(me, { ...base, ...more, limit: 1_000 });
      for (const list of [rows, one.rows]) {
        const key = (row: (typeof rows)[number]): string => JSON.stringify(row.dimensions);
        expect(new Set(list.map(key)).size).toBe(list.length);
      }
    }
    const { rows } = await world.answer(global, { ...base, order: [{ by: "cost", direction: "asc" }], limit: 1_000 });
    const costs = rows.map((row) => BigInt(String(row.values[1])));
    expect(costs).toEqual([...costs].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  });

  it("have a cursor for their own question only", async () => {
    const { next_cursor: cursor } = await world.answer(me, { ...base, limit: 5 });
    for (const body of [
      { ...base, limit: 6, cursor },
      { ...base, from: "2026-10-01T00:00:00Z", limit: 5, cursor },
      { ...base, limit: 5, cursor: "x" },
      { ...base, limit: 5, cursor: btoa("[1,2,3]") },
      { ...base, limit: 5, cursor: btoa(JSON.stringify([0, 1, 1e9, "x"])) },
    ]) {
      const response = await world.send("POST", "/api/v1/query", me, body);
      expect([body, response.status]).toEqual([body, 400]);
    }
  });
});

describe("the examples of the document", () => {
  it.each([
    ["cost per session", COST_PER_SESSION],
    ["slow tools", SLOW_TOOLS],
  ])("are answered: %s", async (_, question) => {
    for (const who of [me, global]) await world.answer(who, question);
    const text = await (await world.fetch("/api/openapi.json")).text();
    expect(JSON.parse(text).paths["/api/v1/query"].post.description).toContain(JSON.stringify(question));
  });
});

describe("injections against ClickHouse", () => {
  it("are values like any other: stored ones are found, and nothing else is", async () => {
    const rows = INJECTIONS.map((text, i) =>
      event("que-inj", { [text]: text, v: text }, { model: text, session_id: `s${i}`, branch: text }),
    );
    await world.insert("us", rows);
    const { rows: models } = await world.answer(injected, {
      ...RANGE,
      measures: [COUNT],
      dimensions: ["model", { path: ["v"] }],
      limit: 1_000,
    });
    expect(models.map((row) => row.dimensions[0]).sort()).toEqual([...INJECTIONS].sort());
    for (const { dimensions } of models) expect(dimensions[1]).toBe(dimensions[0]);
    // Ten texts a question, each in a column, as a path, in a list, as a part, and as the measure's own name.
    for (let at = 0; at < INJECTIONS.length; at += 10) {
      const texts = INJECTIONS.slice(at, at + 10);
      const measures = texts.map((text) => ({
        fn: "count",
        as: text,
        where: {
          op: "and",
          filters: [
            eq("model", text),
            eq({ path: [text] }, text),
            { op: "in", of: { path: ["v"] }, values: [text] },
            { op: "contains", of: "branch", value: text },
          ],
        },
      }));
      const answer = await world.answer(injected, { ...RANGE, measures });
      expect(answer.rows[0]?.values).toEqual(texts.map(() => 1));
      expect(answer.measures.map(({ name }) => name)).toEqual(texts);
    }
  }, 120_000);
});
