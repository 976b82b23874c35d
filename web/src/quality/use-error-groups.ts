/**
 * Groups of errors of the view's range, page by page. A range that ends now moves on every minute: while more than one page was read, it
 * waits, or what is read would vanish. Used by the errors panel.
 */
import { useState } from "react";
import { ErrorsAnswerSchema } from "../../../schema/api/insights.ts";
import { useApiPages } from "../api/query.ts";
import type { View } from "../app/use-view.ts";

const PAGE = 50;

export function useErrorGroups(view: View) {
  const { from, to, ...filters } = view.params;
  const asked = JSON.stringify([filters, view.search.range, view.search.from, view.search.to]);
  const wanted = { from, to };
  const [held, setHeld] = useState({ asked, range: wanted });
  const range = held.asked === asked ? held.range : wanted;
  const pages = useApiPages("/api/v1/errors", { ...filters, ...range, limit: PAGE }, ErrorsAnswerSchema);
  const mayMove = (pages.data?.pages.length ?? 0) < 2 && !pages.isFetching;
  if (held.asked !== asked || (mayMove && range.to !== to)) setHeld({ asked, range: wanted });
  return pages;
}
