/** One session: head, timeline, events and the chosen one in full; follows it while it runs. Used by the route. */
import { Link } from "@tanstack/react-router";
import { type ReactElement, useMemo, useState } from "react";
import type { TimelineEvent } from "../../../schema/api/sessions.ts";
import { failureOf } from "../api/query.ts";
import type { ViewSearch } from "../app/filters.ts";
import { useZone } from "../ui/preferences.tsx";
import { Stats } from "../ui/stat.tsx";
import { Empty, PartFailure } from "../ui/states.tsx";
import { useNow } from "../ui/use-now.ts";
import { EventDetails } from "./event-details.tsx";
import { bucketsOf, pullRequestsOf, versionOf } from "./event-facts.ts";
import { EventsPanel } from "./events-panel.tsx";
import { eventKey } from "./merge-pages.ts";
import { readZoom, type SessionSearch, sessionLink, writeZoom } from "./search.ts";
import { SessionHead } from "./session-head.tsx";
import { sessionStats } from "./session-stats.ts";
import { TimelinePanel } from "./timeline-panel.tsx";
import { useSession } from "./use-session.ts";

/** How often the state is looked at again. */
const TICK_MS = 5_000;
const NOT_FOUND = 404;

export function SessionPage({
  id,
  org,
  search,
  onSearch,
}: {
  id: string;
  org: string;
  search: SessionSearch;
  onSearch(change: Partial<SessionSearch>): void;
}): ReactElement {
  const zone = useZone();
  const now = Math.floor(useNow(TICK_MS) / TICK_MS) * TICK_MS;
  const { session, completeness, events, complete, loading, error, retry, loadMore } = useSession(id, org, now);
  const [key, setKey] = useState<string | null>(null);
  const chosen = useMemo(
    () => events.find((event) => (key === null ? event.event_id === search.event : eventKey(event) === key)) ?? null,
    [events, key, search.event],
  );
  const extra = useMemo(
    () => ({
      version: versionOf(events),
      buckets: complete ? bucketsOf(events) : null,
      pullRequests: pullRequestsOf(events),
      completeness,
    }),
    [events, complete, completeness],
  );
  if (session === undefined) {
    if (error === null) return <SessionSkeleton />;
    if (failureOf(error)?.status === NOT_FOUND) return <NoSuchSession />;
    return (
      <div className="panel h-64">
        <PartFailure error={error} onRetry={retry} />
      </div>
    );
  }
  const start = Date.parse(session.started_at);
  const shown = {
    events,
    total: session.events,
    complete,
    start,
    zone,
    current: chosen === null ? null : eventKey(chosen),
    onChoose: (event: TimelineEvent) => setKey(eventKey(event)),
  };
  return (
    <div className="live">
      {error === null ? null : (
        <p className="panel flex items-center gap-2 bg-warn-soft px-4 py-1 text-2 text-warn" role="status">
          Not all is up to date: {failureOf(error)?.message ?? "something went wrong"}
          <button type="button" className="button button-small" onClick={retry}>
            Try again
          </button>
        </p>
      )}
      <SessionHead session={session} extra={extra} zone={zone} now={now} />
      <Stats stats={sessionStats(session)} loading={false} />
      <TimelinePanel
        {...shown}
        zoom={readZoom(search.zoom, start)}
        onZoom={(zoom) => onSearch({ zoom: writeZoom(zoom, start) })}
      />
      <div className="grid gap-4 md:grid-cols-[minmax(0,1fr)_380px]">
        <EventsPanel
          {...shown}
          loading={loading}
          type={search.type}
          className="h-120"
          onType={(type) => onSearch({ type })}
          onMore={loadMore}
        />
        <EventDetails
          event={chosen}
          zone={zone}
          link={sessionLink(location.origin, id, org, chosen?.event_id)}
          className="h-120"
        />
      </div>
    </div>
  );
}

function SessionSkeleton(): ReactElement {
  return (
    <div className="live" aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading the session
      </span>
      {["h-48", "h-22", "h-64", "h-120"].map((height) => (
        <span key={height} className={`skeleton ${height}`} aria-hidden="true" />
      ))}
    </div>
  );
}

function NoSuchSession(): ReactElement {
  return (
    <div className="panel h-64">
      <Empty title="There is no such session" heading="h2">
        <p className="max-w-md">
          It does not exist in this organisation, is no longer kept, or is not among what you may see. A new session
          appears a few seconds after its first event.
        </p>
        <Link
          to="/sessions"
          search={({ event, type, zoom, ...filters }: SessionSearch & ViewSearch) => filters}
          className="button"
        >
          Show all sessions
        </Link>
      </Empty>
    </div>
  );
}
