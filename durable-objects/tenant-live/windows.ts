/**
 * Window arithmetic: which window an event belongs to, and what the object's clock says about it.
 * Used by every module of TenantLive. Pure; the clock is an argument, never an event's time.
 *
 * A window is named by its number: start = number * WINDOW_MS.
 */
import { HOUR_MS, MINUTE_MS } from "../../schema/limits.ts";
import { HOT_HISTORY_MS, LIVE_RANGE_MS, WINDOW_MS } from "../../schema/live.ts";

/** Watermark = clock - this: a window closes this long after its end. Queues deliver within seconds; agents retry for a minute. */
export const CLOSE_AFTER_MS = 2 * MINUTE_MS;
/** A window takes late events this long after its end; ClickHouse has everything after it. */
export const SEAL_AFTER_MS = 2 * HOUR_MS;
/** An event further ahead of the clock is summed in the current window: its sender's clock is wrong. */
export const SKEW_MS = MINUTE_MS;

export type WindowId = number;

export function windowOf(timeMs: number): WindowId {
  return Math.floor(timeMs / WINDOW_MS);
}

export function windowStart(window: WindowId): number {
  return window * WINDOW_MS;
}

/** Windows that end before it are closed. */
export function watermark(now: number): number {
  return now - CLOSE_AFTER_MS;
}

/** The first window that is not closed: (window + 1) * WINDOW_MS > now - CLOSE_AFTER_MS. */
export function firstOpen(now: number): WindowId {
  return Math.floor(watermark(now) / WINDOW_MS);
}

/** The first window that is not sealed; those before it take no event. */
export function firstUnsealed(now: number): WindowId {
  return Math.floor((now - SEAL_AFTER_MS) / WINDOW_MS);
}

/** The first window kept by session; older ones are rolled. */
export function firstFine(now: number): WindowId {
  return Math.floor((now - LIVE_RANGE_MS) / WINDOW_MS);
}

/** The first window of the hot history. */
export function firstKept(now: number): WindowId {
  return Math.floor((now - HOT_HISTORY_MS) / WINDOW_MS);
}

export function isSkewed(timeMs: number, now: number): boolean {
  return timeMs > now + SKEW_MS;
}
