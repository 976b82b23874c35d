/** What Cost shows under its controls. Used by the route. */
import type { ReactElement } from "react";
import { UnitCostsAnswerSchema } from "../../../schema/api/insights.ts";
import { SummaryAnswerSchema } from "../../../schema/api/metrics.ts";
import { useApi } from "../api/query.ts";
import { combined } from "../app/combined.ts";
import { EmptyRange } from "../app/empty-range.tsx";
import type { ViewSearch } from "../app/filters.ts";
import { useQuestion } from "../app/use-question.ts";
import { useSeries } from "../app/use-series.ts";
import type { View } from "../app/use-view.ts";
import { ChartPanel } from "../chart/chart-panel.tsx";
import { fromTimeseries } from "../chart/from-timeseries.ts";
import { unitFormat } from "../format/unit.ts";
import { Stats } from "../ui/stat.tsx";
import { PartFailure } from "../ui/states.tsx";
import { costStats, costTrend, NO_COSTS, withCost } from "./cost-stats.ts";
import { ForecastPanels } from "./forecast-panel.tsx";
import { RankingPanel } from "./ranking-panel.tsx";
import { type CostSearch, DIMENSION_LABELS, SPLITS, type Split } from "./search.ts";
import { SourcesPanels } from "./sources-panel.tsx";
import { TOKEN_QUESTION, tokenData } from "./token-buckets.ts";
import { UnpricedPanel } from "./unpriced-panel.tsx";

const SYNC = "cost";
const MONEY = unitFormat("nano_usd");
const TOKENS = unitFormat("tokens");

export function CostPage({
  view,
  search,
  onSearch,
}: {
  view: View;
  search: CostSearch;
  onSearch(change: Partial<ViewSearch & CostSearch>): void;
}): ReactElement {
  const split = search.by ?? "model";
  const refresh = { refreshMs: view.refreshMs };
  const costs = useApi("/api/v1/metrics/unit-costs", view.params, UnitCostsAnswerSchema, refresh);
  const summary = useApi("/api/v1/metrics/summary", view.params, SummaryAnswerSchema, refresh);
  const figures = combined(costs, summary);
  const series = useSeries(view, { metric: "cost_nano_usd", ...(split === "total" ? {} : { groupBy: split }) });
  const tokens = combined(useQuestion(view, TOKEN_QUESTION), series);
  const onZoom = (from: number, to: number): void =>
    onSearch({ range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  return (
    <div className="live">
      {figures.error !== null && figures.data === undefined ? (
        <div className="panel min-h-24">
          <PartFailure error={figures.error} onRetry={figures.refetch} />
        </div>
      ) : (
        <Stats
          stats={costStats(
            figures.data?.[0] ?? NO_COSTS.costs,
            figures.data?.[1].totals ?? NO_COSTS.totals,
            costTrend(series.data),
          )}
          loading={figures.data === undefined}
        />
      )}
      <ChartPanel
        title="Cost over time"
        query={series}
        toData={(answer) => fromTimeseries(withCost(answer), "cost")}
        kind="bars"
        format={MONEY.short}
        formatExact={MONEY.exact}
        whole={MONEY.whole}
        least={MONEY.least}
        sync={SYNC}
        onZoom={onZoom}
        empty={<EmptyRange view={view} title="No cost in this range" onSearch={onSearch} />}
        controls={<SplitSelect value={split} onChange={(by) => onSearch({ by: by === "model" ? undefined : by })} />}
      />
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
        <ChartPanel
          title="Tokens by kind"
          query={tokens}
          toData={tokenData}
          kind="bars"
          format={TOKENS.short}
          formatExact={TOKENS.exact}
          sync={SYNC}
          onZoom={onZoom}
        />
        <RankingPanel
          view={view}
          dimension={search.top ?? "user"}
          onDimension={(top) => onSearch({ top: top === "user" ? undefined : top })}
          onFilter={onSearch}
        />
      </div>
      <ForecastPanels view={view} />
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
        <SourcesPanels view={view} />
      </div>
      <UnpricedPanel view={view} />
    </div>
  );
}

function SplitSelect({ value, onChange }: { value: Split; onChange(split: Split): void }): ReactElement {
  return (
    <select
      className="select h-6 text-2"
      aria-label="Cost over time: split by"
      value={value}
      onChange={(event) => {
        const chosen = SPLITS.find((split) => split === event.target.value);
        if (chosen !== undefined) onChange(chosen);
      }}
    >
      {SPLITS.map((split) => (
        <option key={split} value={split}>
          {split === "total" ? "Total" : `By ${DIMENSION_LABELS[split].toLowerCase()}`}
        </option>
      ))}
    </select>
  );
}
