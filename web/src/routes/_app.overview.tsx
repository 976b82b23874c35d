/** Overview: what the organisation's agents did in a range, in figures and their course. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { BelowControls } from "../app/below-controls.tsx";
import type { ViewSearch } from "../app/filters.ts";
import { Onboarding } from "../app/onboarding.tsx";
import { useView } from "../app/use-view.ts";
import { ViewBar } from "../app/view-bar.tsx";
import { OverviewPage } from "../overview/overview-page.tsx";
import { ViewTitle } from "../ui/panel.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/overview")({ component: Overview });

function Overview(): ReactElement {
  useTitle("Overview");
  const search: ViewSearch = Route.useSearch();
  const navigate = Route.useNavigate();
  const view = useView(search);
  const change = (next: Partial<ViewSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <>
      <ViewTitle title="Overview" />
      <ViewBar view={view} onChange={change} />
      <Onboarding />
      <BelowControls view={view}>{(shown) => <OverviewPage view={shown} onSearch={change} />}</BelowControls>
    </>
  );
}
