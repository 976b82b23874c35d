/**
 * The API: people and programs, under /api. Mounted by workers/index.ts, which sends /api/v1/live* to the realtime app.
 */
import type { Context, Hono } from "hono";
import { PublicError } from "../../schema/errors.ts";
import { needs } from "../shared/authorize.ts";
import { type AppEnv, createApp, errorResponse } from "../shared/http.ts";
import { showRateLimit } from "../shared/rate-limit.ts";
import { ApiAdmission } from "./admit.ts";
import { Answers } from "./cache/answers.ts";
import type { ApiState } from "./route.ts";
import { ROUTES } from "./routes.ts";

/** The API's Hono app with the limits one isolate keeps. Faults of ours are a masked 500. */
export function createApiApp(admission: ApiAdmission = new ApiAdmission()): Hono<AppEnv> {
  const app = createApp("api", "internal");
  app.use(showRateLimit);
  const state: ApiState = { admission, answers: new Answers() };
  for (const route of ROUTES) {
    app.on(
      route.method.toUpperCase(),
      route.path,
      needs(route.access, (c: Context<AppEnv>) => route.run(c, state)),
    );
  }
  for (const [path, methods] of methodsByPath()) {
    const refuse = (c: Context<AppEnv>): Response => {
      const error = new PublicError("method_not_allowed", `this path takes ${methods.join(", ")}`);
      const answer = errorResponse(c.get("requestId"), error);
      answer.headers.set("allow", methods.join(", "));
      return answer;
    };
    app.all(path, needs({ public: "every other method is refused" }, refuse));
  }
  return app;
}

function methodsByPath(): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of ROUTES) methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  return methods;
}
