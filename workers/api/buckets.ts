/**
 * The buckets of a series: where they start, which number ClickHouse gives them, and the compared period laid over them.
 * Called by the metric handlers; queries/bucket-sql.ts is the same arithmetic in SQL. Pure.
 */
import { type Interval, MAX_BUCKETS } from "../../schema/api/metrics.ts";
import { DAY_MS } from "../../schema/limits.ts";
import { bucketStarts, invalid, periodBefore, type Range, STEP_MS } from "./range.ts";
import { clockChanges, fromLocal, toLocal, UTC, type ZonePiece, zonePieces } from "./time-zone.ts";

/** How moments become bucket numbers: everything the SQL needs. */
export interface BucketRule {
  interval: Interval;
  /** Offsets of the zone; one piece of zero for UTC and for intervals below a day. */
  pieces: ZonePiece[];
  /** Events before `before` belong to the compared period: their time is moved by `moveMs`, their number by `moveBuckets`. */
  compared?: { before: number; moveMs: number; moveBuckets: number } | undefined;
}

export interface Buckets {
  rule: BucketRule;
  /** First moment of each bucket that touches the range, ms. */
  starts: number[];
  /** Number of the first bucket; the others follow. */
  first: number;
  /** The compared period; undefined: none was asked for. */
  previous: Range | undefined;
  /** Moments at which values must part, for the planner. */
  cuts: number[];
}

/** 1970-01-01 was a Thursday; weeks start on Monday. */
const WEEK_OFFSET_DAYS = 3;
/** A month has 31 days at most, and a zone is 14 hours ahead at most. */
const ZONE_MARGIN_MS = 33 * DAY_MS;

/**
 * The buckets of a range. Days, weeks and months are local to `zone`; shorter ones are the same everywhere. With `compare`, the
 * period before: as many whole buckets when the range is whole ones, else as long as the range.
 * Throws PublicError `invalid_request`.
 */
export function bucketsOf(range: Range, interval: Interval, zone: string, compare: boolean): Buckets {
  const isLocal = STEP_MS[interval] >= DAY_MS;
  const around = { from: 2 * range.from - range.to - ZONE_MARGIN_MS, to: range.to + ZONE_MARGIN_MS };
  const local = zonePieces(zone, around);
  const pieces = [...(isLocal ? local : zonePieces(UTC, around))];
  const starts = isLocal ? localStarts(range, interval, pieces) : bucketStarts(range, STEP_MS[interval]);
  if (starts.length > MAX_BUCKETS) throw invalid("interval", `makes more than ${MAX_BUCKETS} buckets of this range`);
  const first = bucketNumber(range.from, interval, pieces);
  const plain = { starts, first, cuts: [...starts, ...clockChanges(pieces)] };
  if (!compare) return { ...plain, rule: { interval, pieces }, previous: undefined };

  const isWhole = isLocal && starts[0] === range.from && startOf(first + starts.length, interval, pieces) === range.to;
  const previous = isWhole
    ? { from: startOf(first - starts.length, interval, pieces), to: range.from }
    : periodBefore(range);
  const moveMs = isWhole ? 0 : range.to - range.from;
  const compared = { before: range.from, moveMs, moveBuckets: isWhole ? starts.length : 0 };
  const before = isWhole ? localStarts(previous, interval, pieces) : plain.cuts.map((cut) => cut - moveMs);
  return { ...plain, rule: { interval, pieces, compared }, previous, cuts: [...plain.cuts, ...before, range.from] };
}

/** Number of the bucket a moment is in. */
export function bucketNumber(at: number, interval: Interval, pieces: readonly ZonePiece[]): number {
  if (STEP_MS[interval] < DAY_MS) return Math.floor(at / STEP_MS[interval]);
  const day = Math.floor(toLocal(pieces, at) / DAY_MS);
  if (interval === "1d") return day;
  if (interval === "1w") return Math.floor((day + WEEK_OFFSET_DAYS) / 7);
  const date = new Date(day * DAY_MS);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function startOf(number: number, interval: Interval, pieces: readonly ZonePiece[]): number {
  const day =
    interval === "1mo"
      ? Date.UTC(Math.floor(number / 12), number % 12, 1) / DAY_MS
      : interval === "1w"
        ? number * 7 - WEEK_OFFSET_DAYS
        : number;
  return fromLocal(pieces, day * DAY_MS);
}

function localStarts(range: Range, interval: Interval, pieces: readonly ZonePiece[]): number[] {
  const starts: number[] = [];
  for (let number = bucketNumber(range.from, interval, pieces); ; number++) {
    const start = startOf(number, interval, pieces);
    if (start >= range.to) return starts;
    starts.push(start);
  }
}
