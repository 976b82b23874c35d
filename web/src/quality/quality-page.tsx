/** What Quality shows under its controls. Used by the route. */
import type { ReactElement } from "react";
import { SummaryAnswerSchema } from "../../../schema/api/metrics.ts";
import { useApi } from "../api/query.ts";
import { combined } from "../app/combined.ts";
import { EmptyRange } from "../app/empty-range.tsx";
import type { ViewSearch } from "../app/filters.ts";
import { useSeries } from "../app/use-series.ts";
import type { View } from "../app/use-view.ts";
import { ChartPanel } from "../chart/chart-panel.tsx";
import { formatShare } from "../format/change.ts";
import { unitFormat } from "../format/unit.ts";
import { Stats } from "../ui/stat.tsx";
import { PartFailure } from "../ui/states.tsx";
import { AcceptancePanel } from "./acceptance-panel.tsx";
import { ErrorsPanel } from "./errors-panel.tsx";
import { FunnelPanel } from "./funnel-panel.tsx";
import { percentileData, rateData } from "./over-time.ts";
import { NO_FIGURES, qualityStats } from "./quality-stats.ts";
import type { QualitySearch } from "./search.ts";

const SYNC = "quality";
const TIME = unitFormat("ms");
/** Digits of a percentage in tooltips and tables. */
const exactShare = (share: number): string => `${(share * 100).toFixed(3).replace(/\.?0+$/, "")} %`;
/** Top of the rate's axis when nothing failed: one percent. */
const LEAST_RATE = 0.01;

export function QualityPage({
  view,
  search,
  onSearch,
}: {
  view: View;
  search: QualitySearch;
  onSearch(change: Partial<ViewSearch & QualitySearch>): void;
}): ReactElement {
  const summary = useApi("/api/v1/metrics/summary", view.params, SummaryAnswerSchema, { refreshMs: view.refreshMs });
  const rate = combined(useSeries(view, { metric: "errors" }), useSeries(view, { metric: "events" }));
  const lengths = combined(
    useSeries(view, { metric: "duration_p50", compare: false }),
    useSeries(view, { metric: "duration_p95", compare: false }),
  );
  const onZoom = (from: number, to: number): void =>
    onSearch({ range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  return (
    <div className="live">
      {summary.error !== null && summary.data === undefined ? (
        <div className="panel min-h-24">
          <PartFailure error={summary.error} onRetry={() => void summary.refetch()} />
        </div>
      ) : (
        <Stats stats={qualityStats(summary.data ?? NO_FIGURES)} loading={summary.data === undefined} />
      )}
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
        <ChartPanel
          title="Error rate"
          note="errors of all events"
          query={rate}
          toData={(answers) => rateData(answers, "error rate")}
          kind="line"
          format={formatShare}
          formatExact={exactShare}
          whole={false}
          least={LEAST_RATE}
          empty={
            summary.data?.totals.events.value === 0 ? (
              <EmptyRange view={view} title="No events in this range" onSearch={onSearch} />
            ) : (
              <p className="grid h-full place-items-center text-muted">No errors in this range</p>
            )
          }
          sync={SYNC}
          onZoom={onZoom}
        />
        <ChartPanel
          title="Session length"
          note="of sessions that ended"
          query={lengths}
          toData={percentileData}
          kind="line"
          format={TIME.short}
          formatExact={TIME.exact}
          whole={TIME.whole}
          least={TIME.least}
          steps={TIME.steps}
          sync={SYNC}
          onZoom={onZoom}
        />
      </div>
      <ErrorsPanel view={view} open={search.error} onOpen={(error) => onSearch({ error })} />
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
        <FunnelPanel view={view} />
        <AcceptancePanel
          view={view}
          by={search.accepted ?? "language"}
          onBy={(by) => onSearch({ accepted: by === "language" ? undefined : by })}
        />
      </div>
    </div>
  );
}
