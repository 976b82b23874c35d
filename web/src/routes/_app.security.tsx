/** Security: alerts, the compliance score, the rules, and where data is. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ViewSearch } from "../app/filters.ts";
import { useView } from "../app/use-view.ts";
import { ViewBar } from "../app/view-bar.tsx";
import { type SecuritySearch, SecuritySearchSchema } from "../security/search.ts";
import { SecurityPage } from "../security/security-page.tsx";
import { ViewTitle } from "../ui/panel.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/security")({ validateSearch: SecuritySearchSchema, component: Security });

function Security(): ReactElement {
  useTitle("Security");
  const search: ViewSearch & SecuritySearch = Route.useSearch();
  const navigate = Route.useNavigate();
  const view = useView(search);
  const change = (next: Partial<ViewSearch & SecuritySearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <>
      <ViewTitle title="Security" />
      <ViewBar view={view} onChange={change} compare={false} />
      <SecurityPage view={view} search={search} onSearch={change} />
    </>
  );
}
