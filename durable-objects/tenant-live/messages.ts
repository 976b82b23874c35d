/**
 * Builds the frames that sockets, SSE and the snapshot answer carry, within their size. Pure.
 * Used by the object's shell and sockets.ts.
 */
import {
  LIVE_VERSION,
  MAX_SNAPSHOT_BYTES,
  type MetricUpdateFrame,
  type SnapshotFrame,
  type WindowView,
} from "../../schema/live.ts";
import type { Notice } from "../../schema/rpc.ts";
import type { LiveState } from "./live-state.ts";
import type { SessionRecord } from "./session-record.ts";
import type { View } from "./view.ts";
import { type WindowId, watermark, windowStart } from "./windows.ts";

/** Sessions listed in a SNAPSHOT: what a page shows; the counts cover all. */
const SNAPSHOT_SESSIONS = 100;
/** Sessions listed in one METRIC_UPDATE, most recent first. */
const UPDATE_SESSIONS = 50;
/** Notices listed in a SNAPSHOT, newest last. */
const SNAPSHOT_NOTICES = 100;
/** Parts of MAX_SNAPSHOT_BYTES that sessions and notices may take; windows get the rest. */
const SESSION_BYTES = 16_000;
const NOTICE_BYTES = 14_000;
/** Room for the frame's own fields. */
const HEAD_BYTES = 600;

const encoder = new TextEncoder();
const bytesOf = (value: unknown): number => encoder.encode(JSON.stringify(value)).length + 1;

/** The items from the start that fit. */
function fitting<T>(items: readonly T[], max: number): { items: T[]; bytes: number } {
  const kept: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    if (bytes + size > max) break;
    kept.push(item);
    bytes += size;
  }
  return { items: kept, bytes };
}

export interface FrameContext {
  state: LiveState;
  epoch: string;
  now: number;
}

/** Everything a view sees of the live range, at most MAX_SNAPSHOT_BYTES: the oldest windows go first. */
export function snapshotFrame(context: FrameContext, view: View, notices: readonly Notice[]): SnapshotFrame {
  const { state, epoch, now } = context;
  const sessions = view.sessions(state.registry, state.registry.records(), SNAPSHOT_SESSIONS, now);
  const listed = fitting(sessions.list, SESSION_BYTES);
  const seen = notices.filter((notice) => view.seesNotice(notice)).slice(-SNAPSHOT_NOTICES);
  const shown = fitting(seen.reverse(), NOTICE_BYTES);
  const newestFirst: WindowView[] = [];
  for (const id of [...state.windows.keys()].sort((a, b) => b - a)) {
    const window = id < state.fineFrom ? undefined : state.windows.get(id);
    const windowView = window && view.window(window, state.registry);
    if (windowView !== undefined) newestFirst.push(windowView);
  }
  const kept = fitting(newestFirst, MAX_SNAPSHOT_BYTES - HEAD_BYTES - listed.bytes - shown.bytes);
  const cut = kept.items.length < newestFirst.length;
  const windows = kept.items.reverse();
  return {
    v: LIVE_VERSION,
    kind: "SNAPSHOT",
    epoch,
    seq: state.seq,
    at: now,
    watermark: watermark(now),
    from: cut ? (windows[0]?.start ?? now) : windowStart(state.fineFrom),
    windows,
    sessions: { ...sessions, list: listed.items },
    notices: shown.items.reverse(),
    truncated: cut || state.registry.truncated || windows.some((window) => window.truncated === true),
  };
}

/** The frame for changed windows and sessions; undefined when the view sees no change. */
export function updateFrame(
  context: FrameContext,
  view: View,
  windows: readonly WindowView[],
  changed: readonly SessionRecord[],
  force: boolean,
): MetricUpdateFrame | undefined {
  const { state, epoch, now } = context;
  const mine = changed.filter((record) => view.sees(record));
  if (windows.length === 0 && mine.length === 0 && !force) return undefined;
  return {
    v: LIVE_VERSION,
    kind: "METRIC_UPDATE",
    epoch,
    seq: state.seq,
    at: now,
    watermark: watermark(now),
    windows: [...windows],
    sessions: view.sessions(state.registry, mine, UPDATE_SESSIONS, now),
    truncated: state.registry.truncated || windows.some((window) => window.truncated === true),
  };
}

/** Windows in memory that changed after apply `seq`, oldest first. */
export function windowsChangedAfter(state: LiveState, seq: number): WindowId[] {
  const ids: WindowId[] = [];
  for (const window of state.windows.values()) if (window.seq > seq) ids.push(window.id);
  return ids.sort((a, b) => a - b);
}

/** Sessions that changed after apply `seq`. */
export function sessionsChangedAfter(state: LiveState, seq: number): SessionRecord[] {
  const changed: SessionRecord[] = [];
  for (const record of state.registry.records()) if (record.seq > seq) changed.push(record);
  return changed;
}
