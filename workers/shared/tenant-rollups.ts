/**
 * A tenant's rollup tables as table expressions, beside `tenantEvents` of clickhouse-read.ts: org and scope are inside, and only
 * rows of done generations. Called by workers/api. Writes nothing; what the tables hold is in schema/clickhouse/0004_rollups.sql.
 *
 * Each expression has `at_ms`, the start of its hour, day or window in ms, so that one text works over all of them.
 */
import type { TenantAccess } from "./clickhouse-read.ts";
import { joinSql, markTenant, param, type Sql, sql } from "./sql.ts";

/** Half-open, ms, on the table's borders. */
interface Span {
  from: number;
  to: number;
}

export interface RollupRead {
  ranges: readonly Span[];
  /** One row per user: for a question by user. A scope of own or team always reads these rows. */
  byUser: boolean;
  conditions: readonly Sql<"free">[];
}

/** `hourly_metrics` of these hours. */
export function tenantHourly(access: TenantAccess, read: RollupRead): Sql<"tenant"> {
  return markTenant(sql`(
  SELECT *, toInt64(toUnixTimestamp(hour)) * 1000 AS at_ms
  FROM hourly_metrics
  WHERE org_id = ${param("String", access.orgId)}
    AND ${userRows(access, read.byUser)}
    AND ${spans(sql`hour`, read.ranges)}
    AND (hour, generation) IN ${doneRuns(access, sql`'hour'`, read.ranges)}
    AND ${all(read.conditions)}
)`);
}

/** `daily_metrics` of these UTC days. */
export function tenantDaily(access: TenantAccess, read: RollupRead): Sql<"tenant"> {
  return markTenant(sql`(
  SELECT *, toInt64(toUnixTimestamp(day)) * 1000 AS at_ms
  FROM daily_metrics
  WHERE org_id = ${param("String", access.orgId)}
    AND ${userRows(access, read.byUser)}
    AND ${spans(sql`day`, read.ranges)}
    AND (day, generation) IN ${doneRuns(access, sql`'day'`, read.ranges)}
    AND ${all(read.conditions)}
)`);
}

/**
 * `window_metrics` of these ranges, 10 s each, of hours with a done run. Windows know no users: nothing for a scope of own or team.
 */
export function tenantWindows(access: TenantAccess, read: Omit<RollupRead, "byUser">): Sql<"tenant"> {
  return markTenant(sql`(
  SELECT *, toInt64(toUnixTimestamp(window_start)) * 1000 AS at_ms
  FROM window_metrics FINAL
  WHERE org_id = ${param("String", access.orgId)}
    AND ${access.rows.kind === "org" ? sql`1` : sql`0`}
    AND window_seconds = 10
    AND ${spans(sql`window_start`, read.ranges)}
    AND (toStartOfHour(window_start, 'UTC'), generation) IN ${doneRuns(access, sql`'hour'`, wholeHours(read.ranges))}
    AND ${all(read.conditions)}
)`);
}

/**
 * Every hour of the range that ever received events: `hour`, `touched_at`, and of its done run (zero when there is none)
 * `generation` and `watermark`; `session_generation`: up to which of its runs `sessions` is. Says nothing about who did what.
 */
export function tenantHours(access: TenantAccess, range: Span): Sql<"tenant"> {
  return markTenant(sql`(
  SELECT hour, touched_at, generation, watermark, session_generation
  FROM (
    SELECT hour, max(touched_at) AS touched_at
    FROM dirty_hours
    WHERE org_id = ${param("String", access.orgId)} AND ${spans(sql`hour`, [range])}
    GROUP BY hour
  ) AS touched
  LEFT JOIN (
    SELECT
      bucket AS hour,
      maxIf(rollup_runs.generation, kind = 'hour') AS generation,
      argMaxIf(rollup_runs.watermark, rollup_runs.generation, kind = 'hour') AS watermark,
      maxIf(rollup_runs.generation, kind = 'session') AS session_generation
    FROM rollup_runs
    WHERE org_id = ${param("String", access.orgId)}
      AND kind IN ('hour', 'session')
      AND state = 'done'
      AND ${spans(sql`bucket`, [range])}
    GROUP BY bucket
  ) AS runs USING hour
)`);
}

/** Done generations of these days: `day`, `generation`. */
export function tenantDays(access: TenantAccess, range: Span): Sql<"tenant"> {
  return markTenant(sql`(
  SELECT bucket AS day, newest AS day_generation
  FROM ${newestRuns(access, sql`'day'`, [range])}
)`);
}

/** Reports of these days, for the whole organisation only: nothing for a scope of own or team. */
export function tenantReports(access: TenantAccess, range: Span): Sql<"tenant"> {
  return markTenant(sql`(
  SELECT *
  FROM daily_reports FINAL
  WHERE org_id = ${param("String", access.orgId)}
    AND ${access.rows.kind === "org" ? sql`1` : sql`0`}
    AND ${spans(sql`day`, [range])}
)`);
}

/**
 * States that other answers of this tenant gave in hex, two after two: `pair` counts from 0. Reads no table; here because what is
 * put together are a tenant's own figures.
 */
