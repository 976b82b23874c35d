/**
 * Payloads between Workers and Durable Objects. Versioned: a Worker and an object of two versions overlap at every deploy,
 * so readers take v and v-1. Types only; each object's file implements the interface it is named after.
 */
import type { RowScope } from "./access.ts";

export const RPC_VERSION = 1;

/** Frames of one tenant out of one queue batch or buffer flush. */
export interface ApplyRequest {
  v: typeof RPC_VERSION;
  org_id: string;
  packs: { pack_id: string; received_at: number; frame: Uint8Array }[];
}

/** What became of the events. `late`: their window was sealed; found in history. `skewed`: dated in the future, summed now. */
export interface ApplyResult {
  v: typeof RPC_VERSION;
  applied: number;
  duplicates: number;
  late: number;
  skewed: number;
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

/** What a socket's principal may see, resolved by the Worker before the upgrade. */
export interface SocketGrant {
  user_id: string;
  role: string;
  scope: RowScope;
  /** ms since the epoch; at most 10 minutes ahead. */
  expires_at: number;
}

export interface TenantLiveRpc {
  apply(request: ApplyRequest): Promise<ApplyResult>;
  notify(request: NoticeRequest): Promise<void>;
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
