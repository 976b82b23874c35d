/**
 * The summary query: every total of a range and of the period before it, in one pass over both.
 */
import { z } from "zod";
import { SUM_METRICS } from "../../../schema/api/metrics.ts";
import { tenantEvents, tenantQuery } from "../../shared/clickhouse-read.ts";
import { param, sql } from "../../shared/sql.ts";
import { periodBefore } from "../range.ts";
import {
  ALL_SUMS,
  DecimalSchema,
  distinct,
  FiltersInputSchema,
  filterConditions,
  RangeSchema,
  within,
} from "./columns.ts";

/** At most two rows: `current` 1 is the range, 0 the period before. Distinct values are a count, or keys when `united`. */
export const summaryQuery = tenantQuery({
  name: "summary",
  input: z.object({ range: RangeSchema, filters: FiltersInputSchema, united: z.boolean() }),
  row: z.object({
    current: z.number(),
    sums: z.array(DecimalSchema).length(SUM_METRICS.length),
    users: z.string(),
    sessions: z.string(),
    by_type: z.record(z.string(), DecimalSchema),
  }),
  sql: (access, { range, filters, united }) => {
    const both = { from: periodBefore(range).from, to: range.to };
    return sql`
SELECT
  timestamp >= ${param("DateTime64(3, 'UTC')", range.from)} AS current,
  ${ALL_SUMS} AS sums,
  ${distinct("users", united)} AS users,
  ${distinct("sessions", united)} AS sessions,
  sumMap(map(toString(event_type), toUInt64(1))) AS by_type
FROM ${tenantEvents(access, [within(both), ...filterConditions(filters)])}
GROUP BY current`;
  },
});
