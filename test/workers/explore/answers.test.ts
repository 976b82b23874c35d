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
import { MAX_MEASURES } from "../../../schema/api/query-parts.ts";
import { COLUMN_SQL, FROM, makeEvents, RANGE, TO } from "./data.ts";
import { Explore } from "./world.ts";

let world: Explore;
const people: Record<string, Principal> = {};

interface View {
  /** Everything that this person's answers may count, as a table expression. */
  events: string;
}
const WITHIN = `timestamp >= '${RANGE.from.slice(0, -1)}' AND timestamp < '${RANGE.to.slice(0, -1)}'`;
const VIEWS: Record<string, View> = {
  us: { events: `(SELECT * FROM us.events FINAL WHERE org_id = 'ans-us' AND ${WITHIN})` },
  global: {
    events: `(SELECT * FROM us.events FINAL WHERE org_id = 'ans-gl' AND ${WITHIN} UNION ALL SELECT * FROM eu.events FINAL WHERE org_id = 'ans-gl' AND ${WITHIN})`,
  },
  team: {
    events: `(SELECT * FROM us.events FINAL WHERE org_id = 'ans-us' AND ${WITHIN} AND user_id IN ('user-1', 'user-2', 'user-3'))`,
  },
  own: { events: `(SELECT * FROM us.events FINAL WHERE org_id = 'ans-us' AND ${WITHIN} AND user_id = 'user-1')` },
};

beforeAll(async () => {
  world = await Explore.start();
  const org = await world.org("ans-us", "us");
  await world.team(org, "red");
  people.us = await world.person(org, "ans-admin", "admin");
  people.team = await world.person(org, "ans-mara", "manager", { teamId: "red", eventUsers: ["user-1", "user-2"] });
  await world.person(org, "ans-mate", "user", { teamId: "red", eventUsers: ["user-3"] });
  people.own = await world.person(org, "ans-uma", "user", { teamId: "red", eventUsers: [] });
  people.global = await world.person(await world.org("ans-gl", "global"), "ans-gl-admin", "admin");
  const owner = await world.person(await world.org("ans-own", "us"), "ans-owner", "user", { eventUsers: ["user-1"] });
  people.own = owner;
  VIEWS.own = { events: VIEWS.own?.events.replace("ans-us", "ans-own") ?? "" };
  const events = makeEvents("ans-us", 480).map((event) => ({ ...event, event_id: crypto.randomUUID() }));
  await world.insert("us", events);
  // Delivered again, and corrected: neither counts twice, and the correction wins.
  await world.insert("us", events.slice(0, 150));
  await world.insert(
    "us",
    events.slice(100, 130).map((event) => ({ ...event, revision: 1, model: "corrected", input_tokens: 7 })),
  );
  await world.insert("us", makeEvents("ans-own", 200));
  await world.insert("us", makeEvents("ans-gl", 300));
  await world.insert("eu", makeEvents("ans-gl", 260, 1_000));
});

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

describe.each(Object.keys(VIEWS))("of %s", (view) => {
  it.each(DIMENSION_SQL)("every measure by %s", async (_, dimension, dimensionSql) => {
    const { events } = VIEWS[view] as View;
    const person = people[view] as Principal;
    const rows = await world.rows(
      "us",
      `SELECT ${dimensionSql} AS d, ${["count()", ...CALLS.map(expected)].join(", ")} FROM ${events} GROUP BY d`,
    );
    const wanted = new Map(rows.map(([d, ...values]) => [JSON.stringify(d), values]));
    const calls: { fn: string; of?: unknown }[] = [{ fn: "count" }, ...CALLS];
    for (let at = 0; at < calls.length; at += MAX_MEASURES) {
      const measures = calls.slice(at, at + MAX_MEASURES);
      const question = { ...RANGE, measures, dimensions: [dimension], interval: "1h", limit: 1_000 };
      const answer = await world.ask(person, question);
      expect(answer.rows.map((row) => JSON.stringify(row.dimensions[0])).sort()).toEqual([...wanted.keys()].sort());
      for (const row of answer.rows) {
        const want = wanted.get(JSON.stringify(row.dimensions[0])) ?? [];
        for (const [i, value] of row.values.entries()) {
          const same = isEqual(measures[i]?.fn ?? "", value, want[at + i]);
          expect([row.dimensions, measures[i], value, want[at + i], same]).toEqual([
            row.dimensions,
            measures[i],
            value,
            want[at + i],
            true,
          ]);
        }
      }
    }
  });

  it("without dimensions: one row, also of nothing", async () => {
    const person = people[view] as Principal;
    const { events } = VIEWS[view] as View;
    const [[count, cost]] = (await world.rows(
      "us",
      `SELECT count(), toString(sum(toInt128(ifNull(cost_nano_usd, 0)))) FROM ${events}`,
    )) as [[number, string]];
    const measures = [
      { fn: "count" },
      { fn: "sum", of: "cost_nano_usd" },
      { fn: "avg", of: "tokens" },
      { fn: "p50", of: "tokens" },
    ];
    const { rows } = await world.ask(person, { ...RANGE, measures });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.values.slice(0, 2)).toEqual([count, cost]);
    expect(count).toBeGreaterThan(10);
    const nothing = await world.ask(person, {
      ...RANGE,
      measures: [...measures, { fn: "min", of: "tokens" }, { fn: "uniq", of: "user" }, { fn: "max", of: "timestamp" }],
      filters: { op: "eq", of: "model", value: "there is none" },
    });
    expect(nothing.rows).toEqual([{ dimensions: [], values: [0, "0", null, null, null, 0, null], previous: null }]);
  });
});

describe("what is asked", () => {
  it("covers the data: the range holds most events, and not all", async () => {
    const [[inside, all]] = (await world.rows(
      "us",
      `SELECT countIf(${WITHIN}), count() FROM us.events FINAL WHERE org_id = 'ans-us'`,
    )) as [[number, number]];
    expect(all).toBe(480);
    expect(inside).toBeGreaterThan(300);
    expect(inside).toBeLessThan(480);
    expect(TO - FROM).toBeGreaterThan(86_400_000);
  });
});
