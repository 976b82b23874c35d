/**
 * Limits and timings of QuotaLease, with unit and reason. Numbers only; tests pass another clock through `Tuning`.
 */
import { LEASE_MS, SECOND_MS } from "../../schema/limits.ts";

/** Seconds of a quota that are shared out evenly, so that every isolate has something to admit with. */
export const EVEN_LEASE_S = 0.5;
/** Seconds of a quota that are shared out by use: a lease's life, so that a busy isolate's lasts while the next is fetched. */
export const USED_LEASE_S = LEASE_MS / SECOND_MS;
/** An isolate that has not called for this long does not count as sharing the quota. */
export const ISOLATE_MEMORY_MS = 5 * SECOND_MS;
/** Isolates remembered; Cloudflare has some 330 locations, with a few isolates each. */
export const MAX_ISOLATES = 5_000;
/** Half-life of what an isolate has spent, from which its share is made. */
export const USE_HALF_LIFE_MS = SECOND_MS;
/** Counters are written at most this often: a row costs money, and a crash loses what was counted since. */
export const FLUSH_MS = 5 * SECOND_MS;
/** Days of usage kept: 13 months, as detail is. */
export const USAGE_DAYS = 396;

/** What tests vary. */
export interface Tuning {
  /** ms since the epoch. */
  now: () => number;
  flushMs: number;
}

export const PRODUCTION: Tuning = { now: () => Date.now(), flushMs: FLUSH_MS };
