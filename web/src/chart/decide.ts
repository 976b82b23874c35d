/**
 * Whether a chart is kept, updated or made anew. Called by every chart component on each render; pure.
 * New data never rebuilds a chart; only another set of series does, because uPlot fixes its series when it is made.
 */

/** What a chart shows. `data` is compared by identity: a new array is new data. */
export interface ChartSpec {
  series: readonly string[];
  data: unknown;
  width: number;
  height: number;
  /** Anything that changes how the same data is painted: theme, time zone. */
  paint: string;
}

export type ChartDecision =
  | { kind: "create" }
  | { kind: "keep" }
  | { kind: "update"; data: boolean; size: boolean; paint: boolean };

/** What to do with a chart that shows `before` (null: there is none yet), to make it show `after`. */
export function decide(before: ChartSpec | null, after: ChartSpec): ChartDecision {
  if (before === null || !sameSeries(before.series, after.series)) return { kind: "create" };
  const data = before.data !== after.data;
  const size = before.width !== after.width || before.height !== after.height;
  const paint = before.paint !== after.paint;
  return data || size || paint ? { kind: "update", data, size, paint } : { kind: "keep" };
}

function sameSeries(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i]);
}
