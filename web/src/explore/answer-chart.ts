/**
 * An answer over time as a chart: one series per group of its other dimensions, or its one. Steps without a row are 0 where nothing is 0
 * (counts, sums, rates) and a gap where nothing has no value (averages, percentiles, quotients). Pure.
 */
import type { QueryAnswer } from "../../../schema/api/query.ts";
import type { Column } from "../chart/series.ts";
import { seriesToken, type TimeData, type TimeSeries } from "../chart/time-data.ts";
import { labelText } from "./answer-values.ts";

/** Series with a colour of their own. */
export const MAX_SERIES = 8;

const NANO = 1e9;
const ADDITIVE: readonly string[] = ["count", "sum", "uniq", "rate"];

export interface AnswerChart {
  data: TimeData;
  /** Groups there are; more than are drawn. */
  groups: number;
}

/** Units that have a scale; a moment has none. */
export function chartable(answer: QueryAnswer): { name: string; index: number }[] {
  if (!answer.dimensions.some(({ name, kind }) => name === "time" && kind === "time")) return [];
  return answer.measures.flatMap(({ name, unit }, index) => (unit === "time" ? [] : [{ name, index }]));
}

/** `times`: every step of the range as the API cuts it; without it only steps that have rows are known. */
export function answerChart(answer: QueryAnswer, measure: number, times: readonly string[]): AnswerChart {
  const at = answer.dimensions.findIndex(({ name, kind }) => name === "time" && kind === "time");
  const spec = answer.measures[measure];
  const rows = answer.rows.flatMap(({ dimensions, values, previous }) => {
    const start = Date.parse(String(dimensions[at]));
    const labels = dimensions.filter((_, i) => i !== at).map(labelText);
    return Number.isFinite(start)
      ? [
          {
            start,
            labels,
            now: numberOf(values[measure], spec?.unit),
            before: numberOf(previous?.[measure], spec?.unit),
          },
        ]
      : [];
  });
  const starts = [...new Set([...times.map((time) => Date.parse(time)), ...rows.map(({ start }) => start)])].sort(
    (a, b) => a - b,
  );
  const place = new Map(starts.map((start, i) => [start, i]));
  // A page that ends before the range does says nothing of the steps after it.
  const isNothing = ADDITIVE.includes(spec?.fn ?? "") && answer.next_cursor === null;
  const blank = (): Column => starts.map(() => (isNothing ? 0 : null));
  const groups = new Map<string, { label: string; now: Column; before: Column; size: number }>();
  for (const { start, labels, now, before } of rows) {
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? {
      label: groupLabel(labels, spec?.name ?? ""),
      now: blank(),
      before: blank(),
      size: 0,
    };
    groups.set(key, group);
    const i = place.get(start) ?? -1;
    group.now[i] = now;
    group.before[i] = before;
    group.size += Math.abs(now ?? 0);
  }
  const drawn = [...groups].sort(([, a], [, b]) => b.size - a.size).slice(0, MAX_SERIES);
  const only = drawn.length === 1 && answer.previous_from !== null;
  const series = drawn.flatMap(([key, { label, now, before }], i): TimeSeries[] => [
    { key, label, token: seriesToken(i), values: now, total: totalFor(spec?.fn, now) },
    ...(only
      ? [
          {
            key: `${key} before`,
            label: "period before",
            token: "--series-before",
            values: before,
            total: totalFor(spec?.fn, before),
            before: true,
          },
        ]
      : []),
  ]);
  return { data: { starts, end: Date.parse(answer.to), series }, groups: groups.size };
}

/** Only counts and sums add up to something over the steps. */
function totalFor(fn: string | undefined, values: Column): number | null {
  if (fn !== "count" && fn !== "sum") return null;
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** Money is drawn in USD, as every chart draws it. */
function numberOf(value: number | string | null | undefined, unit: string | undefined): number | null {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  if (!Number.isFinite(number)) return null;
  return unit === "nano_usd" ? number / NANO : number;
}

function groupLabel(labels: readonly string[], measure: string): string {
  return labels.length === 0 ? measure : labels.map((label) => (label === "" ? "not given" : label)).join(" · ");
}
