/** Every function of every column by every dimension equals SQL by hand over `events FINAL`, in one region and in two. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import {
  COLUMN_NAMES,
  type ColumnName,
  DIMENSION_NAMES,
  FUNCTIONS_OF,
  PERCENTILES,
  QUERY_COLUMNS,
  type ValueFunction,
} from "../../../schema/api/query-catalogue.ts";
import { seeded } from "../history/world.ts";
import { COLUMN_SQL, FROM, makeEvents, RANGE, TO } from "./data.ts";
import { Explore, questionOf } from "./world.ts";

let world: Explore;
const people: Record<string, Principal> = {};

const WITHIN = `timestamp >= '${RANGE.from.slice(0, -1)}' AND timestamp < '${RANGE.to.slice(0, -1)}'`;
const eventsOf = (org: string, more = "1"): string =>
  ["us", "eu"]
    .map((region) => `SELECT * FROM ${region}.events FINAL WHERE org_id = '${org}' AND ${WITHIN} AND ${more}`)
    .join(" UNION ALL ");
/** Everything that each person's answers may count, as a table expression. */
const VIEWS: Record<string, string> = {
  us: `(${eventsOf("ans-us")})`,
  global: `(${eventsOf("ans-gl")})`,
  rolled: `(${eventsOf("ans-roll")})`,
  team: `(${eventsOf("ans-us", "user_id IN ('user-1', 'user-2', 'user-3')")})`,
  own: `(${eventsOf("ans-us", "user_id = 'user-4'")})`,
};

beforeAll(async () => {
  world = await Explore.start();
  const org = await world.org("ans-us", "us");
  for (const team of ["red", "blue"]) await world.team(org, team);
  people.us = await world.person(org, "ans-admin", "admin");
  people.team = await world.person(org, "ans-mara", "manager", { teamId: "red", eventUsers: ["user-1", "user-2"] });
  await world.person(org, "ans-mate", "user", { teamId: "red", eventUsers: ["user-3"] });
  people.own = await world.person(org, "ans-uma", "user", { teamId: "blue", eventUsers: ["user-4"] });
  people.global = await world.person(await world.org("ans-gl", "global"), "ans-gl-admin", "admin");
  people.rolled = await world.person(await world.org("ans-roll", "us"), "ans-roll-admin", "admin");
  for (const org_id of ["ans-us", "ans-roll"]) {
    const events = makeEvents(org_id, 480).map((event) => ({ ...event, event_id: crypto.randomUUID() }));
    await world.insert("us", events);
    // Delivered again, and corrected: neither counts twice, and the correction wins.
    await world.insert("us", events.slice(0, 150));
    const corrected = events.slice(100, 130);
    await world.insert(
      "us",
      corrected.map((event) => ({
        ...event,
        revision: 1,
        model: "corrected",
        input_tokens: event.event_type === "cost_incurred" ? 7 : 0,
      })),
    );
  }
  // One day is left to the hours, and some hours to the events.
  const middle = Date.UTC(2026, 9, 25);
  await world.rollUp("us", "ans-roll", {
    hour: (hour) => hour < middle + 30 * 3_600_000 || hour > middle + 34 * 3_600_000,
    day: (day) => day === middle,
  });
  await world.insert("us", makeEvents("ans-gl", 300));
  await world.insert("eu", makeEvents("ans-gl", 260, 1_000));
}, 120_000);

type Call = { fn: ValueFunction; of: ColumnName | { path: string[] } };
/** A metadata path whose values are numbers, texts that are numbers, texts, negative, nothing. */
const PATH = { path: ["wait", "ms"] };
const PATH_TEXT = `multiIf(JSONType(metadata, 'wait', 'ms') = 'String', nullIf(JSONExtractString(metadata, 'wait', 'ms'), '\\u0001'), JSONType(metadata, 'wait', 'ms') = 'Null', NULL, JSONExtractRaw(metadata, 'wait', 'ms') = '', NULL, JSONExtractRaw(metadata, 'wait', 'ms'))`;
const PATH_NUMBER = `toFloat64OrNull(${PATH_TEXT})`;

