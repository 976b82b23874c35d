/**
 * Headers that every answer of the Worker carries, errors too: nothing is cached, framed, sniffed or run. Set by every Hono
 * app (http.ts) and by workers/index.ts for what no app answers. Pages bring a policy of their own, which stays; static
 * assets, which the platform serves without the Worker, have theirs in web/public/_headers.
 */

/** Two years, as the preload list asks. */
const HSTS = "max-age=63072000; includeSubDomains";

/** Adds the headers to an answer's own; `url` is the request's. A policy or a cache rule that is there stays. */
export function setSafetyHeaders(headers: Headers, url: string): void {
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  headers.set("cross-origin-resource-policy", "same-origin");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (!headers.has("content-security-policy")) {
    headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  }
  if (url.startsWith("https:")) headers.set("strict-transport-security", HSTS);
}
