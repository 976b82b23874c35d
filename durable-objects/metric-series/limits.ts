/** Limits of MetricSeries, with unit and reason. Numbers only; tests pass another clock through `Tuning`. */
import { DAY_MS, HOUR_MS } from "../../schema/limits.ts";

/**
 * A series unseen for this long is forgotten, ms. A process goes on with its series after its laptop slept over a long week-end;
 * forgotten by then, everything it had counted before would be counted again.
 */
export const FORGET_AFTER_MS = 8 * DAY_MS;
/** How often the alarm looks for what to forget, ms. */
export const SWEEP_MS = 6 * HOUR_MS;
/** A sighting is written when the one on record is older than this, ms: rows written cost money, and eight days are not exact. */
export const SIGHTING_MS = 6 * HOUR_MS;
/** Series remembered of one tenant: 5,000 processes a day of 25 series each for 8 days. About 300 B a row. */
export const MAX_SERIES = 1_000_000;
/** Intervals of one series that wait for their confirmation; only failing sends make more than one. */
export const MAX_PENDING = 64;

/** What tests vary. */
export interface Tuning {
  /** ms since the epoch. */
  now: () => number;
  maxSeries: number;
}

export const PRODUCTION: Tuning = { now: () => Date.now(), maxSeries: MAX_SERIES };
