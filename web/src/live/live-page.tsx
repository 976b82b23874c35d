/** The Live view: composes its parts from one store. Loaded on its own, because it carries the chart. */
import { type ReactElement, useEffect } from "react";
import type { LiveFilter } from "../../../schema/live.ts";
import type { Api } from "../api/endpoints.ts";
import { FailurePanel } from "../ui/failure-panel.tsx";
import { usePaintedTheme, useZone } from "../ui/preferences.tsx";
import { useNow } from "../ui/use-now.ts";
import { phaseOf } from "./connection.ts";
import { NoEvents, NoMatches } from "./empty-state.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { NoticeFeed } from "./notice-feed.tsx";
import { filtersOf, type LiveSearch } from "./search.ts";
import { SessionList } from "./session-list.tsx";
import { StatTiles } from "./stat-tiles.tsx";
import { StatusLine } from "./status-line.tsx";
import { countSessions, openSessions, summarize } from "./summary.ts";
import { useLive } from "./use-live.ts";
import { WindowPanel } from "./window-panel.tsx";

export interface LivePageProps {
  api: Api;
  org: string;
  search: LiveSearch;
  onSearch(change: Partial<LiveSearch>): void;
  onSignedOut(): void;
}

export function LivePage({ api, org, search, onSearch, onSignedOut }: LivePageProps): ReactElement {
  const filter = filtersOf(search);
  const live = useLive(api, org, filter, onSignedOut);
  const zone = useZone();
  const theme = usePaintedTheme();
  const localNow = useNow();
  const { state, connection, skewMs } = live;
  const phase = phaseOf(connection, localNow);
  const now = localNow + skewMs;
  // While the connection lives, silence means that nothing happened; when it does not, nothing is known.
  const knownUntil = phase === "live" || connection.heardAt === null ? now : connection.heardAt + skewMs;
  const loading = state.epoch === null;
  const summary = summarize(state, now);
  const sessions = openSessions(state, now);
  const counts = countSessions(state, sessions);
  const setFilter = (next: LiveFilter): void => onSearch({ ...NO_FILTER, ...next });
  useEffect(() => {
    document.title = "Live · Tenfold";
  }, []);
  const filtered = Object.keys(filter).length > 0;
  const nothing = !loading && summary.events === 0 && phase === "live" && !live.loading;

  if (phase === "refused") {
    return (
      <FailurePanel
        title="You cannot see this"
        message={connection.refused ?? ""}
        requestId={null}
        onRetry={live.retry}
      />
    );
  }
  return (
    <div className="live">
      <h1 className="visually-hidden">Live</h1>
      <StatusLine
        phase={phase}
        refused={connection.refused}
        heardAt={state.epoch === null ? null : connection.heardAt}
        skewMs={skewMs}
        now={localNow}
        truncated={state.truncated}
        onRetry={live.retry}
      />
      <FilterBar filter={filter} facets={live.facets} onChange={setFilter} />
      <StatTiles summary={summary} sessions={counts} loading={loading} />
      <WindowPanel
        state={state}
        now={now}
        knownUntil={knownUntil}
        zone={zone}
        theme={theme}
        table={search.view === "table"}
        onTable={(table) => onSearch({ view: table ? "table" : undefined })}
        type={filter.type}
        onType={(type) => setFilter({ ...filter, type })}
        loading={loading}
        stale={live.loading && !loading}
        empty={
          nothing ? (
            filtered ? (
              <NoMatches onClear={() => setFilter({})} />
            ) : (
              <NoEvents origin={location.origin} />
            )
          ) : null
        }
      />
      <div className="live-columns">
        <SessionList sessions={sessions} counts={counts} now={now} zone={zone} loading={loading} />
        <NoticeFeed notices={state.notices} now={now} zone={zone} loading={loading} />
      </div>
    </div>
  );
}

const NO_FILTER = {
  type: undefined,
  team: undefined,
  agent: undefined,
  model: undefined,
  repo: undefined,
  environment: undefined,
} satisfies Record<keyof LiveFilter, undefined>;
