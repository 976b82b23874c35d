/** Cost: what the agents' work costs, of whom and of what, and where the month is going. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ViewSearch } from "../app/filters.ts";
import { useView } from "../app/use-view.ts";
import { ViewBar } from "../app/view-bar.tsx";
import { CostPage } from "../cost/cost-page.tsx";
import { type CostSearch, CostSearchSchema } from "../cost/search.ts";
import { ViewTitle } from "../ui/panel.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/cost")({ validateSearch: CostSearchSchema, component: Cost });

function Cost(): ReactElement {
  useTitle("Cost");
  const search: ViewSearch & CostSearch = Route.useSearch();
  const navigate = Route.useNavigate();
  const view = useView(search);
  const change = (next: Partial<ViewSearch & CostSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <>
      <ViewTitle title="Cost" />
      <ViewBar view={view} onChange={change} />
      <CostPage view={view} search={search} onSearch={change} />
    </>
  );
}
