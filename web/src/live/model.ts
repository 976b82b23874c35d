/**
 * What the live view holds: the windows, sessions and notices of schema/live.ts with totals by name instead of by place.
 * Made by frames.ts, folded by reducer.ts, read by everything else in the live view.
 */

import type { z } from "zod";
import type { Measure } from "../../../schema/frame.ts";
import type { NoticeSchema, SessionView } from "../../../schema/live.ts";

/** Notices kept in memory; the server keeps 1,000, a person reads far fewer. */
export const MAX_NOTICES = 200;

/** Sums of one window. Absolute: a later value replaces an earlier one. */
export interface WindowSums {
  /** ms since the epoch, a multiple of WINDOW_MS. */
  start: number;
  /** Events by type. A type that is absent had none. */
  types: Readonly<Record<string, number>>;
  /** Measures summed over all types. */
  measures: Readonly<Record<Measure, number>>;
}

export type Session = SessionView;

/** An error, a security alert or another priority event; `key` is its identity. */
export type Notice = z.infer<typeof NoticeSchema> & { key: string };

interface Stamp {
  /** Which life of the server's counter `seq` belongs to. */
  epoch: string;
  seq: number;
  /** Server time of the frame, ms since the epoch. */
  at: number;
}

/** Everything, replacing what was known. */
export interface SnapshotFrame extends Stamp {
  kind: "snapshot";
  /** The server answers for windows from here on; earlier ones are unknown, not empty. */
  from: number;
  windows: WindowSums[];
  sessions: Session[];
  counts: SessionCounts;
  notices: Notice[];
  truncated: boolean;
}

/** Sessions in all, also those that a list was cut before. */
export interface SessionCounts {
  running: number;
  idle: number;
}

/** The windows and sessions that changed, with absolute values: applying it twice changes nothing. */
export interface UpdateFrame extends Stamp {
  kind: "update";
  windows: WindowSums[];
  sessions: Session[];
  counts: SessionCounts;
  truncated: boolean;
}

/** Notices, upserted by identity. */
export interface NoticeFrame extends Stamp {
  kind: "notices";
  notices: Notice[];
}

export type LiveFrame = SnapshotFrame | UpdateFrame | NoticeFrame;
