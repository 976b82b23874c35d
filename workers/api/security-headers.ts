/**
 * Headers that every API answer carries, errors too: nothing is cached, framed, sniffed or run. Pages bring their own policy.
 */
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../shared/http.ts";

/** Two years, as the preload list asks. */
const HSTS = "max-age=63072000; includeSubDomains";

export const securityHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  c.header("x-content-type-options", "nosniff");
  c.header("referrer-policy", "no-referrer");
  c.header("cross-origin-resource-policy", "same-origin");
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
  if (!c.res.headers.has("content-security-policy")) {
    c.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  }
  if (new URL(c.req.url).protocol === "https:") c.header("strict-transport-security", HSTS);
};
