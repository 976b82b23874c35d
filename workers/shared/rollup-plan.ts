/**
 * When an hour or a day is rolled up, and in which portions. Pure: clocks and states come in. Used by workflows/rollup (what to do)
 * and the pipeline route (what is waiting, and until when). Due-ness is a matter of state and never of the minute at which a cron
 * fired, so a missed cron is caught up by the next one.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../schema/limits.ts";

/** An insert may run 30 s and dirty_hours.touched_at is its start: what was touched within a minute may not be all visible. */
export const MARGIN_MS = 60 * SECOND_MS;
/** An hour is first rolled up this long after its end: most of what is late by a network retry is in. */
export const AFTER_END_MS = 2 * MINUTE_MS;
/** An hour without new events for this long is recomputed at once. */
const QUIET_MS = 2 * MINUTE_MS;
/** An hour that never gets quiet is recomputed this often while it is young, and later. */
const BUSY_YOUNG_MS = 10 * MINUTE_MS;
const BUSY_OLD_MS = 30 * MINUTE_MS;
const YOUNG_MS = 3 * HOUR_MS;
/** An attempt is left alone this long; then it is taken for dead. It writes no 'done' after DEADLINE_MS. */
export const CLAIM_MS = 10 * MINUTE_MS;
export const DEADLINE_MS = 9 * MINUTE_MS;
/** The next try after the first failure, doubled with each further one. */
const RETRY_MS = MINUTE_MS;
const MAX_RETRY_MS = HOUR_MS;
/** Hours of one run of the Workflow: two minutes of work when they are small. */
export const MAX_HOURS_PER_RUN = 480;
/** Hours being computed in a region, above which no further run starts. */
export const MAX_HOURS_IN_FLIGHT = 2 * MAX_HOURS_PER_RUN;
/**
 * Detail is dropped after 13 months, so an hour that old must keep the rollup it has: a recompute would find nothing. The shortest
 * 13 months less a day, because a month's part may go at its end.
 */
export const RECOMPUTE_MAX_AGE_MS = 393 * DAY_MS;

/** What is known of one hour with events. Times are ms by ClickHouse's clock; generations decimal strings, "0": none. */
export interface HourState {
  orgId: string;
  hour: number;
  touchedAt: number;
  done: string;
  /** Start of the done run less the margin. */
  watermark: number;
  /** Generation of the hour that `sessions` has seen. */
  sessionsDone: string;
  /** Start of the newest attempt that has neither finished nor failed. */
  runningSince: number;
  /** Failures since the last done run, and when the last was. */
  failures: number;
  failedAt: number;
  /** Code of the last failure. */
  error: string;
}

/** An hour is dirty when events arrived that its done run may not have seen. */
export function isDirty(state: Pick<HourState, "done" | "touchedAt" | "watermark">): boolean {
  return state.done === "0" || state.touchedAt > state.watermark;
}

/** hour: recompute it; sessions: only its sessions are behind; later: not now. */
export type Due = "hour" | "sessions" | "later";

/** What is to be done with an hour now. */
export function dueOf(state: HourState, now: number): Due {
  if (now - state.runningSince < CLAIM_MS) return "later";
  if (nextTry(state) > now) return "later";
  if (!isDirty(state)) return BigInt(state.sessionsDone) < BigInt(state.done) ? "sessions" : "later";
  return dirtyDueAt(state, now) <= now ? "hour" : "later";
}

/** When a dirty hour's turn is, as it looks now: every further event may put it off. */
function dirtyDueAt(state: HourState, now: number): number {
  const end = state.hour + HOUR_MS;
  const quietAt = state.touchedAt + QUIET_MS;
  if (state.done === "0") {
    return Math.max(end + AFTER_END_MS, Math.min(state.touchedAt + MARGIN_MS, end + BUSY_YOUNG_MS));
  }
  const interval = now - end < YOUNG_MS ? BUSY_YOUNG_MS : BUSY_OLD_MS;
  return Math.max(end + AFTER_END_MS, Math.min(quietAt, state.watermark + MARGIN_MS + interval));
}

/** When an hour that failed is tried again; 0 when it has not. */
export function nextTry({ failures, failedAt }: Pick<HourState, "failures" | "failedAt">): number {
  return failures === 0 ? 0 : failedAt + Math.min(RETRY_MS * 2 ** Math.min(failures - 1, 10), MAX_RETRY_MS);
}

