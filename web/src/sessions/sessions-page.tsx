/** The list of sessions: search, table that loads more as it is scrolled, CSV, what to do when there is none. Used by the route. */
import { type ReactElement, useMemo, useRef, useState } from "react";
import type { Session } from "../../../schema/api/sessions.ts";
import { failureOf } from "../api/query.ts";
import { countFilters, NO_FILTERS } from "../app/filters.ts";
import type { View } from "../app/use-view.ts";
import { formatExact } from "../format/number.ts";
import { firstEventCommand } from "../live/first-event.ts";
import { ActionMenu } from "../ui/action-menu.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { DataTable, type TableSort } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Empty, PartFailure, Skeleton } from "../ui/states.tsx";
import { useNarrow } from "../ui/use-narrow.ts";
import { useNow } from "../ui/use-now.ts";
import type { SessionsSearch } from "./search.ts";
import { SearchBox } from "./search-box.tsx";
import { NARROW_ROW, narrowColumns, sessionColumns } from "./session-columns.tsx";
import { sessionsCsv, sortSessions } from "./sort-sessions.ts";
import { useSessions } from "./use-sessions.ts";

/** States are drawn anew so often, not each second. */
const TICK_MS = 10_000;
const NEWEST: TableSort = { column: "started", descending: true };
/** As much as the screen has under the controls, so that the page itself hardly scrolls. */
const HEIGHT = "max(360px, calc(100dvh - 284px))";

export function SessionsPage({
  view,
  q,
  onSearch,
  onOpen,
}: {
  view: View;
  q: string | undefined;
  onSearch(change: Partial<SessionsSearch>): void;
  onOpen(id: string): void;
}): ReactElement {
  const list = useRef<HTMLDivElement>(null);
  const atTop = (): boolean => (list.current?.querySelector("[role=region]")?.scrollTop ?? 0) === 0;
  const { pages, behind, renew } = useSessions(view, q, atTop);
  const [sort, setSort] = useState<TableSort>(NEWEST);
  const zone = useZone();
  const narrow = useNarrow();
  const tick = Math.floor(useNow(TICK_MS) / TICK_MS) * TICK_MS;
  const columns = useMemo(() => (narrow ? narrowColumns : sessionColumns)(tick, zone), [narrow, tick, zone]);
  const loaded = useMemo(() => pages.data?.pages.flatMap(({ sessions }) => sessions) ?? [], [pages.data]);
  const complete = pages.data !== undefined && !pages.hasNextPage;
  const rows = useMemo(() => (complete ? sortSessions(loaded, sort) : loaded), [complete, loaded, sort]);
  const filters = countFilters(view.search) + (q === undefined ? 0 : 1);
  const { isFetchingNextPage, isFetchNextPageError, hasNextPage, fetchNextPage } = pages;
  const onEnd = (): void => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage({ cancelRefetch: false });
  };
  return (
    <Panel
      title="Sessions"
      note={<Note count={rows.length} complete={complete} loading={pages.data === undefined} />}
      busy={pages.isPlaceholderData}
      controls={
        <>
          {behind && !pages.isPlaceholderData ? (
            <button type="button" className="button button-small" onClick={renew}>
              Show newest
            </button>
          ) : null}
          <ActionMenu
            label="Sessions: more"
            items={[
              {
                label: `Download CSV (${formatExact(rows.length)})`,
                file: "Sessions",
                csv: rows.length === 0 ? undefined : () => sessionsCsv(rows, Date.now()),
              },
            ]}
          />
        </>
      }
    >
      <div className="flex border-b border-line px-4 pb-3">
        <SearchBox value={q} onChange={(words) => onSearch({ q: words })} />
      </div>
      <div ref={list} className="flex flex-col" style={{ height: HEIGHT }}>
        {pages.data === undefined ? (
          pages.error === null ? (
            <Skeleton what="the sessions" />
          ) : (
            <PartFailure error={pages.error} onRetry={() => void pages.refetch()} />
          )
        ) : rows.length === 0 && complete ? (
          filters > 0 ? (
            <NoMatches onClear={() => onSearch({ ...NO_FILTERS, q: undefined })} />
          ) : (
            <NoSessions />
          )
        ) : (
          <>
            <DataTable<Session>
              label="List of sessions"
              rows={rows}
              columns={columns}
              keyOf={({ session_id }) => session_id}
              sort={complete ? sort : NEWEST}
              onSort={complete ? setSort : undefined}
              onOpen={({ session_id }) => onOpen(session_id)}
              onEnd={onEnd}
              rowHeight={narrow ? NARROW_ROW : undefined}
              height="100%"
            />
            {pages.error === null ? null : (
              <p className="flex items-center gap-2 bg-warn-soft px-4 py-1 text-2 text-warn" role="status">
                More could not be loaded: {failureOf(pages.error)?.message ?? "something went wrong"}
                <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
                  Try again
                </button>
              </p>
            )}
          </>
        )}
      </div>
    </Panel>
  );
}

function Note({ count, complete, loading }: { count: number; complete: boolean; loading: boolean }): ReactElement {
  return <span role="status">{loading ? "" : `${formatExact(count)} ${complete ? "" : "loaded, newest first"}`}</span>;
}

function NoMatches({ onClear }: { onClear(): void }): ReactElement {
  return (
    <Empty title="No session matches">
      <p>Other words, fewer filters or a longer range may find it.</p>
      <button type="button" className="button" onClick={onClear}>
        Clear search and filters
      </button>
    </Empty>
  );
}

function NoSessions(): ReactElement {
  const command = firstEventCommand(location.origin);
  return (
    <Empty title="No session in this range">
      <p>
        Choose a longer range, or send a first event with an ingest key of this organisation in <code>TENFOLD_KEY</code>
        :
      </p>
      <div className="command">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{command}</pre>
        <CopyButton text={command} what="the command" />
      </div>
    </Empty>
  );
}
