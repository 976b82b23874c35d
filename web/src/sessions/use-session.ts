/**
 * One session and its events, asked page by page, and followed while it goes on: then only its last page is asked again, and what is
 * new is added at the end. Used by the session's page.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import {
  MAX_TIMELINE_PAGE,
  type Session,
  type SessionAnswer,
  SessionAnswerSchema,
  type TimelineEvent,
} from "../../../schema/api/sessions.ts";
import { pagesKey, useApi, useApiPages } from "../api/query.ts";
import { mergeEvents } from "./merge-pages.ts";
import { refreshMsOfSession } from "./session-state.ts";

/** Events loaded unasked: what a timeline can show and ten requests bring. */
const LOADED_AT_ONCE = 2_000;
const LOADED_MORE = 1_000;

export interface LoadedSession {
  /** Undefined until the first answer. */
  session: Session | undefined;
  /** Undefined until then; null: nothing tells. */
  completeness: SessionAnswer["completeness"] | undefined;
  /** Oldest first; the same array as long as nothing changed. */
  events: readonly TimelineEvent[];
  /** Every event of the session is here. */
  complete: boolean;
  loading: boolean;
  error: Error | null;
  retry(): void;
  loadMore(): void;
}

/** `now`: local ms; decides whether more is to be expected. */
export function useSession(id: string, org: string, now: number): LoadedSession {
  const cache = useQueryClient();
  const path = `/api/v1/sessions/${encodeURIComponent(id)}`;
  const params = { org, limit: MAX_TIMELINE_PAGE };
  const [wanted, setWanted] = useState(LOADED_AT_ONCE);
  const pages = useApiPages(path, params, SessionAnswerSchema);
  const { hasNextPage, isFetching, error, fetchNextPage, refetch } = pages;
  const loaded = pages.data?.pages;
  const last = loaded?.at(-1);
  const complete = last !== undefined && !hasNextPage;

  const cursor = pages.data?.pageParams.at(-1) ?? null;
  const refreshMs = last === undefined || !complete ? undefined : refreshMsOfSession(last.session, now);
  const follows = refreshMs !== undefined;
  const tail = useApi(path, { ...params, cursor }, SessionAnswerSchema, { enabled: follows, refreshMs });
  const newest = complete && follows && !tail.isPlaceholderData ? tail.data : undefined;

  // What the last page became takes its place, so that the pages after it follow.
  useEffect(() => {
    if (newest === undefined) return;
    cache.setQueryData<typeof pages.data>(pagesKey(path, { org, limit: MAX_TIMELINE_PAGE }), (known) =>
      known === undefined || known.pageParams.at(-1) !== cursor
        ? known
        : { ...known, pages: [...known.pages.slice(0, -1), newest] },
    );
  }, [cache, path, org, cursor, newest]);

  const before = useRef<readonly TimelineEvent[]>([]);
  const events = useMemo(() => mergeEvents(loaded ?? [], before.current), [loaded]);
  useEffect(() => {
    before.current = events;
  }, [events]);

  useEffect(() => {
    if (hasNextPage && !isFetching && error === null && events.length < wanted) {
      void fetchNextPage({ cancelRefetch: false });
    }
  }, [hasNextPage, isFetching, error, events.length, wanted, fetchNextPage]);

  // An event that came late stands in a page before the last one: once for each such count, all are asked again.
  const told = last?.session.events ?? 0;
  const resynced = useRef(0);
  useEffect(() => {
    if (!complete || isFetching || told <= events.length || resynced.current === told) return;
    resynced.current = told;
    void refetch();
  }, [complete, isFetching, told, events.length, refetch]);

  return {
    session: last?.session,
    completeness: last?.completeness,
    events,
    complete,
    loading: isFetching && !complete,
    error: error ?? tail.error,
    retry: () => void (hasNextPage && last !== undefined ? fetchNextPage() : refetch()),
    loadMore: () => setWanted(events.length + LOADED_MORE),
  };
}