/** Hours of one tenant and UTC day that are computed by the same statements. Plain data: a step of a Workflow returns it. */
export interface HourJob {
  orgId: string;
  /** Starts of hours, ms, ascending. */
  hours: number[];
  /** Only bring `sessions` up to the done generation. */
  sessionsOnly: boolean;
}

/**
 * The jobs of one run: newest hours first, those of one tenant and day together, so that a year of import is 365 jobs and not 8,760.
 * An hour that failed is alone: what is wrong with it must not fail its neighbours.
 */
export function planJobs(states: readonly HourState[], now: number, maxHours = MAX_HOURS_PER_RUN): HourJob[] {
  const jobs = new Map<string, HourJob>();
  let hours = 0;
  for (const state of [...states].sort((a, b) => b.hour - a.hour)) {
    if (hours >= maxHours) break;
    const due = dueOf(state, now);
    if (due === "later") continue;
    const day = Math.floor(state.hour / DAY_MS);
    const place = state.failures > 0 ? state.hour : "";
    const key = `${state.orgId}\n${day}\n${due}\n${place}`;
    const job = jobs.get(key) ?? { orgId: state.orgId, hours: [], sessionsOnly: due === "sessions" };
    job.hours.unshift(state.hour);
    jobs.set(key, job);
    hours++;
  }
  return [...jobs.values()];
}

/** Bits of a generation below its clock. */
const RANDOM_BITS = 20n;

/** A generation: unique per attempt, later is greater. `random` is in [0, 1). */
export function generationOf(now: number, random: number): string {
  return String((BigInt(now) << RANDOM_BITS) | BigInt(Math.floor(random * 2 ** Number(RANDOM_BITS))));
}

/** Half-open range of time, ms, and the hours inside it that are meant. */
export interface Slice {
  from: number;
  to: number;
  hours: number[];
}

/** Events of one statement: sums of 2 M take seconds and some 100 MB. */
export const MAX_ROWS_PER_STATEMENT = 2_000_000;
/** Slices of an hour are whole minutes, so that no window of 10 s is in two. */
const MIN_SLICE_MS = MINUTE_MS;

/** Cuts the hours of a job into statements: together while they are small, a huge hour by itself in parts. */
export function slicesOf(
  hours: readonly number[],
  rowsOf: (hour: number) => number,
  maxRows: number = MAX_ROWS_PER_STATEMENT,
): Slice[] {
  const slices: Slice[] = [];
  let open: (Slice & { rows: number }) | undefined;
  for (const hour of hours) {
    const rows = rowsOf(hour);
    if (rows > maxRows) {
      open = undefined;
      const parts = Math.min(Math.ceil(rows / maxRows), HOUR_MS / MIN_SLICE_MS);
      const step = Math.ceil(HOUR_MS / parts / MIN_SLICE_MS) * MIN_SLICE_MS;
      for (let at = hour; at < hour + HOUR_MS; at += step) {
        slices.push({ from: at, to: Math.min(at + step, hour + HOUR_MS), hours: [hour] });
      }
      continue;
    }
    if (open === undefined || open.rows + rows > maxRows) {
      open = { from: hour, to: hour + HOUR_MS, hours: [], rows: 0 };
      slices.push(open);
    }
    open.to = hour + HOUR_MS;
    open.hours.push(hour);
    open.rows += rows;
  }
  return slices.map(({ from, to, hours: inside }) => ({ from, to, hours: inside }));
}

/** What is known of one UTC day that may be out of date. */
export interface DayState {
  orgId: string;
  day: number;
  /** Hours that are dirty, and that are being computed. */
  dirtyHours: number;
  runningHours: number;
  /** Greatest done generation of its hours, and the day's own; "0": none. */
  hoursDone: string;
  done: string;
  /** Start of the day's done run less the margin. */
  watermark: number;
  failures: number;
  failedAt: number;
  /** Code of the last failure. */
  error: string;
}

/**
 * Whether a day is rolled up now: it is over, none of its hours is being computed, and an hour is newer than it. A day with dirty
 * hours waits for them, but not for ever: one that never gets clean is taken as it is every half hour.
 */
export function isDayDue(state: DayState, now: number): boolean {
  if (state.day + DAY_MS > now || state.runningHours > 0 || nextTry(state) > now) return false;
  if (BigInt(state.hoursDone) <= BigInt(state.done)) return false;
  return state.dirtyHours === 0 || now - Math.max(state.watermark, state.day + DAY_MS) > BUSY_OLD_MS;
}
