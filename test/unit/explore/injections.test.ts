/** No statement ever contains client text: wherever a text may stand in a question, its value changes nothing in the statement. */
import { describe, expect, it } from "vitest";
import { type Question, SavedQuerySchema } from "../../../schema/api/query.ts";
import { exploreQuery, isRolled } from "../../../workers/api/explore/compile.ts";
import { prepare } from "../../../workers/api/explore/prepare.ts";
import { render } from "../../../workers/shared/sql.ts";
import { INJECTIONS, MARK } from "../../support/injections.ts";

const range = { from: Date.UTC(2026, 9, 20), to: Date.UTC(2026, 10, 2) };

/** Each place of a question that takes a client's text. */
const PLACES: Record<string, (text: string) => unknown> = {
  "eq of a column": (text) => ({ measures: [{ fn: "count" }], filters: { op: "eq", of: "model", value: text } }),
  "eq of a path": (text) => ({ measures: [{ fn: "count" }], filters: { op: "eq", of: { path: ["a"] }, value: text } }),
  in: (text) => ({ measures: [{ fn: "count" }], filters: { op: "in", of: "repo", values: [text, "x", text] } }),
  "in of a path": (text) => ({
    measures: [{ fn: "count" }],
    filters: { op: "in", of: { path: ["a", "b"] }, values: [text, 1, true] },
  }),
  contains: (text) => ({ measures: [{ fn: "count" }], filters: { op: "contains", of: "branch", value: text } }),
  "deep in a tree": (text) => ({
    measures: [{ fn: "count" }],
    filters: {
      op: "and",
      filters: [
        { op: "or", filters: [{ op: "not", filter: { op: "eq", of: "user", value: text } }] },
        { op: "exists", of: { path: [text, text] } },
      ],
    },
  }),
  "where of a measure": (text) => ({
    measures: [{ fn: "sum", of: "tokens", where: { op: "eq", of: "agent", value: text } }],
  }),
  "path of a filter": (text) => ({
    measures: [{ fn: "count" }],
    filters: { op: "gt", of: { path: [text] }, value: 1 },
  }),
  "path of every function": (text) => ({
    measures: (["sum", "avg", "min", "max", "uniq", "p50", "p99"] as const).map((fn) => ({
      fn,
      of: { path: ["a", text] },
      as: fn,
    })),
  }),
  "path of a ratio and a rate": (text) => ({
    measures: [
      {
        fn: "ratio",
        numerator: { fn: "sum", of: { path: [text] } },
        denominator: { fn: "uniq", of: { path: [text, "b"] }, where: { op: "eq", of: "type", value: text } },
        as: "r",
      },
      { fn: "rate", of: { path: [text] }, per: "hour", as: "s" },
    ],
  }),
  "path of a dimension": (text) => ({
    measures: [{ fn: "count" }],
    dimensions: ["time", { path: ["x", text], as: "d" }],
  }),
  "name of a measure, and order": (text) => ({
    measures: [{ fn: "count", as: text }],
    dimensions: ["model"],
    order: [{ by: text, direction: "asc" }],
  }),
  "name of a dimension, and order": (text) => ({
    measures: [{ fn: "count" }],
    dimensions: [{ path: ["a"], as: text }],
    order: [{ by: text }],
  }),
};

/** The statement of a question over every source it may have, in one region and where two are put together. */
function statements(question: Question): { text: string; params: string }[] {
  return [true, false].map((united) => {
    const prepared = prepare(question, range, united);
    const sources = isRolled(prepared) ? (["daily", "hourly", "raw"] as const) : (["raw"] as const);
    const access = { orgId: "o", rows: { kind: "org" as const } };
    const statement = render(
      exploreQuery.sql(access, {
        prepared,
        segments: sources.map((source) => ({ source, ...range })),
        page: { limit: 11, offset: 5, isOrdered: true },
      }),
    );
    return { text: statement.text, params: JSON.stringify(statement.params) };
  });
}

describe("client text", () => {
  it("is tried with more than a hundred injections", () => {
    expect(new Set(INJECTIONS).size).toBeGreaterThan(100);
    for (const text of INJECTIONS) expect(text).toContain(MARK);
  });

  it.each(Object.entries(PLACES))("never reaches the statement: %s", (_, place) => {
    const harmless = statements(SavedQuerySchema.parse(place("plain")));
    for (const injection of INJECTIONS) {
      const question = SavedQuerySchema.parse(place(injection));
      for (const [i, { text }] of statements(question).entries()) {
        expect([injection, text]).toEqual([injection, harmless[i]?.text]);
        expect(text).not.toContain(MARK);
      }
    }
  });

  it("that is compared travels beside the statement", () => {
    for (const [place, make] of Object.entries(PLACES)) {
      if (place.startsWith("name")) continue;
      const [one] = statements(SavedQuerySchema.parse(make(`${MARK}'`)));
      expect([place, one?.params.includes(MARK)]).toEqual([place, true]);
    }
  });

  it("cannot stand where a column, function, interval or direction does", () => {
    for (const text of INJECTIONS) {
      for (const question of [
        { measures: [{ fn: text }] },
        { measures: [{ fn: "sum", of: text }] },
        { measures: [{ fn: "count" }], dimensions: [text] },
        { measures: [{ fn: "count" }], interval: text },
        { measures: [{ fn: "count" }], timezone: text },
        { measures: [{ fn: "count", as: "c" }], order: [{ by: "c", direction: text }] },
        { measures: [{ fn: "count" }], order: [{ by: text }] },
        { measures: [{ fn: "rate", per: text }] },
        { measures: [{ fn: "count" }], filters: { op: text, of: "model", value: "x" } },
        { measures: [{ fn: "count" }], filters: { op: "eq", of: text, value: "x" } },
        { measures: [{ fn: "count" }], filters: { op: "eq", of: "cost_nano_usd", value: text } },
        { measures: [{ fn: "count" }], filters: { op: "gt", of: "timestamp", value: text } },
        { measures: [{ fn: "count" }], filters: { op: "eq", of: "tokens", value: text } },
        { measures: [{ fn: "count" }], [text]: 1 },
      ]) {
        expect([JSON.stringify(question), SavedQuerySchema.safeParse(question).success]).toEqual([
          JSON.stringify(question),
          false,
        ]);
      }
    }
  });
});
