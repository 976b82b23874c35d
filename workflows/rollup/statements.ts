/**
 * The INSERT ... SELECT statements of a recompute: hours and windows from `events FINAL`, session hours, days from done hours.
 * Called by hours.ts, sessions.ts and days.ts. Text only; every value is bound. Measures mean what workers/api/queries/columns.ts
 * says they mean; a test compares them.
 */

import type { Slice } from "../../workers/shared/rollup-plan.ts";
import { time } from "../../workers/shared/rollup-state.ts";
import { param, type Sql, sql } from "../../workers/shared/sql.ts";

export type Free = Sql<"free">;

const org = (orgId: string): Free => sql`${param("String", orgId)}`;
const generationParam = (generation: string): Free => sql`toUInt64(${param("String", generation)})`;

/** Starts of hours or days as an array of DateTime. */
export function moments(starts: readonly number[]): Free {
  const seconds = starts.map((ms) => String(ms / 1_000));
  return sql`arrayMap(s -> toDateTime(toUInt32(s), 'UTC'), ${param("Array(String)", seconds)})`;
}

const DIMENSIONS = sql`event_type, team_id, agent, model, repo, environment`;

/** Columns of hourly_metrics and daily_metrics behind the dimensions, in the order of the SELECTs below. */
const MEASURE_COLUMNS = sql`
  events, errors, security_alerts, pull_requests, session_starts, session_ends,
  cost_nano_usd, cost_events, unpriced_tokens,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
  lines_added, lines_removed, accepted, rejected,
  users, sessions, duration, duration_count, duration_sum`;

const UNPRICED = sql`sumIf(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens, cost_source = 'unpriced')`;
const COST = sql`sum(toInt128(ifNull(cost_nano_usd, 0)))`;

/** One tenant's events of a slice: the only place where a rollup reads events. `aligned`: only the slice's own hours. */
function eventsOf(orgId: string, slice: Slice): Free {
  return sql`events FINAL
WHERE org_id = ${org(orgId)}
  AND timestamp >= ${time(slice.from)} AND timestamp < ${time(slice.to)}
  AND has(${moments(slice.hours)}, toStartOfHour(timestamp, 'UTC'))`;
}

/** Both levels in one pass: all users together, and a row per user. */
export function insertHours(orgId: string, slice: Slice, generation: string): Free {
  return sql`
INSERT INTO hourly_metrics (org_id, generation, by_user, hour, ${DIMENSIONS}, user_id, ${MEASURE_COLUMNS})
SELECT
  ${org(orgId)}, ${generationParam(generation)}, 1 - grouping(user_id), toDateTime(toStartOfHour(timestamp, 'UTC')) AS start,
  ${DIMENSIONS}, user_id,
  count(),
  countIf(event_type = 'error'),
  countIf(event_type = 'security_alert'),
  countIf(event_type = 'pr_created'),
  countIf(event_type = 'session_start'),
  countIf(event_type = 'session_end'),
  ${COST},
  count(cost_nano_usd),
  ${UNPRICED},
  sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(reasoning_tokens),
  sum(toUInt64(lines_added)), sum(toUInt64(lines_removed)),
  countIf(accepted = true), countIf(accepted = false),
  uniqCombined64State(18)(events.user_id), uniqCombined64State(18)(session_id),
  quantilesBFloat16StateIf(0.5, 0.9, 0.95, 0.99)(toUInt64(ifNull(duration_ms, 0)), duration_ms IS NOT NULL),
  count(duration_ms),
  sum(ifNull(duration_ms, 0))
FROM ${eventsOf(orgId, slice)}
GROUP BY GROUPING SETS ((start, ${DIMENSIONS}), (start, ${DIMENSIONS}, user_id))`;
}

/** Windows of 10 s, source 1. */
export function insertWindows(orgId: string, slice: Slice, generation: string): Free {
  return sql`
INSERT INTO window_metrics (org_id, source, generation, window_seconds, window_start, event_type, team_id, agent, environment,
  events, cost_nano_usd, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
  lines_added, lines_removed, accepted, unpriced_tokens)
SELECT
  ${org(orgId)}, 1, ${generationParam(generation)}, 10, toDateTime(toStartOfInterval(timestamp, INTERVAL 10 SECOND, 'UTC')) AS start,
  event_type, team_id, agent, environment,
  count(),
  ${COST},
  sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens),
  sum(toUInt64(lines_added)), sum(toUInt64(lines_removed)),
  countIf(accepted = true),
  ${UNPRICED}
FROM ${eventsOf(orgId, slice)}
GROUP BY start, event_type, team_id, agent, environment`;
}

