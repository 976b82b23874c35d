/**
 * The series queries: one metric by bucket and group over all sources, the largest groups of a range, and states of two regions
 * put together.
 */
import { z } from "zod";
import { GROUP_BY, SERIES_METRICS } from "../../../schema/api/metrics.ts";
import { tenantQuery } from "../../shared/clickhouse-read.ts";
import { param, type Sql, sql } from "../../shared/sql.ts";
import { tenantStates } from "../../shared/tenant-rollups.ts";
import { BucketRuleSchema, bucketSql, isCurrentSql } from "./bucket-sql.ts";
import { COLUMN_OF, column, DecimalSchema, FiltersInputSchema } from "./columns.ts";
import { measureOf, metricOf, stateOf, unitedOf, weightOf } from "./measures.ts";
import { partials, SegmentsSchema } from "./partials.ts";

/** Groups looked at before the largest are chosen; in a global tenant the two regions' lists are added up. */
const MAX_CANDIDATES = 1_000;

/** The groups of a range by weight, largest first. */
export const groupsQuery = tenantQuery({
  name: "groups",
  input: z.object({
    segments: SegmentsSchema,
    filters: FiltersInputSchema,
    metric: z.enum(SERIES_METRICS),
    groupBy: z.enum(GROUP_BY),
  }),
  row: z.object({ name: z.string(), weight: DecimalSchema }),
  sql: (access, { segments, filters, metric, groupBy }) => sql`
SELECT k_name AS name, toString(${weightOf(metric)}) AS weight
FROM ${partials(access, {
    segments,
    filters,
    measures: [measureOf(metric)],
    keys: [{ is: nameOf(groupBy), as: sql`k_name` }],
    byUser: groupBy === "user",
  })}
GROUP BY k_name
ORDER BY ${weightOf(metric)} DESC, k_name
LIMIT ${param("UInt32", MAX_CANDIDATES)}`,
});

/**
 * Values by bucket and group. `is_total` 1: over the whole period. `known` 1: `name` is one of `groups`; 0: all others together.
 * `groups` undefined: everything is one group. `state`: of distinct values and durations, when `united`.
 */
export const seriesQuery = tenantQuery({
  name: "series",
  input: z.object({
    segments: SegmentsSchema,
    filters: FiltersInputSchema,
    metric: z.enum(SERIES_METRICS),
    rule: BucketRuleSchema,
    grouping: z.object({ by: z.enum(GROUP_BY), groups: z.array(z.string()) }).or(z.undefined()),
    united: z.boolean(),
  }),
  row: z.object({
    is_total: z.number(),
    current: z.number(),
    bucket: DecimalSchema,
    known: z.number(),
    name: z.string(),
    value: z.string(),
    state: z.string(),
  }),
  sql: (access, { segments, filters, metric, rule, grouping, united }) => sql`
SELECT
  toUInt8(grouping(k_bucket)) AS is_total,
  k_current AS current,
  k_bucket AS bucket,
  k_known AS known,
  k_name AS name,
  ${metricOf(metric)} AS value,
  ${united ? stateOf(metric) : sql`''`} AS state
FROM ${partials(access, {
    segments,
    filters,
    measures: [measureOf(metric)],
    keys: [
      { is: isCurrentSql(rule.compared?.before), as: sql`k_current` },
      { is: bucketSql(rule), as: sql`k_bucket` },
      { is: knownOf(grouping), as: sql`k_known` },
      { is: grouping === undefined ? sql`''` : sql`if(k_known, ${nameOf(grouping.by)}, '')`, as: sql`k_name` },
    ],
    byUser: grouping?.by === "user",
  })}
GROUP BY GROUPING SETS ((k_current, k_bucket, k_known, k_name), (k_current, k_known, k_name))`,
});

/** Values of states, two after two, in their order. */
export const unitedQuery = tenantQuery({
  name: "united",
  input: z.object({ metric: z.enum(SERIES_METRICS), states: z.array(z.string()) }),
  row: z.object({ value: z.string() }),
  sql: (access, { metric, states }) => sql`
SELECT ${unitedOf(metric)} AS value
FROM ${tenantStates(access, states)}
GROUP BY pair
ORDER BY pair`,
});

type Grouping = { by: (typeof GROUP_BY)[number]; groups: string[] } | undefined;

function knownOf(grouping: Grouping): Sql<"free"> {
  if (grouping === undefined) return sql`toUInt8(1)`;
  return sql`has(${param("Array(String)", grouping.groups)}, ${nameOf(grouping.by)})`;
}

function nameOf(by: (typeof GROUP_BY)[number]): Sql<"free"> {
  return sql`toString(${column(COLUMN_OF[by])})`;
}
