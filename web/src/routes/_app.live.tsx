/** Live: what happens now. Its filters are in the URL. */
import { createFileRoute, useRouter } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useMe } from "../app/me-context.ts";
import { LivePage } from "../live/live-page.tsx";
import { LiveSearchSchema } from "../live/search.ts";

export const Route = createFileRoute("/_app/live")({
  validateSearch: LiveSearchSchema,
  component: Live,
});

function Live(): ReactElement {
  const { api } = Route.useRouteContext();
  const navigate = Route.useNavigate();
  const router = useRouter();
  return (
    <LivePage
      api={api}
      org={useMe().org_id}
      search={Route.useSearch()}
      onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      onSignedOut={() =>
        void navigate({ to: "/sign-in", search: { next: router.state.location.href, why: "expired" } })
      }
    />
  );
}
