/**
 * Limits and timings of EventBuffer, with unit and reason. Numbers only; tests pass other values through `Tuning`.
 */
import { KB, MB, MINUTE_MS, SECOND_MS } from "../../schema/limits.ts";

/** Bytes of one stored row's packs; the platform's limit is 2 MB for the whole row. */
export const MAX_ROW_BYTES = 1_900 * KB;
/** Pack bytes of one flush: with its copies it stays far below the isolate's 128 MB, and below RPC's 32 MiB. */
export const MAX_FLUSH_BYTES = 8 * MB;
/** Events of one flush: a good ClickHouse part, and a live apply of milliseconds. Also the limit of one row. */
export const MAX_FLUSH_EVENTS = 20_000;

/** Above this much waiting, packs go to the bucket; an object holds 10 GB, and a full one refuses every write. */
export const CAP_BYTES = 4_000 * MB;
/** Spilled packs come back only below this, so that the two do not chase each other. */
export const RESUME_BYTES = CAP_BYTES / 2;
/** Above the cap with the bucket down too, SQLite still takes packs up to here. */
export const HARD_CAP_BYTES = 8_000 * MB;
/** With live failing and this much waiting, live skips ahead: a view must not fill the ledger's buffer. */
export const LIVE_SKIP_BYTES = CAP_BYTES / 2;
/** Failures in a row before live may skip ahead. */
export const LIVE_SKIP_FAILURES = 3;

/**
 * How long the oldest waiting pack may wait for company, by sink. Live decides freshness and costs no row; a ClickHouse
 * or bucket flush costs rows, a part and a Class A operation, so they collect for a second.
 */
export const FLUSH_DELAY_MS = { live: 200, clickhouse: SECOND_MS, archive: SECOND_MS } as const;

/** First and longest wait after a sink failed. The longest is what history may lag after an outage has ended; a failure costs a row. */
export const RETRY_MIN_MS = SECOND_MS;
export const RETRY_MAX_MS = 30 * SECOND_MS;

/** An alarm waits this long for slow sinks, then returns: the next alarm flushes live while ClickHouse still hangs. */
export const ALARM_WAIT_MS = SECOND_MS;
/** While a flush is under way outside an alarm, an alarm this far ahead brings the object back if it dies. */
export const GUARD_MS = 10 * SECOND_MS;
/** An alarm later than this is helped by the next append (alarms may slip by a minute). */
export const ALARM_LATE_MS = 500;
/** An alarm later than this is taken for lost and set again. */
export const ALARM_LOST_MS = 2 * MINUTE_MS;

/** One live apply or one bucket operation may take this long; the insert writer has its own limit. */
export const CALL_TIMEOUT_MS = 30 * SECOND_MS;

/** pack_ids remembered to drop duplicates that still wait: an optimisation of a few MB. */
export const MAX_REMEMBERED_PACKS = 10_000;
/** Spilled packs brought back per round. */
export const SPILL_PAGE = 100;
/** Bucket operations at once; a Worker has six connections. */
export const SPILL_PARALLEL = 5;
/** Characters of an error kept for the pipeline page. */
export const MAX_ERROR_TEXT = 200;

/** What tests vary: the clock, the jitter and the caps. */
export interface Tuning {
  /** ms since the epoch. */
  now: () => number;
  /** 0 <= x < 1; spreads retries. */
  random: () => number;
  capBytes: number;
  resumeBytes: number;
  hardCapBytes: number;
  liveSkipBytes: number;
  flushBytes: number;
  flushEvents: number;
}

export const PRODUCTION: Tuning = {
  now: () => Date.now(),
  random: () => Math.random(),
  capBytes: CAP_BYTES,
  resumeBytes: RESUME_BYTES,
  hardCapBytes: HARD_CAP_BYTES,
  liveSkipBytes: LIVE_SKIP_BYTES,
  flushBytes: MAX_FLUSH_BYTES,
  flushEvents: MAX_FLUSH_EVENTS,
};
