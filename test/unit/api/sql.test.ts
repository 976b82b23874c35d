import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FILTER_NAMES } from "../../../schema/api/filters.ts";
import { GROUP_BY, INTERVALS, SERIES_METRICS } from "../../../schema/api/metrics.ts";
import { bucketsOf } from "../../../workers/api/buckets.ts";
import { errorGroupsQuery } from "../../../workers/api/queries/errors.ts";
import { activeUsersQuery, funnelQuery, topNamesQuery, topQuery } from "../../../workers/api/queries/insights.ts";
import {
  openHoursQuery,
  sessionPlacesQuery,
  sessionsByIdQuery,
  timelineQuery,
} from "../../../workers/api/queries/sessions.ts";
import { SOURCES } from "../../../workers/api/queries/source.ts";
import { statusQuery } from "../../../workers/api/queries/status.ts";
import { summaryQuery } from "../../../workers/api/queries/summary.ts";
import { groupsQuery, seriesQuery, unitedQuery } from "../../../workers/api/queries/timeseries.ts";
import { clickHouseRead, type TenantAccess, tenantEvents } from "../../../workers/shared/clickhouse-read.ts";
import { identifier, joinSql, param, render, type Sql, sql } from "../../../workers/shared/sql.ts";
import { tenantDaily, tenantHourly, tenantWindows } from "../../../workers/shared/tenant-rollups.ts";

/** Values that would do harm if any of them ever stood in the text. Each carries a mark that no query has of its own. */
const MARK = "zqx";
const SEEDS = [
  "'",
  '"',
  "`",
  "\\",
  "\\'",
  "''",
  "' OR 1=1 --",
  "' OR '1'='1",
  "'; DROP TABLE events; --",
  "') UNION ALL SELECT * FROM events --",
  "') OR org_id != '",
  "1) OR (1=1",
  "{p0:String}",
  "{org:Identifier}",
  "$" + "{1+1}",
  "/* */",
  "-- ",
  "#",
  "\u0000",
  "\n--",
  "\r\n",
  "\t",
  "%27",
  "％27",
  "ʼ",
  "\ud800",
  "SETTINGS readonly=0",
  "INTO OUTFILE '/etc/passwd'",
  "FORMAT Null",
  "url('http://evil.example')",
  "file('/etc/passwd')",
  "system.users",
  "sleepEachRow(3)",
  "dictGet('a','b',1)",
];
const INJECTIONS = SEEDS.flatMap((seed) => [
  `${MARK}${seed}`,
  `${seed}${MARK}`,
  `${MARK}${seed}${MARK}`,
  `${MARK}'${seed}`,
]);

const range = { from: 1_000, to: 2_000 };
/** Every source at once, so that every branch of a statement is there. */
const segments = SOURCES.filter((source) => source !== "window").map((source) => ({ source, ...range }));
const { rule } = bucketsOf({ from: 1e12, to: 1.1e12 }, "1d", "Europe/Berlin", true);
const access = (value: string): TenantAccess => ({
  orgId: value,
  rows: { kind: "users", scope: "own", users: [value, value] },
});
const filtersOf = (value: string) => Object.fromEntries(FILTER_NAMES.map((name) => [name, [value, "plain"]]));

/** Every query of the API with the value wherever a value can stand. */
const QUERIES: Record<string, (value: string) => Sql<"tenant">> = {
  status: (value) => statusQuery.sql(access(value), { range }),
  "top names": (value) =>
    topNamesQuery.sql(access(value), { segments, filters: filtersOf(value), metric: "users", dimension: "tool" }),
  top: (value) =>
    topQuery.sql(access(value), {
      segments,
      filters: filtersOf(value),
      metric: "users",
      dimension: "user",
      start: 1_500,
      names: [value],
      united: true,
    }),
  "active users": (value) =>
    activeUsersQuery.sql(access(value), {
      segments,
      filters: filtersOf(value),
      rule,
      first: 1,
      last: 2,
      byTeam: true,
      united: true,
    }),
  funnel: (value) => funnelQuery.sql(access(value), { segments, filters: filtersOf(value), united: true }),
  errors: (value) => errorGroupsQuery.sql(access(value), { range, filters: filtersOf(value), united: true }),
  united: (value) => unitedQuery.sql(access(value), { metric: "users", states: [value] }),
  summary: (value) =>
    summaryQuery.sql(access(value), { segments, start: 1_500, filters: filtersOf(value), united: true }),
  groups: (value) =>
    groupsQuery.sql(access(value), { segments, filters: filtersOf(value), metric: "events", groupBy: "repo" }),
  series: (value) =>
    seriesQuery.sql(access(value), {
      segments,
      filters: filtersOf(value),
      metric: "users",
      rule,
      grouping: { by: "user", groups: [value] },
      united: false,
    }),
  sessions: (value) =>
    sessionPlacesQuery.sql(access(value), {
      open: [range],
      range,
      filters: filtersOf(value),
      after: { started: 1, sessionId: value },
      limit: 5,
    }),
  "sessions by id": (value) =>
    sessionsByIdQuery.sql(access(value), { open: [range], range, filters: filtersOf(value), ids: [value] }),
  "open hours": (value) => openHoursQuery.sql(access(value), { range }),
  timeline: (value) =>
    timelineQuery.sql(access(value), { sessionId: value, range, after: { at: 1, seq: -1, eventId: value }, limit: 5 }),
};