const CALLS: Call[] = [
  ...COLUMN_NAMES.flatMap((of) => FUNCTIONS_OF[QUERY_COLUMNS[of].kind].map((fn): Call => ({ fn, of }))),
  ...FUNCTIONS_OF.path.map((fn): Call => ({ fn, of: PATH })),
];

/** What a call is over a group, in SQL that shares nothing with ours. Percentiles: exact. Money: nano-USD as text. */
function expected({ fn, of }: Call): string {
  const isPath = typeof of !== "string";
  const kind = isPath ? "path" : QUERY_COLUMNS[of].kind;
  const number = isPath ? PATH_NUMBER : COLUMN_SQL[of];
  const text = isPath ? PATH_TEXT : kind === "text" ? `nullIf(${COLUMN_SQL[of]}, '')` : COLUMN_SQL[of];
  const money = (value: string): string => (kind === "money" ? `toString(${value})` : value);
  switch (fn) {
    case "sum":
      return money(`sum(toDecimal256(ifNull(${number}, 0), ${isPath ? 3 : 0}))`);
    case "avg":
      return money(
        kind === "money"
          ? `if(count(${number}) = 0, NULL, intDiv(sum(toInt256(ifNull(${number}, 0))) + intDiv(count(${number}), 2), count(${number})))`
          : `avg(${number})`,
      );
    case "min":
    case "max":
      return kind === "time"
        ? `concat(replaceOne(toString(${fn}(${number})), ' ', 'T'), 'Z')`
        : money(`${fn}(toNullable(${number}))`);
    case "uniq":
      return `uniqExact(${text})`;
    default: {
      const sorted = `arraySort(groupArray(${number}))`;
      const at = `toUInt32(ceil(length(${sorted}) * ${PERCENTILES[fn]}))`;
      return money(`if(length(${sorted}) = 0, NULL, ${sorted}[${at}])`);
    }
  }
}

const DIMENSION_SQL: [name: string, question: unknown, sql: string][] = [
  ...DIMENSION_NAMES.map((name): [string, unknown, string] => [
    name,
    name,
    QUERY_COLUMNS[name].kind === "text" ? `nullIf(${COLUMN_SQL[name]}, '')` : COLUMN_SQL[name],
  ]),
  ["path", PATH, PATH_TEXT],
  ["time", "time", "concat(formatDateTime(toStartOfHour(timestamp), '%Y-%m-%dT%H:00:00', 'UTC'), '.000Z')"],
];

/** Doubles are summed in another order; a percentile is cut to 8 bits of mantissa. */
function isEqual(fn: string, got: unknown, want: unknown): boolean {
  if (got === want) return true;
  if (got === null || want === null) return false;
  const [a, b] = [Number(got), Number(want)];
  if (fn.startsWith("p")) return Math.abs(a) <= Math.abs(b) * (1 + 1e-9) && Math.abs(a - b) <= Math.abs(b) * 0.008;
  return typeof got === "number" && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
}

/** Measures of one statement here: up to 80 parts. */
const AT_ONCE = 38;

