/**
 * Windows as chart data: one column per 10 s window of the span, exact values per layer, and what uPlot draws (stacked).
 * Called when frames arrive; pure. A window that is not known is null, which is a gap; a known empty one is 0.
 */
import { LIVE_RANGE_MS, WINDOW_MS } from "../../../schema/live.ts";
import type { WindowSums } from "../live/model.ts";
import { spanStart, windowStart } from "../live/summary.ts";
import { LAYERS, type LayerKey, layerOf } from "./palette.ts";

export type Column = (number | null)[];

export interface ChartData {
  /** Starts of the windows, ms. */
  starts: number[];
  /** Events per layer, in the order of LAYERS. */
  exact: Column[];
  /** All events of a window; null is a gap. */
  totals: Column;
  /** Sum of each layer over the span. */
  sums: Record<LayerKey, number>;
}

/** What is known: windows whose start is in [from, until]. */
export interface Known {
  from: number;
  until: number;
}

export const WINDOWS_IN_SPAN = LIVE_RANGE_MS / WINDOW_MS;

/** The last 15 minutes as of `now` (server ms). */
export function chartData(windows: Iterable<WindowSums>, now: number, known: Known): ChartData {
  const first = spanStart(now);
  const starts = Array.from({ length: WINDOWS_IN_SPAN }, (_, i) => first + i * WINDOW_MS);
  const totals: Column = starts.map((start) =>
    start < windowStart(known.from) || start > windowStart(known.until) ? null : 0,
  );
  const exact = LAYERS.map(() => [...totals]);
  const sums = emptySums();
  for (const window of windows) {
    const at = (window.start - first) / WINDOW_MS;
    if (totals[at] === undefined) continue;
    // A window that arrived is known, whatever the clocks say.
    totals[at] ??= 0;
    for (const column of exact) column[at] ??= 0;
    for (const type in window.types) {
      const count = window.types[type] ?? 0;
      const key = layerOf(type);
      const column = exact[LAYER_INDEX[key]];
      if (column === undefined) continue;
      column[at] = (column[at] ?? 0) + count;
      totals[at] = (totals[at] ?? 0) + count;
      sums[key] += count;
    }
  }
  return { starts, exact, totals, sums };
}

const LAYER_INDEX = Object.fromEntries(LAYERS.map((layer, i) => [layer.key, i])) as Record<LayerKey, number>;

function emptySums(): Record<LayerKey, number> {
  return Object.fromEntries(LAYERS.map((layer) => [layer.key, 0])) as Record<LayerKey, number>;
}

/**
 * What uPlot draws: seconds at the middle of each window, then cumulative layers from the top of the stack down, so that
 * each smaller bar covers the foot of the one before it.
 */
export function stack(data: ChartData): [number[], ...Column[]] {
  const times = data.starts.map((start) => (start + WINDOW_MS / 2) / 1_000);
  const running = data.starts.map(() => 0);
  const cumulative = data.exact.map((column) =>
    column.map((count, i) => {
      if (count === null) return null;
      const sum = (running[i] ?? 0) + count;
      running[i] = sum;
      return sum;
    }),
  );
  return [times, ...cumulative.reverse()];
}

/** Runs of unknown windows as half-open [start, end) in ms, to be hatched. */
export function gaps(data: ChartData): [number, number][] {
  const runs: [number, number][] = [];
  for (const [i, start] of data.starts.entries()) {
    if (data.totals[i] !== null) continue;
    const last = runs.at(-1);
    if (last !== undefined && last[1] === start) last[1] = start + WINDOW_MS;
    else runs.push([start, start + WINDOW_MS]);
  }
  return runs;
}

/** The top of the y axis: a round number not far above the tallest bar, so that the axis moves rarely and in steps. */
export function niceCeiling(max: number): number {
  const least = 5;
  if (!(max > least)) return least;
  const power = 10 ** Math.floor(Math.log10(max));
  for (const step of [1, 1.5, 2, 3, 5, 7.5, 10]) if (max <= step * power) return step * power;
  return 10 * power;
}