/** Labels of a session: what its first event that has one says. Equal times: the lower event id. */
const firstOf = (column: Free): Free => sql`argMinIf(toString(${column}), (timestamp, event_id), ${column} != '')`;
const END = sql`event_type = 'session_end'`;
/** Different labels kept of one session's hour. */
const MAX_LABELS = 1_000;
const labels = (column: Free): Free =>
  sql`arraySort(groupUniqArrayIf(${param("UInt32", MAX_LABELS)})(toString(${column}), ${column} != ''))`;

const SESSION_SUMS = sql`
  events, errors, security_alerts, pull_requests, code_generated, cost_nano_usd, unpriced_tokens,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
  lines_added, lines_removed, accepted, rejected`;
const SESSION_LABELS = sql`
  first_at, last_at, user_id, team_id, agent, agent_version, repo, branch, environment, ended_at, outcome, duration_ms,
  users, types, teams, agents, models, repos, environments`;

/** The session's part in each hour. */
export function insertSessionHours(orgId: string, slice: Slice, generation: string): Free {
  return sql`
INSERT INTO session_hours (org_id, generation, session_id, hour, ${SESSION_LABELS}, ${SESSION_SUMS})
SELECT
  ${org(orgId)}, ${generationParam(generation)}, session_id, toDateTime(toStartOfHour(timestamp, 'UTC')) AS start,
  min(timestamp), max(timestamp), argMin(user_id, (timestamp, event_id)),
  ${firstOf(sql`team_id`)}, ${firstOf(sql`agent`)}, ${firstOf(sql`agent_version`)}, ${firstOf(sql`repo`)}, ${firstOf(sql`branch`)},
  ${firstOf(sql`environment`)},
  maxOrNullIf(timestamp, ${END}),
  argMaxIf(toString(outcome), (timestamp, event_id), ${END}),
  argMaxIf(tuple(duration_ms), (timestamp, event_id), ${END} AND duration_ms IS NOT NULL).1,
  ${labels(sql`user_id`)}, ${labels(sql`event_type`)}, ${labels(sql`team_id`)}, ${labels(sql`agent`)}, ${labels(sql`model`)},
  ${labels(sql`repo`)}, ${labels(sql`environment`)},
  count(),
  countIf(event_type = 'error'),
  countIf(event_type = 'security_alert'),
  countIf(event_type = 'pr_created'),
  countIf(event_type = 'code_generated'),
  ${COST},
  ${UNPRICED},
  sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(reasoning_tokens),
  sum(toUInt64(lines_added)), sum(toUInt64(lines_removed)),
  countIf(accepted = true), countIf(accepted = false)
FROM ${eventsOf(orgId, slice)}
GROUP BY session_id, start`;
}

/** Done generations of the tenant's hours. */
const doneHours = (orgId: string): Free => sql`
SELECT bucket, max(generation)
FROM rollup_runs
WHERE org_id = ${org(orgId)} AND kind = 'hour' AND state = 'done'
GROUP BY bucket`;

/** Sessions that any attempt ever saw in these hours: also those of which nothing is left. */
const sessionsIn = (orgId: string, hours: readonly number[]): Free => sql`
SELECT session_id
FROM session_hours
WHERE org_id = ${org(orgId)}
  AND hour IN (SELECT arrayJoin(${moments(hours)}))
  AND hour >= ${time(Math.min(...hours))} AND hour <= ${time(Math.max(...hours))}`;

const first = (column: Free): Free => sql`argMinIf(toString(${column}), first_at, ${column} != '')`;
const ofAll = (column: Free): Free =>
  sql`arraySort(arraySlice(groupUniqArrayArray(${column}), 1, ${param("UInt32", MAX_LABELS)}))`;

