/** The answer of /api/v1/metrics/timeseries as chart data: money in USD, the period before beside each series. Pure. */
import type { TimeseriesAnswer, Unit } from "../../../schema/api/metrics.ts";
import { LAYERS, layerOf, typeLabel } from "./palette.ts";
import { seriesToken, type TimeData, type TimeSeries } from "./time-data.ts";

const NANO = 1e9;

/** A value of the API as a number to draw: nano-USD (a decimal string) becomes USD. Exact amounts stay in the tables' own answers. */
export function drawable(value: number | string | null, unit: Unit): number | null {
  if (value === null) return null;
  return unit === "nano_usd" ? Number(value) / NANO : Number(value);
}

/** What a series is called when its group is empty: events that say nothing of it. */
const NOT_GIVEN = "not given";
const OTHER = "everything else";

/** `label`: the one series of an answer without groups. */
export function fromTimeseries(answer: TimeseriesAnswer, label: string): TimeData {
  const starts = answer.times.map((at) => Date.parse(at));
  const series: TimeSeries[] = [];
  for (const [index, one] of answer.series.entries()) {
    const key = one.other ? "other" : `group ${one.group ?? ""}`;
    const name = one.other ? OTHER : one.group === null ? label : one.group === "" ? NOT_GIVEN : one.group;
    const isType = answer.group_by === "type" && one.group !== null;
    const token = isType
      ? (LAYERS.find((layer) => layer.key === layerOf(one.group ?? ""))?.token ?? seriesToken(index))
      : seriesToken(index, one.other);
    series.push({
      key,
      label: isType ? typeLabel(name) : name,
      token,
      values: one.values.map((value) => drawable(value, answer.unit)),
      total: drawable(one.total, answer.unit),
    });
    if (one.previous !== undefined && answer.series.length === 1) {
      series.push({
        key: `${key} before`,
        label: "period before",
        token: "--series-before",
        values: one.previous.values.map((value) => drawable(value, answer.unit)),
        total: drawable(one.previous.total, answer.unit),
        before: true,
      });
    }
  }
  return { starts, end: Date.parse(answer.to), series };
}