async function checkAll(view: string, name: string, calls: readonly { fn: string; of?: unknown }[]): Promise<string[]> {
  const [, dimension, dimensionSql] = DIMENSION_SQL.find(([one]) => one === name) ?? ["", "", ""];
  const wantedSql = calls.map((call) => (call.fn === "count" ? "count()" : expected(call as Call)));
  const rows = await world.table(
    "us",
    `SELECT ${dimensionSql} AS d, ${wantedSql.join(", ")} FROM ${VIEWS[view]} GROUP BY d`,
  );
  const wanted = new Map(rows.map(([d, ...values]) => [JSON.stringify(d), values]));
  const sources = new Set<string>();
  for (let at = 0; at < calls.length; at += AT_ONCE) {
    const measures = calls.slice(at, at + AT_ONCE);
    const question = questionOf({ measures, dimensions: [dimension], interval: "1h", limit: 1_000 });
    const answer = await world.explore(people[view] as Principal, { ...RANGE, question });
    for (const source of answer.sources) sources.add(source);
    expect(answer.rows.map((row) => JSON.stringify(row.dimensions[0])).sort()).toEqual([...wanted.keys()].sort());
    for (const row of answer.rows) {
      const want = wanted.get(JSON.stringify(row.dimensions[0])) ?? [];
      for (const [i, value] of row.values.entries()) {
        const what = [row.dimensions, measures[i], value, want[at + i]];
        expect([...what, isEqual(measures[i]?.fn ?? "", value, want[at + i])]).toEqual([...what, true]);
      }
    }
  }
  return [...sources];
}

const ALL_CALLS = [{ fn: "count" }, ...CALLS];
const NAMES = DIMENSION_SQL.map(([name]) => name);

describe("every measure equals events FINAL", () => {
  it.each(NAMES)("by %s", async (name) => {
    expect(await checkAll("us", name, ALL_CALLS)).toEqual(["raw"]);
  });

  // The kinds of dimensions; which column of a kind it is makes no difference to putting regions together.
  const KINDS = ["type", "model", "user", "accepted", "status_code", "path", "time"];
  it.each(KINDS)("by %s, of an organisation in two regions", async (name) => {
    await checkAll("global", name, ALL_CALLS);
  });

  it.each([
    ["team", "type"],
    ["team", "time"],
    ["own", "model"],
    ["own", "path"],
  ])("of the scope %s, by %s", async (view, name) => {
    await checkAll(view, name, ALL_CALLS);
  });

  /** What rollups hold. */
  const ROLLED = ALL_CALLS.filter(({ fn, of }: { fn: string; of?: unknown }) => {
    if (fn === "count") return true;
    if (fn === "uniq") return of === "user" || of === "session";
    if (of === "duration_ms") return !["min", "max"].includes(fn);
    const isFigure = typeof of === "string" && /tokens|lines|cost_nano/.test(of);
    return isFigure && (fn === "sum" || (fn === "avg" && of !== "unpriced_tokens"));
  });

  it.each(["type", "team", "agent", "model", "repo", "environment", "user", "time"])(
    "by %s, out of rollups by day and hour and of events",
    async (name) => {
      const sources = await checkAll("rolled", name, ROLLED);
      expect(sources.sort()).toEqual(name === "time" ? ["hourly", "raw"] : ["daily", "hourly", "raw"]);
    },
  );
});