describe("values", () => {
  it("are tried with more than a hundred injections", () => {
    expect(new Set(INJECTIONS).size).toBeGreaterThan(100);
  });

  it.each(Object.keys(QUERIES))("never reach the text of the query: %s", (name) => {
    const build = QUERIES[name];
    const harmless = render(build?.("plain") ?? sql``).text;
    for (const value of INJECTIONS) {
      const statement = render(build?.(value) ?? sql``);
      expect([value, statement.text]).toEqual([value, harmless]);
      expect(statement.text).not.toContain(MARK);
      expect(JSON.stringify(statement.params)).toContain(MARK);
    }
  });

  it("travel beside it, each under the type it was bound with", () => {
    const statement = render(
      sql`SELECT ${param("String", "a'b")}, ${param("Array(String)", ["x"])}, ${param("UInt32", 7)}, ${param("DateTime64(3, 'UTC')", 1_500)}`,
    );
    expect(statement).toEqual({
      text: "SELECT {p0:String}, {p1:Array(String)}, {p2:UInt32}, {p3:DateTime64(3, 'UTC')}",
      params: { p0: "a'b", p1: ["x"], p2: 7, p3: "1.500" },
    });
  });

  it("are one parameter when the same one stands twice, also through fragments", () => {
    const org = param("String", "o");
    const inner = sql`a = ${org}`;
    expect(render(sql`${inner} OR b = ${org} OR c = ${param("String", "o")}`)).toEqual({
      text: "a = {p0:String} OR b = {p0:String} OR c = {p1:String}",
      params: { p0: "o", p1: "o" },
    });
  });
});

describe("what does not type-check", () => {
  it("also throws", () => {
    // @ts-expect-error a bare string
    expect(() => sql`SELECT ${"x"}`).toThrow(TypeError);
    // @ts-expect-error a bare number
    expect(() => sql`SELECT ${1}`).toThrow(TypeError);
    // @ts-expect-error an array
    expect(() => sql`SELECT ${["x"]}`).toThrow(TypeError);
    // @ts-expect-error something that looks like a fragment
    expect(() => sql`SELECT ${{ pieces: ["1"], reach: "free" }}`).toThrow(TypeError);
    // @ts-expect-error something that looks like a parameter
    expect(() => sql`SELECT ${{ type: "String", value: "1" }}`).toThrow(TypeError);
    // @ts-expect-error called as a function
    expect(() => sql(["SELECT 1"])).toThrow(TypeError);
    // @ts-expect-error a name outside the list
    expect(() => identifier(["agent", "model"], "org_id; --")).toThrow(TypeError);
    // @ts-expect-error a type that is not in use
    expect(param("Identifier", "events")).toBeDefined();
    // @ts-expect-error a value of another type
    expect(param("String", 1)).toBeDefined();
  });

  it("an identifier out of a list that holds more than plain names", () => {
    expect(() => identifier(["a b"], "a b")).toThrow(TypeError);
    expect(() => identifier(["a)--"], "a)--")).toThrow(TypeError);
  });
});

