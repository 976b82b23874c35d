/** Quality: what fails, how long sessions take, and what becomes of the code. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ViewSearch } from "../app/filters.ts";
import { useView } from "../app/use-view.ts";
import { ViewBar } from "../app/view-bar.tsx";
import { QualityPage } from "../quality/quality-page.tsx";
import { type QualitySearch, QualitySearchSchema } from "../quality/search.ts";
import { ViewTitle } from "../ui/panel.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/quality")({ validateSearch: QualitySearchSchema, component: Quality });

function Quality(): ReactElement {
  useTitle("Quality");
  const search: ViewSearch & QualitySearch = Route.useSearch();
  const navigate = Route.useNavigate();
  const view = useView(search);
  const change = (next: Partial<ViewSearch & QualitySearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <>
      <ViewTitle title="Quality" />
      <ViewBar view={view} onChange={change} />
      <QualityPage view={view} search={search} onSearch={change} />
    </>
  );
}
