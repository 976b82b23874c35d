/**
 * What the live view reads out of its state: the big numbers and the lists. Called when rendering; pure.
 */
import { MEASURES, type Measure } from "../../../schema/frame.ts";
import { MINUTE_MS } from "../../../schema/limits.ts";
import { LIVE_RANGE_MS, WINDOW_MS } from "../../../schema/live.ts";
import { noMeasures } from "./frames.ts";
import type { Session, SessionCounts, WindowSums } from "./model.ts";
import type { LiveState } from "./reducer.ts";

/** The big numbers. `perSecond` is null while no whole window is known. */
export interface Summary {
  perSecond: number | null;
  events: number;
  errors: number;
  alerts: number;
  /** Over the span; money apart, because it may outgrow a double's whole numbers. */
  measures: Record<Measure, number>;
  costNano: bigint;
}

/** All tokens that were paid for or cached. */
export function tokensOf(measures: Readonly<Record<Measure, number>>): number {
  return measures.input_tokens + measures.output_tokens + measures.cache_read_tokens + measures.cache_write_tokens;
}

/** Start of the window that a moment falls into. */
export function windowStart(at: number): number {
  return Math.floor(at / WINDOW_MS) * WINDOW_MS;
}

/** First window of the span that ends now. */
export function spanStart(now: number): number {
  return windowStart(now) - LIVE_RANGE_MS + WINDOW_MS;
}

/** Sums of the last 15 minutes as of `now` (server ms). Events dated ahead of `now` belong to no window of the span. */
export function summarize(state: LiveState, now: number): Summary {
  const from = spanStart(now);
  const current = windowStart(now);
  const summary: Summary = {
    perSecond: null,
    events: 0,
    errors: 0,
    alerts: 0,
    measures: noMeasures(),
    costNano: 0n,
  };
  for (const { value: window } of state.windows.values()) {
    if (window.start < from || window.start > current) continue;
    summary.events += eventsOf(window);
    summary.errors += window.types.error ?? 0;
    summary.alerts += window.types.security_alert ?? 0;
    for (const measure of MEASURES) summary.measures[measure] += window.measures[measure];
    summary.costNano += BigInt(Math.round(window.measures.cost_nano_usd));
  }
  // The window under way and the one before it: 10 to 20 s, long enough to be calm, short enough to be now.
  const before = current - WINDOW_MS;
  if (before >= state.from) {
    const count = windowEvents(state, current) + windowEvents(state, before);
    summary.perSecond = (count * 1_000) / (now - before);
  }
  return summary;
}

function windowEvents(state: LiveState, start: number): number {
  const window = state.windows.get(start)?.value;
  return window === undefined ? 0 : eventsOf(window);
}

/** Events of all types in a window. */
export function eventsOf(window: WindowSums): number {
  let sum = 0;
  for (const type in window.types) sum += window.types[type] ?? 0;
  return sum;
}

/** A session that is silent this long is shown as idle: the server infers the same, but says so only when asked. */
export const IDLE_AFTER_MS = 5 * MINUTE_MS;

/** Sessions that run or idle, newest first; ties by id, so that the order never flickers. */
export function openSessions(state: LiveState, now: number): Session[] {
  return [...state.sessions.values()]
    .map(({ value }) => value)
    .filter((row) => row.state !== "ended")
    .map((row): Session => {
      const state = now - row.last_at >= IDLE_AFTER_MS ? "idle" : "running";
      // The same object while nothing changed, so that its row is not drawn anew.
      return row.state === state ? row : { ...row, state };
    })
    .sort((a, b) => b.started_at - a.started_at || (a.session < b.session ? -1 : 1));
}

/** How many run and idle: counted in `open` when it is all there is, else what the server says of all. */
export function countSessions(state: LiveState, open: readonly Session[]): SessionCounts {
  const { running, idle } = state.counts.value;
  if (open.length < running + idle) return { running, idle };
  const runs = open.filter((one) => one.state === "running").length;
  return { running: runs, idle: open.length - runs };
}
