/**
 * What a month will have cost: what it cost so far, and for each day to come the average of its weekday over the last weeks. Pure; called
 * by use-forecast.ts with the daily series of the API. It knows no trend and no holidays, and says how far off it may be.
 */
import { parseNanoUsd } from "../format/money.ts";

/** Whole days it looks back on: four of each weekday. */
export const BASIS_DAYS = 28;
/** With fewer there is no weekday pattern: two of each. */
export const LEAST_DAYS = 14;
/** Two-sided 80 %: the normal quantile that the range is made of. */
const Z_80 = 1.2816;

export interface DailyCost {
  /** Starts of local days, as the API gives them; days to come included. */
  times: readonly string[];
  /** nano-USD. */
  values: readonly (string | number | null)[];
}

/** A day of the month, and the cost from the month's start to its end, in nano-USD. */
export interface CourseDay {
  start: number;
  /** null after today. */
  spent: bigint | null;
  /** null before today, and on every day when there is no forecast. */
  expected: bigint | null;
}

interface Known {
  monthToDate: bigint;
  /** Whole days that were looked back on. */
  days: number;
  /** Every day of the month. */
  course: CourseDay[];
}
export type Forecast =
  | (Known & { kind: "too-little" })
  | (Known & { kind: "forecast"; expected: bigint; low: bigint; high: bigint });

interface Day {
  start: number;
  month: string;
  weekday: number;
  cost: bigint;
}

/**
 * `daily` reaches from before the month (its first day may be a part) to its end or beyond, without a hole. undefined: `now` is in none of
 * its days.
 */
export function forecastMonth(daily: DailyCost, now: number, timezone: string): Forecast | undefined {
  const days = daysOf(daily, timezone);
  const today = days.findLastIndex(({ start }) => start <= now);
  const month = days[today]?.month;
  if (month === undefined) return undefined;
  const ofMonth = days.filter((day) => day.month === month);
  const basis = basisOf(days.slice(1, today));
  const monthToDate = ofMonth.reduce((sum, { start, cost }) => (start <= now ? sum + cost : sum), 0n);
  const known = { monthToDate, days: basis.length };
  if (basis.length < LEAST_DAYS) return { kind: "too-little", ...known, course: courseOf(ofMonth, now, now, null) };

  const usual = weekdaysOf(basis);
  const begin = days[today]?.start ?? now;
  const course = courseOf(ofMonth, now, begin, usual);
  const expected = course.at(-1)?.expected ?? monthToDate;
  const ahead = ofMonth.filter(({ start }) => start >= begin);
  const off = spread(basis, usual, ahead);
  return {
    kind: "forecast",
    ...known,
    course,
    expected,
    low: atLeast(expected - off, monthToDate),
    high: expected + off,
  };
}

const atLeast = (amount: bigint, least: bigint): bigint => (amount < least ? least : amount);

/** The whole days before today that count: from the first with a cost on, the last BASIS_DAYS of them. */
function basisOf(whole: readonly Day[]): Day[] {
  const first = whole.findIndex(({ cost }) => cost > 0n);
  return first < 0 ? [] : whole.slice(first).slice(-BASIS_DAYS);
}

interface Weekday {
  count: number;
  mean: bigint;
}

function weekdaysOf(basis: readonly Day[]): Weekday[] {
  return Array.from({ length: 7 }, (_, weekday) => {
    const same = basis.filter((day) => day.weekday === weekday);
    const sum = same.reduce((total, { cost }) => total + cost, 0n);
    return { count: same.length, mean: same.length === 0 ? 0n : sum / BigInt(same.length) };
  });
}

/** Today costs what its weekday usually does, or what it has cost already where that is more. `usual` null: nothing is expected. */
function courseOf(ofMonth: readonly Day[], now: number, today: number, usual: readonly Weekday[] | null): CourseDay[] {
  let spent = 0n;
  let expected = 0n;
  return ofMonth.map(({ start, cost, weekday }) => {
    spent += start <= now ? cost : 0n;
    expected += start < today ? cost : atLeast(usual?.[weekday]?.mean ?? 0n, cost);
    return {
      start,
      spent: start <= now ? spent : null,
      expected: usual === null || start < today ? null : expected,
    };
  });
}

/**
 * Half of the 80 % range, nano-USD: how far days fell from their weekday's average, for the days to come together; averages of few days are
 * themselves uncertain, which counts as well.
 */
function spread(basis: readonly Day[], usual: readonly Weekday[], ahead: readonly Day[]): bigint {
  const free = basis.length - 7;
  let squares = 0;
  for (const { cost, weekday } of basis) squares += Number(cost - (usual[weekday]?.mean ?? 0n)) ** 2;
  let factor = 0;
  for (let weekday = 0; weekday < 7; weekday++) {
    const days = ahead.filter((day) => day.weekday === weekday).length;
    factor += days + days ** 2 / (usual[weekday]?.count ?? 1);
  }
  // Student's quantile for so few days, by its first correction.
  const quantile = Z_80 + (Z_80 ** 3 + Z_80) / (4 * free);
  return BigInt(Math.round(quantile * Math.sqrt((squares / free) * factor)));
}

function daysOf({ times, values }: DailyCost, timezone: string): Day[] {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: timezone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return times.map((time, i) => {
    const start = Date.parse(time);
    const date = format.format(start);
    return {
      start,
      month: date.slice(0, 7),
      weekday: new Date(`${date}T00:00:00Z`).getUTCDay(),
      cost: parseNanoUsd(values[i]) ?? 0n,
    };
  });
}
