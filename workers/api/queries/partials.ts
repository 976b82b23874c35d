/**
 * One relation over all sources of a plan: every segment's partial measures by key, in one UNION ALL. Called by the queries over
 * time, which add the partials up. Pure.
 */
import { z } from "zod";
import { FILTER_NAMES, type Filters } from "../../../schema/api/filters.ts";
import { DAY_MS, SECOND_MS } from "../../../schema/limits.ts";
import { type TenantAccess, tenantEvents } from "../../shared/clickhouse-read.ts";
import { joinSql, param, type Sql, sql } from "../../shared/sql.ts";
import { tenantDaily, tenantHourly, tenantWindows } from "../../shared/tenant-rollups.ts";
import type { Range } from "../range.ts";
import { filterConditions } from "./columns.ts";
import { alias, inWindows, type Measure, partialOf } from "./measures.ts";
import { type Needs, rangesOf, type Segment, SOURCES } from "./source.ts";

export const SegmentsSchema = z.array(z.object({ source: z.enum(SOURCES), from: z.number(), to: z.number() })).min(1);

export interface PartialsQuestion {
  segments: readonly Segment[];
  filters: Filters;
  /** More conditions, over columns that every source has. */
  conditions?: readonly Sql<"free">[];
  measures: readonly Measure[];
  /** Expressions over `at_ms` and the dimension columns, each with its alias; none: everything is one row a source. */
  keys: readonly { is: Sql<"free">; as: Sql<"free"> }[];
  /** Some key is the user. */
  byUser: boolean;
}

/** Filters that windows can apply. */
const WINDOW_FILTERS: readonly (keyof Filters)[] = ["type", "team", "agent", "environment"];

/** Windows are kept for a week; a day of that is left for the clean-up to be early. */
const WINDOWS_KEPT_MS = 6 * DAY_MS;
const WINDOW_MS = 10 * SECOND_MS;

interface Asked {
  filters: Filters;
  measures: readonly Measure[];
  groups: readonly string[];
}

/** What the planner may expect of windows for this question; undefined: they do not hold what is asked for. */
export function windowNeeds(access: TenantAccess, asked: Asked, now: number): Needs["windows"] {
  const used = [...FILTER_NAMES.filter((name) => asked.filters[name] !== undefined), ...asked.groups];
  const isHeld =
    access.rows.kind === "org" &&
    asked.measures.every(inWindows) &&
    used.every((name) => WINDOW_FILTERS.some((known) => known === name));
  return isHeld ? { stepMs: WINDOW_MS, since: now - WINDOWS_KEPT_MS } : undefined;
}

/** `FROM ${partials(...)}`: columns are the keys' aliases and `alias(measure)`. */
export function partials(access: TenantAccess, question: PartialsQuestion): Sql<"tenant"> {
  const { segments, filters, byUser } = question;
  const conditions = [...filterConditions(filters), ...(question.conditions ?? [])];
  const ranges = (source: Segment["source"]) => rangesOf(segments, source);
  const branches: Sql<"tenant">[] = [];
  const raw = ranges("raw");
  if (raw.length > 0) branches.push(branch(question, "raw", rawRows(access, raw, conditions)));
  const hourly = ranges("hourly");
  if (hourly.length > 0) {
    branches.push(branch(question, "rolled", tenantHourly(access, { ranges: hourly, byUser, conditions })));
  }
  const daily = ranges("daily");
  if (daily.length > 0) {
    branches.push(branch(question, "rolled", tenantDaily(access, { ranges: daily, byUser, conditions })));
  }
  const window = ranges("window");
  if (window.length > 0) {
    branches.push(branch(question, "window", tenantWindows(access, { ranges: window, conditions })));
  }
  const [first, ...rest] = branches;
  if (first === undefined) throw new TypeError("a plan without segments");
  return sql`(${rest.reduce((union, next) => sql`${union}\nUNION ALL\n${next}`, first)})`;
}

/** The tenant's events of these ranges with `at_ms`. */
export function rawRows(
  access: TenantAccess,
  ranges: readonly Range[],
  conditions: readonly Sql<"free">[],
): Sql<"tenant"> {
  return sql`(
  SELECT *, toUnixTimestamp64Milli(timestamp) AS at_ms
  FROM ${tenantEvents(access, [during(ranges), ...conditions])}
)`;
}

/** `timestamp` is in one of the ranges. */
export function during(ranges: readonly Range[]): Sql<"free"> {
  const moment = (ms: number) => param("DateTime64(3, 'UTC')", ms);
  const inside = ranges.map(({ from, to }) => sql`(timestamp >= ${moment(from)} AND timestamp < ${moment(to)})`);
  const [first = sql`0`, ...rest] = inside;
  return rest.reduce((list, next) => sql`${list} OR ${next}`, first);
}

function branch(
  { keys, measures }: PartialsQuestion,
  source: "raw" | "rolled" | "window",
  rows: Sql<"tenant">,
): Sql<"tenant"> {
  const columns = [
    ...keys.map(({ is, as }) => sql`${is} AS ${as}`),
    ...measures.map((measure) => sql`${partialOf(measure, source)} AS ${alias(measure)}`),
  ];
  const selected = joinSql(columns, ", ", sql`1`);
  if (keys.length === 0) return sql`SELECT ${selected} FROM ${rows}`;
  const names = joinSql(
    keys.map(({ as }) => as),
    ", ",
    sql`1`,
  );
  return sql`SELECT ${selected} FROM ${rows} GROUP BY ${names}`;
}
