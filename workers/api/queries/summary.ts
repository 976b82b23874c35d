/**
 * The summary query: every total of a range and of the period before it, and events by type, in one statement over all sources.
 */
import { z } from "zod";
import { SUM_METRICS } from "../../../schema/api/metrics.ts";
import { tenantQuery } from "../../shared/clickhouse-read.ts";
import { joinSql, sql } from "../../shared/sql.ts";
import { isCurrentSql } from "./bucket-sql.ts";
import { DecimalSchema, FiltersInputSchema } from "./columns.ts";
import { metricOf, stateOf, sumOrCount } from "./measures.ts";
import { partials, SegmentsSchema } from "./partials.ts";

const MEASURES = [...SUM_METRICS, "users", "sessions", "duration"] as const;

const KEYS = { current: sql`k_current`, type: sql`k_type` };

/**
 * `is_total` 1: all types together, with distinct values and durations (their states only when `united`); 0: one type, its sums.
 * `current` 1: the range, 0: what the segments hold before it.
 */
export const summaryQuery = tenantQuery({
  name: "summary",
  input: z.object({
    segments: SegmentsSchema,
    /** Start of the range; the segments begin with the period before it. */
    start: z.number(),
    filters: FiltersInputSchema,
    united: z.boolean(),
  }),
  row: z.object({
    is_total: z.number(),
    current: z.number(),
    type: z.string(),
    sums: z.array(DecimalSchema).length(SUM_METRICS.length),
    users: z.string(),
    sessions: z.string(),
    p50: z.string(),
    p95: z.string(),
    users_state: z.string(),
    sessions_state: z.string(),
    duration_state: z.string(),
  }),
  sql: (access, { segments, start, filters, united }) => sql`
SELECT
  toUInt8(grouping(k_type)) AS is_total,
  k_current AS current,
  k_type AS type,
  [${joinSql(SUM_METRICS.map(sumOrCount), ", ", sql``)}] AS sums,
  ${sumOrCount("users")} AS users,
  ${sumOrCount("sessions")} AS sessions,
  ${metricOf("duration_p50")} AS p50,
  ${metricOf("duration_p95")} AS p95,
  ${united ? stateOf("users") : sql`''`} AS users_state,
  ${united ? stateOf("sessions") : sql`''`} AS sessions_state,
  ${united ? stateOf("duration_p50") : sql`''`} AS duration_state
FROM ${partials(access, {
    segments,
    filters,
    measures: MEASURES,
    keys: [
      { is: isCurrentSql(start), as: KEYS.current },
      { is: sql`toString(event_type)`, as: KEYS.type },
    ],
    byUser: false,
  })}
GROUP BY GROUPING SETS ((k_current, k_type), (k_current))`,
});
