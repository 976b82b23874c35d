/**
 * The live protocol: filters, views of windows and sessions, socket frames both ways, snapshot and history answers.
 * Used by TenantLive (writes), workers/realtime (SSE, snapshot), the web app and programs (read). Versioned; no behaviour
 * but the parsing of `since`.
 *
 * Every number is absolute, so reading a frame twice is harmless. Totals are arrays in the order of LIVE_TOTALS with
 * trailing zeros left out: `{"cost_incurred":[12,3400000]}` is 12 events and 3.4 million nano-USD.
 */
import { z } from "zod";
import { MEASURES } from "./frame.ts";
import { DAY_MS, MAX_ID_LENGTH, MINUTE_MS, SECOND_MS } from "./limits.ts";

export const LIVE_VERSION = 1;

/** Length of a live window. */
export const WINDOW_MS = 10 * SECOND_MS;
/** Session-grained windows, and so a SNAPSHOT, reach back this far. */
export const LIVE_RANGE_MS = 15 * MINUTE_MS;
/** The hot history of the object. */
export const HOT_HISTORY_MS = DAY_MS;
/** A socket's grant is valid at most this long; it is renewed in-band with a ticket. */
export const MAX_GRANT_MS = 10 * MINUTE_MS;
/** A ticket is good for one use within this time. */
export const TICKET_MS = 30 * SECOND_MS;
/** Bytes of one SNAPSHOT as UTF-8; a phone on a slow line reads it in under a second. */
export const MAX_SNAPSHOT_BYTES = 64_000;
/** Text a client sends to be answered `pong` without waking the object. */
export const PING = "ping";
export const PONG = "pong";

/** Close codes of the live socket, in the range for applications. */
export const LIVE_CLOSE = {
  /** Grant expired and was not renewed: get a ticket and reconnect with `since`. */
  expired: 4401,
  /** Rights changed: log in again. */
  revoked: 4403,
  /** The client read too slowly: reconnect with `since`. */
  slow: 4408,
  /** A message that is not of this protocol. */
  bad_message: 4400,
} as const;

/** What a total holds, in this order: number of events, then the measures of the live frame. */
export const LIVE_TOTALS = ["count", ...MEASURES] as const;

const value = z.string().min(1).max(MAX_ID_LENGTH).optional();

/** The filters of /metrics that live data can answer; each is one exact value. */
export const LiveFilterSchema = z.strictObject({
  type: value,
  team: value,
  agent: value,
  model: value,
  repo: value,
  environment: value,
});
export type LiveFilter = z.infer<typeof LiveFilterSchema>;
export const LIVE_FILTERS = Object.keys(LiveFilterSchema.shape) as (keyof LiveFilter)[];

/** `since` of a resume: `<epoch>.<seq>`. */
const SINCE = /^([0-9a-f]{16})\.(\d{1,15})$/;

export interface LiveCursor {
  epoch: string;
  seq: number;
}

/** Reads `since` (also an SSE Last-Event-ID); undefined for anything else, which means a SNAPSHOT. */
export function parseSince(text: string | null | undefined): LiveCursor | undefined {
  const match = SINCE.exec(text ?? "");
  return match?.[1] === undefined || match[2] === undefined ? undefined : { epoch: match[1], seq: Number(match[2]) };
}

export function formatSince(cursor: LiveCursor): string {
  return `${cursor.epoch}.${cursor.seq}`;
}

const ms = z.number().int().describe("ms since the epoch");

export const WindowViewSchema = z.object({
  start: ms,
  by_type: z.record(z.string(), z.array(z.number()).min(1).max(LIVE_TOTALS.length)),
  /** Some events of this window were summed without their session or user: exact by type, team, agent and environment. */
  truncated: z.boolean().optional(),
});
export type WindowView = z.infer<typeof WindowViewSchema>;

export const SESSION_STATES = ["running", "idle", "ended"] as const;