export function tenantStates(_access: TenantAccess, states: readonly string[]): Sql<"tenant"> {
  return markTenant(sql`(
  SELECT intDiv(place - 1, 2) AS pair, unhex(text) AS state
  FROM (SELECT ${param("Array(String)", states)} AS list) AS given
  ARRAY JOIN list AS text, arrayEnumerate(list) AS place
)`);
}

/** Labels kept of one session: a list this long may lack some, so it proves nothing about who took part. */
const MAX_LABELS = 1_000;

/** `sessions` in which nobody outside the scope took part. */
export function tenantSessions(access: TenantAccess, conditions: readonly Sql<"free">[]): Sql<"tenant"> {
  return markTenant(sql`(
  SELECT *
  FROM sessions FINAL
  WHERE org_id = ${param("String", access.orgId)}
    AND is_deleted = 0
    AND ${participants(access, "only")}
    AND ${all(conditions)}
)`);
}

/**
 * Done `session_hours` outside the hours `but`; `only`: in which nobody outside the scope took part; `mixed`: in which somebody of
 * the scope and somebody else did, so that figures must come from events.
 */
export function tenantSessionHours(
  access: TenantAccess,
  who: "only" | "mixed",
  hours: { but: readonly Span[] },
  conditions: readonly Sql<"free">[],
): Sql<"tenant"> {
  return markTenant(sql`(
  SELECT *
  FROM session_hours
  WHERE org_id = ${param("String", access.orgId)}
    AND NOT ${spans(sql`hour`, hours.but)}
    AND ${participants(access, who)}
    AND (hour, generation) IN ${doneRuns(access, sql`'hour'`, [{ from: 0, to: LAST_MS }])}
    AND ${all(conditions)}
)`);
}

/** Ids of sessions that are in these hours by their last run, and of those that others took part in. No figures. */
export function tenantSessionIds(access: TenantAccess, hours: readonly Span[]): Sql<"tenant"> {
  const others =
    access.rows.kind === "org"
      ? sql`SELECT '' AS session_id WHERE 0`
      : sql`
  SELECT session_id FROM sessions FINAL
  WHERE org_id = ${param("String", access.orgId)} AND is_deleted = 0 AND ${participants(access, "mixed")}`;
  return markTenant(sql`(
  SELECT session_id FROM session_hours
  WHERE org_id = ${param("String", access.orgId)} AND ${spans(sql`hour`, hours)}
  UNION ALL ${others}
)`);
}

/** The end of DateTime. */
const LAST_MS = Date.UTC(2106, 0, 1);

function participants({ rows }: TenantAccess, who: "only" | "mixed"): Sql<"free"> {
  if (rows.kind === "org") return who === "only" ? sql`1` : sql`0`;
  if (rows.users.length === 0) return sql`0`;
  const scope = param("Array(String)", rows.users);
  const only = sql`(length(users) < ${param("UInt32", MAX_LABELS)} AND hasAll(${scope}, users))`;
  const some = sql`(length(users) >= ${param("UInt32", MAX_LABELS)} OR hasAny(${scope}, users))`;
  return who === "only" ? only : sql`(${some} AND NOT ${only})`;
}

function doneRuns(access: TenantAccess, kind: Sql<"free">, ranges: readonly Span[]): Sql<"free"> {
  return sql`(SELECT bucket, newest FROM ${newestRuns(access, kind, ranges)})`;
}

function newestRuns(access: TenantAccess, kind: Sql<"free">, ranges: readonly Span[]): Sql<"free"> {
  return sql`(
      SELECT bucket, max(generation) AS newest
      FROM rollup_runs
      WHERE org_id = ${param("String", access.orgId)}
        AND kind = ${kind}
        AND state = 'done'
        AND ${spans(sql`bucket`, ranges)}
      GROUP BY bucket
    )`;
}

/** Whose rows: everybody's together, or a row per user of the scope. */
function userRows({ rows }: TenantAccess, byUser: boolean): Sql<"free"> {
  if (rows.kind === "org") return byUser ? sql`by_user = 1` : sql`by_user = 0`;
  if (rows.users.length === 0) return sql`0`;
  return sql`by_user = 1 AND user_id IN ${param("Array(String)", rows.users)}`;
}

/** Is a DateTime column inside any of the spans? */
export function spans(column: Sql<"free">, ranges: readonly Span[]): Sql<"free"> {
  const inside = ranges.map(({ from, to }) => sql`(${column} >= ${dateTime(from)} AND ${column} < ${dateTime(to)})`);
  const [first = sql`0`, ...rest] = inside;
  return sql`(${rest.reduce((list, next) => sql`${list} OR ${next}`, first)})`;
}

/** A moment as a DateTime constant, so that the column's index is used. */
function dateTime(ms: number): Sql<"free"> {
  return sql`toDateTime(${param("UInt32", Math.max(0, Math.floor(ms / 1000)))}, 'UTC')`;
}

function wholeHours(ranges: readonly Span[]): Span[] {
  const hour = 3_600_000;
  return ranges.map(({ from, to }) => ({ from: Math.floor(from / hour) * hour, to: Math.ceil(to / hour) * hour }));
}

function all(conditions: readonly Sql<"free">[]): Sql<"free"> {
  return joinSql(
    conditions.map((condition) => sql`(${condition})`),
    " AND ",
    sql`1`,
  );
}
