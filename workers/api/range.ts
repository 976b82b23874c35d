/**
 * Range arithmetic: defaults, bounds, intervals, buckets. Pure; called by the handlers.
 */
import { type Interval, MAX_BUCKETS } from "../../schema/api/metrics.ts";
import { PublicError } from "../../schema/errors.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, RETENTION_MS, SECOND_MS } from "../../schema/limits.ts";

/** Half-open, ms since the epoch. */
export interface Range {
  from: number;
  to: number;
}

const DEFAULT_RANGE_MS = DAY_MS;
/** Detail is kept 13 months; a longer range could hold nothing more. */
const MAX_RANGE_MS = RETENTION_MS + 4 * DAY_MS;
/** Years ClickHouse's DateTime64 and our columns take. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);
/** `auto` keeps a chart at about one bucket per two pixels. */
const AUTO_BUCKETS = 360;
const AUTO_INTERVALS = ["10s", "1m", "1h", "1d"] as const;

/** Length of a bucket, of the shortest one where they differ. */
export const STEP_MS: Record<Interval, number> = {
  "10s": 10 * SECOND_MS,
  "1m": MINUTE_MS,
  "1h": HOUR_MS,
  "1d": DAY_MS,
  "1w": 7 * DAY_MS,
  "1mo": 28 * DAY_MS,
};

/** The range of a query. Throws PublicError `invalid_request`. */
export function resolveRange(query: { from?: string | undefined; to?: string | undefined }, now: number): Range {
  const to = query.to === undefined ? now : Date.parse(query.to);
  const from = query.from === undefined ? to - DEFAULT_RANGE_MS : Date.parse(query.from);
  if (from < EARLIEST) throw invalid("from", "is too early");
  if (to > LATEST) throw invalid("to", "is too late");
  if (from >= to) throw invalid("from", "must be before `to`");
  if (to - from > MAX_RANGE_MS) throw invalid("from", `a range is at most ${MAX_RANGE_MS / DAY_MS} days`);
  return { from, to };
}

/** As long as the range and ending where it starts. */
export function periodBefore(range: Range): Range {
  return { from: range.from - (range.to - range.from), to: range.from };
}

/** Starts of the buckets that touch the range, aligned to the epoch (UTC). */
export function bucketStarts(range: Range, stepMs: number): number[] {
  const starts: number[] = [];
  for (let at = Math.floor(range.from / stepMs) * stepMs; at < range.to; at += stepMs) starts.push(at);
  return starts;
}

/** The interval to use. Throws PublicError `invalid_request` when the asked one makes too many buckets. */
export function chooseInterval(asked: Interval | "auto", range: Range): Interval {
  const buckets = (interval: Interval): number => Math.ceil((range.to - range.from) / STEP_MS[interval]) + 1;
  if (asked === "auto") {
    return AUTO_INTERVALS.find((interval) => buckets(interval) <= AUTO_BUCKETS + 1) ?? "1d";
  }
  if (buckets(asked) > MAX_BUCKETS) throw invalid("interval", `makes more than ${MAX_BUCKETS} buckets of this range`);
  return asked;
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** A 400 that names one query parameter. */
export function invalid(path: string, message: string): PublicError {
  return new PublicError("invalid_request", "the query is not valid", { details: [{ path, message }] });
}
