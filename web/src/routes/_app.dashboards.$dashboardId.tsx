/** One dashboard, by its id, over the range and filters of the URL. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ViewSearch } from "../app/filters.ts";
import { useView } from "../app/use-view.ts";
import { ViewBar } from "../app/view-bar.tsx";
import { DashboardHead } from "../dashboards/dashboard-head.tsx";
import { DashboardPage } from "../dashboards/dashboard-page.tsx";
import { useDashboard } from "../dashboards/use-dashboards.ts";
import { Answer } from "../ui/states.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/dashboards/$dashboardId")({ component: OneDashboard });

function OneDashboard(): ReactElement {
  const { dashboardId } = Route.useParams();
  const search: ViewSearch = Route.useSearch();
  const navigate = Route.useNavigate();
  const view = useView(search);
  const dashboard = useDashboard(dashboardId);
  useTitle(dashboard.data?.name ?? "Dashboard");
  const change = (next: Partial<ViewSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <>
      {dashboard.data === undefined ? <DashboardHead dashboard={undefined} /> : null}
      <div className={dashboard.data === undefined ? "h-96" : undefined}>
        <Answer query={dashboard} what="the dashboard">
          {(value) => (
            <DashboardPage
              key={value.dashboard_id}
              dashboard={value}
              view={view}
              controls={<ViewBar view={view} onChange={change} compare={false} />}
              onSearch={change}
              onReload={() => void dashboard.refetch()}
            />
          )}
        </Answer>
      </div>
    </>
  );
}
