/**
 * The table of the API's routes. The router, the permission check and the OpenAPI document are all made from it.
 */
import type { Route } from "./route.ts";
import { meRoute, signInRoute, signOutRoute, tokenRoute } from "./routes/auth.ts";
import { docsRoutes } from "./routes/docs.ts";
import { summaryRoute, timeseriesRoute } from "./routes/metrics.ts";
import { residencyRoute } from "./routes/residency.ts";
import { sessionRoute, sessionsRoute } from "./routes/sessions.ts";
import { usageRoute } from "./routes/usage.ts";

export const ROUTES: readonly Route[] = [
  signInRoute,
  signOutRoute,
  tokenRoute,
  meRoute,
  summaryRoute,
  timeseriesRoute,
  sessionsRoute,
  sessionRoute,
  residencyRoute,
  usageRoute,
  ...docsRoutes(() => ROUTES),
];
