/** The dashboards one sees: shared ones and one's own, each with what can be done to it; or how to begin. Used by the route. */
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactElement, Suspense, useState } from "react";
import type { Dashboard } from "../../../schema/api/dashboards.ts";
import { failureOf } from "../api/query.ts";
import { alongSearch } from "../app/nav.ts";
import { savedRefusal } from "../explore/refusal.ts";
import { formatExact } from "../format/number.ts";
import { formatMoment } from "../format/time.ts";
import { ActionMenu } from "../ui/action-menu.tsx";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer, Empty } from "../ui/states.tsx";
import { EditDashboardDialog, NewDashboardDialog, RemoveDashboardDialog } from "./late-dialogs.tsx";
import { useDashboards, useMayChange } from "./use-dashboards.ts";

type Open = { kind: "new" } | { kind: "edit" | "remove"; dashboard: Dashboard } | null;

export function DashboardsPage(): ReactElement {
  const all = useDashboards();
  const navigate = useNavigate();
  const mayMake = useMayChange()({ shared: false });
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const failure = all.error === null ? null : failureOf(all.error);
  const refusal = failure === null ? null : savedRefusal(failure);
  const make = mayMake ? (
    <button
      type="button"
      className="button button-primary button-small"
      disabled={all.data === undefined}
      onClick={() => setOpen({ kind: "new" })}
    >
      New dashboard
    </button>
  ) : null;
  return (
    <>
      <Panel
        title="Yours and shared"
        note={all.data === undefined ? undefined : formatExact(all.data.dashboards.length)}
        controls={all.data === undefined || all.data.dashboards.length === 0 ? null : make}
      >
        <div className="min-h-48">
          {refusal === null ? (
            <Answer
              query={all}
              what="the dashboards"
              isEmpty={({ dashboards }) => dashboards.length === 0}
              empty={
                <Empty title="No dashboard yet">
                  <p>
                    Build a question in{" "}
                    <Link to="/explore" search={alongSearch} className="text-accent-text underline">
                      Explore
                    </Link>
                    , save it, and pin it to a dashboard. Or begin with an empty one.
                  </p>
                  {make}
                </Empty>
              }
            >
              {({ dashboards }) => (
                <ul aria-label="Dashboards">
                  {byName(dashboards).map((dashboard) => (
                    <Row
                      key={dashboard.dashboard_id}
                      dashboard={dashboard}
                      onDialog={(kind) => setOpen({ kind, dashboard })}
                    />
                  ))}
                </ul>
              )}
            </Answer>
          ) : (
            <p className="p-4 text-muted">Dashboards are made of saved metrics. {refusal}</p>
          )}
        </div>
      </Panel>
      <Suspense fallback={null}>
        {open?.kind === "new" ? (
          <NewDashboardDialog
            onMade={({ dashboard_id }) =>
              void navigate({
                to: "/dashboards/$dashboardId",
                params: { dashboardId: dashboard_id },
                search: alongSearch,
              })
            }
            onClose={close}
          />
        ) : null}
        {open?.kind === "edit" ? <EditDashboardDialog dashboard={open.dashboard} onClose={close} /> : null}
        {open?.kind === "remove" ? (
          <RemoveDashboardDialog dashboard={open.dashboard} onClose={close} onRemoved={close} />
        ) : null}
      </Suspense>
    </>
  );
}

function Row({ dashboard, onDialog }: { dashboard: Dashboard; onDialog(kind: "edit" | "remove"): void }): ReactElement {
  const zone = useZone();
  const mayChange = useMayChange()(dashboard);
  const { dashboard_id, name, shared, items, updated_at } = dashboard;
  const changed = formatMoment(Date.parse(updated_at), zone);
  return (
    <li className="flex min-h-12 items-center gap-3 border-b border-line px-4 py-1 last:border-0">
      <Link
        to="/dashboards/$dashboardId"
        params={{ dashboardId: dashboard_id }}
        search={alongSearch}
        className="min-w-0 truncate font-medium text-accent-text hover:underline"
        title={name}
      >
        <bdi>{name}</bdi>
      </Link>
      <span className="tag">{shared ? "shared" : "only you"}</span>
      <span className="flex-1" />
      <span className="text-2 whitespace-nowrap text-muted max-sm:hidden">
        {items.length === 1 ? "1 tile" : `${items.length} tiles`}
      </span>
      <span className="text-2 whitespace-nowrap text-muted max-sm:hidden" title={`Changed ${changed}`}>
        {changed.split(",")[0]}
      </span>
      {mayChange ? (
        <ActionMenu
          label={`${name}: more`}
          items={[
            { label: "Name and sharing…", onSelect: () => onDialog("edit") },
            { label: "Delete…", onSelect: () => onDialog("remove") },
          ]}
        />
      ) : null}
    </li>
  );
}

const byName = (dashboards: readonly Dashboard[]): Dashboard[] =>
  [...dashboards].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
