/**
 * The layout of a dashboard as it is shown: what was saved, or what was just changed and is being saved. Saves go one after the other, each
 * from the version before it; what changes meanwhile goes with the next. Used by dashboard-page.tsx.
 */
import { useCallback, useMemo, useRef, useState } from "react";
import type { Dashboard, Tile } from "../../../schema/api/dashboards.ts";
import { failureOf } from "../api/query.ts";
import type { ChangeLike } from "../settings/change-state.tsx";
import { compacted, sameLayout } from "./layout.ts";
import { useChangeDashboard } from "./use-dashboards.ts";

export interface Layout {
  /** As it is known to be saved, with its version. */
  dashboard: Dashboard;
  tiles: readonly Tile[];
  /** Shows another layout and saves it. */
  change(next: readonly Tile[]): void;
  /** How the last save went. */
  saving: ChangeLike;
  /** Somebody else changed it: what is shown was not saved, and cannot be over theirs. */
  isStale: boolean;
  /** Saves what is shown once more. */
  retry(): void;
  /** Forgets what was not saved. */
  discard(): void;
}

/** `asked`: the dashboard as it was read last. */
export function useLayout(asked: Dashboard): Layout {
  const save = useChangeDashboard();
  const [saved, setSaved] = useState<Dashboard | null>(null);
  const [draft, setDraft] = useState<readonly Tile[] | null>(null);
  const waiting = useRef<readonly Tile[] | null>(null);
  const isBusy = useRef(false);
  // Known as soon as a save is answered: a key may come before the page is drawn with it.
  const version = useRef(asked.version);
  version.current = Math.max(version.current, asked.version);
  const current = saved !== null && saved.version > asked.version ? saved : asked;
  const settled = useMemo(() => compacted(current.items), [current.items]);
  const tiles = draft ?? settled;

  const { mutateAsync, reset } = save;
  const send = useCallback(
    async (items: readonly Tile[]): Promise<void> => {
      isBusy.current = true;
      let next: readonly Tile[] | null = items;
      try {
        while (next !== null) {
          waiting.current = null;
          const change = { id: asked.dashboard_id, version: version.current, items: [...next] };
          const { after } = await mutateAsync(change);
          if (after !== null) {
            setSaved(after);
            version.current = after.version;
          }
          next = waiting.current;
        }
        setDraft(null);
      } catch {
        // `save.error` says it; what was not saved stays on screen until it is saved again or given up.
      } finally {
        isBusy.current = false;
      }
    },
    [mutateAsync, asked.dashboard_id],
  );
  const change = (next: readonly Tile[]): void => {
    if (sameLayout(next, tiles)) return;
    setDraft(next);
    if (isBusy.current) waiting.current = next;
    else void send(next);
  };
  return {
    dashboard: current,
    tiles,
    change,
    saving: save,
    isStale: save.error !== null && failureOf(save.error)?.status === 409,
    retry: () => {
      if (draft !== null && !isBusy.current) void send(draft);
    },
    discard: () => {
      setDraft(null);
      reset();
    },
  };
}
