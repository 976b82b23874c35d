/**
 * Limits and timings of QuotaLease, with unit and reason. Numbers only; tests pass another clock through `Tuning`.
 */
import { SECOND_MS } from "../../schema/limits.ts";

/** All isolates together may hold about this many seconds of a quota, shared out evenly or by use. */
export const LEASED_S = 0.5;
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
