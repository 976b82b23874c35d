/** Who and what costs most, with share and change; choosing one filters the page where the URL has such a filter. Used by Cost. */
import type { ReactElement } from "react";
import { TopAnswerSchema } from "../../../schema/api/insights.ts";
import { useApi } from "../api/query.ts";
import { FILTER_FIELDS, type ViewSearch } from "../app/filters.ts";
import type { View } from "../app/use-view.ts";
import { formatShare } from "../format/change.ts";
import { BarList } from "../ui/bar-list.tsx";
import { CsvMenu } from "../ui/csv-menu.tsx";
import { Panel } from "../ui/panel.tsx";
import { Segments } from "../ui/segments.tsx";
import { Change } from "../ui/stat.tsx";
import { Answer } from "../ui/states.tsx";
import { RANKING_TITLES, rankedItems, rankingCells } from "./ranking.ts";
import { DIMENSION_LABELS, RANKINGS, type Ranking } from "./search.ts";

const ITEMS = 10;
const OPTIONS = RANKINGS.map((value) => ({ value, label: DIMENSION_LABELS[value] }));

export function RankingPanel({
  view,
  dimension,
  onDimension,
  onFilter,
}: {
  view: View;
  dimension: Ranking;
  onDimension(dimension: Ranking): void;
  onFilter(change: Partial<ViewSearch>): void;
}): ReactElement {
  const query = useApi(
    "/api/v1/metrics/top",
    { ...view.params, dimension, metric: "cost_nano_usd", limit: ITEMS },
    TopAnswerSchema,
    { refreshMs: view.refreshMs },
  );
  const { data } = query;
  const field = FILTER_FIELDS.find((name) => name === dimension);
  return (
    <Panel
      title="Top by cost"
      busy={query.isPlaceholderData}
      className="min-h-90"
      controls={
        <CsvMenu
          title={`Cost by ${dimension}`}
          table={data === undefined ? undefined : () => ({ titles: RANKING_TITLES, cells: rankingCells(data) })}
        />
      }
    >
      <div className="flex h-full flex-col">
        <div className="overflow-x-auto px-4 pb-1">
          <Segments label="Top by cost of" value={dimension} options={OPTIONS} onChange={onDimension} />
        </div>
        <div className="min-h-0 flex-1">
          <Answer query={query} what="the ranking" isEmpty={({ items }) => items.length === 0}>
            {(answer) => (
              <BarList
                label={`Cost by ${answer.dimension}`}
                items={rankedItems(answer).map(({ share, change, ...item }) => ({
                  ...item,
                  extra: (
                    <span className="flex items-center gap-3 text-2 text-muted">
                      <span className="w-14 text-end">
                        <Change change={change} better="less" />
                      </span>
                      <span className="w-10 text-end whitespace-nowrap">{formatShare(share)}</span>
                    </span>
                  ),
                }))}
                onChoose={field === undefined ? undefined : ({ name }) => onFilter({ [field]: name })}
              />
            )}
          </Answer>
        </div>
      </div>
    </Panel>
  );
}
