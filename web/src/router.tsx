/**
 * The routes: sign-in, and the signed-in pages behind one guard. Made once by main.tsx.
 * Every filter is in the URL; what a route may read of it is parsed by its validateSearch.
 */
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Outlet,
  redirect,
  useNavigate,
  useRouter,
} from "@tanstack/react-router";
import { lazy, type ReactElement, type ReactNode, Suspense } from "react";
import { z } from "zod";
import type { Api } from "./api/endpoints.ts";
import { LiveSearchSchema } from "./live/search.ts";
import { SignInPage } from "./routes/sign-in-page.tsx";
import { parseSearch, safeReturnPath, stringifySearch } from "./search.ts";
import { FailureError, FailurePanel } from "./ui/failure-panel.tsx";
import { Brand, Header } from "./ui/header.tsx";
import { PageSkeleton } from "./ui/page-skeleton.tsx";

/** How long "who am I" is trusted while moving between views; the socket notices lost rights by itself. */
const ME_FRESH_MS = 60_000;
/** A page that comes sooner than this needs no skeleton: it would only flicker. */
const PENDING_AFTER_MS = 200;

const LivePage = lazy(async () => ({ default: (await import("./routes/live-page.tsx")).LivePage }));

interface Context {
  api: Api;
}

const rootRoute = createRootRouteWithContext<Context>()({
  component: Outlet,
  errorComponent: RouteFailure,
  notFoundComponent: NotFound,
});

const SignInSearchSchema = z.object({
  next: z.string().max(4_096).optional().catch(undefined),
  why: z.enum(["expired"]).optional().catch(undefined),
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: SignInSearchSchema,
  component: SignIn,
});

function SignIn(): ReactElement {
  const { api } = signInRoute.useRouteContext();
  const { next, why } = signInRoute.useSearch();
  const router = useRouter();
  return (
    <SignInPage
      signIn={api.signIn}
      notice={why === "expired" ? "Your session ended. Sign in to go on where you were." : null}
      onSignedIn={async () => {
        // What was loaded for the person before must not be shown to this one, not even for a moment.
        router.clearCache();
        await router.invalidate();
        router.history.push(safeReturnPath(next));
      }}
    />
  );
}

const OrgSearchSchema = z.object({ org: LiveSearchSchema.shape.org });

/** Everything behind the sign-in: loads who is here once, then shows the header around the page. */
const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "signed-in",
  validateSearch: OrgSearchSchema,
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
  const { api } = signedInRoute.useRouteContext();
  const me = signedInRoute.useLoaderData();
  const navigate = useNavigate();
  const router = useRouter();
  const signOut = async (): Promise<void> => {
    await api.signOut();
    await navigate({ to: "/sign-in" });
    await router.invalidate();
  };
  return (
    <>
      <Header
        me={me}
        onOrg={(org) => void navigate({ to: "/live", search: { org } })}
        onSignOut={() => void signOut()}
      />
      <main id="main" className="main" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/live" });
  },
});

const liveRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/live",
  validateSearch: LiveSearchSchema,
  component: Live,
});

function Live(): ReactElement {
  const { api } = liveRoute.useRouteContext();
  const me = signedInRoute.useLoaderData();
  const search = liveRoute.useSearch();
  const navigate = liveRoute.useNavigate();
  const router = useRouter();
  return (
    <Suspense fallback={<div className="live" />}>
      <LivePage
        api={api}
        org={me.org_id}
        search={search}
        onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
        onSignedOut={() =>
          void navigate({ to: "/sign-in", search: { next: router.state.location.href, why: "expired" } })
        }
      />
    </Suspense>
  );
}

function RouteFailure({ error }: { error: unknown }): ReactElement {
  const router = useRouter();
  const failure = error instanceof FailureError ? error.failure : null;
  const denied = failure?.kind === "forbidden";
  return (
    <FailurePage>
      <FailurePanel
        title={denied ? "You cannot see this organisation" : "This page could not be loaded"}
        message={failure?.message ?? "Something went wrong in this page."}
        requestId={failure?.requestId ?? null}
        onRetry={() => void router.invalidate()}
      >
        {denied ? (
          <a className="button" href="/live">
            Go to my organisation
          </a>
        ) : null}
      </FailurePanel>
    </FailurePage>
  );
}

function FailurePage({ children }: { children: ReactNode }): ReactElement {
  return (
    <>
      <header className="header">
        <Brand />
      </header>
      <main className="main" id="main">
        {children}
      </main>
    </>
  );
}

function NotFound(): ReactElement {
  return (
    <FailurePage>
      <FailurePanel title="There is nothing here" message="The address may be wrong or old." requestId={null}>
        <a className="button button-primary" href="/live">
          Go to Live
        </a>
      </FailurePanel>
    </FailurePage>
  );
}

export function makeRouter(api: Api) {
  return createRouter({
    routeTree: rootRoute.addChildren([indexRoute, signInRoute, signedInRoute.addChildren([liveRoute])]),
    context: { api },
    parseSearch,
    stringifySearch,
    defaultPendingMs: PENDING_AFTER_MS,
    defaultPreload: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