describe("rollups and events", () => {
  const random = seeded(20_261_122);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const KEYS = ["type", "team", "agent", "model", "repo", "environment", "user"] as const;
  const some = <T>(list: readonly T[], most: number): T[] =>
    list.filter(() => random() < most / list.length).slice(0, most);

  function filter(depth: number): unknown {
    const kind = depth === 0 ? 1 : random();
    if (kind < 0.2) return { op: "not", filter: filter(depth - 1) };
    if (kind < 0.5) return { op: pick(["and", "or"]), filters: [filter(depth - 1), filter(depth - 1)] };
    const of = pick(KEYS);
    const values = {
      type: ["error", "cost_incurred"],
      user: ["user-1", "user-2"],
      model: ["alpha", ""],
      repo: ["acme/web"],
    };
    const value = pick((values as Record<string, string[]>)[of] ?? ["red", "codex", "staging"]);
    return pick([
      { op: "eq", of, value },
      { op: "in", of, values: [value, "x"] },
      { op: "contains", of, value: value === "" ? "a" : value.slice(0, 3).toUpperCase() },
      { op: "exists", of },
    ]);
  }
  const MEASURES = [
    { fn: "count" },
    { fn: "sum", of: "cost_nano_usd" },
    { fn: "avg", of: "cost_nano_usd" },
    { fn: "avg", of: "lines_added" },
    { fn: "uniq", of: "user" },
    { fn: "uniq", of: "session" },
    { fn: "p90", of: "duration_ms" },
    { fn: "avg", of: "duration_ms" },
    { fn: "rate", per: "hour", of: "tokens" },
    { fn: "ratio", numerator: { fn: "sum", of: "cost_nano_usd" }, denominator: { fn: "uniq", of: "session" } },
  ];
  const HOURS = 3_600_000;
  const moment = (): number => Date.UTC(2026, 9, 24) + Math.floor(random() * 60) * HOURS + pick([0, 0, 1_234_567]);

  const questions = Array.from({ length: 24 }, (_, i) => {
    const [a, b] = [moment(), moment()];
    const range = { from: new Date(Math.min(a, b)).toISOString(), to: new Date(Math.max(a, b) + HOURS).toISOString() };
    const measures = MEASURES.map((measure, m) => ({ ...measure, as: `m${m}` })).filter(() => random() < 0.6);
    const dimensions = [...(random() < 0.6 ? ["time"] : []), ...some(KEYS, 2)];
    return {
      ...range,
      measures: [
        ...measures.map((one) => (one.fn !== "ratio" && random() < 0.4 ? { ...one, where: filter(1) } : one)),
        { fn: "count", as: "all" },
      ].slice(-10),
      dimensions,
      interval: pick(["1h", "1d", "1w"]),
      timezone: pick(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns"]),
      order: dimensions.map((by) => ({ by, direction: "asc" })).slice(0, 3),
      limit: 1_000,
      ...(random() < 0.5 ? { compare: "previous" } : {}),
      ...(random() < 0.6 ? { filters: filter(2) } : {}),
      i,
    };
  });
  const used = new Set<string>();

  it.each(questions)("give one answer: question $i", async ({ i: _, ...question }) => {
    const [events, rolled] = [
      await world.answer(people.us as Principal, question),
      await world.answer(people.rolled as Principal, question),
    ];
    for (const source of rolled.sources) used.add(source);
    expect(rolled.rows).toEqual(events.rows);
    expect(rolled.previous_from).toBe(events.previous_from);
  });

  it("were both read for that", () => {
    expect([...used].sort()).toEqual(["daily", "hourly", "raw"]);
  });
});

describe("an answer without dimensions", () => {
  it.each(Object.keys(VIEWS))("is one row, also of nothing: %s", async (view) => {
    const person = people[view] as Principal;
    const [[count, cost] = []] = await world.table(
      "us",
      `SELECT count(), toString(sum(toInt128(ifNull(cost_nano_usd, 0)))) FROM ${VIEWS[view]}`,
    );
    const measures = [
      { fn: "count" },
      { fn: "sum", of: "cost_nano_usd" },
      { fn: "avg", of: "tokens" },
      { fn: "p50", of: "tokens" },
    ];
    const { rows } = await world.answer(person, { ...RANGE, measures });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.values.slice(0, 2)).toEqual([count, cost]);
    expect(count).toBeGreaterThan(10);
    const nothing = await world.answer(person, {
      ...RANGE,
      measures: [...measures, { fn: "min", of: "tokens" }, { fn: "uniq", of: "user" }, { fn: "max", of: "timestamp" }],
      filters: { op: "eq", of: "model", value: "there is none" },
    });
    expect(nothing.rows).toEqual([{ dimensions: [], values: [0, "0", null, null, null, 0, null], previous: null }]);
  });

  it("covers the data: the range holds most events, and not all", async () => {
    const [[inside, all] = []] = await world.table(
      "us",
      `SELECT countIf(${WITHIN}), count() FROM us.events FINAL WHERE org_id = 'ans-us'`,
    );
    expect(all).toBe(480);
    expect(inside).toBeGreaterThan(300);
    expect(inside).toBeLessThan(480);
    expect(TO - FROM).toBeGreaterThan(86_400_000);
  });
});
