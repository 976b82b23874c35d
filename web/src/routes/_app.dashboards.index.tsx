/** Dashboards: the list of those one sees. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { DashboardsPage } from "../dashboards/dashboards-page.tsx";
import { ViewTitle } from "../ui/panel.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/dashboards/")({ component: Dashboards });

function Dashboards(): ReactElement {
  useTitle("Dashboards");
  return (
    <>
      <ViewTitle title="Dashboards" />
      <DashboardsPage />
    </>
  );
}