export const SessionViewSchema = z.object({
  session: z.string(),
  user: z.string(),
  team: z.string(),
  agent: z.string(),
  repo: z.string(),
  branch: z.string(),
  environment: z.string(),
  model: z.string().default("").describe("the last it used; empty while none was named"),
  state: z.enum(SESSION_STATES).describe("an overlay: idle is inferred from silence, history decides"),
  started_at: ms,
  last_at: ms,
  events: z.number().int(),
  cost_nano_usd: z.number(),
});
export type SessionView = z.infer<typeof SessionViewSchema>;

export const SessionsViewSchema = z.object({
  running: z.number().int(),
  idle: z.number().int(),
  ended: z.number().int(),
  list: z.array(SessionViewSchema).describe("SNAPSHOT: the most recent; METRIC_UPDATE: those that changed"),
});
export type SessionsView = z.infer<typeof SessionsViewSchema>;

/** A priority notice, keyed by event_type + timestamp + event_id. */
export const NoticeSchema = z.object({
  event_id: z.string().max(MAX_ID_LENGTH),
  event_type: z.string().max(MAX_ID_LENGTH),
  timestamp: ms,
  user_id: z.string(),
  session_id: z.string(),
  team_id: z.string(),
  agent: z.string(),
  model: z.string(),
  repo: z.string(),
  environment: z.string(),
  severity: z.string(),
  title: z.string(),
});

const frame = {
  v: z.literal(LIVE_VERSION),
  epoch: z.string(),
  seq: z.number().int(),
  at: ms.describe("the object's clock"),
};

/** On connect, after a filter change, and when `since` cannot be answered: replaces everything the client has. */
export const SnapshotFrameSchema = z.object({
  ...frame,
  kind: z.literal("SNAPSHOT"),
  watermark: ms.describe("windows that end before it are closed"),
  from: ms.describe("start of the earliest window this snapshot covers"),
  windows: z.array(WindowViewSchema),
  sessions: SessionsViewSchema,
  notices: z.array(NoticeSchema),
  truncated: z.boolean().describe("a cap was reached, or older windows were left out to keep the frame small"),
});
export type SnapshotFrame = z.infer<typeof SnapshotFrameSchema>;

/** Changed windows and sessions; windows that are not named stay as they are. */
export const MetricUpdateFrameSchema = z.object({
  ...frame,
  kind: z.literal("METRIC_UPDATE"),
  watermark: ms,
  windows: z.array(WindowViewSchema),
  sessions: SessionsViewSchema,
  truncated: z.boolean(),
});
export type MetricUpdateFrame = z.infer<typeof MetricUpdateFrameSchema>;

/** Notices to upsert by identity; never counted, only packs count. */
export const EventFrameSchema = z.object({ ...frame, kind: z.literal("EVENT"), notices: z.array(NoticeSchema) });
export type EventFrame = z.infer<typeof EventFrameSchema>;

/** The grant was renewed. */
export const RenewedFrameSchema = z.object({ ...frame, kind: z.literal("RENEWED"), expires_at: ms });

export const ServerFrameSchema = z.discriminatedUnion("kind", [
  SnapshotFrameSchema,
  MetricUpdateFrameSchema,
  EventFrameSchema,
  RenewedFrameSchema,
]);
export type ServerFrame = z.infer<typeof ServerFrameSchema>;

/** What a client may say, besides the text `ping`. */
export const ClientFrameSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("RENEW"), ticket: z.string().max(1_024) }),
  z.strictObject({ kind: z.literal("FILTER"), filter: LiveFilterSchema }),
]);
export type ClientFrame = z.infer<typeof ClientFrameSchema>;

/** The answer of POST /api/v1/live/ticket. */
export const TicketSchema = z.object({ ticket: z.string(), expires_at: ms });
export type Ticket = z.infer<typeof TicketSchema>;

/** Windows of the hot history; `complete` is false when the filter or scope needs a finer grain than is kept. */
export const LiveHistorySchema = z.object({
  v: z.literal(LIVE_VERSION),
  at: ms,
  watermark: ms,
  complete: z.boolean(),
  windows: z.array(WindowViewSchema),
});
export type LiveHistory = z.infer<typeof LiveHistorySchema>;
