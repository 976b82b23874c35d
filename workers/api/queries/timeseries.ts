/**
 * The series queries: the largest groups of a range, then their values by bucket with the range's totals in the same pass.
 */
import { z } from "zod";
import { type DISTINCT_METRICS, GROUP_BY, METRICS, type Metric, SUM_METRICS } from "../../../schema/api/metrics.ts";
import { tenantEvents, tenantQuery } from "../../shared/clickhouse-read.ts";
import { param, type Sql, sql } from "../../shared/sql.ts";
import {
  COLUMN_OF,
  column,
  DecimalSchema,
  distinct,
  distinctCount,
  FiltersInputSchema,
  filterConditions,
  MEASURES,
  RangeSchema,
  within,
} from "./columns.ts";

/** Groups looked at before the largest are chosen; in a global tenant the two regions' lists are added up. */
const MAX_CANDIDATES = 1_000;

export function isDistinct(metric: Metric): metric is (typeof DISTINCT_METRICS)[number] {
  return !(SUM_METRICS as readonly string[]).includes(metric);
}

/** The groups of a range by weight, largest first. */
export const groupsQuery = tenantQuery({
  name: "groups",
  input: z.object({
    range: RangeSchema,
    filters: FiltersInputSchema,
    metric: z.enum(METRICS),
    groupBy: z.enum(GROUP_BY),
  }),
  row: z.object({ name: z.string(), weight: DecimalSchema }),
  sql: (access, { range, filters, metric, groupBy }) => sql`
SELECT
  toString(${column(COLUMN_OF[groupBy])}) AS name,
  ${isDistinct(metric) ? distinctCount(metric) : MEASURES[metric]} AS weight
FROM ${tenantEvents(access, [within(range), ...filterConditions(filters)])}
GROUP BY name
ORDER BY toInt128(weight) DESC, name
LIMIT ${param("UInt32", MAX_CANDIDATES)}`,
});

/**
 * Values by bucket and group. `is_total` 1: over the whole range. `known` 1: `name` is one of `groups`; 0: all others
 * together. `bucket` counts steps since the epoch. `groups` undefined: everything is one group.
 */
export const seriesQuery = tenantQuery({
  name: "series",
  input: z.object({
    range: RangeSchema,
    filters: FiltersInputSchema,
    metric: z.enum(METRICS),
    stepMs: z.number().int().positive(),
    grouping: z.object({ by: z.enum(GROUP_BY), groups: z.array(z.string()) }).optional(),
    united: z.boolean(),
  }),
  row: z.object({
    is_total: z.number(),
    bucket: DecimalSchema,
    known: z.number(),
    name: z.string(),
    value: z.string(),
  }),
  sql: (access, { range, filters, metric, stepMs, grouping, united }) => sql`
SELECT
  toUInt8(grouping(bucket)) AS is_total,
  intDiv(toUnixTimestamp64Milli(timestamp), ${param("UInt64", stepMs)}) AS bucket,
  ${known(grouping)} AS known,
  ${name(grouping)} AS name,
  ${isDistinct(metric) ? distinct(metric, united) : MEASURES[metric]} AS value
FROM ${tenantEvents(access, [within(range), ...filterConditions(filters)])}
GROUP BY GROUPING SETS ((bucket, known, name), (known, name))`,
});

type Grouping = { by: (typeof GROUP_BY)[number]; groups: string[] } | undefined;

function known(grouping: Grouping): Sql<"free"> {
  if (grouping === undefined) return sql`toUInt8(1)`;
  return sql`has(${param("Array(String)", grouping.groups)}, toString(${column(COLUMN_OF[grouping.by])}))`;
}

function name(grouping: Grouping): Sql<"free"> {
  return grouping === undefined ? sql`''` : sql`if(known, toString(${column(COLUMN_OF[grouping.by])}), '')`;
}
