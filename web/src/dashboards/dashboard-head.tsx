/** The title line of a dashboard: the way back, its name, who sees it. Used by dashboard-page.tsx and while it is loaded. */
import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import type { Dashboard } from "../../../schema/api/dashboards.ts";
import { alongSearch } from "../app/nav.ts";

export function DashboardHead({
  dashboard,
  children,
}: {
  /** Undefined: not known (yet). */
  dashboard: Pick<Dashboard, "name" | "shared"> | undefined;
  children?: ReactNode;
}): ReactElement {
  return (
    <div className="mb-4 flex min-h-8 flex-wrap items-center gap-2">
      <Link to="/dashboards" search={alongSearch} className="flex-none text-muted no-underline hover:underline">
        Dashboards
      </Link>
      <span className="text-muted" aria-hidden="true">
        /
      </span>
      <h1 className="min-w-0 text-4">
        {dashboard === undefined ? (
          "Dashboard"
        ) : (
          <bdi className="cut" title={dashboard.name}>
            {dashboard.name}
          </bdi>
        )}
      </h1>
      {dashboard === undefined ? null : <span className="tag">{dashboard.shared ? "shared" : "only you"}</span>}
      <span className="flex-1" />
      {children}
    </div>
  );
}
