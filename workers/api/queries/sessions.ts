/**
 * The session queries: a page of sessions, chosen sessions, one session's timeline, and the hours that are not rolled up. A session
 * that has events in both regions of a global tenant is put together by the caller.
 */
import { z } from "zod";
import { tenantEvents, tenantQuery } from "../../shared/clickhouse-read.ts";
import { param, sql } from "../../shared/sql.ts";
import { tenantHours } from "../../shared/tenant-rollups.ts";
import { DecimalSchema, FiltersInputSchema, RangeSchema, within } from "./columns.ts";
import { LAST, matches, SESSION_COLUMNS, STARTED, sessionRows } from "./session-rows.ts";

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

/** Place of a session in the list: later starts first, then by id, descending. */
const PositionSchema = z.object({ started: z.number(), sessionId: z.string() });

const OpenSchema = z.array(RangeSchema);

const PlaceRowSchema = z.object({ session_id: z.string(), started: DecimalSchema, last: DecimalSchema });
/** Where a session stands in the list, as one region knows it. Times are ms. */
export type SessionPlace = z.infer<typeof PlaceRowSchema>;

/**
 * Places of the sessions whose time overlaps the range, after `after` in the list's order. `open`: hours whose events count as they
 * are. No figures: ClickHouse reads only the columns that place or filter a session, of all that may be on the page; figures are
 * asked for those that are (`sessionsByIdQuery`). In one statement they would be computed of every session of the range.
 */
export const sessionPlacesQuery = tenantQuery({
  name: "session_places",
  input: z.object({
    open: OpenSchema,
    range: RangeSchema,
    filters: FiltersInputSchema,
    words: z.string().optional(),
    after: PositionSchema.optional(),
    limit: z.number().int(),
  }),
  row: PlaceRowSchema,
  sql: (access, { after, limit, ...asked }) => sql`
SELECT session_id, ${STARTED}, ${LAST}
FROM ${sessionRows(access, asked)}
WHERE ${matches(asked)}
  AND ${
    after === undefined
      ? sql`1`
      : sql`(p_first, session_id) < (${param("DateTime64(3, 'UTC')", after.started)}, ${param("String", after.sessionId)})`
  }
ORDER BY p_first DESC, session_id DESC
LIMIT ${param("UInt32", limit)}`,
});

/**
 * The named sessions, whenever they were; `matched` 1: the session overlaps the range and every filter is met. `span`: no event of
 * them is outside, which spares a look through all open hours.
 */
export const sessionsByIdQuery = tenantQuery({
  name: "sessions_by_id",
  input: z.object({
    open: OpenSchema,
    range: RangeSchema.optional(),
    filters: FiltersInputSchema,
    words: z.string().optional(),
    ids: z.array(z.string()),
    span: RangeSchema.optional(),
  }),
  row: SessionRowSchema,
  sql: (access, { open, ids, span, ...asked }) => sql`
SELECT ${SESSION_COLUMNS}, ${matches(asked)} AS matched
FROM ${sessionRows(access, { open, ids, span, filters: {} })}`,
});

/** Hours that `sessions` has not seen as they are now, in order. */
export const openHoursQuery = tenantQuery({
  name: "open_hours",
  input: z.object({ range: RangeSchema }),
  row: z.object({ at: DecimalSchema }),
  sql: (access, { range }) => sql`
SELECT toString(toUnixTimestamp(hour)) AS at
FROM ${tenantHours(access, range)}
WHERE touched_at > watermark OR session_generation < generation
ORDER BY hour`,
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
  input: z.object({
    sessionId: z.string(),
    range: RangeSchema,
    after: EventPositionSchema.optional(),
    limit: z.number().int(),
  }),
  row: EventRowSchema,
  sql: (access, { sessionId, range, after, limit }) => sql`
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
FROM ${tenantEvents(access, [sql`session_id = ${param("String", sessionId)}`, within(range)])}
WHERE ${
    after === undefined
      ? sql`1`
      : sql`(at, order_seq, event_id) > (${param("UInt64", after.at)}, ${param("Int64", after.seq)}, ${param("String", after.eventId)})`
  }
ORDER BY at, order_seq, event_id
LIMIT ${param("UInt32", limit)}`,
});
