/** Binds one LiveStore to the life of the live page. Used by routes/live-page.tsx. */
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { LiveFilter } from "../../../schema/live.ts";
import type { Api } from "../api/endpoints.ts";
import { openSocket } from "./socket.ts";
import { LiveStore, type LiveView, type SessionCheck } from "./store.ts";

export interface Live extends LiveView {
  retry(): void;
}

export function useLive(api: Api, org: string, filter: LiveFilter, onSignedOut: () => void): Live {
  const [store] = useState(
    () =>
      new LiveStore({
        openSocket,
        now: Date.now,
        online: () => navigator.onLine,
        checkSession: (asked) => checkSession(api, asked),
        ticket: async (asked) => {
          const result = await api.liveTicket(asked);
          return result.ok ? result.value.ticket : null;
        },
        onSignedOut,
        report: (problem) => console.warn(problem),
      }),
  );
  // The filter is a new object on each render; its text is what counts.
  const key = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const stable = useMemo(() => filter, [key]);
  useEffect(() => store.open(org, stable), [store, org, stable]);
  useEffect(() => {
    const online = (): void => store.setOnline(true);
    const offline = (): void => store.setOnline(false);
    addEventListener("online", online);
    addEventListener("offline", offline);
    return () => {
      removeEventListener("online", online);
      removeEventListener("offline", offline);
      store.close();
    };
  }, [store]);
  const view = useSyncExternalStore(store.subscribe, store.view);
  return useMemo(() => ({ ...view, retry: () => store.retry() }), [view, store]);
}

async function checkSession(api: Api, org: string): Promise<SessionCheck> {
  const me = await api.me(org);
  if (me.ok) return { kind: "ok" };
  if (me.failure.kind === "unauthorized") return { kind: "signed_out" };
  if (me.failure.kind === "forbidden")
    return { kind: "refused", why: "You no longer have access to this organisation." };
  // No answer says nothing about the session: keep trying.
  return { kind: "ok" };
}
