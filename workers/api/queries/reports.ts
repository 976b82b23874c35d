/**
 * The report queries: stored reports of days, and for a tenant of two regions the states of its distinct users and sessions, which
 * do not add up. Called by routes/reports.ts.
 */
import { z } from "zod";
import { tenantQuery } from "../../shared/clickhouse-read.ts";
import { sql } from "../../shared/sql.ts";
import { tenantDaily, tenantReports } from "../../shared/tenant-rollups.ts";
import { DecimalSchema, RangeSchema } from "./columns.ts";

export const reportsQuery = tenantQuery({
  name: "daily_reports",
  input: z.object({ range: RangeSchema }),
  row: z.object({
    at: DecimalSchema,
    created: DecimalSchema,
    /** In the order of SUMS. */
    sums: z.array(DecimalSchema),
    completeness: z.number(),
  }),
  sql: (access, { range }) => sql`
SELECT
  toString(toUnixTimestamp(day)) AS at,
  toString(toUnixTimestamp64Milli(created_at)) AS created,
  [toString(events), toString(errors), toString(security_alerts), toString(pull_requests), toString(cost_nano_usd),
    toString(tokens), toString(unpriced_tokens), toString(lines_added), toString(lines_removed),
    toString(accepted), toString(rejected), toString(users), toString(sessions),
    toString(open_alerts), toString(violations), toString(active_keys), toString(old_keys)] AS sums,
  completeness
FROM ${tenantReports(access, range)}
ORDER BY day`,
});

/** Names of the figures that reportsQuery gives. */
export const SUMS = [
  "events",
  "errors",
  "security_alerts",
  "pull_requests",
  "cost_nano_usd",
  "tokens",
  "unpriced_tokens",
  "lines_added",
  "lines_removed",
  "accepted",
  "rejected",
  "users",
  "sessions",
  "open_alerts",
  "violations",
  "active_keys",
  "old_keys",
] as const;

/** Distinct users and sessions of each day as states in hex. */
export const dayStatesQuery = tenantQuery({
  name: "day_states",
  input: z.object({ range: RangeSchema }),
  row: z.object({ at: DecimalSchema, users: z.string(), sessions: z.string() }),
  sql: (access, { range }) => sql`
SELECT
  toString(toUnixTimestamp(day)) AS at,
  hex(uniqCombined64MergeState(18)(rollup.users)) AS users,
  hex(uniqCombined64MergeState(18)(rollup.sessions)) AS sessions
FROM ${tenantDaily(access, { ranges: [range], byUser: false, conditions: [] })} AS rollup
GROUP BY day`,
});
