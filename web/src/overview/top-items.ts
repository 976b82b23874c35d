/** A top list's answer as rows to show and to download. Pure. */
import type { TopAnswer } from "../../../schema/api/insights.ts";
import { drawable } from "../chart/from-timeseries.ts";
import { formatShare } from "../format/change.ts";
import { unitFormat } from "../format/unit.ts";
import type { BarItem } from "../ui/bar-list.tsx";

export type TopItem = BarItem & { change: number | null };

/** Rows in the answer's order: largest first. */
export function topItems(answer: Pick<TopAnswer, "items" | "unit">): TopItem[] {
  const { short, exact } = unitFormat(answer.unit);
  return answer.items.map(({ name, value, change, share }) => {
    const number = drawable(value, answer.unit) ?? 0;
    return {
      key: name,
      name,
      value: number,
      text: short(number),
      exact: `${exact(number)}${share === null ? "" : `, ${formatShare(share)}`}`,
      change,
    };
  });
}

/** Exact values, as the API gives them. */
export function topCsv(answer: Pick<TopAnswer, "items" | "dimension" | "metric">): {
  titles: string[];
  cells: (string | number | null)[][];
} {
  return {
    titles: [answer.dimension, answer.metric, "share", "previous", "change"],
    cells: answer.items.map(({ name, value, share, previous, change }) => [name, value, share, previous, change]),
  };
}
