/**
 * A series over time as every chart takes it, and the arithmetic of drawing it: stacking, the span of the axis, what is shown when
 * one series is isolated. Pure. A value that is not known is null, which is a gap; a known nothing is 0.
 */
import type { Column } from "./series.ts";

export interface TimeSeries {
  key: string;
  label: string;
  /** CSS custom property that holds the colour. */
  token: string;
  values: Column;
  /** Over the whole range, where it is not the sum of the values (distinct things, medians); default: their sum. */
  total?: number | null;
  /** The period before, shifted onto this one: drawn dashed and never stacked. */
  before?: boolean;
}

/** Buckets and what was in them. */
export interface TimeData {
  /** Starts of the buckets, ms. */
  starts: readonly number[];
  /** End of the last bucket, ms. */
  end: number;
  series: readonly TimeSeries[];
}

export type ChartKind = "line" | "bars";

/** The series that are drawn when one is isolated; the period before always goes with its own. */
export function visibleSeries(data: TimeData, isolated: string | null): readonly TimeSeries[] {
  if (isolated === null) return data.series;
  const chosen = data.series.filter(({ key }) => key === isolated || key === `${isolated} before`);
  return chosen.length === 0 ? data.series : chosen;
}

/** Length of bucket `index`, ms: days of a zone differ, and the last ends where the range does. */
export function bucketMs(data: Pick<TimeData, "starts" | "end">, index: number): number {
  return (data.starts[index + 1] ?? data.end) - (data.starts[index] ?? data.end);
}

/**
 * What uPlot draws: seconds (the middle of a bucket for bars, its start for lines), then the columns. Bars are stacked: cumulative from
 * the top of the stack down, so that each smaller bar covers the foot of the one before it.
 */
export function plotData(data: TimeData, shown: readonly TimeSeries[], kind: ChartKind): [number[], ...Column[]] {
  const times = data.starts.map((start, i) => (start + (kind === "bars" ? bucketMs(data, i) / 2 : 0)) / 1_000);
  if (kind === "line") return [times, ...shown.map(({ values }) => values)];
  const running = data.starts.map(() => 0);
  const columns = shown.map(({ values, before }) =>
    before === true
      ? values
      : values.map((value, i) => {
          if (value === null) return null;
          const sum = (running[i] ?? 0) + value;
          running[i] = sum;
          return sum;
        }),
  );
  return [times, ...columns.reverse()];
}

/** The greatest value that is drawn; 0 when nothing is. */
export function greatest(columns: readonly Column[]): number {
  let max = 0;
  for (const column of columns) for (const value of column) if (value !== null && value > max) max = value;
  return max;
}

/** Indexes of known values between unknown ones: a line alone would not show them. */
export function lonely(column: Column): number[] {
  const known = (i: number): boolean => column[i] !== null && column[i] !== undefined;
  return column.flatMap((_, i) => (known(i) && !known(i - 1) && !known(i + 1) ? [i] : []));
}

/** What a series comes to over the range; null when nothing is known. */
export function totalOf({ values, total }: Pick<TimeSeries, "values" | "total">): number | null {
  if (total !== undefined) return total;
  let sum: number | null = null;
  for (const value of values) if (value !== null) sum = (sum ?? 0) + value;
  return sum;
}

/** Colours of series that have none of their own, in the order they are taken; the seventh and later share the last. */
const TOKENS = [
  "--series-1",
  "--series-2",
  "--series-3",
  "--series-4",
  "--series-5",
  "--series-6",
  "--series-7",
  "--series-8",
];
const REST_TOKEN = "--series-rest";

/** The colour of the series at `index`, or of what is left over. */
export function seriesToken(index: number, rest = false): string {
  return rest ? REST_TOKEN : (TOKENS[index] ?? REST_TOKEN);
}

/** Labels of a value axis above its zero. */
const AXIS_LABELS = 5;

/**
 * A round number at or above `max` for the top of the axis; `least` keeps an empty chart's axis readable. With `steps`: a multiple of the
 * smallest that needs few labels.
 */
export function axisTop(max: number, least: number, steps?: readonly number[]): number {
  if (!(max > least)) return least;
  const step = steps?.find((each) => max <= each * AXIS_LABELS);
  if (step !== undefined) return Math.ceil(max / step) * step;
  const power = 10 ** Math.floor(Math.log10(max));
  for (const step of [1, 1.5, 2, 3, 5, 7.5, 10]) if (max <= step * power) return step * power;
  return 10 * power;
}
