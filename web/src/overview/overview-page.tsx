/** What Overview shows under its controls: figures, the course of events, cost and errors. Used by the route. */
import type { ReactElement } from "react";
import { SummaryAnswerSchema } from "../../../schema/api/metrics.ts";
import { useApi } from "../api/query.ts";
import type { ViewSearch } from "../app/filters.ts";
import { useSeries } from "../app/use-series.ts";
import type { View } from "../app/use-view.ts";
import { ChartPanel } from "../chart/chart-panel.tsx";
import { fromTimeseries } from "../chart/from-timeseries.ts";
import { unitFormat } from "../format/unit.ts";
import { Stats } from "../ui/stat.tsx";
import { PartFailure } from "../ui/states.tsx";
import { AdoptionPanel } from "./adoption-panel.tsx";
import { overviewStats } from "./overview-stats.ts";
import { TopPanel } from "./top-panel.tsx";

const SYNC = "overview";
const COUNT = unitFormat("count");
const MONEY = unitFormat("nano_usd");
/** What an empty summary looks like while it loads: the tiles keep their place. */
const FIGURE = { value: 0, previous: 0, change: null };

export function OverviewPage({
  view,
  onSearch,
}: {
  view: View;
  onSearch(change: Partial<ViewSearch>): void;
}): ReactElement {
  const summary = useApi("/api/v1/metrics/summary", view.params, SummaryAnswerSchema, { refreshMs: view.refreshMs });
  const events = useSeries(view, { metric: "events", groupBy: "type" });
  const users = useSeries(view, { metric: "users" });
  const sessions = useSeries(view, { metric: "sessions" });
  const cost = useSeries(view, { metric: "cost_nano_usd" });
  const errors = useSeries(view, { metric: "errors" });
  const onZoom = (from: number, to: number): void =>
    onSearch({ range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  const trends = {
    ...(users.data === undefined ? {} : { users: users.data }),
    ...(sessions.data === undefined ? {} : { sessions: sessions.data }),
    ...(cost.data === undefined ? {} : { cost_nano_usd: cost.data }),
    ...(errors.data === undefined ? {} : { errors: errors.data }),
  };
  return (
    <div className="live">
      {summary.error !== null && summary.data === undefined ? (
        <div className="panel min-h-24">
          <PartFailure error={summary.error} onRetry={() => void summary.refetch()} />
        </div>
      ) : (
        <Stats
          stats={overviewStats(summary.data ?? { totals: NO_TOTALS }, trends)}
          loading={summary.data === undefined}
        />
      )}
      <ChartPanel
        title="Events by type"
        query={events}
        toData={(answer) => fromTimeseries(answer, "events")}
        kind="bars"
        format={COUNT.short}
        formatExact={COUNT.exact}
        sync={SYNC}
        onZoom={onZoom}
      />
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
        <AdoptionPanel view={view} />
        <ChartPanel
          title="Sessions"
          query={sessions}
          toData={(answer) => fromTimeseries(answer, "sessions")}
          kind="line"
          format={COUNT.short}
          formatExact={COUNT.exact}
          sync={SYNC}
          onZoom={onZoom}
        />
        <ChartPanel
          title="Cost"
          query={cost}
          toData={(answer) => fromTimeseries(answer, "cost")}
          kind="line"
          format={MONEY.short}
          formatExact={MONEY.exact}
          whole={MONEY.whole}
          least={MONEY.least}
          sync={SYNC}
          onZoom={onZoom}
        />
        <ChartPanel
          title="Errors"
          query={errors}
          toData={(answer) => fromTimeseries(answer, "errors")}
          kind="line"
          format={COUNT.short}
          formatExact={COUNT.exact}
          sync={SYNC}
          onZoom={onZoom}
        />
      </div>
      <div className="grid grid-cols-1 gap-4 md:grid-cols-3">
        <TopPanel
          view={view}
          title="Repositories by sessions"
          dimension="repo"
          metric="sessions"
          onChoose={(repo) => onSearch({ repo })}
        />
        <TopPanel
          view={view}
          title="Agents by users"
          dimension="agent"
          metric="users"
          onChoose={(agent) => onSearch({ agent })}
        />
        <TopPanel
          view={view}
          title="Models by cost"
          dimension="model"
          metric="cost_nano_usd"
          onChoose={(model) => onSearch({ model })}
        />
      </div>
    </div>
  );
}

const NO_TOTALS = {
  events: FIGURE,
  users: FIGURE,
  sessions: FIGURE,
  errors: FIGURE,
  security_alerts: FIGURE,
  pull_requests: FIGURE,
  cost_nano_usd: { value: "0", previous: "0", change: null },
  unpriced_tokens: FIGURE,
  tokens: FIGURE,
  input_tokens: FIGURE,
  output_tokens: FIGURE,
  cache_read_tokens: FIGURE,
  cache_write_tokens: FIGURE,
  reasoning_tokens: FIGURE,
  lines_added: FIGURE,
  lines_removed: FIGURE,
  accepted: FIGURE,
  rejected: FIGURE,
};
