/**
 * Several timers, one alarm. Times are derived from the state whenever they are asked for, so none can be lost with memory.
 * Used by the object's shell. Pure.
 */
import { MINUTE_MS } from "../../schema/limits.ts";

export type TimerKey = "flush" | "seal" | "expire" | "grants" | "idle";
/** ms at which each timer is due; absent when there is nothing to wait for. */
export type Due = Partial<Record<TimerKey, number>>;

/** Sealed windows are written in groups: an insert every 10 minutes, not every 10 seconds. */
export const SEAL_EVERY_MS = 10 * MINUTE_MS;
/** Old windows are deleted in groups. */
export const EXPIRE_EVERY_MS = 60 * MINUTE_MS;
/** Expired grants are closed in groups; no frame is sent to one in the meantime. */
export const GRANTS_EVERY_MS = 5_000;
/** Sessions that fell idle are told in groups. */
export const IDLE_EVERY_MS = 30_000;
/** An alarm never comes sooner: whatever a handler forgets cannot spin. */
const MIN_DELAY_MS = 500;

/** Rounds up, so that timers of one kind fall together. */
export function grouped(timeMs: number, everyMs: number): number {
  return Math.ceil(timeMs / everyMs) * everyMs;
}

/** When the alarm must ring; undefined when no timer runs. */
export function nextAlarm(due: Due, now: number): number | undefined {
  const times = Object.values(due);
  return times.length === 0 ? undefined : Math.max(Math.min(...times), now + MIN_DELAY_MS);
}

export function isDue(due: Due, key: TimerKey, now: number): boolean {
  const time = due[key];
  return time !== undefined && time <= now;
}
