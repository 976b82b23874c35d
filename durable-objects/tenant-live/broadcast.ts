/**
 * Who gets which frame: the update of a tick to each group, the first frames of one socket. Used by the object's shell.
 * Pure but for the sockets it is given; when a tick happens is the shell's business.
 */
import { type EventFrame, LIVE_VERSION, type LiveCursor, type ServerFrame } from "../../schema/live.ts";
import type { Notice } from "../../schema/rpc.ts";
import {
  type FrameContext,
  sessionsChangedAfter,
  snapshotFrame,
  updateFrame,
  windowsChangedAfter,
} from "./messages.ts";
import type { Notices } from "./notices.ts";
import type { Group, Socket, Sockets } from "./sockets.ts";
import type { View } from "./view.ts";

/** At most one METRIC_UPDATE in this time. */
export const TICK_MS = 1_000;
/** At most one EVENT in this time: below what an eye tells apart, and it bounds an error storm from many isolates. */
export const NOTICE_TICK_MS = 100;
/** Cells looked at in one second of ticks: about a fifth of the object's one thread. Above it ticks come less often. */
const CELLS_PER_SECOND = 10_000_000;
const MAX_TICK_MS = 10_000;

/** ms until the next tick may come, by the work of the last one. */
export function tickAfter(cellsVisited: number): number {
  return Math.min(MAX_TICK_MS, Math.max(TICK_MS, Math.ceil((cellsVisited / CELLS_PER_SECOND) * 1_000)));
}

/** Sends every group what changed for it after apply `sent`; the number of cells looked at. `force`: also when nothing did. */
export function broadcastUpdates<S extends Socket>(
  context: FrameContext,
  sockets: Sockets<S>,
  sent: number,
  force: boolean,
): number {
  const { state, now } = context;
  const windows = windowsChangedAfter(state, sent).flatMap((id) => state.windows.get(id) ?? []);
  const sessions = sessionsChangedAfter(state, sent);
  let cells = 0;
  for (const group of [...sockets.groups()]) {
    const { view } = group;
    view.trim(state.fineFrom);
    const views = windows.flatMap((window) => {
      cells += window.cells.size;
      return view.changedWindow(window, state.registry) ?? [];
    });
    cells += state.registry.size;
    const frame = updateFrame(context, view, views, sessions, force);
    if (frame !== undefined) sockets.sendGroup(group, JSON.stringify(frame), now);
  }
  return cells;
}

/** Sends every group the notices it may see. */
export function broadcastNotices<S extends Socket>(
  context: FrameContext,
  sockets: Sockets<S>,
  notices: readonly Notice[],
): void {
  for (const group of [...sockets.groups()]) {
    const frame = eventFrame(context, group.view, notices);
    if (frame !== undefined) sockets.sendGroup(group, JSON.stringify(frame), context.now);
  }
}

/** The first frames of a socket: what changed since its cursor, or a SNAPSHOT when that cannot be told. */
export function firstFrames<S>(
  context: FrameContext,
  group: Group<S>,
  notices: Notices,
  since: LiveCursor | undefined,
): ServerFrame[] {
  const { state, epoch } = context;
  const { view } = group;
  const known = since !== undefined && since.epoch === epoch && since.seq <= state.seq && since.seq >= state.coarseSeq;
  if (!known) return [snapshotFrame(context, view, notices.all())];
  const windows = windowsChangedAfter(state, since.seq).flatMap((id) => {
    const window = state.windows.get(id);
    return (window && view.window(window, state.registry)) ?? [];
  });
  const update = updateFrame(context, view, windows, sessionsChangedAfter(state, since.seq), true);
  const event = eventFrame(context, view, notices.since(since.seq));
  return [update, event].filter((frame) => frame !== undefined);
}

function eventFrame(context: FrameContext, view: View, notices: readonly Notice[]): EventFrame | undefined {
  const seen = notices.filter((notice) => view.seesNotice(notice));
  if (seen.length === 0) return undefined;
  const { state, epoch, now } = context;
  return { v: LIVE_VERSION, kind: "EVENT", epoch, seq: state.seq, at: now, notices: seen };
}
