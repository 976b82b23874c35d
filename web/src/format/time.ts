/**
 * Durations, ages and clock times. Used by every view; pure: the zone and the present are parameters.
 */
import { NBSP, NO_VALUE } from "./number.ts";

/** The viewer's own zone, or UTC. */
export type Zone = "local" | "utc";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The two largest units: 850 ms, 12 s, 3 m 12 s, 2 h 5 m, 3 d 4 h. Negative spans (clock skew) read as 0 s. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NO_VALUE;
  if (ms <= 0) return `0${NBSP}s`;
  if (ms < SECOND) return `${Math.max(1, Math.floor(ms))}${NBSP}ms`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}${NBSP}s`;
  if (ms < HOUR) return pair(ms, MINUTE, "m", SECOND, "s");
  if (ms < DAY) return pair(ms, HOUR, "h", MINUTE, "m");
  return pair(ms, DAY, "d", HOUR, "h");
}

function pair(ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const first = Math.floor(ms / large);
  const second = Math.floor((ms % large) / small);
  return `${first}${NBSP}${largeUnit}${second === 0 ? "" : `${NBSP}${second}${NBSP}${smallUnit}`}`;
}

/** How old: now, 4 s ago, 3 m ago (one unit is enough for an age). */
export function formatAge(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NO_VALUE;
  if (ms < 2 * SECOND) return "just now";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}${NBSP}s${NBSP}ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}${NBSP}m${NBSP}ago`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}${NBSP}h${NBSP}ago`;
  return `${Math.floor(ms / DAY)}${NBSP}d${NBSP}ago`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(kind: string, zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${kind} ${zone}`;
  let known = formats.get(key);
  if (known === undefined) {
    known = new Intl.DateTimeFormat("en-GB", { ...options, ...(zone === "utc" ? { timeZone: "UTC" } : {}) });
    formats.set(key, known);
  }
  return known;
}

/** 14:05 */
export function formatMinute(ms: number, zone: Zone): string {
  return dated(ms, format("minute", zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
}

/** 14:05:10 */
export function formatClock(ms: number, zone: Zone): string {
  return dated(ms, format("clock", zone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }));
}

/** 22 Nov 2026, 14:05:10 GMT+1: for titles, where nothing may be ambiguous. */
export function formatMoment(ms: number, zone: Zone): string {
  return dated(
    ms,
    format("moment", zone, {
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      timeZoneName: "short",
    }),
  );
}

/** A label of the time axis, as fine as the distance between labels asks: 14:05, 22 Nov, Nov 2026. */
export function formatAxisTime(ms: number, stepMs: number, zone: Zone): string {
  if (stepMs >= 28 * DAY) return dated(ms, format("month", zone, { month: "short", year: "numeric" }));
  if (stepMs >= DAY) return formatDay(ms, zone);
  // Midnight says which day begins.
  const clock = formatMinute(ms, zone);
  return clock === "00:00" ? formatDay(ms, zone) : clock;
}

/** 22 Nov */
export function formatDay(ms: number, zone: Zone): string {
  return dated(ms, format("day", zone, { day: "numeric", month: "short" }));
}

/**
 * A bucket from `start`, `lengthMs` long: 22 Nov, 14:05 – 14:06, or 22 Nov 2026 when it is a day. Around a change of the clock it names the
 * zone at both ends: 25 Oct, 02:00 CEST – 02:00 CET.
 */
export function formatBucket(start: number, lengthMs: number, zone: Zone): string {
  // Days of a zone have 23 to 25 hours.
  if (lengthMs > 22 * HOUR) {
    const from = formatDate(start, zone);
    return lengthMs < 26 * HOUR ? from : `${from} – ${formatDay(start + lengthMs - 1, zone)}`;
  }
  const end = start + lengthMs;
  const clock = lengthMs < MINUTE ? formatClock : formatMinute;
  const named = zone === "local" && offsetOf(start - HOUR) !== offsetOf(end + HOUR);
  const at = (ms: number): string => (named ? `${clock(ms, zone)} ${zoneName(zone, ms)}` : clock(ms, zone));
  return `${formatDay(start, zone)}, ${at(start)} – ${at(end)}`;
}

/** A range somebody chose: whole days by their dates, others with the time of both ends. */
export function formatRange(from: number, to: number, zone: Zone): string {
  if (isMidnight(from, zone) && isMidnight(to, zone)) {
    const last = formatDate(to - 1, zone);
    const first = formatDate(from, zone);
    return first === last ? first : `${formatDay(from, zone)} – ${last}`;
  }
  if (formatDate(from, zone) === formatDate(to, zone)) return formatBucket(from, to - from, zone);
  return `${formatDay(from, zone)}, ${formatMinute(from, zone)} – ${formatDay(to, zone)}, ${formatMinute(to, zone)}`;
}

const isMidnight = (ms: number, zone: Zone): boolean => formatClock(ms, zone) === "00:00:00";

/** Minutes of the viewer's own zone behind UTC. */
const offsetOf = (ms: number): number => new Date(ms).getTimezoneOffset();

/** 22 Nov 2026 */
function formatDate(ms: number, zone: Zone): string {
  return dated(ms, format("date", zone, { day: "numeric", month: "short", year: "numeric" }));
}

/** The zone's short name, as the switch shows it: UTC, GMT+1, CET. */
export function zoneName(zone: Zone, at: number): string {
  const parts = format("zone", zone, { timeZoneName: "short" }).formatToParts(at);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "local";
}

function dated(ms: number, formatter: Intl.DateTimeFormat): string {
  return Number.isFinite(ms) ? formatter.format(ms) : NO_VALUE;
}
