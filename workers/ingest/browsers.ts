/**
 * Browsers at ingest: per-key CORS, closed by default. A preflight carries no key, so its answer lets the real request come; that
 * one is refused unless its key allows the page's origin (authenticate.ts), and no cookie plays any part.
 * Used by the app.
 */
import type { Context, MiddlewareHandler } from "hono";
import type { AppEnv } from "../shared/http.ts";

const REQUEST_HEADERS =
  "authorization, content-encoding, content-type, idempotency-key, x-api-key, x-priority, x-request-id";
const ANSWER_HEADERS = "retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-request-id";
/** Seconds a browser may remember a preflight; Chromium's own maximum. */
const PREFLIGHT_MAX_AGE_S = 7_200;

/** 204 to a preflight, which is an OPTIONS request with Origin and the method it asks for. */
export function preflight(c: Context<AppEnv>): Response | undefined {
  const origin = c.req.header("origin");
  if (c.req.method !== "OPTIONS" || origin === undefined) return undefined;
  if (c.req.header("access-control-request-method")?.toUpperCase() !== "POST") return undefined;
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": REQUEST_HEADERS,
      "access-control-max-age": String(PREFLIGHT_MAX_AGE_S),
      vary: "origin, access-control-request-method, access-control-request-headers",
    },
  });
}

/** Lets the page read the answer, errors too, once its key has allowed the page's origin. */
export const corsOfKey: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  const origin = c.get("allowedOrigin");
  if (origin === undefined) return;
  c.header("access-control-allow-origin", origin);
  c.header("access-control-expose-headers", ANSWER_HEADERS);
  c.header("vary", "origin", { append: true });
};
