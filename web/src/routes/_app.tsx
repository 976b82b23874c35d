/** Everything behind the sign-in: finds out once who is here, then shows the frame around the page. */
import { createFileRoute, redirect } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { ViewSearchSchema } from "../app/filters.ts";
import { Frame } from "../app/frame.tsx";
import { RouteFailure } from "../app/route-failure.tsx";
import { FailureError } from "../ui/failure-panel.tsx";
import { PageSkeleton } from "../ui/page-skeleton.tsx";

/** How long "who am I" is trusted while moving between views; the API checks every request itself. */
const ME_FRESH_MS = 60_000;

export const Route = createFileRoute("/_app")({
  validateSearch: ViewSearchSchema,
  loaderDeps: ({ search }) => ({ org: search.org }),
  staleTime: ME_FRESH_MS,
  loader: async ({ context, deps, location }) => {
    const me = await context.api.me(deps.org);
    if (me.ok) return me.value;
    if (me.failure.kind === "unauthorized") throw redirect({ to: "/sign-in", search: { next: location.href } });
    throw new FailureError(me.failure);
  },
  component: SignedIn,
  pendingComponent: PageSkeleton,
  errorComponent: RouteFailure,
});

function SignedIn(): ReactElement {
  return <Frame me={Route.useLoaderData()} />;
}