describe("a tenant query", () => {
  const read = clickHouseRead({ clickhouse: {} as never });
  const mine: TenantAccess = { orgId: "org-1", rows: { kind: "org" } };

  it("keeps its mark through every fragment around it", () => {
    const inner: Sql<"tenant"> = sql`SELECT 1 FROM ${tenantEvents(mine, [])}`;
    const outer: Sql<"tenant"> = sql`SELECT * FROM (${inner}) WHERE ${sql`1`}`;
    expect(render(outer).text).toContain("WHERE org_id = {p0:String}");
  });

  it("does not type-check without org and scope", () => {
    // @ts-expect-error a query that does not start at tenantEvents
    const escaped: Sql<"tenant"> = sql`SELECT * FROM events`;
    // @ts-expect-error no access
    const withoutAccess = () => read("us", statusQuery, { range });
    // @ts-expect-error an org without a scope
    const withoutScope = () => read("us", statusQuery, { orgId: "org-1" }, { range });
    // @ts-expect-error a scope without an org
    const withoutOrg = () => tenantEvents({ rows: { kind: "org" } }, []);
    expect([escaped, withoutAccess, withoutScope, withoutOrg]).toHaveLength(4);
  });

  it("puts conditions inside, each in brackets, so that an OR cannot widen them", () => {
    const { text } = render(tenantEvents(mine, [sql`agent = 'a' OR 1`, sql`1`]));
    expect(text).toContain("AND (agent = 'a' OR 1) AND (1)");
  });

  it("reads all rows of the org, chosen users, or nothing", () => {
    const where = (rows: TenantAccess["rows"]) => render(tenantEvents({ orgId: "o", rows }, []));
    expect(where({ kind: "org" }).text).toMatch(/org_id = \{p0:String\}\s+AND 1\s/);
    expect(where({ kind: "users", scope: "team", users: ["a", "b"] }).params).toEqual({ p0: "o", p1: ["a", "b"] });
    expect(where({ kind: "users", scope: "own", users: [] }).text).toMatch(/AND 0\s/);
  });

  const sources = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name));

  it("reads nothing but fragments with org and scope: no query of the API names a table", () => {
    for (const file of sources("workers/api")) {
      const text = readFileSync(file, "utf8");
      expect([file, /\b(FROM|(?<!ARRAY )JOIN)\s+(?!\$\{|\()/.test(text)]).toEqual([file, false]);
    }
  });

  it("reads rollups of its own org and scope only, and only rows of done generations", () => {
    const users: TenantAccess = { orgId: "org-1", rows: { kind: "users", scope: "own", users: ["a"] } };
    const conditions = { ranges: [range], byUser: false, conditions: [sql`agent = 'a' OR 1`] };
    for (const [table, make] of Object.entries({ hourly_metrics: tenantHourly, daily_metrics: tenantDaily })) {
      const { text } = render(make(mine, conditions));
      expect(text).toMatch(new RegExp(`FROM ${table}\\s+WHERE org_id = \\{p0:String\\}\\s+AND by_user = 0\\s`));
      expect(text).toContain("AND (agent = 'a' OR 1)");
      expect(text).toMatch(/, generation\) IN \(SELECT bucket, newest/);
      expect(render(make(users, conditions)).text).toMatch(/AND by_user = 1 AND user_id IN \{p1:Array\(String\)\}/);
      const nobody: TenantAccess = { orgId: "o", rows: { kind: "users", scope: "own", users: [] } };
      expect(render(make(nobody, conditions)).text).toMatch(/AND 0\s/);
    }
    expect(render(tenantWindows(mine, conditions)).text).toMatch(/AND 1\s+AND window_seconds/);
    expect(render(tenantWindows(users, conditions)).text).toMatch(/AND 0\s+AND window_seconds/);
  });

  it("gets its mark in one place", () => {
    const marking = ["workers", "durable-objects", "queues"]
      .flatMap(sources)
      .filter((file) => readFileSync(file, "utf8").includes("markTenant"));
    expect(marking.sort()).toEqual([
      "workers/shared/clickhouse-read.ts",
      "workers/shared/sql.ts",
      "workers/shared/tenant-rollups.ts",
    ]);
  });

  it.each(SERIES_METRICS)("has a measure for every metric and group: %s", (metric) => {
    for (const groupBy of GROUP_BY)
      expect(render(groupsQuery.sql(mine, { segments, filters: {}, metric, groupBy })).text).toContain("weight");
    for (const interval of INTERVALS) {
      const buckets = bucketsOf({ from: 1e12, to: 1e12 + 9e6 }, interval, "Europe/Berlin", false);
      const input = { segments, filters: {}, metric, rule: buckets.rule, grouping: undefined, united: true };
      expect(render(seriesQuery.sql(mine, seriesQuery.input.parse(input))).text).toContain("AS value");
    }
  });
});

describe("joinSql", () => {
  it("puts the separator between, and uses the empty form for nothing", () => {
    expect(render(joinSql([sql`a`, sql`b`], ", ", sql`1`)).text).toBe("a, b");
    expect(render(joinSql([], " AND ", sql`1`)).text).toBe("1");
  });
});
