/** Every handler of every app says what it needs. */
import { describe, expect, it } from "vitest";
import { createApiApp } from "../../../workers/api/app.ts";
import { createIngestApp } from "../../../workers/ingest/app.ts";
import { createOperatorApp } from "../../../workers/operator/app.ts";
import { createRealtimeApp } from "../../../workers/realtime/app.ts";
import { needsOf } from "../../../workers/shared/authorize.ts";
import { createApp } from "../../../workers/shared/http.ts";

interface Routed {
  routes: { method: string; path: string; handler: object }[];
}

/** Handlers without a declaration; middleware for everything (`/*`) is no route. */
function undeclared(app: Routed): string[] {
  return app.routes
    .filter(({ method, path }) => !(method === "ALL" && path === "/*"))
    .filter(({ handler }) => needsOf(handler) === undefined)
    .map(({ method, path }) => `${method} ${path}`);
}

const APPS: Record<string, { make: () => Routed; needs: string[] }> = {
  api: { make: () => createApiApp(), needs: ["permission", "public"] },
  realtime: { make: () => createRealtimeApp(), needs: ["permission"] },
  operator: { make: () => createOperatorApp(), needs: ["credential"] },
  ingest: { make: () => createIngestApp(), needs: ["credential", "public"] },
};

describe("the routers", () => {
  it.each(Object.entries(APPS))("%s has no handler that does not say what it needs", (_, { make, needs }) => {
    const app = make();
    expect(undeclared(app)).toEqual([]);
    const kinds = new Set(app.routes.flatMap(({ handler }) => Object.keys(needsOf(handler) ?? {})));
    expect([...kinds].sort()).toEqual(needs);
  });

  it("would be caught: a handler that declares nothing", () => {
    const app = createApp("test", "internal");
    app.get("/api/v1/secret", (c) => c.text("everybody's"));
    expect(undeclared(app)).toEqual(["GET /api/v1/secret"]);
  });
});
