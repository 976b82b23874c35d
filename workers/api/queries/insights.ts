/**
 * The insight queries: top lists, users active by day, steps of a session's funnel. All over the partials of a plan.
 */
import { z } from "zod";
import { MONTH_DAYS, TOP_DIMENSIONS, type TopDimension, WEEK_DAYS } from "../../../schema/api/insights.ts";
import { SERIES_METRICS } from "../../../schema/api/metrics.ts";
import { tenantQuery } from "../../shared/clickhouse-read.ts";
import { identifier, param, type Sql, sql } from "../../shared/sql.ts";
import { BucketRuleSchema, bucketSql, isCurrentSql } from "./bucket-sql.ts";
import { DecimalSchema, FiltersInputSchema } from "./columns.ts";
import { measureOf, metricOf, stateOf, sumOrCount, weightOf } from "./measures.ts";
import { partials, SegmentsSchema } from "./partials.ts";

const DIMENSION_COLUMN = {
  user: "user_id",
  team: "team_id",
  repo: "repo",
  model: "model",
  agent: "agent",
  tool: "tool_name",
  error: "error_code",
  language: "language",
  rule: "rule",
} as const satisfies Record<TopDimension, string>;

/** Do rollups have the dimension? */
export function isRolledUp(dimension: TopDimension): boolean {
  return ["user", "team", "repo", "model", "agent"].includes(dimension);
}

function dimensionColumn(dimension: TopDimension): Sql<"free"> {
  return sql`${identifier(Object.values(DIMENSION_COLUMN), DIMENSION_COLUMN[dimension])}`;
}

/** Names looked at before the largest are chosen; in a global tenant the two regions' lists are added up. */
const MAX_CANDIDATES = 1_000;

const TopInputSchema = z.object({
  segments: SegmentsSchema,
  filters: FiltersInputSchema,
  metric: z.enum(SERIES_METRICS),
  dimension: z.enum(TOP_DIMENSIONS),
});

/** Names by weight, largest first; events without the label are left out. */
export const topNamesQuery = tenantQuery({
  name: "top_names",
  input: TopInputSchema,
  row: z.object({ name: z.string(), weight: DecimalSchema }),
  sql: (access, { segments, filters, metric, dimension }) => sql`
SELECT k_name AS name, toString(${weightOf(metric)}) AS weight
FROM ${partials(access, {
    segments,
    filters,
    conditions: [sql`${dimensionColumn(dimension)} != ''`],
    measures: [measureOf(metric)],
    keys: [{ is: sql`toString(${dimensionColumn(dimension)})`, as: sql`k_name` }],
    byUser: dimension === "user",
  })}
GROUP BY k_name
ORDER BY ${weightOf(metric)} DESC, k_name
LIMIT ${param("UInt32", MAX_CANDIDATES)}`,
});

/** Values of the names, and of everything (`is_total` 1), in the range and in the period before. */
export const topQuery = tenantQuery({
  name: "top",
  input: TopInputSchema.extend({ start: z.number(), names: z.array(z.string()), united: z.boolean() }),
  row: z.object({
    is_total: z.number(),
    current: z.number(),
    known: z.number(),
    name: z.string(),
    value: z.string(),
    state: z.string(),
  }),
  sql: (access, { segments, filters, metric, dimension, start, names, united }) => sql`
SELECT
  toUInt8(grouping(k_name)) AS is_total,
  k_current AS current,
  k_known AS known,
  k_name AS name,
  ${metricOf(metric)} AS value,
  ${united ? stateOf(metric) : sql`''`} AS state
FROM ${partials(access, {
    segments,
    filters,
    conditions: [sql`${dimensionColumn(dimension)} != ''`],
    measures: [measureOf(metric)],
    keys: [
      { is: isCurrentSql(start), as: sql`k_current` },
      { is: sql`has(${param("Array(String)", names)}, toString(${dimensionColumn(dimension)}))`, as: sql`k_known` },
      { is: sql`if(k_known, toString(${dimensionColumn(dimension)}), '')`, as: sql`k_name` },
    ],
    byUser: dimension === "user",
  })}
GROUP BY GROUPING SETS ((k_current, k_known, k_name), (k_current))`,
});

/**
 * Distinct users of each day, of the 7 and of the 30 days that end with it, for the days numbered `first` to `last`. Each day's
 * state counts for itself and for the days after it.
 */
export const activeUsersQuery = tenantQuery({
  name: "active_users",
  input: z.object({
    segments: SegmentsSchema,
    filters: FiltersInputSchema,
    rule: BucketRuleSchema,
    first: z.number(),
    last: z.number(),
    byTeam: z.boolean(),
    united: z.boolean(),
  }),
  row: z.object({
    day: DecimalSchema,
    team: z.string(),
    days: z.number(),
    value: z.string(),
    state: z.string(),
  }),
  sql: (access, { segments, filters, rule, first, last, byTeam, united }) => sql`
SELECT
  toString(k_bucket + days_on) AS day,
  k_team AS team,
  days_back AS days,
  ${sumOrCount("users")} AS value,
  ${united ? stateOf("users") : sql`''`} AS state
FROM ${partials(access, {
    segments,
    filters,
    measures: ["users"],
    keys: [
      { is: bucketSql(rule), as: sql`k_bucket` },
      { is: byTeam ? sql`toString(team_id)` : sql`''`, as: sql`k_team` },
    ],
    byUser: false,
  })}
ARRAY JOIN range(${param("UInt32", MONTH_DAYS)}) AS days_on
ARRAY JOIN [toUInt8(1), toUInt8(${param("UInt32", WEEK_DAYS)}), toUInt8(${param("UInt32", MONTH_DAYS)})] AS days_back
WHERE days_on < days_back
  AND k_bucket + days_on BETWEEN ${param("Int64", first)} AND ${param("Int64", last)}
GROUP BY k_bucket + days_on, k_team, days_back`,
});

/** Distinct sessions: `all`, with `code`, with a pull request (`pr`), with either (`any`). */
export const funnelQuery = tenantQuery({
  name: "funnel",
  input: z.object({ segments: SegmentsSchema, filters: FiltersInputSchema, united: z.boolean() }),
  row: z.object({ part: z.enum(["all", "code", "pr", "any"]), value: z.string(), state: z.string() }),
  sql: (access, { segments, filters, united }) => sql`
SELECT part, ${sumOrCount("sessions")} AS value, ${united ? stateOf("sessions") : sql`''`} AS state
FROM ${partials(access, {
    segments,
    filters,
    measures: ["sessions"],
    keys: [
      {
        is: sql`multiIf(event_type = 'code_generated', 'code', event_type = 'pr_created', 'pr', 'all')`,
        as: sql`k_part`,
      },
    ],
    byUser: false,
  })}
ARRAY JOIN if(k_part = 'all', ['all'], ['all', k_part, 'any']) AS part
GROUP BY part`,
});
