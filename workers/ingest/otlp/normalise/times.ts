/**
 * When a record happened, in milliseconds, from what it says itself: never from a clock, so that a repeated record is the same
 * event. Used by every normaliser. Pure.
 */
import type { Attributes, DataPoint, LogRecord, Span } from "../model.ts";

/** What a Date can hold, either side of 1970 (ECMAScript). */
const MAX_DATE_MS = 8.64e15;
const NANO_DIGITS = 6;
const DIGITS = /^\d{1,22}$/;
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;

/** Nanoseconds as decimal text to milliseconds; undefined for 0, absent, or what is no time. */
export function millisOf(unixNano: string): number | undefined {
  if (!DIGITS.test(unixNano)) return undefined;
  const ms = Number(unixNano.slice(0, -NANO_DIGITS));
  return ms > 0 && ms <= MAX_DATE_MS ? ms : undefined;
}

/** ISO 8601 text as some agents write into an attribute. */
export function eventTimestamp(attributes: Attributes, name = "event.timestamp"): number | undefined {
  const value = attributes[name];
  if (typeof value !== "string" || !ISO.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

/** time, or when it is 0 (Codex) the observed time, or the attribute `event.timestamp`. */
export function timeOfLog(record: LogRecord): number | undefined {
  return millisOf(record.timeUnixNano) ?? millisOf(record.observedTimeUnixNano) ?? eventTimestamp(record.attributes);
}

/** The time of the point, or of its series' start. */
export function timeOfPoint(point: DataPoint): number | undefined {
  return millisOf(point.timeUnixNano) ?? millisOf(point.startTimeUnixNano);
}

/** A span is an event when it ends. */
export function timeOfSpan(span: Span): number | undefined {
  return millisOf(span.endTimeUnixNano) ?? millisOf(span.startTimeUnixNano);
}

const DAY_MS = 86_400_000;
const TWO = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, "0"));
/** The day that was last asked for and its text: records come from the same one, and a Date costs more than the rest. */
let day = Number.NaN;
let dayText = "";

/** As events carry it. */
export function isoOf(ms: number): string {
  const ofDay = ((ms % DAY_MS) + DAY_MS) % DAY_MS;
  if (ms - ofDay !== day) {
    dayText = new Date(ms).toISOString().slice(0, -"00:00:00.000Z".length);
    day = ms - ofDay;
  }
  const seconds = Math.trunc(ofDay / 1_000);
  const time = `${TWO[Math.trunc(seconds / 3_600)]}:${TWO[Math.trunc(seconds / 60) % 60]}:${TWO[seconds % 60]}`;
  return `${dayText}${time}.${String(ofDay % 1_000).padStart(3, "0")}Z`;
}

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab]/i;

/** The time in a UUIDv7, which is when it was made. */
export function timeOfUuid(uuid: string): number | undefined {
  const found = UUID_V7.exec(uuid);
  if (found === null) return undefined;
  const ms = Number.parseInt(`${found[1]}${found[2]}`, 16);
  return ms > 0 ? ms : undefined;
}
