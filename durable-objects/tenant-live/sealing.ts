/**
 * Sealed windows to ClickHouse's `window_metrics`, source 0, once each. Called by the object's alarm.
 * A window that the object did not hold from its start is left to the final rollup. Never throws.
 */
import { zstdCompressSync } from "node:zlib";
import { MEASURES } from "../../schema/frame.ts";
import { WINDOW_MS } from "../../schema/live.ts";
import type { InsertRows } from "../../workers/shared/clickhouse-insert.ts";
import { groupOfRef, isGroupRef, type LiveWindow } from "./live-window.ts";
import { type WindowId, windowStart } from "./windows.ts";

/** Windows of one insert: an hour. */
export const MAX_WINDOWS_PER_INSERT = 360;

/** One row of window_metrics. */
export type WindowRow = Record<(typeof MEASURES)[number], number> & {
  org_id: string;
  window_start: number;
  window_seconds: number;
  event_type: string;
  team_id: string;
  agent: string;
  environment: string;
  events: number;
  source: 0;
  generation: 0;
};

/** The rows of one rolled window. */
export function windowRows(orgId: string, window: LiveWindow): WindowRow[] {
  const { cells } = window;
  const sums = new Float64Array(1 + MEASURES.length);
  const rows: WindowRow[] = [];
  for (let cell = 0; cell < cells.size; cell++) {
    const ref = cells.ref[cell] ?? 0;
    const group = isGroupRef(ref) ? window.groups[groupOfRef(ref)] : undefined;
    const type = window.types[cells.type[cell] ?? 0];
    if (group === undefined || type === undefined) continue;
    sums.fill(0);
    cells.addTo(cell, sums, 0);
    const measure = (name: (typeof MEASURES)[number]): number => sums[1 + MEASURES.indexOf(name)] ?? 0;
    rows.push({
      org_id: orgId,
      window_start: windowStart(window.id) / 1_000,
      window_seconds: WINDOW_MS / 1_000,
      event_type: type,
      team_id: group[0],
      agent: group[1],
      environment: group[2],
      events: sums[0] ?? 0,
      cost_nano_usd: measure("cost_nano_usd"),
      input_tokens: measure("input_tokens"),
      output_tokens: measure("output_tokens"),
      cache_read_tokens: measure("cache_read_tokens"),
      cache_write_tokens: measure("cache_write_tokens"),
      lines_added: measure("lines_added"),
      lines_removed: measure("lines_removed"),
      accepted: measure("accepted"),
      unpriced_tokens: measure("unpriced_tokens"),
      source: 0,
      generation: 0,
    });
  }
  return rows;
}

/** What exporting needs of the store. */
export interface SealedWindows {
  /** Numbers of stored windows of [from, to), ascending. */
  storedWindows(from: WindowId, to: WindowId, limit: number): WindowId[];
  readWindow(id: WindowId): LiveWindow | undefined;
}

export interface ExportResult {
  /** Windows below it are done. */
  exportedBefore: WindowId;
  windows: number;
  /** Why it stopped early; try again. */
  retry: string | undefined;
}

/**
 * Writes sealed windows of [from, to) that start at or after `heldFrom` (ms). `saved` is called after each insert, so that a
 * crash repeats at most one; repeating is harmless, the rows have the same key and version.
 */
export async function exportSealed(
  orgId: string,
  store: SealedWindows,
  insert: InsertRows,
  range: { from: WindowId; to: WindowId; heldFrom: number },
  saved: (exportedBefore: WindowId) => void,
): Promise<ExportResult> {
  let windows = 0;
  let next = range.from;
  while (next < range.to) {
    const ids = store.storedWindows(next, range.to, MAX_WINDOWS_PER_INSERT);
    const last = ids.at(-1);
    if (last === undefined) break;
    const held = ids.filter((id) => windowStart(id) >= range.heldFrom);
    const rows = held.flatMap((id) => {
      const window = store.readWindow(id);
      return window === undefined ? [] : windowRows(orgId, window);
    });
    if (rows.length > 0) {
      const outcome = await insert([zstdCompressSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(""))]);
      if (outcome.kind !== "ok") return { exportedBefore: next, windows, retry: outcome.reason };
    }
    windows += held.length;
    next = last + 1;
    saved(next);
  }
  saved(range.to);
  return { exportedBefore: range.to, windows, retry: undefined };
}
