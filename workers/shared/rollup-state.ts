/**
 * What ClickHouse knows of the rollups: state of hours and days from dirty_hours and rollup_runs. Used by workflows/rollup for all
 * tenants of a region, and by the pipeline route for one. Reads only; what is due is decided by rollup-plan.ts.
 */
import { z } from "zod";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../schema/limits.ts";
import type { Look } from "../../schema/rollup.ts";
import type { ClickHouseRun, Ran } from "./clickhouse-run.ts";
import { AFTER_END_MS, type DayState, type HourState, RECOMPUTE_MAX_AGE_MS } from "./rollup-plan.ts";
import { joinSql, param, type Sql, sql } from "./sql.ts";

/** Which hours to look at. Ranges are half-open, ms. */
export interface Scope {
  orgId?: string | undefined;
  /** Hours touched, or attempted, at or after this moment: what a minute's run looks at. */
  since?: number | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/**
 * How far back a look goes: hours touched or attempted within this. A look at everything groups every hour of every tenant there ever
 * was, seconds of work; these read one column. Whatever a look misses is seen by a longer one: nothing but a cron that stood still,
 * or more hours than the runs of that time could take, is ever older.
 */
const LOOK_MS: Record<Exclude<Look, "all">, number> = { recent: 2 * HOUR_MS, days: 3 * DAY_MS };

/** The scope of a look over all tenants. */
export function scopeOf(look: Look, now: number): Scope {
  return look === "all" ? {} : { since: now - LOOK_MS[look] };
}
/** States of one answer; more wait for the next run. */
const MAX_STATES = 20_000;

export const time = (ms: number): Sql<"free"> => sql`${param("DateTime64(3, 'UTC')", ms)}`;
const millis = (value: Sql<"free">): Sql<"free"> => sql`toUnixTimestamp64Milli(toDateTime64(${value}, 3, 'UTC'))`;

const NumberSchema = z.coerce.number().int();
const GenerationSchema = z.string().regex(/^\d+$/);

const HourRowSchema = z
  .object({
    org_id: z.string(),
    at: NumberSchema,
    touched: NumberSchema,
    done: GenerationSchema,
    mark: NumberSchema,
    sessions_done: GenerationSchema,
    running_since: NumberSchema,
    failures: NumberSchema,
    failed: NumberSchema,
    failure: z.string(),
  })
  .transform(
    (row): HourState => ({
      orgId: row.org_id,
      hour: row.at,
      touchedAt: row.touched,
      done: row.done,
      watermark: row.mark,
      sessionsDone: row.sessions_done,
      runningSince: row.running_since,
      failures: row.failures,
      failedAt: row.failed,
      error: row.failure,
    }),
  );

const DayRowSchema = z
  .object({
    org_id: z.string(),
    at: NumberSchema,
    dirty_hours: NumberSchema,
    running_hours: NumberSchema,
    hours_done: GenerationSchema,
    done: GenerationSchema,
    mark: NumberSchema,
    failures: NumberSchema,
    failed: NumberSchema,
    failure: z.string(),
  })
  .transform(
    (row): DayState => ({
      orgId: row.org_id,
      day: row.at,
      dirtyHours: row.dirty_hours,
      runningHours: row.running_hours,
      hoursDone: row.hours_done,
      done: row.done,
      watermark: row.mark,
      failures: row.failures,
      failedAt: row.failed,
      error: row.failure,
    }),
  );

const and = (conditions: readonly Sql<"free">[]): Sql<"free"> => joinSql(conditions, " AND ", sql`1`);

function bounds(scope: Scope, column: Sql<"free">): Sql<"free">[] {
  return [
    ...(scope.orgId === undefined ? [] : [sql`org_id = ${param("String", scope.orgId)}`]),
    ...(scope.from === undefined ? [] : [sql`${column} >= ${time(scope.from)}`]),
    ...(scope.to === undefined ? [] : [sql`${column} < ${time(scope.to)}`]),
  ];
}

/** Runs of `kinds` by bucket: the done generation of each kind, the attempt under way, the failures since. */
function runsByBucket(kind: Sql<"free">, where: Sql<"free">): Sql<"free"> {
  return sql`
SELECT
  org_id, bucket,
  maxIf(generation, kind = ${kind} AND is_done) AS done,
  argMaxIf(attempt_mark, generation, kind = ${kind} AND is_done) AS mark,
  maxIf(generation, kind = 'session' AND is_done) AS sessions_done,
  maxIf(started_at, kind = ${kind} AND NOT is_done AND failed_rows = 0) AS running_since,
  arrayFilter(
    f -> f.2 > if(f.1 = 'session', sessions_done, done),
    groupArrayIf((kind, generation, failed_at, failed_rows, failure), failed_rows > 0)
  ) AS failed
FROM (
  SELECT
    org_id, kind, bucket, generation,
    max(state = 'done') AS is_done,
    max(watermark) AS attempt_mark,
    maxIf(finished_at, state = 'started') AS started_at,
    countIf(state = 'failed') AS failed_rows,
    maxIf(finished_at, state = 'failed') AS failed_at,
    argMaxIf(error, finished_at, state = 'failed') AS failure
  FROM rollup_runs
  WHERE kind IN (${kind}, 'session') AND ${where}
  GROUP BY org_id, kind, bucket, generation
)
GROUP BY org_id, bucket`;
}

/** Hours touched, or attempted, since then. */
const recently = (since: number): Sql<"free"> => sql`
SELECT org_id, hour FROM dirty_hours WHERE touched_at >= ${time(since)}
UNION ALL
SELECT org_id, bucket FROM rollup_runs WHERE kind IN ('hour', 'session') AND finished_at >= ${time(since)}`;

/** Hours that may be behind, by one look at each table: the details of attempts are then read of these alone. */
const maybeBehind = (scope: Scope): Sql<"free"> => sql`
SELECT org_id, hour
FROM (
  SELECT org_id, hour, max(touched_at) AS touched FROM dirty_hours WHERE ${and(bounds(scope, sql`hour`))} GROUP BY org_id, hour
) AS hours
LEFT JOIN (
  SELECT
    org_id, bucket AS hour,
    maxIf(generation, kind = 'hour') AS done,
    maxIf(generation, kind = 'session') AS seen,
    argMaxIf(watermark, generation, kind = 'hour') AS mark
  FROM rollup_runs
  WHERE kind IN ('hour', 'session') AND state = 'done' AND ${and(bounds(scope, sql`bucket`))}
  GROUP BY org_id, bucket
) AS runs USING (org_id, hour)
WHERE touched > mark OR seen < done OR done = 0`;

/** Hours with events beside their runs. `keys`: only these, a query of org and hour. */
function hoursWithRuns(scope: Scope, keys: Sql<"free">): Sql<"free"> {
  const of = (column: Sql<"free">): Sql<"free"> =>
    sql`${and(bounds(scope, column))} AND (org_id, ${column}) IN (${keys})`;
  return sql`
SELECT
  org_id, hour, touched, done, mark, sessions_done, running_since, failed,
  done = 0 OR touched > mark AS is_dirty
FROM (
  SELECT org_id, hour, max(touched_at) AS touched FROM dirty_hours WHERE ${of(sql`hour`)} GROUP BY org_id, hour
) AS hours
LEFT JOIN (${runsByBucket(sql`'hour'`, of(sql`bucket`))}) AS runs ON runs.org_id = hours.org_id AND runs.bucket = hours.hour`;
}

/**
 * Hours that have ended and are dirty, or whose sessions are behind; newest first. `all`: clean ones and the running one too. Hours
 * too old to be recomputed never.
 */
export function hourStates(
  run: ClickHouseRun,
  scope: Scope,
  now: number,
  all: "all" | "behind" = "behind",
): Promise<Ran<HourState[]>> {
  const keys =
    scope.since !== undefined
      ? recently(scope.since)
      : all === "all"
        ? sql`SELECT org_id, hour FROM dirty_hours WHERE ${and(bounds(scope, sql`hour`))}`
        : maybeBehind(scope);
  const behind =
    all === "all"
      ? sql`hour <= ${time(now)}`
      : sql`(is_dirty OR sessions_done < done) AND hour <= ${time(now - HOUR_MS - AFTER_END_MS)}`;
  return run.rows(
    sql`
SELECT
  org_id, ${millis(sql`hour`)} AS at, ${millis(sql`touched`)} AS touched, done, ${millis(sql`mark`)} AS mark, sessions_done,
  ${millis(sql`running_since`)} AS running_since,
  arraySum(arrayMap(f -> f.4, failed)) AS failures,
  ${millis(sql`arrayMax(arrayMap(f -> f.3, failed))`)} AS failed,
  arrayElement(arrayMap(f -> toString(f.5), arraySort(f -> f.3, failed)), -1) AS failure
FROM (${hoursWithRuns(scope, keys)})
WHERE ${behind}
  AND hour >= ${time(now - RECOMPUTE_MAX_AGE_MS)}
ORDER BY hour DESC, org_id
LIMIT ${param("UInt32", MAX_STATES)}`,
    HourRowSchema,
  );
}

/** Days with an hour that is newer than they are. `since`: those with an hour or a day done since then. */
export function dayStates(run: ClickHouseRun, scope: Scope): Promise<Ran<DayState[]>> {
  const done = sql`kind IN ('hour', 'day') AND state = 'done' AND ${and(bounds(scope, sql`bucket`))}`;
  // First by one column, so that the minute's look groups the runs of a few days and not those of years.
  const recent =
    scope.since === undefined
      ? sql`1`
      : sql`(org_id, toStartOfDay(bucket, 'UTC')) IN (
    SELECT org_id, toStartOfDay(bucket, 'UTC') FROM rollup_runs WHERE ${done} AND finished_at >= ${time(scope.since)}
  )`;
  const days = sql`
SELECT org_id, toStartOfDay(bucket, 'UTC') AS start
FROM rollup_runs
WHERE ${done} AND ${recent}
GROUP BY org_id, start
HAVING maxIf(generation, kind = 'hour') > maxIf(generation, kind = 'day')`;
  const hoursOfDays = sql`SELECT org_id, hour FROM dirty_hours WHERE (org_id, toStartOfDay(hour, 'UTC')) IN (${days})`;
  return run.rows(
    sql`
SELECT
  org_id, ${millis(sql`day`)} AS at, dirty_hours, running_hours, hours_done, done, ${millis(sql`mark`)} AS mark,
  arraySum(arrayMap(f -> f.4, failed)) AS failures,
  ${millis(sql`arrayMax(arrayMap(f -> f.3, failed))`)} AS failed,
  arrayElement(arrayMap(f -> toString(f.5), arraySort(f -> f.3, failed)), -1) AS failure
FROM (
  SELECT
    org_id, toStartOfDay(hour, 'UTC') AS day,
    countIf(is_dirty) AS dirty_hours,
    countIf(running_since > now64(3) - INTERVAL 10 MINUTE) AS running_hours,
    max(done) AS hours_done
  FROM (${hoursWithRuns({ orgId: scope.orgId }, hoursOfDays)})
  GROUP BY org_id, day
) AS days
LEFT JOIN (${runsByBucket(sql`'day'`, sql`(org_id, bucket) IN (${days})`)}) AS runs ON runs.org_id = days.org_id AND runs.bucket = days.day
WHERE hours_done > done
ORDER BY day DESC, org_id
LIMIT ${param("UInt32", MAX_STATES)}`,
    DayRowSchema,
  );
}

const NowSchema = z.object({ now: NumberSchema });

/** ClickHouse's clock, ms: the one that touched_at, watermarks and generations go by. */
export async function serverNow(run: ClickHouseRun): Promise<Ran<number>> {
  const answer = await run.rows(sql`SELECT toUnixTimestamp64Milli(now64(3)) AS now`, NowSchema);
  return answer.ok ? { ok: true, value: answer.value[0]?.now ?? 0 } : answer;
}

const LastRunSchema = z.object({ at: NumberSchema });

/** When an hour of the tenant was last rolled up, ms; undefined: never. */
export async function lastRun(run: ClickHouseRun, orgId: string): Promise<Ran<number | undefined>> {
  const answer = await run.rows(
    sql`
SELECT toUnixTimestamp64Milli(max(finished_at)) AS at
FROM rollup_runs
WHERE org_id = ${param("String", orgId)} AND kind = 'hour' AND state = 'done'`,
    LastRunSchema,
  );
  if (!answer.ok) return answer;
  const at = answer.value[0]?.at ?? 0;
  return { ok: true, value: at === 0 ? undefined : at };
}

const InFlightSchema = z.object({ hours: NumberSchema });

/** Hours being computed in the region by attempts that are alive. */
export async function hoursInFlight(run: ClickHouseRun, now: number): Promise<Ran<number>> {
  const answer = await run.rows(
    sql`
SELECT count() AS hours
FROM (
  SELECT bucket
  FROM rollup_runs
  WHERE kind = 'hour' AND finished_at > ${time(now - 10 * MINUTE_MS)}
  GROUP BY org_id, bucket, generation
  HAVING countIf(state = 'started') > 0 AND countIf(state != 'started') = 0
)`,
    InFlightSchema,
  );
  return answer.ok ? { ok: true, value: answer.value[0]?.hours ?? 0 } : answer;
}
