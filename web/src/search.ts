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
  const url = next === undefined ? null : URL.parse(next, HERE);
  if (url === null || url.origin !== HERE || url.pathname.startsWith("/sign-in")) return START;
  // "/x/..//evil.example" is a path of ours that a browser would read as another site.
  return url.pathname.startsWith("//") ? START : url.pathname + url.search + url.hash;
}

const START = "/live";
/** Stands for this page's origin, whatever it is. */
const HERE = "http://tenfold.invalid";
