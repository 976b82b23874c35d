/** The address that shows somebody else what I see now: with the organisation, and with fixed ends in place of "the last 24 hours". Pure. */
import { parseSearch, stringifySearch } from "../search.ts";
import { rangeOf, ViewSearchSchema } from "./filters.ts";

/** Views over a range; others (live, one session, settings) mean the same to whoever opens them. */
const RANGED = ["/overview", "/sessions", "/cost", "/quality", "/security", "/explore"];

/** `href`: of the page, absolute. */
export function shareLink(href: string, org: string, now: number): string {
  const url = new URL(href);
  const search = parseSearch(url.search);
  const shared: Record<string, unknown> = { ...search, org };
  if (RANGED.includes(url.pathname.replace(/\/$/, ""))) {
    const { from, to } = rangeOf(ViewSearchSchema.parse(search), now);
    Object.assign(shared, { range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  }
  return `${url.origin}${url.pathname}${stringifySearch(shared)}${url.hash}`;
}
