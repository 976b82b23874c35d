/**
 * When somebody who used to send has stopped: by their own habit. Pure; called by routes/integrations.ts.
 *
 * A person who works Monday to Friday pauses for three days each week; who is on leave, longer. Silence is a pause longer than any
 * before it by a day, of somebody who sent on at least MIN_ACTIVE_DAYS of the four weeks before the last.
 */
import { DAY_MS } from "../../schema/limits.ts";

/** Days of a habit that are looked at. */
export const HABIT_DAYS = 28;
/** Fewer active days are no habit. */
export const MIN_ACTIVE_DAYS = 5;
/** A pause of two days is a weekend. */
const MIN_SILENT_DAYS = 3;

export interface Silence {
  activeDays: number;
  silentDays: number;
}

/** `days`: starts of the UTC days with events, ms, in any order. Undefined: not silent, or never had a habit. */
export function silenceOf(days: readonly number[], now: number): Silence | undefined {
  const today = Math.floor(now / DAY_MS);
  const active = [...new Set(days.map((day) => Math.floor(day / DAY_MS)))].sort((a, b) => a - b);
  const last = active.at(-1);
  if (last === undefined) return undefined;
  const habit = active.filter((day) => day > last - HABIT_DAYS);
  if (habit.length < MIN_ACTIVE_DAYS) return undefined;
  const silentDays = today - last;
  const longest = Math.max(...habit.slice(1).map((day, i) => day - (habit[i] ?? day)));
  return silentDays >= Math.max(MIN_SILENT_DAYS, longest + 1) ? { activeDays: habit.length, silentDays } : undefined;
}