/** Whole sessions from the done generations of all their hours. */
export function insertSessions(orgId: string, hours: readonly number[], generation: string): Free {
  return sql`
INSERT INTO sessions (org_id, generation, session_id, started_at, last_at, user_id, team_id, agent, agent_version, repo, branch,
  environment, ended_at, outcome, duration_ms, users, types, teams, agents, models, repos, environments, ${SESSION_SUMS})
SELECT
  ${org(orgId)}, ${generationParam(generation)}, session_id,
  min(first_at), max(last_at), argMin(user_id, first_at),
  ${first(sql`team_id`)}, ${first(sql`agent`)}, ${first(sql`agent_version`)}, ${first(sql`repo`)}, ${first(sql`branch`)},
  ${first(sql`environment`)},
  max(ended_at),
  argMaxIf(toString(outcome), ended_at, ended_at IS NOT NULL),
  argMaxIf(tuple(duration_ms), ended_at, duration_ms IS NOT NULL).1,
  ${ofAll(sql`users`)}, ${ofAll(sql`types`)}, ${ofAll(sql`teams`)}, ${ofAll(sql`agents`)}, ${ofAll(sql`models`)},
  ${ofAll(sql`repos`)}, ${ofAll(sql`environments`)},
  sum(events), sum(errors), sum(security_alerts), sum(pull_requests), sum(code_generated),
  sum(cost_nano_usd), sum(unpriced_tokens),
  sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(reasoning_tokens),
  sum(lines_added), sum(lines_removed), sum(accepted), sum(rejected)
FROM session_hours
WHERE org_id = ${org(orgId)}
  AND session_id IN (${sessionsIn(orgId, hours)})
  AND (hour, generation) IN (${doneHours(orgId)})
GROUP BY session_id`;
}

/** Marks sessions deleted that no done hour holds any more. */
export function deleteLostSessions(orgId: string, hours: readonly number[], generation: string): Free {
  return sql`
INSERT INTO sessions (org_id, generation, session_id, started_at, last_at, is_deleted)
SELECT ${org(orgId)}, ${generationParam(generation)}, session_id, min(first_at), max(last_at), 1
FROM session_hours
WHERE org_id = ${org(orgId)} AND session_id IN (${sessionsIn(orgId, hours)})
GROUP BY session_id
HAVING countIf((hour, generation) IN (${doneHours(orgId)})) = 0`;
}

/** Days from the done generations of their hours. */
export function insertDays(orgId: string, days: readonly number[], generation: string): Free {
  const start = sql`toDateTime(toStartOfDay(hour, 'UTC'))`;
  return sql`
INSERT INTO daily_metrics (org_id, generation, by_user, day, ${DIMENSIONS}, user_id, ${MEASURE_COLUMNS})
SELECT
  ${org(orgId)}, ${generationParam(generation)}, by_user, ${start} AS start, ${DIMENSIONS}, user_id,
  sum(events), sum(errors), sum(security_alerts), sum(pull_requests), sum(session_starts), sum(session_ends),
  sum(cost_nano_usd), sum(cost_events), sum(unpriced_tokens),
  sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(reasoning_tokens),
  sum(lines_added), sum(lines_removed), sum(accepted), sum(rejected),
  uniqCombined64MergeState(18)(users), uniqCombined64MergeState(18)(sessions),
  quantilesBFloat16MergeState(0.5, 0.9, 0.95, 0.99)(duration),
  sum(duration_count), sum(duration_sum)
FROM hourly_metrics
WHERE org_id = ${org(orgId)}
  AND by_user IN (0, 1)
  AND has(${moments(days)}, ${start})
  AND hour >= ${time(Math.min(...days))} AND hour < ${time(Math.max(...days))} + INTERVAL 1 DAY
  AND (hour, generation) IN (${doneHours(orgId)})
GROUP BY by_user, start, ${DIMENSIONS}, user_id`;
}

export interface RunRows {
  orgId: string;
  kind: "hour" | "session" | "day";
  buckets: readonly number[];
  /** One generation for all buckets, or one each. */
  generations: readonly string[];
  watermark: number;
  state: "started" | "done" | "failed";
  /** Rows each bucket was computed from, in the order of `buckets`; 0 when unknown. */
  rows?: readonly number[];
  error?: string;
  /** The row is written only before this moment: an attempt that is taken for dead must not come back. */
  notAfter?: number;
}

/** Rows of rollup_runs. */
export function insertRuns(runs: RunRows): Free {
  const rows = runs.buckets.map((_, n) => String(runs.rows?.[n] ?? 0));
  const generations = runs.buckets.map((_, n) => runs.generations[n] ?? runs.generations[0] ?? "0");
  return sql`
INSERT INTO rollup_runs (org_id, kind, bucket, generation, watermark, finished_at, state, rows, error)
SELECT
  ${org(runs.orgId)}, ${param("String", runs.kind)}, run.1, toUInt64(run.2), ${time(runs.watermark)}, now64(3),
  ${param("String", runs.state)}, toUInt64(run.3), ${param("String", runs.error ?? "")}
FROM (
  SELECT arrayJoin(arrayZip(${moments(runs.buckets)}, ${param("Array(String)", generations)}, ${param("Array(String)", rows)})) AS run
)
WHERE ${runs.notAfter === undefined ? sql`1` : sql`now64(3) < ${time(runs.notAfter)}`}`;
}
