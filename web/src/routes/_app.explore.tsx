/** Explore: any question about the events, built from the catalogue, answered as it is built, saved for everyone. */
import { createFileRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ViewSearch } from "../app/filters.ts";
import { useView } from "../app/use-view.ts";
import { ViewBar } from "../app/view-bar.tsx";
import { ExplorePage } from "../explore/explore-page.tsx";
import { type ExploreSearch, ExploreSearchSchema } from "../explore/question-url.ts";
import { ViewTitle } from "../ui/panel.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/explore")({ validateSearch: ExploreSearchSchema, component: Explore });

function Explore(): ReactElement {
  useTitle("Explore");
  const search: ViewSearch & ExploreSearch = Route.useSearch();
  const navigate = Route.useNavigate();
  const view = useView(search);
  const change = (next: Partial<ViewSearch & ExploreSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <>
      <ViewTitle title="Explore" />
      <ViewBar view={view} onChange={change} compare={false} />
      <ExplorePage view={view} search={search} onSearch={change} />
    </>
  );
}
