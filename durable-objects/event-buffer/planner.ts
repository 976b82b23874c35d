/**
 * Decides when a sink is due and which packs one flush takes. Pure: no clock, no storage.
 * Used by FlushPump and by the append path.
 */
import { FLUSH_DELAY_MS } from "./limits.ts";
import type { SinkName, SinkState } from "./state.ts";

/** A stored row without its bundle. */
export interface RowInfo {
  /** Sequence number of its last pack. */
  last: number;
  count: number;
  events: number;
  /** Bytes of its bundle. */
  size: number;
  appendedAt: number;
}

export interface FlushBounds {
  flushBytes: number;
  flushEvents: number;
}

/**
 * The sequence number up to which a flush goes: whole rows, in order, inside the bounds, at least one row.
 * `rows` is read no further than needed. undefined: there is nothing.
 */
export function planFlush(rows: Iterable<RowInfo>, bounds: FlushBounds): number | undefined {
  let to: number | undefined;
  let bytes = 0;
  let events = 0;
  for (const row of rows) {
    bytes += row.size;
    events += row.events;
    if (to !== undefined && (bytes > bounds.flushBytes || events > bounds.flushEvents)) break;
    to = row.last;
  }
  return to;
}

/** When the sink wants to run (ms), given its oldest waiting row; null: nothing waits for it. */
export function dueAt(name: SinkName, sink: SinkState, oldest: RowInfo | undefined): number | null {
  return oldest === undefined ? null : Math.max(sink.retry_at, oldest.appendedAt + FLUSH_DELAY_MS[name]);
}

/** Groups packs into rows, in order, each inside both bounds (one pack always fits). */
export function groupRows<T extends { size: number; events: number }>(
  packs: readonly T[],
  maxBytes: number,
  maxEvents: number,
): T[][] {
  const rows: T[][] = [];
  let row: T[] = [];
  let bytes = 0;
  let events = 0;
  for (const pack of packs) {
    if (row.length > 0 && (bytes + pack.size > maxBytes || events + pack.events > maxEvents)) {
      rows.push(row);
      row = [];
      bytes = 0;
      events = 0;
    }
    row.push(pack);
    bytes += pack.size;
    events += pack.events;
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/** The earliest of some times; null when there is none. */
export function earliest(...times: (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
