/** The router, made once by main.tsx from the file routes. Every filter is in the URL; each route parses its own part. */
import { createRouter } from "@tanstack/react-router";
import type { RouteContext } from "./routes/__root.tsx";
import { routeTree } from "./routeTree.gen.ts";
import { parseSearch, stringifySearch } from "./search.ts";

/** A page that comes sooner than this needs no skeleton: it would only flicker. */
const PENDING_AFTER_MS = 200;

export function makeRouter(context: RouteContext) {
  return createRouter({
    routeTree,
    context,
    parseSearch,
    stringifySearch,
    defaultPendingMs: PENDING_AFTER_MS,
    // Loading code when somebody points at a link hides the wait; data is asked by the page itself.
    defaultPreload: "intent",
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
