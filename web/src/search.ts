/**
 * The URL's query, both ways: every value is a plain string, so that links stay readable and `?team=123` is a team.
 * Used by the router for all routes; pure.
 */

/** `?team=core&repo=a%2Fb` as an object. A repeated name keeps its last value. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

/** The object as a query, `?` included; empty, null and undefined values are left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === "") continue;
    params.set(name, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/**
 * A path of this page to return to after signing in; anything else (another site, another scheme) is the start page.
 */
export function safeReturnPath(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])/.test(next)) return "/live";
  const url = new URL(next, "http://tenfold.invalid");
  return url.host === "tenfold.invalid" && !url.pathname.startsWith("/sign-in")
    ? url.pathname + url.search + url.hash
    : "/live";
}
