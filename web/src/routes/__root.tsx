/** The root of all routes: what every route is given, and what is shown when one fails or there is none. */
import { createRootRouteWithContext, Outlet } from "@tanstack/react-router";
import type { Api } from "../api/endpoints.ts";
import type { ApiCache } from "../api/query.ts";
import { NotFound, RouteFailure } from "../app/route-failure.tsx";

export interface RouteContext {
  api: Api;
  /** What the page has asked; emptied when somebody else signs in. */
  cache: ApiCache;
}

export const Route = createRootRouteWithContext<RouteContext>()({
  component: Outlet,
  errorComponent: RouteFailure,
  notFoundComponent: NotFound,
});
