/**
 * A tenant's sessions as one relation: `sessions` for those at rest, and for those with events in open hours (not yet rolled up) their
 * rolled-up hours together with the events of the open ones. Called by sessions.ts. Pure. Any superset of the open hours gives the
 * same rows, only slower; so does any superset of the sessions that are taken for moving.
 */
import { FILTER_NAMES, type Filters } from "../../../schema/api/filters.ts";
import { type TenantAccess, tenantEvents } from "../../shared/clickhouse-read.ts";
import { joinSql, param, type Sql, sql } from "../../shared/sql.ts";
import { tenantSessionHours, tenantSessionIds, tenantSessions } from "../../shared/tenant-rollups.ts";
import type { Range } from "../range.ts";
import { during } from "./partials.ts";

/** Model names shown of one session. */
const MAX_MODELS = 10;
/** Different labels looked at of one session and hour. */
const MAX_LABELS = 1_000;

export interface SessionsAsked {
  /** Hours whose events count as they are, ms. */
  open: readonly Range[];
  /** Only sessions whose time, first event to last, overlaps it. */
  range?: Range | undefined;
  filters: Filters;
  /** What the id begins with, or the user or a repo holds in any case. */
  words?: string | undefined;
  /** Only these sessions. */
  ids?: readonly string[] | undefined;
  /** No event of these sessions is outside. */
  span?: Range | undefined;
}

const TOKENS = sql`input_tokens + output_tokens + cache_read_tokens + cache_write_tokens`;
const text = (column: Sql<"free">): Sql<"free"> => sql`toString(${column})`;
const texts = (column: Sql<"free">): Sql<"free"> => sql`CAST(${column}, 'Array(String)')`;
const DIMENSIONS = {
  type: [sql`event_type`, sql`types`, sql`p_types`],
  team: [sql`team_id`, sql`teams`, sql`p_teams`],
  agent: [sql`agent`, sql`agents`, sql`p_agents`],
  model: [sql`model`, sql`models`, sql`p_models`],
  repo: [sql`repo`, sql`repos`, sql`p_repos`],
  environment: [sql`environment`, sql`environments`, sql`p_envs`],
} as const;
const SUMS = [
  [sql`events`, sql`count()`, sql`p_events`],
  [sql`errors`, sql`countIf(event_type = 'error')`, sql`p_errors`],
  [sql`security_alerts`, sql`countIf(event_type = 'security_alert')`, sql`p_alerts`],
  [sql`pull_requests`, sql`countIf(event_type = 'pr_created')`, sql`p_prs`],
  [TOKENS, sql`sum(${TOKENS})`, sql`p_tokens`],
  [sql`unpriced_tokens`, sql`sumIf(${TOKENS}, cost_source = 'unpriced')`, sql`p_unpriced`],
  [sql`cost_nano_usd`, sql`sum(toInt128(ifNull(cost_nano_usd, 0)))`, sql`p_cost`],
  [sql`lines_added`, sql`sum(toUInt64(lines_added))`, sql`p_added`],
  [sql`lines_removed`, sql`sum(toUInt64(lines_removed))`, sql`p_removed`],
] as const;

const list = (parts: readonly Sql<"free">[]): Sql<"free"> => joinSql(parts, ", ", sql`1`);

/** Columns of a part out of a rolled-up hour, or of a whole session. */
const ROLLED_LABELS = sql`
  ${text(sql`user_id`)} AS p_user, ${text(sql`team_id`)} AS p_team, ${text(sql`agent`)} AS p_agent, ${text(sql`repo`)} AS p_repo,
  branch AS p_branch, ${text(sql`environment`)} AS p_env,
  toUInt8(ended_at IS NOT NULL) AS p_ended, ifNull(ended_at, toDateTime64(0, 3, 'UTC')) AS p_ended_at, ${text(sql`outcome`)} AS p_outcome,
  ${list(Object.values(DIMENSIONS).map(([, many, as]) => sql`${texts(many)} AS ${as}`))},
  ${list(SUMS.map(([rolled, , as]) => sql`${rolled} AS ${as}`))}`;

const first = (column: Sql<"free">): Sql<"free"> =>
  sql`argMinIf(toString(${column}), (timestamp, event_id), ${column} != '')`;
const END = sql`event_type = 'session_end'`;

/** The same columns out of events. */
const RAW_PART = sql`
  session_id, min(timestamp) AS p_first, max(timestamp) AS p_last,
  argMin(user_id, (timestamp, event_id)) AS p_user,
  ${first(sql`team_id`)} AS p_team, ${first(sql`agent`)} AS p_agent, ${first(sql`repo`)} AS p_repo,
  ${first(sql`branch`)} AS p_branch, ${first(sql`environment`)} AS p_env,
  toUInt8(countIf(${END}) > 0) AS p_ended, maxIf(timestamp, ${END}) AS p_ended_at,
  argMaxIf(toString(outcome), (timestamp, event_id), ${END}) AS p_outcome,
  ${list(
    Object.values(DIMENSIONS).map(
      ([one, , as]) => sql`groupUniqArrayIf(${param("UInt32", MAX_LABELS)})(toString(${one}), ${one} != '') AS ${as}`,
    ),
  )},
  ${list(SUMS.map(([, raw, as]) => sql`${raw} AS ${as}`))}`;

const firstPart = (column: Sql<"free">): Sql<"free"> => sql`argMinIf(${column}, p_first, ${column} != '')`;

