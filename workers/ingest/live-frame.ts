/**
 * Enriched events to a live frame: dictionaries for sessions, types and models, and only the measures that occur.
 * Called by the packer. Pure; the layout is schema/frame.ts.
 */
import {
  encodeFrame,
  MAX_FRAME_OFFSET_MS,
  type Measure,
  type MeasureColumn,
  type SessionEntry,
} from "../../schema/frame.ts";
import type { EnrichedEvent } from "./enrich.ts";

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

/** Sum of a model call's tokens whose price nobody knows. */
function unpricedTokens(measured: Record<string, unknown>, costNanoUsd: number | null): number {
  if (costNanoUsd !== null) return 0;
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = measured;
  return number(input_tokens) + number(output_tokens) + number(cache_read_tokens) + number(cache_write_tokens);
}

/** Collects one column's values and the events they belong to. */
class SparseColumns {
  readonly #columns = new Map<Measure, { index: number[]; values: number[] }>();

  add(measure: Measure, event: number, value: number): void {
    if (value === 0) return;
    let column = this.#columns.get(measure);
    if (column === undefined) {
      column = { index: [], values: [] };
      this.#columns.set(measure, column);
    }
    column.index.push(event);
    column.values.push(value);
  }

  done(): MeasureColumn[] {
    return [...this.#columns].map(([measure, { index, values }]) => ({
      measure,
      index: Uint16Array.from(index),
      values: Float64Array.from(values),
    }));
  }
}

function addMeasures(columns: SparseColumns, i: number, event: EnrichedEvent): void {
  const measured = event.metadata;
  if (event.eventType === "cost_incurred") {
    columns.add("cost_nano_usd", i, event.costNanoUsd ?? 0);
    columns.add("input_tokens", i, number(measured.input_tokens));
    columns.add("output_tokens", i, number(measured.output_tokens));
    columns.add("cache_read_tokens", i, number(measured.cache_read_tokens));
    columns.add("cache_write_tokens", i, number(measured.cache_write_tokens));
    columns.add("unpriced_tokens", i, unpricedTokens(measured, event.costNanoUsd));
    return;
  }
  columns.add("lines_added", i, number(measured.lines_added));
  columns.add("lines_removed", i, number(measured.lines_removed));
  columns.add("accepted", i, measured.accepted === true ? 1 : 0);
}

function indexOf<T>(known: Map<string, number>, entries: T[], key: string, entry: T): number {
  let index = known.get(key);
  if (index === undefined) {
    index = entries.push(entry) - 1;
    known.set(key, index);
  }
  return index;
}

/** Session entries by first use. Most events of a session say the same of it, so the whole entry is compared, not joined. */
class SessionDictionary {
  readonly entries: SessionEntry[] = [];
  readonly #latest = new Map<string, number>();
  readonly #others = new Map<string, number>();

  indexOf(entry: SessionEntry): number {
    const latest = this.#latest.get(entry[0]);
    if (latest === undefined) {
      const index = this.entries.push(entry) - 1;
      this.#latest.set(entry[0], index);
      return index;
    }
    return same(this.entries[latest], entry)
      ? latest
      : indexOf(this.#others, this.entries, JSON.stringify(entry), entry);
  }
}

function same(a: SessionEntry | undefined, b: SessionEntry): boolean {
  return (
    a !== undefined &&
    a[1] === b[1] &&
    a[2] === b[2] &&
    a[3] === b[3] &&
    a[4] === b[4] &&
    a[5] === b[5] &&
    a[6] === b[6]
  );
}

const clamp = (ms: number): number => Math.max(-MAX_FRAME_OFFSET_MS, Math.min(MAX_FRAME_OFFSET_MS, ms));

/** The frame of these events, relative to `receivedAt` (ms). */
export function liveFrame(events: readonly EnrichedEvent[], receivedAt: number): Uint8Array {
  const count = events.length;
  const hashHi = new Uint32Array(count);
  const hashLo = new Uint32Array(count);
  const offset = new Int32Array(count);
  const type = new Uint16Array(count);
  const session = new Uint16Array(count);
  const model = new Uint16Array(count);
  const types: string[] = [];
  const models: string[] = [];
  const sessions = new SessionDictionary();
  const knownTypes = new Map<string, number>();
  const knownModels = new Map<string, number>();
  const columns = new SparseColumns();
  for (let i = 0; i < count; i++) {
    const event = events[i];
    if (event === undefined) continue;
    const s = event.session;
    hashHi[i] = event.hashHi;
    hashLo[i] = event.hashLo;
    offset[i] = clamp(event.timestampMs - receivedAt);
    type[i] = indexOf(knownTypes, types, event.eventType, event.eventType);
    model[i] = indexOf(knownModels, models, event.model, event.model);
    session[i] = sessions.indexOf(s);
    if (event.eventType === "cost_incurred" || event.eventType === "code_generated") addMeasures(columns, i, event);
  }
  return encodeFrame({
    count,
    base: receivedAt,
    hashHi,
    hashLo,
    offset,
    type,
    session,
    model,
    types,
    models,
    sessions: sessions.entries,
    measures: columns.done(),
  });
}
