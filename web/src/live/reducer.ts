/**
 * Folds live frames into the state that the live view shows. Called by store.ts for every frame; pure.
 * Frames may come late, twice or out of order, and the server may start a new epoch; the result is always what the
 * server's newest word about each window was. It does not decide when to reconnect: it only says `resync`.
 */
import { LIVE_RANGE_MS, WINDOW_MS } from "../../../schema/live.ts";
import {
  type LiveFrame,
  MAX_NOTICES,
  type Notice,
  type Session,
  type SessionCounts,
  type SnapshotFrame,
  type UpdateFrame,
  type WindowSums,
} from "./model.ts";

/** A value and the counter of the frame that last set it. */
interface Stamped<T> {
  seq: number;
  value: T;
}

export interface LiveState {
  /** Null until the first snapshot. */
  epoch: string | null;
  /** Highest counter seen: what `since` asks for. */
  seq: number;
  /** Counter of the snapshot: frames below it say nothing new. */
  base: number;
  /** Server time of the newest frame, ms; null until the first. */
  asOf: number | null;
  /** The server answers for windows from here on, ms. */
  from: number;
  windows: ReadonlyMap<number, Stamped<WindowSums>>;
  sessions: ReadonlyMap<string, Stamped<Session>>;
  counts: Stamped<SessionCounts>;
  /** Newest first. */
  notices: readonly Notice[];
  truncated: boolean;
  /** A frame of an unknown epoch came: only a fresh snapshot helps. */
  resync: boolean;
}

export const EMPTY_STATE: LiveState = {
  epoch: null,
  seq: 0,
  base: 0,
  asOf: null,
  from: 0,
  windows: new Map(),
  sessions: new Map(),
  counts: { seq: 0, value: { running: 0, idle: 0 } },
  notices: [],
  truncated: false,
  resync: false,
};

/** The state after a frame; the same object when the frame says nothing new. */
export function reduce(state: LiveState, frame: LiveFrame): LiveState {
  if (frame.kind === "snapshot") return applySnapshot(state, frame);
  // Before the first snapshot there is nothing to change: what comes then was meant for other filters.
  if (state.epoch === null) return state;
  if (state.epoch !== frame.epoch) return state.resync ? state : { ...state, resync: true };
  const next = frame.kind === "update" ? applyUpdate(state, frame) : withNotices(state, frame.notices);
  const seq = Math.max(state.seq, frame.seq);
  const asOf = Math.max(state.asOf ?? 0, frame.at);
  return next === state && seq === state.seq && asOf === state.asOf ? state : { ...next, seq, asOf };
}

function applySnapshot(state: LiveState, frame: SnapshotFrame): LiveState {
  // A snapshot older than what is known can only be a repeat of one that was applied before.
  if (state.epoch === frame.epoch && !state.resync && frame.seq < state.seq) return state;
  const { seq } = frame;
  return {
    epoch: frame.epoch,
    seq,
    base: seq,
    asOf: frame.at,
    from: frame.from,
    windows: new Map(frame.windows.map((value) => [value.start, { seq, value }])),
    sessions: new Map(frame.sessions.map((value) => [sessionKey(value), { seq, value }])),
    counts: { seq, value: frame.counts },
    notices: mergeNotices([], frame.notices),
    truncated: frame.truncated,
    resync: false,
  };
}

function applyUpdate(state: LiveState, frame: UpdateFrame): LiveState {
  if (frame.seq < state.base) return state;
  const oldest = Math.max(state.asOf ?? 0, frame.at) - LIVE_RANGE_MS - WINDOW_MS;
  const windows = upsert(
    state.windows,
    frame.windows.filter((window) => window.start >= oldest),
    (window) => window.start,
    frame.seq,
    (stamped) => stamped.value.start < oldest,
  );
  const sessions = upsert(
    state.sessions,
    frame.sessions,
    sessionKey,
    frame.seq,
    (stamped) => stamped.value.state === "ended" && stamped.value.last_at < oldest,
  );
  const counts = frame.seq >= state.counts.seq ? { seq: frame.seq, value: frame.counts } : state.counts;
  const truncated = frame.seq >= state.seq ? frame.truncated : state.truncated;
  return { ...state, windows, sessions, counts, truncated };
}

/** A session is told by its id and its user, whatever branch, repository or model it is at now. */
function sessionKey(one: Session): string {
  return `${one.session}\u0000${one.user}`;
}

/** Sets each value unless a newer frame set it already, and forgets what `expired` names. Copies only when needed. */
function upsert<K, T>(
  known: ReadonlyMap<K, Stamped<T>>,
  values: readonly T[],
  keyOf: (value: T) => K,
  seq: number,
  expired: (stamped: Stamped<T>) => boolean,
): ReadonlyMap<K, Stamped<T>> {
  let next: Map<K, Stamped<T>> | null = null;
  for (const value of values) {
    const key = keyOf(value);
    const before = known.get(key);
    if (before !== undefined && before.seq > seq) continue;
    next ??= new Map(known);
    next.set(key, { seq, value });
  }
  for (const [key, stamped] of next ?? known) {
    if (!expired(stamped)) continue;
    next ??= new Map(known);
    next.delete(key);
  }
  return next ?? known;
}

function withNotices(state: LiveState, notices: readonly Notice[]): LiveState {
  const merged = mergeNotices(state.notices, notices);
  return merged === state.notices ? state : { ...state, notices: merged };
}

/** Upserts by identity, newest first, at most MAX_NOTICES. */
function mergeNotices(known: readonly Notice[], added: readonly Notice[]): readonly Notice[] {
  if (added.length === 0) return known;
  const byId = new Map(known.map((notice) => [notice.key, notice]));
  for (const notice of added) byId.set(notice.key, notice);
  const merged = [...byId.values()]
    .sort((a, b) => b.timestamp - a.timestamp || (a.key < b.key ? 1 : -1))
    .slice(0, MAX_NOTICES);
  const same = merged.length === known.length && merged.every((notice, i) => sameNotice(notice, known[i]));
  return same ? known : merged;
}

function sameNotice(a: Notice, b: Notice | undefined): boolean {
  if (b === undefined) return false;
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
