/**
 * Payloads between Workers and Durable Objects. Versioned: a Worker and an object of two versions overlap at every deploy,
 * so readers take v and v-1. Types, and the schema of what an object stores; each object's file implements its interface.
 */
import { z } from "zod";
import { RowScopeSchema } from "./access.ts";
import type { LiveFilter, LiveHistory, SnapshotFrame, Ticket } from "./live.ts";
import type { Residency } from "./pack.ts";

export const RPC_VERSION = 1;

/** Frames of one tenant out of one queue batch or buffer flush. */
export interface ApplyRequest {
  v: typeof RPC_VERSION;
  org_id: string;
  packs: { pack_id: string; received_at: number; frame: Uint8Array }[];
  /** Absent: not global. A global tenant's sealed windows are left to the final rollups of each region. */
  residency?: Residency;
}

/** What became of the events. `late`: their window was sealed; found in history. `skewed`: dated in the future, summed now. */
export interface ApplyResult {
  v: typeof RPC_VERSION;
  applied: number;
  duplicates: number;
  late: number;
  skewed: number;
  /** Packs whose frame could not be read: never will be, so history has their events and the tenant needs a rebuild. */
  unreadable?: number;
  /** The object had to start afresh: until it is rebuilt from ClickHouse it misses what came before. */
  incomplete?: boolean;
}

/** A priority notice: shown at once, never counted (only the pack counts). */
export interface Notice {
  event_id: string;
  event_type: string;
  timestamp: number;
  user_id: string;
  session_id: string;
  team_id: string;
  agent: string;
  model: string;
  repo: string;
  environment: string;
  severity: string;
  title: string;
}

export interface NoticeRequest {
  v: typeof RPC_VERSION;
  org_id: string;
  notices: Notice[];
}

/** What a socket's principal may see, resolved by the Worker before the upgrade; kept with a ticket and a socket. */
export const SocketGrantSchema = z.object({
  user_id: z.string(),
  role: z.string(),
  scope: RowScopeSchema,
  expires_at: z.number().int().describe("ms since the epoch; at most 10 minutes ahead"),
});
export type SocketGrant = z.infer<typeof SocketGrantSchema>;

/** Headers of an upgrade request from workers/realtime to the object; never taken from a client. */
export const LIVE_HEADERS = {
  /** A ticket's secret; the grant comes from the ticket. */
  ticket: "x-tenfold-ticket",
  /** LiveFilter as JSON, percent-encoded. */
  filter: "x-tenfold-filter",
  since: "x-tenfold-since",
} as const;

/** Events of [from, to) as ClickHouse has them: those the object misses are added, those it has are duplicates. */
export interface RebuildRequest extends ApplyRequest {
  from: number;
  to: number;
  /** The last slice: from `from` on nothing is missing any more. `from` is then the start of the whole range. */
  last: boolean;
}

/** What the object holds, for operators and benchmarks. */
export interface LiveStats {
  epoch: string;
  seq: number;
  windows: number;
  cells: number;
  sessions: number;
  sockets: number;
  dedup_bytes: number;
  /** Rows written by the checkpoints of this instance. */
  rows_written: number;
}

export interface TenantLiveRpc {
  apply(request: ApplyRequest): Promise<ApplyResult>;
  notify(request: NoticeRequest): Promise<void>;
  /** Idempotent: identity decides, as in apply. */
  rebuild(request: RebuildRequest): Promise<ApplyResult>;
  snapshot(grant: SocketGrant, filter: LiveFilter): Promise<SnapshotFrame>;
  /** Windows of [from, to), ms; at most 24 hours back. */
  history(grant: SocketGrant, filter: LiveFilter, from: number, to: number): Promise<LiveHistory>;
  issueTicket(grant: SocketGrant): Promise<Ticket>;
  /** Ends the streams of this user, or of everyone, and voids their tickets; the number of sockets closed. */
  revoke(userId?: string): Promise<number>;
  stats(): Promise<LiveStats>;
}

