/** The figures at the top of Overview, out of the summary and the series beside it. Pure. */
import type { SummaryAnswer, TimeseriesAnswer } from "../../../schema/api/metrics.ts";
import { drawable } from "../chart/from-timeseries.ts";
import { formatShare } from "../format/change.ts";
import { formatUsd, formatUsdExact } from "../format/money.ts";
import { formatCount, formatExact } from "../format/number.ts";
import type { Stat } from "../ui/stat.tsx";

/** Series that give the trends; undefined while they load. */
export type Trends = Partial<
  Record<"users" | "sessions" | "accepted" | "pull_requests" | "errors" | "cost_nano_usd", TimeseriesAnswer>
>;

/** Figures in the order of the page. */
export function overviewStats({ totals }: Pick<SummaryAnswer, "totals">, trends: Trends): Stat[] {
  const trend = (name: keyof Trends): Pick<Stat, "trend"> => {
    const answer = trends[name];
    const values = answer?.series[0]?.values;
    return answer === undefined || values === undefined
      ? {}
      : { trend: values.map((value) => drawable(value, answer.unit)) };
  };
  const count = (name: "users" | "sessions" | "pull_requests", label: string): Stat => ({
    key: name,
    label,
    value: formatCount(totals[name].value),
    exact: formatExact(totals[name].value),
    change: totals[name].change,
    better: "more",
    ...trend(name),
  });
  const decided = totals.accepted.value + totals.rejected.value;
  const errorRate = totals.events.value === 0 ? null : totals.errors.value / totals.events.value;
  const errorRateBefore = totals.events.previous === 0 ? null : totals.errors.previous / totals.events.previous;
  return [
    count("users", "Active users"),
    count("sessions", "Sessions"),
    {
      key: "lines",
      label: "Lines added",
      value: formatCount(totals.lines_added.value),
      exact: `${formatExact(totals.lines_added.value)} added, ${formatExact(totals.lines_removed.value)} removed`,
      change: totals.lines_added.change,
      better: "more",
      note: decided === 0 ? "" : `${formatShare(totals.accepted.value / decided)} of edits accepted`,
    },
    count("pull_requests", "Pull requests"),
    {
      key: "errors",
      label: "Error rate",
      value: formatShare(errorRate),
      exact: `${formatExact(totals.errors.value)} errors in ${formatExact(totals.events.value)} events`,
      change:
        errorRate === null || errorRateBefore === null || errorRateBefore === 0
          ? null
          : errorRate / errorRateBefore - 1,
      better: "less",
      ...trend("errors"),
    },
    {
      key: "cost",
      label: "Cost",
      value: formatUsd(totals.cost_nano_usd.value),
      exact: formatUsdExact(totals.cost_nano_usd.value),
      change: totals.cost_nano_usd.change,
      note: totals.unpriced_tokens.value === 0 ? "" : `${formatCount(totals.unpriced_tokens.value)} tokens unpriced`,
      ...trend("cost_nano_usd"),
    },
  ];
}
