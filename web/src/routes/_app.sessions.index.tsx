/** Sessions: all of a range, searched and filtered. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useView } from "../app/use-view.ts";
import { ViewBar } from "../app/view-bar.tsx";
import { type SessionsSearch, SessionsSearchSchema } from "../sessions/search.ts";
import { SessionsPage } from "../sessions/sessions-page.tsx";
import { ViewTitle } from "../ui/panel.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/sessions/")({
  validateSearch: SessionsSearchSchema,
  component: Sessions,
});

function Sessions(): ReactElement {
  useTitle("Sessions");
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const view = useView(search);
  const change = (next: Partial<SessionsSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <>
      <ViewTitle title="Sessions" />
      <ViewBar view={view} onChange={change} compare={false} />
      <SessionsPage
        view={view}
        q={search.q}
        onSearch={change}
        onOpen={(sessionId) =>
          void navigate({ to: "/sessions/$sessionId", params: { sessionId }, search: (before) => before })
        }
      />
    </>
  );
}
