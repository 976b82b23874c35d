/** One dashboard under its controls: its tiles, what can be done with it, and what became of the last change. Used by the route. */
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, Suspense, useMemo, useState } from "react";
import { type Dashboard, MAX_TILES } from "../../../schema/api/dashboards.ts";
import type { ViewSearch } from "../app/filters.ts";
import { alongSearch } from "../app/nav.ts";
import type { View } from "../app/use-view.ts";
import { writeQuestion } from "../explore/question-url.ts";
import { useSavedMetrics } from "../explore/use-saved.ts";
import { ChangeState } from "../settings/change-state.tsx";
import { ActionMenu } from "../ui/action-menu.tsx";
import { Panel } from "../ui/panel.tsx";
import { Empty, PartFailure } from "../ui/states.tsx";
import { DashboardHead } from "./dashboard-head.tsx";
import { TileGrid } from "./grid.tsx";
import { AddTileDialog, EditDashboardDialog, PlaceDialog, RemoveDashboardDialog } from "./late-dialogs.tsx";
import { withoutTile, withTile } from "./layout.ts";
import { firstSize } from "./tile-kinds.ts";
import { useMayChange } from "./use-dashboards.ts";
import { type Layout, useLayout } from "./use-layout.ts";
import { useTileActions } from "./use-tile-actions.ts";

type Open = { kind: "edit" | "remove" | "add" } | { kind: "place"; id: string } | null;

export function DashboardPage({
  dashboard,
  view,
  controls,
  onSearch,
  onReload,
}: {
  dashboard: Dashboard;
  view: View;
  /** Range and filters. */
  controls: ReactNode;
  onSearch(change: Partial<ViewSearch>): void;
  /** Reads the dashboard again. */
  onReload(): void;
}): ReactElement {
  const navigate = useNavigate();
  const mayChange = useMayChange()(dashboard);
  const saved = useSavedMetrics();
  const layout = useLayout(dashboard);
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const metrics = useMemo(
    () => new Map(saved.data?.custom_metrics.map((metric) => [metric.metric_id, metric])),
    [saved.data],
  );
  const { tiles, change } = layout;
  const free = [...metrics.values()].filter(({ metric_id: id }) => !tiles.some(({ metric_id }) => metric_id === id));
  const isFull = tiles.length >= MAX_TILES;
  const actions = useTileActions({
    onOpen: (metric) => {
      if (metric.query === null) return;
      const opened = { q: writeQuestion(metric.query), metric: metric.metric_id };
      void navigate({ to: "/explore", search: (before: ViewSearch) => ({ ...alongSearch(before), ...opened }) });
    },
    onPlace: (id) => setOpen({ kind: "place", id }),
    onRemove: (id) => change(withoutTile(tiles, id)),
    onZoom: (from, to) =>
      onSearch({ range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
  });
  const add = (
    <button
      type="button"
      className="button button-primary button-small"
      disabled={isFull || saved.data === undefined}
      title={isFull ? `A dashboard has at most ${MAX_TILES} tiles` : undefined}
      onClick={() => setOpen({ kind: "add" })}
    >
      Add a metric
    </button>
  );
  return (
    <>
      <DashboardHead dashboard={dashboard}>
        {mayChange ? (
          <>
            {layout.isStale ? null : <ChangeState change={layout.saving} />}
            {layout.saving.error === null || layout.isStale ? null : (
              <button type="button" className="button button-small" onClick={layout.retry}>
                Save again
              </button>
            )}
            {add}
            <ActionMenu
              label={`${dashboard.name}: more`}
              items={[
                { label: "Name and sharing…", onSelect: () => setOpen({ kind: "edit" }) },
                { label: "Delete…", onSelect: () => setOpen({ kind: "remove" }) },
              ]}
            />
          </>
        ) : null}
      </DashboardHead>
      {controls}
      {layout.isStale ? <Stale layout={layout} onReload={onReload} /> : null}
      {saved.data === undefined && saved.error !== null ? (
        <PartFailure error={saved.error} onRetry={() => void saved.refetch()} />
      ) : tiles.length === 0 ? (
        <Panel title="Nothing is pinned yet">
          <Empty title="Put saved metrics side by side">
            <p>
              {mayChange
                ? "Add one that is saved, or build one in Explore and pin it from there."
                : "Whoever may change this dashboard can pin saved metrics to it."}
            </p>
            {mayChange ? add : null}
          </Empty>
        </Panel>
      ) : (
        <TileGrid
          tiles={tiles}
          metrics={saved.data === undefined ? null : metrics}
          view={view}
          isFixed={!mayChange}
          actions={actions}
          onChange={change}
        />
      )}
      <Suspense fallback={null}>
        {open?.kind === "edit" ? <EditDashboardDialog dashboard={layout.dashboard} onClose={close} /> : null}
        {open?.kind === "remove" ? (
          <RemoveDashboardDialog
            dashboard={dashboard}
            onClose={close}
            onRemoved={() => void navigate({ to: "/dashboards", search: alongSearch })}
          />
        ) : null}
        {open?.kind === "add" ? (
          <AddTileDialog
            metrics={free}
            onAdd={({ metric_id, query }) => change(withTile(tiles, metric_id, firstSize(query)))}
            onClose={close}
          />
        ) : null}
        {open?.kind === "place" ? (
          <PlaceDialog
            tiles={tiles}
            id={open.id}
            name={metrics.get(open.id)?.name ?? "the tile"}
            onPlace={change}
            onClose={close}
          />
        ) : null}
      </Suspense>
    </>
  );
}

function Stale({ layout, onReload }: { layout: Layout; onReload(): void }): ReactElement {
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2 rounded-md bg-warn-soft px-4 py-2 text-warn" role="alert">
      <span className="min-w-0 flex-1">
        Somebody else changed this dashboard meanwhile. Your last change was not saved, so that theirs is not lost.
      </span>
      <button
        type="button"
        className="button button-small"
        onClick={() => {
          layout.discard();
          onReload();
        }}
      >
        Show the newer one
      </button>
    </div>
  );
}
