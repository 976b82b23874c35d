/**
 * The session queries: a page of sessions, chosen sessions, one session's timeline. All group or order the tenant's events
 * as they are; a session that has events in both regions of a global tenant is put together by the caller.
 */
import { z } from "zod";
import { FILTER_NAMES, type Filters } from "../../../schema/api/filters.ts";
import { tenantEvents, tenantQuery } from "../../shared/clickhouse-read.ts";
import { joinSql, param, type Sql, sql } from "../../shared/sql.ts";
import { COLUMN_OF, column, DecimalSchema, FiltersInputSchema, MEASURES, RangeSchema, within } from "./columns.ts";

/** Model names shown of one session. */
const MAX_MODELS = 10;

/** A session as one region knows it. Times are ms. */
const SessionRowSchema = z.object({
  session_id: z.string(),
  matched: z.number(),
  started: DecimalSchema,
  last: DecimalSchema,
  user: z.string(),
  team: z.string(),
  first_agent: z.string(),
  models: z.array(z.string()),
  first_repo: z.string(),
  first_branch: z.string(),
  env: z.string(),
  ended: z.number(),
  result: z.string(),
  events: DecimalSchema,
  errors: DecimalSchema,
  security_alerts: DecimalSchema,
  pull_requests: DecimalSchema,
  token_sum: DecimalSchema,
  unpriced: DecimalSchema,
  cost: DecimalSchema,
  added: DecimalSchema,
  removed: DecimalSchema,
});
export type SessionRow = z.infer<typeof SessionRowSchema>;

const first = (value: Sql<"free">): Sql<"free"> => sql`argMinIf(toString(${value}), timestamp, ${value} != '')`;

const SESSION_COLUMNS = sql`
  session_id,
  toString(toUnixTimestamp64Milli(min(timestamp))) AS started,
  toString(toUnixTimestamp64Milli(max(timestamp))) AS last,
  argMin(user_id, timestamp) AS user,
  ${first(sql`team_id`)} AS team,
  ${first(sql`agent`)} AS first_agent,
  arraySort(groupUniqArrayIf(${param("UInt32", MAX_MODELS)})(toString(model), model != '')) AS models,
  ${first(sql`repo`)} AS first_repo,
  ${first(sql`branch`)} AS first_branch,
  ${first(sql`environment`)} AS env,
  countIf(event_type = 'session_end') > 0 AS ended,
  argMaxIf(toString(outcome), timestamp, event_type = 'session_end') AS result,
  ${MEASURES.events} AS events,
  ${MEASURES.errors} AS errors,
  ${MEASURES.security_alerts} AS security_alerts,
  ${MEASURES.pull_requests} AS pull_requests,
  ${MEASURES.tokens} AS token_sum,
  ${MEASURES.unpriced_tokens} AS unpriced,
  ${MEASURES.cost_nano_usd} AS cost,
  ${MEASURES.lines_added} AS added,
  ${MEASURES.lines_removed} AS removed`;

/** Place of a session in the list: later starts first, then by id, descending. */
const PositionSchema = z.object({ started: z.number(), sessionId: z.string() });

/** Sessions with events in the range, after `after` in the list's order. */
export const sessionsQuery = tenantQuery({
  name: "sessions",
  input: z.object({
    range: RangeSchema,
    filters: FiltersInputSchema,
    after: PositionSchema.optional(),
    limit: z.number().int(),
  }),
  row: SessionRowSchema,
  sql: (access, { range, filters, after, limit }) => sql`
SELECT ${SESSION_COLUMNS},
  ${everyFilterMet(filters)} AS matched
FROM ${tenantEvents(access, [within(range)])}
GROUP BY session_id
HAVING matched
  AND ${
    after === undefined
      ? sql`1`
      : sql`(min(timestamp), session_id) < (${param("DateTime64(3, 'UTC')", after.started)}, ${param("String", after.sessionId)})`
  }
ORDER BY min(timestamp) DESC, session_id DESC
LIMIT ${param("UInt32", limit)}`,
});

/** Each filter is met by some event of the session: labels of one session stand on different events. */
function everyFilterMet(filters: Filters): Sql<"free"> {
  const conditions = FILTER_NAMES.flatMap((name) => {
    const values = filters[name];
    if (values === undefined) return [];
    return [sql`countIf(${column(COLUMN_OF[name])} IN ${param("Array(String)", values)}) > 0`];
  });
  return sql`toUInt8(${joinSql(conditions, " AND ", sql`1`)})`;
}

/** The named sessions, over the range, or over everything that is kept; `matched` 1: every filter is met. */
export const sessionsByIdQuery = tenantQuery({
  name: "sessions_by_id",
  input: z.object({ range: RangeSchema.optional(), filters: FiltersInputSchema, ids: z.array(z.string()) }),
  row: SessionRowSchema,
  sql: (access, { range, filters, ids }) => sql`
SELECT ${SESSION_COLUMNS},
  ${everyFilterMet(filters)} AS matched
FROM ${tenantEvents(access, [
    sql`session_id IN ${param("Array(String)", ids)}`,
    ...(range === undefined ? [] : [within(range)]),
  ])}
GROUP BY session_id`,
});

/** Place of an event in a timeline; `seq` -1 stands for none. */
const EventPositionSchema = z.object({ at: z.number(), seq: z.number(), eventId: z.string() });

const EventRowSchema = z.object({
  event_id: z.string(),
  event_type: z.string(),
  event_category: z.string(),
  at: DecimalSchema,
  received: DecimalSchema,
  order_seq: DecimalSchema,
  user_id: z.string(),
  team_id: z.string(),
  environment: z.string(),
  agent: z.string(),
  agent_version: z.string(),
  model: z.string(),
  repo: z.string(),
  branch: z.string(),
  tool_name: z.string(),
  cost: DecimalSchema.nullable(),
  cost_source: z.string(),
  metadata: z.string(),
});
export type EventRow = z.infer<typeof EventRowSchema>;

/** One session's events, oldest first. */
export const timelineQuery = tenantQuery({
  name: "timeline",
  input: z.object({ sessionId: z.string(), after: EventPositionSchema.optional(), limit: z.number().int() }),
  row: EventRowSchema,
  sql: (access, { sessionId, after, limit }) => sql`
SELECT
  toString(event_id) AS event_id,
  toString(event_type) AS event_type,
  event_category,
  toUnixTimestamp64Milli(timestamp) AS at,
  toUnixTimestamp64Milli(received_at) AS received,
  ifNull(toInt64(seq), -1) AS order_seq,
  user_id,
  team_id,
  environment,
  agent,
  agent_version,
  model,
  repo,
  branch,
  tool_name,
  toString(cost_nano_usd) AS cost,
  cost_source,
  metadata
FROM ${tenantEvents(access, [sql`session_id = ${param("String", sessionId)}`])}
WHERE ${
    after === undefined
      ? sql`1`
      : sql`(at, order_seq, event_id) > (${param("UInt64", after.at)}, ${param("Int64", after.seq)}, ${param("String", after.eventId)})`
  }
ORDER BY at, order_seq, event_id
LIMIT ${param("UInt32", limit)}`,
});
