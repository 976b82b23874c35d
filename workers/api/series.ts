/**
 * Rows of the series queries, of one region or two, to zero-filled series. Pure; called by routes/metrics.ts.
 */
import { type SeriesMetric, type TimeseriesAnswer, unitOf } from "../../schema/api/metrics.ts";
import type { Part } from "./unite.ts";

interface SeriesRow extends Part {
  is_total: number;
  current: number;
  bucket: string;
  known: number;
  name: string;
}

export interface SeriesShape {
  metric: SeriesMetric;
  /** Number of the first bucket, and how many there are. */
  first: number;
  buckets: number;
  /** Undefined: everything is one series. */
  groups: readonly string[] | undefined;
  /** Is there a compared period? */
  compared: boolean;
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

/** The parts of every cell that has any, by key. */
export function cellsOf(answers: readonly SeriesRow[][]): Map<string, Part[]> {
  const cells = new Map<string, Part[]>();
  for (const row of answers.flat()) {
    const group = row.known === 1 ? row.name : undefined;
    const key = cellKey(row.current === 1, group, row.is_total === 1 ? undefined : Number(row.bucket));
    const parts = cells.get(key);
    if (parts === undefined) cells.set(key, [row]);
    else parts.push(row);
  }
  return cells;
}

/** One series per group in the order of `groups`, then the others if there are any. `values`: of each cell, by key. */
export function buildSeries(values: ReadonlyMap<string, string>, shape: SeriesShape): TimeseriesAnswer["series"] {
  const places = Array.from({ length: shape.buckets }, (_, i) => shape.first + i);
  const line = (current: boolean, group: string | undefined) => ({
    total: shown(shape.metric, values.get(cellKey(current, group, undefined))),
    values: places.map((place) => shown(shape.metric, values.get(cellKey(current, group, place)))),
  });
  const series = (group: string | undefined) => ({
    group: shape.groups === undefined ? null : (group ?? null),
    other: group === undefined,
    ...line(true, group),
    ...(shape.compared ? { previous: line(false, group) } : {}),
  });
  if (shape.groups === undefined) return [series("")];
  const others = [true, false].some((current) => values.has(cellKey(current, undefined, undefined)));
  return [...shape.groups.map(series), ...(others ? [series(undefined)] : [])];
}

/** A value as answers carry it: money as a decimal string, a duration of nothing as null. */
export function shown(metric: SeriesMetric, value: string | undefined): number | string | null {
  const unit = unitOf(metric);
  if (unit === "ms") return value === undefined || value === "" ? null : Number(value);
  return unit === "nano_usd" ? (value ?? "0") : Number(value ?? "0");
}

const cellKey = (current: boolean, group: string | undefined, bucket: number | undefined): string =>
  `${current ? "now" : "before"} ${bucket ?? "total"} ${group === undefined ? "" : `=${group}`}`;
