/**
 * Cursors of the paged routes: a position in a list as an opaque string. Pure. A cursor carries no right to anything: org and
 * scope come from the principal on every page.
 */
import { z } from "zod";
import { invalid, type Range } from "./range.ts";

const ms = z
  .number()
  .int()
  .min(0)
  .max(Date.UTC(2200, 0, 1));

/** Place in the list of sessions; the range is part of it, so that "the last 24 hours" do not move between pages. */
const SessionsCursorSchema = z.tuple([ms, ms, ms, z.string()]);
/** Place in a timeline. */
const TimelineCursorSchema = z.tuple([
  ms,
  z
    .number()
    .int()
    .min(-1)
    .max(2 ** 32),
  z.string(),
]);

/** Place in the list of error groups, with its range. */
const ErrorsCursorSchema = z.tuple([ms, ms, z.number().int().min(0), z.string().max(64)]);

export interface ErrorsPlace {
  range: Range;
  after: { count: number; fingerprint: string };
}

export function writeErrorsCursor({ range, after }: ErrorsPlace): string {
  return encode([range.from, range.to, after.count, after.fingerprint]);
}

/** Throws PublicError `invalid_request`. */
export function readErrorsCursor(cursor: string): ErrorsPlace {
  const [from, to, count, fingerprint] = decode(cursor, ErrorsCursorSchema);
  return { range: { from, to }, after: { count, fingerprint } };
}

export interface SessionsPlace {
  range: Range;
  after: { started: number; sessionId: string };
}

export interface TimelinePlace {
  at: number;
  seq: number;
  eventId: string;
}

export function writeSessionsCursor({ range, after }: SessionsPlace): string {
  return encode([range.from, range.to, after.started, after.sessionId]);
}

/** Throws PublicError `invalid_request`. */
export function readSessionsCursor(cursor: string): SessionsPlace {
  const [from, to, started, sessionId] = decode(cursor, SessionsCursorSchema);
  return { range: { from, to }, after: { started, sessionId } };
}

export function writeTimelineCursor({ at, seq, eventId }: TimelinePlace): string {
  return encode([at, seq, eventId]);
}

/** Throws PublicError `invalid_request`. */
export function readTimelineCursor(cursor: string): TimelinePlace {
  const [at, seq, eventId] = decode(cursor, TimelineCursorSchema);
  return { at, seq, eventId };
}

function encode(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function decode<T>(cursor: string, schema: z.ZodType<T>): T {
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    throw invalid("cursor", "is not a cursor of this list");
  }
  const result = schema.safeParse(place);
  if (!result.success) throw invalid("cursor", "is not a cursor of this list");
  return result.data;
}
