/** A top list by cost as rows to show and to download; amounts stay exact. Pure. */
import type { TopAnswer } from "../../../schema/api/insights.ts";
import { drawable } from "../chart/from-timeseries.ts";
import { formatShare } from "../format/change.ts";
import { formatUsd, formatUsdExact } from "../format/money.ts";
import type { BarItem } from "../ui/bar-list.tsx";

export interface RankedItem extends BarItem {
  share: number | null;
  /** null: there was nothing before. */
  change: number | null;
}

/** Rows in the answer's order: most expensive first. */
export function rankedItems({ items }: Pick<TopAnswer, "items">): RankedItem[] {
  return items.map(({ name, value, previous, share, change }) => ({
    key: name,
    name,
    // Only the length of the bar.
    value: drawable(value, "nano_usd") ?? 0,
    text: formatUsd(value),
    exact: `${formatUsdExact(value)}, ${formatShare(share)} of all; ${formatUsdExact(previous)} in the period before`,
    share,
    change,
  }));
}

export const RANKING_TITLES = ["name", "cost_nano_usd", "share", "previous_nano_usd", "change"] as const;

export function rankingCells({ items }: Pick<TopAnswer, "items">): (string | number | null)[][] {
  return items.map(({ name, value, share, previous, change }) => [name, value, share, previous, change]);
}
