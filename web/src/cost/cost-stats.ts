/** The figures at the top of Cost, out of the unit costs and the summary. Pure. */
import type { UnitCostsAnswer } from "../../../schema/api/insights.ts";
import type { SummaryAnswer, TimeseriesAnswer } from "../../../schema/api/metrics.ts";
import { drawable } from "../chart/from-timeseries.ts";
import { formatShare } from "../format/change.ts";
import { formatUsd, formatUsdExact, parseNanoUsd } from "../format/money.ts";
import { formatCount, formatExact, NO_VALUE } from "../format/number.ts";
import { changeOfRate, rateOf } from "../format/share.ts";
import type { Stat } from "../ui/stat.tsx";

type Costs = Pick<UnitCostsAnswer, "cost_nano_usd" | "unpriced_tokens" | "unpriced_share" | "units">;
type Totals = Pick<SummaryAnswer["totals"], "input_tokens" | "cache_read_tokens" | "cache_write_tokens">;

/** Figures in the order of the page. `trend`: the cost over the range, to be drawn. */
export function costStats(costs: Costs, totals: Totals, trend: readonly (number | null)[] | undefined): Stat[] {
  const { cost_nano_usd: cost, unpriced_tokens: unpriced } = costs;
  return [
    {
      key: "cost",
      label: "Cost",
      value: formatUsd(cost.value),
      exact: formatUsdExact(cost.value),
      change: cost.change,
      better: "less",
      ...(trend === undefined ? {} : { trend }),
    },
    unitStat(costs, "session", "Per session", "sessions"),
    unitStat(costs, "pull_request", "Per pull request", "pull requests"),
    { ...unitStat(costs, "accepted_suggestion", "Per accepted edit", "accepted edits"), note: perLine(costs) },
    {
      key: "unpriced",
      label: "Unpriced tokens",
      value: formatCount(unpriced.value),
      exact: `${formatExact(unpriced.value)} tokens whose cost is not known: they are in no figure here`,
      change: unpriced.value === 0 && unpriced.previous === 0 ? undefined : unpriced.change,
      better: "less",
      note: costs.unpriced_share === null ? "" : `${formatShare(costs.unpriced_share)} of all`,
    },
    cacheStat(totals),
  ];
}

type UnitName = Costs["units"][number]["unit"];
const unitOf = (costs: Costs, name: UnitName) => costs.units.find(({ unit }) => unit === name);

function unitStat(costs: Costs, name: UnitName, label: string, things: string): Stat {
  const unit = unitOf(costs, name);
  const value = unit?.cost_nano_usd.value ?? null;
  return {
    key: name,
    label,
    value: formatUsd(value),
    exact:
      value === null
        ? `no ${things} in this range`
        : `${formatUsdExact(value)} for each of ${formatExact(unit?.count.value)} ${things}`,
    change: value === null || unit?.cost_nano_usd.previous === null ? undefined : unit?.cost_nano_usd.change,
    better: "less",
    note: value === null ? `no ${things}` : `${formatCount(unit?.count.value)} ${things}`,
  };
}

function perLine(costs: Costs): string {
  const value = unitOf(costs, "line_added")?.cost_nano_usd.value ?? null;
  return value === null ? "no lines added" : `${formatUsd(value)} a line`;
}

/** Tokens of prompts that were read from a cache, of all tokens of prompts. */
function cacheStat(totals: Totals): Stat {
  const rate = (which: "value" | "previous"): number | null =>
    rateOf(
      totals.cache_read_tokens[which],
      totals.input_tokens[which] + totals.cache_read_tokens[which] + totals.cache_write_tokens[which],
    );
  const now = rate("value");
  return {
    key: "cache",
    label: "Cache hit rate",
    value: formatShare(now),
    exact:
      now === null
        ? NO_VALUE
        : `${formatExact(totals.cache_read_tokens.value)} tokens read from caches, ${formatExact(totals.input_tokens.value)} fresh, ${formatExact(totals.cache_write_tokens.value)} written to caches`,
    change: changeOfRate(now, rate("previous")) ?? undefined,
    better: "more",
    note: "of prompts",
  };
}

/** The cost over the range, to be drawn: the sum of all groups of an answer. */
export function costTrend(
  answer: Pick<TimeseriesAnswer, "times" | "series"> | undefined,
): (number | null)[] | undefined {
  return answer?.times.map((_, i) =>
    answer.series.reduce((sum, { values }) => sum + (drawable(values[i] ?? null, "nano_usd") ?? 0), 0),
  );
}

/** Without groups that cost nothing: they would only lengthen the legend. */
export function withCost(answer: TimeseriesAnswer): TimeseriesAnswer {
  const costly = answer.series.filter(({ total, previous }) => parseNanoUsd(total) !== 0n || previous !== undefined);
  return { ...answer, series: costly };
}

const FIGURE = { value: 0, previous: 0, change: null };
/** What keeps the tiles' place while they load. */
export const NO_COSTS: { costs: Costs; totals: Totals } = {
  costs: {
    cost_nano_usd: { value: "0", previous: "0", change: null },
    unpriced_tokens: FIGURE,
    unpriced_share: null,
    units: [],
  },
  totals: { input_tokens: FIGURE, cache_read_tokens: FIGURE, cache_write_tokens: FIGURE },
};
