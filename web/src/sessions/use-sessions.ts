/**
 * The sessions of a view's range and words, page by page. A range that ends now moves on every minute, and a new range is a new list:
 * the one that is read stays until the reader is at its top or asks for the newest. Used by the list.
 */
import { useEffect, useRef, useState } from "react";
import { SessionsAnswerSchema } from "../../../schema/api/sessions.ts";
import { useApiPages } from "../api/query.ts";
import type { View } from "../app/use-view.ts";

/** Sessions asked at once: more than a screen, less than a second. */
const PAGE = 100;

/** `atTop`: nothing is lost when the list begins anew. */
export function useSessions(view: View, q: string | undefined, atTop: () => boolean) {
  const { from, to, ...filters } = view.params;
  const wanted = { from, to };
  const asked = JSON.stringify([filters, view.search.range, view.search.from, view.search.to, q]);
  const [held, setHeld] = useState({ asked, range: wanted });
  // Another question is asked at once; the same one about a later minute waits.
  const range = held.asked === asked ? held.range : wanted;
  const pages = useApiPages("/api/v1/sessions", { ...filters, ...range, q, limit: PAGE }, SessionsAnswerSchema);
  const behind = range.to !== to;
  const renew = (): void => setHeld({ asked, range: wanted });
  const mayRenew = useRef(atTop);
  mayRenew.current = atTop;
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at once for each question and each minute
  useEffect(() => {
    if (held.asked !== asked || (behind && mayRenew.current())) renew();
  }, [asked, to]);
  return { pages, behind, renew };
}
