/** Rates and percentiles over time, each out of two series of the API over the same range. Pure. */
import type { TimeseriesAnswer } from "../../../schema/api/metrics.ts";
import { drawable } from "../chart/from-timeseries.ts";
import type { Column } from "../chart/series.ts";
import type { TimeData, TimeSeries } from "../chart/time-data.ts";
import { rateOf } from "../format/share.ts";

type Answer = Pick<TimeseriesAnswer, "times" | "to" | "unit" | "series">;
type Line = { total: number | string | null; values: readonly (number | string | null)[] };

/**
 * Part of a whole, bucket by bucket: where the whole is nothing there is no rate, which is a gap and not 0. With the period before where
 * both answers have it.
 */
export function rateData([part, whole]: readonly [Answer, Answer], label: string): TimeData {
  const parts = part.series[0];
  const wholes = alongside(whole, part.times);
  const series: TimeSeries[] = [];
  if (parts !== undefined && wholes.now !== undefined) {
    series.push({ key: "rate", label, token: "--type-error", ...rates(parts, wholes.now) });
  }
  if (parts?.previous !== undefined && wholes.before !== undefined) {
    series.push({
      key: "rate before",
      label: "period before",
      token: "--series-before",
      before: true,
      ...rates(parts.previous, wholes.before),
    });
  }
  return { starts: part.times.map((time) => Date.parse(time)), end: Date.parse(part.to), series };
}

/** The typical and the longest, as two lines; null where no session ended. */
export function percentileData([p50, p95]: readonly [Answer, Answer]): TimeData {
  const line = (
    key: string,
    label: string,
    token: string,
    from: Line | undefined,
    unit: Answer["unit"],
  ): TimeSeries => ({
    key,
    label,
    token,
    values: (from?.values ?? []).map((value) => drawable(value, unit)),
    total: drawable(from?.total ?? null, unit),
  });
  return {
    starts: p50.times.map((time) => Date.parse(time)),
    end: Date.parse(p50.to),
    series: [
      line("p50", "p50", "--series-1", p50.series[0], p50.unit),
      line("p95", "p95", "--series-3", alongside(p95, p50.times).now, p95.unit),
    ],
  };
}

/** The first series laid over other buckets: two answers may be of ranges a minute apart. */
function alongside(
  { times, series: [first] }: Answer,
  onto: readonly string[],
): { now: Line | undefined; before: Line | undefined } {
  const at = new Map(times.map((time, i) => [time, i]));
  const laid = (line: Line | undefined): Line | undefined =>
    line === undefined
      ? undefined
      : { total: line.total, values: onto.map((time) => line.values[at.get(time) ?? -1] ?? null) };
  return { now: laid(first), before: laid(first?.previous) };
}

function rates(part: Line, whole: Line): { values: Column; total: number | null } {
  const rate = (a: number | string | null | undefined, b: number | string | null | undefined): number | null =>
    a === null || a === undefined || b === null || b === undefined ? null : rateOf(Number(a), Number(b));
  return { values: part.values.map((value, i) => rate(value, whole.values[i])), total: rate(part.total, whole.total) };
}