/** `FROM ${sessionRows(...)}`: columns of SessionRow but `matched`, `started` and `last` as DateTime64, and the p_ arrays. */
export function sessionRows(access: TenantAccess, asked: SessionsAsked): Sql<"tenant"> {
  const { open, range, filters, ids, span } = asked;
  const named = ids === undefined ? [] : [sql`session_id IN ${param("Array(String)", ids)}`];
  const openEvents = [during(open), ...(span === undefined ? [] : [during([span])]), ...named];
  const moving = sql`
    SELECT session_id FROM ${tenantEvents(access, openEvents, "every")}
    UNION DISTINCT SELECT session_id FROM ${tenantSessionIds(access, open)}`;
  const atRest = [
    ...named,
    ...(range === undefined ? [] : [sql`last_at >= ${moment(range.from)}`, sql`started_at < ${moment(range.to)}`]),
    ...(ids === undefined ? FILTER_NAMES.flatMap((name) => hasAny(DIMENSIONS[name][1], filters[name])) : []),
  ];
  const mixed = tenantSessionHours(access, "mixed", { but: open }, named);
  const mixedParts =
    access.rows.kind === "org"
      ? sql``
      : sql`
    UNION ALL
    SELECT ${RAW_PART}
    FROM ${tenantEvents(access, named)}
    WHERE timestamp >= (SELECT min(hour) FROM ${mixed})
      AND timestamp <= (SELECT max(hour) + INTERVAL 1 HOUR FROM ${mixed})
      AND (session_id, toDateTime(toStartOfHour(timestamp, 'UTC'))) IN (SELECT session_id, hour FROM ${mixed})
    GROUP BY session_id, toStartOfHour(timestamp, 'UTC')`;
  return sql`(
  SELECT session_id, started_at AS p_first, last_at AS p_last, ${ROLLED_LABELS}
  FROM ${tenantSessions(access, atRest)}
  WHERE session_id NOT IN (${moving})
  UNION ALL
  SELECT
    session_id, min(p_first), max(p_last), argMin(p_user, p_first),
    ${list([sql`p_team`, sql`p_agent`, sql`p_repo`, sql`p_branch`, sql`p_env`].map(firstPart))},
    max(p_ended), max(p_ended_at), argMaxIf(p_outcome, p_ended_at, p_ended = 1),
    ${list(Object.values(DIMENSIONS).map(([, , as]) => sql`arraySort(groupUniqArrayArray(${as}))`))},
    ${list(SUMS.map(([, , as]) => sql`sum(${as})`))}
  FROM (
    SELECT ${RAW_PART}
    FROM ${tenantEvents(access, openEvents)}
    GROUP BY session_id, toStartOfHour(timestamp, 'UTC')
    UNION ALL
    SELECT session_id, first_at AS p_first, last_at AS p_last, ${ROLLED_LABELS}
    FROM ${tenantSessionHours(access, "only", { but: open }, named)}
    WHERE session_id IN (${moving})${mixedParts}
  )
  GROUP BY session_id
)`;
}

export const STARTED = sql`toString(toUnixTimestamp64Milli(p_first)) AS started`;
export const LAST = sql`toString(toUnixTimestamp64Milli(p_last)) AS last`;

/** The columns of SessionRow over those rows. */
export const SESSION_COLUMNS = sql`
  session_id,
  ${STARTED},
  ${LAST},
  p_user AS user,
  p_team AS team,
  p_agent AS first_agent,
  arraySlice(arraySort(p_models), 1, ${param("UInt32", MAX_MODELS)}) AS models,
  p_repo AS first_repo,
  p_branch AS first_branch,
  p_env AS env,
  p_ended AS ended,
  p_outcome AS result,
  toString(p_events) AS events,
  toString(p_errors) AS errors,
  toString(p_alerts) AS security_alerts,
  toString(p_prs) AS pull_requests,
  toString(p_tokens) AS token_sum,
  toString(p_unpriced) AS unpriced,
  toString(p_cost) AS cost,
  toString(p_added) AS added,
  toString(p_removed) AS removed`;

/** Does the session overlap the range, and is each filter met by some event of it: labels of one session stand on different events? */
export function matches({ range, filters, words }: Pick<SessionsAsked, "range" | "filters" | "words">): Sql<"free"> {
  const conditions = [
    ...(range === undefined ? [] : [sql`p_last >= ${moment(range.from)}`, sql`p_first < ${moment(range.to)}`]),
    ...FILTER_NAMES.flatMap((name) => hasAny(DIMENSIONS[name][2], filters[name])),
    ...(words === undefined || words === "" ? [] : [holds(words)]),
  ];
  return sql`toUInt8(${joinSql(conditions, " AND ", sql`1`)})`;
}

function holds(words: string): Sql<"free"> {
  const sought = param("String", words);
  return sql`(startsWith(session_id, ${sought}) OR positionCaseInsensitiveUTF8(p_user, ${sought}) > 0 OR arrayExists(repo -> positionCaseInsensitiveUTF8(repo, ${sought}) > 0, p_repos))`;
}

function hasAny(labels: Sql<"free">, values: readonly string[] | undefined): Sql<"free">[] {
  return values === undefined ? [] : [sql`hasAny(${labels}, ${param("Array(String)", values)})`];
}

function moment(ms: number) {
  return param("DateTime64(3, 'UTC')", ms);
}
