/**
 * Daily reports: totals of a day from its daily_metrics, and the compliance score (schema/compliance.ts) with what it was computed
 * from. Called by days.ts. Keys are counted in the routing database, as they were at each day's end.
 */

import { COUNTED_SEVERITIES, OLD_KEY_DAYS, OPEN_ALERT_DAYS, VIOLATION_RULES } from "../../schema/compliance.ts";
import { DAY_MS } from "../../schema/limits.ts";
import { time } from "../../workers/shared/rollup-state.ts";
import { param, type Sql, sql } from "../../workers/shared/sql.ts";
import { moments } from "./statements.ts";

/** A key's life, ms; null: not ended. */
export interface KeyLife {
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
}

/** Keys that were good at a moment, and those of them that were old. */
export function keysAt(keys: readonly KeyLife[], at: number): { active: number; old: number } {
  const good = keys.filter(
    ({ createdAt, expiresAt, revokedAt }) =>
      createdAt < at && (expiresAt === null || expiresAt > at) && (revokedAt === null || revokedAt > at),
  );
  return { active: good.length, old: good.filter(({ createdAt }) => at - createdAt > OLD_KEY_DAYS * DAY_MS).length };
}

export interface ReportInput {
  orgId: string;
  /** Starts of the days to report, ascending. */
  days: readonly number[];
  /** Days that were just computed under this generation and are not marked done yet; others are taken as they are done. */
  fresh: readonly number[];
  generation: string;
  keys: readonly KeyLife[];
}

const strings = (values: readonly (string | number)[]): Sql<"free"> =>
  sql`${param("Array(String)", values.map(String))}`;

/** Inserts a report of each day that is rolled up. */
export function insertReports({ orgId, days, fresh, generation, keys }: ReportInput): Sql<"free"> {
  const org = sql`${param("String", orgId)}`;
  const counts = days.map((day) => keysAt(keys, day + DAY_MS));
  const first = Math.min(...days);
  const end = Math.max(...days) + DAY_MS;
  return sql`
INSERT INTO daily_reports (org_id, day, generation, created_at, events, errors, security_alerts, pull_requests, cost_nano_usd,
  unpriced_tokens, tokens, lines_added, lines_removed, accepted, rejected, users, sessions,
  open_alerts, violations, active_keys, old_keys, completeness, score)
WITH
  open_alerts AS (
    SELECT at + toIntervalDay(arrayJoin(range(toUInt32(${param("UInt32", OPEN_ALERT_DAYS)})))) AS day, sum(alerts) AS alerts
    FROM (
      SELECT toStartOfDay(timestamp, 'UTC') AS at, count() AS alerts
      FROM events FINAL
      WHERE org_id = ${org} AND event_type = 'security_alert' AND severity IN ${strings(COUNTED_SEVERITIES)}
        AND timestamp >= ${time(first - (OPEN_ALERT_DAYS - 1) * DAY_MS)} AND timestamp < ${time(end)}
      GROUP BY at
    )
    GROUP BY day
  ),
  breaches AS (
    SELECT toStartOfDay(timestamp, 'UTC') AS day, count() AS alerts
    FROM events FINAL
    WHERE org_id = ${org} AND event_type = 'security_alert' AND rule IN ${strings(VIOLATION_RULES)}
      AND timestamp >= ${time(first)} AND timestamp < ${time(end)}
    GROUP BY day
  ),
  key_counts AS (
    SELECT run.1 AS day, toUInt32(run.2) AS active, toUInt32(run.3) AS old
    FROM (
      SELECT arrayJoin(arrayZip(${moments(days)}, ${strings(counts.map(({ active }) => active))},
        ${strings(counts.map(({ old }) => old))})) AS run
    )
  ),
  generations AS (
    SELECT bucket, max(generation)
    FROM (
      SELECT bucket, generation FROM rollup_runs WHERE org_id = ${org} AND kind = 'day' AND state = 'done'
      UNION ALL
      SELECT arrayJoin(${moments(fresh)}) AS bucket, toUInt64(${param("String", generation)}) AS generation
    )
    GROUP BY bucket
  ),
  totals AS (
    SELECT
      day AS total_day,
      sum(events) AS t_events, sum(errors) AS t_errors, sum(security_alerts) AS t_alerts, sum(pull_requests) AS t_prs,
      sum(cost_nano_usd) AS t_cost, sum(unpriced_tokens) AS t_unpriced,
      sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens) AS t_tokens,
      sum(lines_added) AS t_added, sum(lines_removed) AS t_removed,
      sum(accepted) AS t_accepted, sum(rejected) AS t_rejected,
      sumIf(rejected, event_type = 'code_generated') AS t_refused,
      uniqCombined64Merge(18)(users) AS t_users, uniqCombined64Merge(18)(sessions) AS t_sessions
    FROM daily_metrics
    WHERE org_id = ${org} AND by_user = 0
      AND day >= ${time(first)} AND day < ${time(end)} AND has(${moments(days)}, day)
      AND (day, generation) IN (SELECT * FROM generations)
    GROUP BY day
  )
SELECT
  ${org}, total_day, toUInt64(${param("String", generation)}), now64(3),
  t_events, t_errors, t_alerts, t_prs, t_cost, t_unpriced, t_tokens, t_added, t_removed, t_accepted, t_rejected,
  t_users, t_sessions,
  open_alerts.alerts AS h,
  t_refused + breaches.alerts AS v,
  key_counts.active AS active, key_counts.old AS old,
  toFloat64(1) AS c,
  greatest(0, 100
    - least(40, 5 * h)
    - least(30, if(t_sessions = 0, 0, 2 * 100 * v / t_sessions))
    - if(active = 0, 0, 20 * old / active)
    - 10 * (1 - c))
FROM totals
LEFT JOIN open_alerts ON open_alerts.day = totals.total_day
LEFT JOIN breaches ON breaches.day = totals.total_day
LEFT JOIN key_counts ON key_counts.day = totals.total_day`;
}
