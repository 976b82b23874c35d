/**
 * The clock of a time zone as pieces of constant offset, so that ClickHouse and we cut days at the same moments whatever its
 * time zone database says. Called by buckets.ts. Pure, but for the runtime's own time zone database.
 */
import { DAY_MS, SECOND_MS } from "../../schema/limits.ts";
import { invalid, type Range } from "./range.ts";

/** From this moment on (ms) local time is UTC plus `offset` (ms), until the next piece begins. */
export interface ZonePiece {
  from: number;
  offset: number;
}

export const UTC = "UTC";
/** Beginning of the first piece: before any moment that is asked for. */
const BEGINNING = 0;
const UTC_PIECES: readonly ZonePiece[] = [{ from: BEGINNING, offset: 0 }];

/** The zone's offsets over a range, at least one piece; the first begins before everything. Throws PublicError `invalid_request`. */
export function zonePieces(zone: string, range: Range): readonly ZonePiece[] {
  if (zone === UTC) return UTC_PIECES;
  const offsetAt = offsets(zone);
  const pieces: ZonePiece[] = [{ from: BEGINNING, offset: offsetAt(range.from) }];
  let offset = offsetAt(range.from);
  for (let at = range.from; at < range.to; ) {
    const next = Math.min(at + DAY_MS, range.to);
    const after = offsetAt(next);
    if (after !== offset) {
      pieces.push({ from: changeBetween(offsetAt, at, next), offset: after });
      offset = after;
    }
    at = next;
  }
  return pieces;
}

/** Local time (ms, as if it were UTC) of a moment. */
export function toLocal(pieces: readonly ZonePiece[], at: number): number {
  let offset = 0;
  for (const piece of pieces) if (piece.from <= at) offset = piece.offset;
  return at + offset;
}

/** The first moment whose local time is `local`; where the clock jumps over it, the moment of the jump. */
export function fromLocal(pieces: readonly ZonePiece[], local: number): number {
  let at = Number.NaN;
  for (const [i, { from, offset }] of pieces.entries()) {
    at = Math.max(local - offset, from);
    if (at < (pieces[i + 1]?.from ?? Number.POSITIVE_INFINITY)) return at;
  }
  return at;
}

/** Moments at which the clock changes. */
export function clockChanges(pieces: readonly ZonePiece[]): number[] {
  return pieces.slice(1).map(({ from }) => from);
}

/** The first second with another offset. */
function changeBetween(offsetAt: (ms: number) => number, from: number, to: number): number {
  const before = offsetAt(from);
  let low = Math.floor(from / SECOND_MS);
  let high = Math.ceil(to / SECOND_MS);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * SECOND_MS) === before) low = middle;
    else high = middle;
  }
  return high * SECOND_MS;
}

const OFFSET = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

function offsets(zone: string): (ms: number) => number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  } catch {
    throw invalid("timezone", "is no time zone that is known here");
  }
  return (ms) => {
    const text = format.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours = "0", minutes = "0", seconds = "0"] = OFFSET.exec(text) ?? [];
    const size = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * SECOND_MS;
    return sign === "-" ? -size : size;
  };
}