/** Packs of one EU tenant; a resolved promise means they are in the object's SQLite. */
export interface AppendRequest {
  v: typeof RPC_VERSION;
  org_id: string;
  packs: Uint8Array[];
}

export interface AppendResult {
  v: typeof RPC_VERSION;
  stored: number;
}

export interface EventBufferRpc {
  append(request: AppendRequest): Promise<AppendResult>;
}

/** What an isolate has seen of one tenant since its last call, added up. */
export interface UsageCounts {
  /** Ingest requests that were counted against the quota. */
  requests: number;
  /** Events of them that were let in, repeats included. */
  events: number;
  /** Bytes of their bodies after decompression. */
  bytes: number;
  /** Events refused one by one. */
  rejected: number;
  /** Requests answered 429, ingest and API. */
  rate_limited: number;
  api_requests: number;
}

export const NO_USAGE: UsageCounts = {
  requests: 0,
  events: 0,
  bytes: 0,
  rejected: 0,
  rate_limited: 0,
  api_requests: 0,
};
export const USAGE_NAMES = Object.keys(NO_USAGE) as (keyof UsageCounts)[];

/** What is leased: events, or API requests. */
export type Meter = "events" | "api";

/** An isolate asks for tokens of one meter, gives back what it has left and tells what it has counted. */
export interface LeaseRequest {
  v: typeof RPC_VERSION;
  org_id: string;
  /** Random id of the isolate, so that the object knows how many share the quota. */
  isolate: string;
  meter: Meter;
  /** Tokens a second, from the caller's tenant record. */
  rate: number;
  /** Events a UTC day; null: no limit. Only for the meter `events`. */
  per_day: number | null;
  /** Tokens of the last lease not spent; negative: let in on credit. */
  left: number;
  /** false: only gives back and reports. */
  want: boolean;
  usage: UsageCounts;
}

export interface LeaseAnswer {
  v: typeof RPC_VERSION;
  /** Whole tokens; with none, `retry_ms` says when it is worth asking again and `reason` what is used up. */
  granted: number;
  /** Tokens left in the tenant's bucket; negative: in debt. */
  level: number;
  isolates: number;
  retry_ms: number;
  reason: "rate" | "day" | null;
}

/** Usage of one UTC day. */
export interface UsageDay extends UsageCounts {
  /** YYYY-MM-DD. */
  day: string;
}

export interface QuotaLeaseRpc {
  lease(request: LeaseRequest): Promise<LeaseAnswer>;
  /** The last `days` days, today first; days without any are left out. */
  usage(days: number): Promise<UsageDay[]>;
}

/** A point of a cumulative series. `series`: hash of what identifies it; times are decimal nanoseconds. */
export interface SeriesPoint {
  series: string;
  start: string;
  time: string;
  /** Since the start. */
  value: number;
}

/** What a series gained from one of its points to a later one, of that point's time. Same bounds, same event. */
export interface SeriesInterval {
  series: string;
  start: string;
  from: number;
  to: number;
  time: string;
}

export interface AdvanceRequest {
  v: typeof RPC_VERSION;
  org_id: string;
  points: SeriesPoint[];
}

export interface AdvanceAnswer {
  v: typeof RPC_VERSION;
  /** What was gained and what is not confirmed yet, of the series asked about. */
  intervals: SeriesInterval[];
  /** Points of new series that are not counted: the tenant has too many. */
  full: number;
  /** Points to be sent again: too much of their series is not confirmed. */
  behind: number;
}

export interface ConfirmRequest {
  v: typeof RPC_VERSION;
  org_id: string;
  intervals: SeriesInterval[];
}

export interface MetricSeriesRpc {
  /** Idempotent for the same points until their intervals are confirmed; then they gain nothing. */
  advance(request: AdvanceRequest): Promise<AdvanceAnswer>;
  /** Their events are durable. Idempotent. */
  confirm(request: ConfirmRequest): Promise<void>;
}
