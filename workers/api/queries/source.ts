/**
 * Which table answers which part of a range: the planner of every read over time. Called by the metric, insight and explore
 * handlers with the status of the hours (status.ts); its segments become one statement (partials.ts). Pure: no clock, no SQL.
 *
 * Exact by choice: a rollup is taken only where it says what `events FINAL` says now. An hour with events that no finished run
 * has seen is read raw, up to MAX_RAW_HOURS of those that have an older run; past that the older run answers, and the plan says so.
 */
import { DAY_MS, HOUR_MS } from "../../../schema/limits.ts";
import type { Range } from "../range.ts";

export const SOURCES = ["daily", "hourly", "window", "raw"] as const;
/** daily, hourly, window: the done generations of the rollups; raw: `events FINAL`. */
export type Source = (typeof SOURCES)[number];

/** Half-open, ms. Segments of one plan are in order, touch each other, and cover the range. */
export interface Segment {
  source: Source;
  from: number;
  to: number;
}

/** One UTC day of one tenant and region. Bit n of a mask is the hour that starts n hours into the day. */
export interface DayStatus {
  /** Start of the day, ms. */
  day: number;
  /** Hours that ever received events. */
  touched: number;
  /** Hours with a done run. */
  done: number;
  /** Hours with events that no done run has seen; every touched hour without a done run is one. */
  dirty: number;
  /** The day has a done run that has seen the done runs of all its hours. */
  rolled: boolean;
}

/** What a question asks of its sources. */
export interface Needs {
  /** Moments inside the range at which an answer's values must part: bucket starts, the start of the compared period. */
  cuts: readonly number[];
  /** False: something asked for is in no rollup (a tool, a metadata path), so everything is raw. */
  rollups: boolean;
  /** Windows of this length hold what is asked for, from this moment on (both ms); undefined: they do not. */
  windows?: { stepMs: number; since: number } | undefined;
}

export interface Plan {
  segments: Segment[];
  /** Starts of hours that are answered by a run older than their newest events, in order. */
  staleHours: number[];
}

/** Dirty hours that are read raw though an older run exists: about the detail of a day, which is what one query may cost. */
export const MAX_RAW_HOURS = 24;

const HOURS_PER_DAY = DAY_MS / HOUR_MS;

/**
 * Segments for `range`. `days` may lack days without events. `now`: the running hour and what follows is always raw, because
 * status is some seconds old and only these hours change all the time.
 */
export function planSources(days: readonly DayStatus[], range: Range, needs: Needs, now: number): Plan {
  if (!needs.rollups) return { segments: [{ source: "raw", from: range.from, to: range.to }], staleHours: [] };
  const status = new Map(days.map((day) => [day.day, day]));
  const stale = staleHours(days, range);
  const openFrom = floorTo(now, HOUR_MS);
  const cuts = new Cuts(range, needs.cuts);
  const segments: Segment[] = [];
  for (let day = floorTo(range.from, DAY_MS); day < range.to; day += DAY_MS) {
    const known = status.get(day);
    const dayIsFree = cuts.whole(day, DAY_MS) && day + DAY_MS <= openFrom;
    if (dayIsFree && (known === undefined || known.touched === 0 || (known.rolled && known.dirty === 0))) {
      append(segments, { source: "daily", from: day, to: day + DAY_MS });
      continue;
    }
    for (let n = 0; n < HOURS_PER_DAY; n++) {
      const hour = day + n * HOUR_MS;
      const from = Math.max(hour, range.from);
      const to = Math.min(hour + HOUR_MS, range.to);
      if (from >= to) continue;
      append(segments, { source: hourSource(hour), from, to });
    }

    function hourSource(hour: number): Source {
      const bit = 1 << ((hour - day) / HOUR_MS);
      if (hour >= openFrom) return "raw";
      if (known !== undefined && (known.dirty & bit) !== 0 && !stale.has(hour)) return "raw";
      if (cuts.whole(hour, HOUR_MS)) return "hourly";
      const { windows } = needs;
      const isRolled = known !== undefined && (known.done & bit) !== 0 && (known.dirty & bit) === 0;
      if (windows === undefined || !isRolled || hour < windows.since) return "raw";
      return cuts.aligned(hour, HOUR_MS, windows.stepMs) ? "window" : "raw";
    }
  }
  // Only what is really read from an older run is stale: a cut inside makes a stale hour raw again.
  const hourly = segments.filter(({ source }) => source === "hourly");
  const isRead = (hour: number): boolean => hourly.some(({ from, to }) => from <= hour && hour < to);
  return { segments, staleHours: [...stale].filter(isRead).sort((a, b) => a - b) };
}

/** The sources of a plan, each once. */
export function sourcesOf({ segments }: Pick<Plan, "segments">): Source[] {
  return SOURCES.filter((source) => segments.some((segment) => segment.source === source));
}

/** The ranges one source answers, in order. */
export function rangesOf(segments: readonly Segment[], source: Source): Range[] {
  return segments.filter((segment) => segment.source === source).map(({ from, to }) => ({ from, to }));
}

/** Until when an answer holds every event that is stored: the first stale hour, else the end of the range, at most now. */
export function completeUntil(plans: readonly Plan[], range: Range, now: number): number {
  return Math.min(range.to, now, ...plans.flatMap(({ staleHours }) => staleHours));
}

/** Dirty hours that an older run answers: all that have one, but for the newest that may be read raw. */
function staleHours(days: readonly DayStatus[], range: Range): Set<number> {
  const replaceable: number[] = [];
  let rawAnyway = 0;
  for (const { day, dirty, done } of days) {
    for (let n = 0; n < HOURS_PER_DAY; n++) {
      const hour = day + n * HOUR_MS;
      if ((dirty & (1 << n)) === 0 || hour + HOUR_MS <= range.from || hour >= range.to) continue;
      if ((done & (1 << n)) === 0) rawAnyway++;
      else replaceable.push(hour);
    }
  }
  replaceable.sort((a, b) => b - a);
  return new Set(replaceable.slice(Math.max(0, MAX_RAW_HOURS - rawAnyway)));
}

/** The moments that no rolled-up piece may span. Asked in rising order, so one walk answers all. */
class Cuts {
  readonly #cuts: readonly number[];
  constructor(range: Range, cuts: readonly number[]) {
    this.#cuts = [...new Set([range.from, ...cuts, range.to])].sort((a, b) => a - b);
  }

  /** Is `[at, at + length)` inside the range, and no cut inside it? */
  whole(at: number, length: number): boolean {
    const from = this.#cuts[0] ?? 0;
    const to = this.#cuts.at(-1) ?? 0;
    return from <= at && at + length <= to && this.#inside(at, length).length === 0;
  }

  /** Are all cuts inside `[at, at + length)` at whole steps? */
  aligned(at: number, length: number, stepMs: number): boolean {
    return this.#inside(at, length).every((cut) => cut % stepMs === 0);
  }

  #inside(at: number, length: number): readonly number[] {
    let low = 0;
    let high = this.#cuts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#cuts[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while ((this.#cuts[end] ?? Number.POSITIVE_INFINITY) < at + length) end++;
    return this.#cuts.slice(low, end);
  }
}

function append(segments: Segment[], next: Segment): void {
  const last = segments.at(-1);
  if (last !== undefined && last.source === next.source && last.to === next.from) last.to = next.to;
  else segments.push(next);
}

function floorTo(ms: number, step: number): number {
  return Math.floor(ms / step) * step;
}
