/**
 * Rows of the series queries, of one region or two, to zero-filled series. Pure; called by routes/metrics.ts.
 */
import { type Metric, type TimeseriesAnswer, unitOf } from "../../schema/api/metrics.ts";
import { addDecimals, mergeDistinct } from "./merge.ts";
import { isDistinct } from "./queries/timeseries.ts";

interface SeriesRow {
  is_total: number;
  bucket: string;
  known: number;
  name: string;
  value: string;
}

export interface SeriesShape {
  metric: Metric;
  /** Starts of the buckets, ms. */
  starts: readonly number[];
  stepMs: number;
  /** Undefined: everything is one series. */
  groups: readonly string[] | undefined;
  /** Distinct values came as keys. */
  united: boolean;
}

/** The `max` largest groups of all regions together. */
export function largestGroups(answers: readonly { name: string; weight: string }[][], max: number): string[] {
  const weights = new Map<string, bigint>();
  for (const { name, weight } of answers.flat()) weights.set(name, (weights.get(name) ?? 0n) + BigInt(weight));
  return [...weights]
    .sort(([a, left], [b, right]) => (left === right ? (a < b ? -1 : 1) : left > right ? -1 : 1))
    .slice(0, max)
    .map(([name]) => name);
}

/** One series per group in the order of `groups`, then the others if there are any. */
export function buildSeries(answers: readonly SeriesRow[][], shape: SeriesShape): TimeseriesAnswer["series"] {
  const cells = new Map<string, string[]>();
  for (const row of answers.flat()) {
    const key = cellKey(row.known === 1 ? row.name : undefined, row.is_total === 1 ? undefined : Number(row.bucket));
    const values = cells.get(key);
    if (values === undefined) cells.set(key, [row.value]);
    else values.push(row.value);
  }
  const value = (group: string | undefined, bucket: number | undefined) =>
    answerValue(shape, cells.get(cellKey(group, bucket)) ?? []);
  const series = (group: string | undefined) => ({
    group: shape.groups === undefined ? null : (group ?? null),
    other: group === undefined,
    total: value(group, undefined),
    values: shape.starts.map((start) => value(group, start / shape.stepMs)),
  });
  if (shape.groups === undefined) return [series("")];
  const named = shape.groups.map(series);
  return cells.has(cellKey(undefined, undefined)) ? [...named, series(undefined)] : named;
}

function answerValue({ metric, united }: SeriesShape, values: readonly string[]): number | string {
  const merged = isDistinct(metric) ? (values.length === 0 ? "0" : mergeDistinct(values, united)) : addDecimals(values);
  return unitOf(metric) === "nano_usd" ? merged : Number(merged);
}

const cellKey = (group: string | undefined, bucket: number | undefined): string =>
  `${bucket ?? "total"} ${group === undefined ? "" : `=${group}`}`;
