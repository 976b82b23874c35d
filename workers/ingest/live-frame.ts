/**
 * Rows to a live frame: dictionaries for sessions, types and models, and only the measures that occur.
 * Called by the packer. Pure; the layout is schema/frame.ts.
 */
import type { EventRow } from "../../schema/event-row.ts";
import {
  encodeFrame,
  MAX_FRAME_OFFSET_MS,
  type Measure,
  type MeasureColumn,
  type SessionEntry,
} from "../../schema/frame.ts";
import type { EnrichedEvent } from "./enrich.ts";

/** Index of a value in a dictionary that grows by first use. */
class Dictionary<T> {
  readonly entries: T[] = [];
  readonly #index = new Map<string, number>();

  indexOf(key: string, make: () => T): number {
    let index = this.#index.get(key);
    if (index === undefined) {
      index = this.entries.push(make()) - 1;
      this.#index.set(key, index);
    }
    return index;
  }
}

const MEASURE_OF: [Measure, (row: EventRow) => number][] = [
  ["cost_nano_usd", (row) => row.cost_nano_usd ?? 0],
  ["input_tokens", (row) => row.input_tokens],
  ["output_tokens", (row) => row.output_tokens],
  ["cache_read_tokens", (row) => row.cache_read_tokens],
  ["cache_write_tokens", (row) => row.cache_write_tokens],
  ["unpriced_tokens", unpricedTokens],
  ["lines_added", (row) => row.lines_added],
  ["lines_removed", (row) => row.lines_removed],
  ["accepted", (row) => (row.accepted === true ? 1 : 0)],
];

function unpricedTokens(row: EventRow): number {
  if (row.cost_source !== "unpriced") return 0;
  return row.input_tokens + row.output_tokens + row.cache_read_tokens + row.cache_write_tokens;
}

const clampOffset = (ms: number): number => Math.max(-MAX_FRAME_OFFSET_MS, Math.min(MAX_FRAME_OFFSET_MS, ms));

function sessionOf(row: EventRow): SessionEntry {
  return [row.session_id, row.user_id, row.team_id, row.agent, row.repo, row.branch, row.environment];
}

/** The frame of these events, relative to `receivedAt` (ms). */
export function liveFrame(events: readonly EnrichedEvent[], receivedAt: number): Uint8Array {
  const count = events.length;
  const types = new Dictionary<string>();
  const models = new Dictionary<string>();
  const sessions = new Dictionary<SessionEntry>();
  const columns = {
    hashHi: new Uint32Array(count),
    hashLo: new Uint32Array(count),
    offset: new Int32Array(count),
    type: new Uint16Array(count),
    session: new Uint16Array(count),
    model: new Uint16Array(count),
  };
  const sparse = MEASURE_OF.map(() => ({ index: [] as number[], values: [] as number[] }));
  for (const [i, event] of events.entries()) {
    const { row } = event;
    const session = sessionOf(row);
    columns.hashHi[i] = event.hashHi;
    columns.hashLo[i] = event.hashLo;
    columns.offset[i] = clampOffset(event.timestampMs - receivedAt);
    columns.type[i] = types.indexOf(row.event_type, () => row.event_type);
    columns.model[i] = models.indexOf(row.model, () => row.model);
    columns.session[i] = sessions.indexOf(session.join("\u0000"), () => session);
    if (row.event_type !== "cost_incurred" && row.event_type !== "code_generated") continue;
    for (const [column, [, read]] of MEASURE_OF.entries()) {
      const value = read(row);
      if (value === 0) continue;
      sparse[column]?.index.push(i);
      sparse[column]?.values.push(value);
    }
  }
  const measures: MeasureColumn[] = [];
  for (const [column, [measure]] of MEASURE_OF.entries()) {
    const { index, values } = sparse[column] ?? { index: [], values: [] };
    if (index.length > 0) measures.push({ measure, index: Uint16Array.from(index), values: Float64Array.from(values) });
  }
  return encodeFrame({
    count,
    base: receivedAt,
    ...columns,
    types: types.entries,
    models: models.entries,
    sessions: sessions.entries,
    measures,
  });
}
