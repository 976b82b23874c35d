/** A question to POST /api/v1/query over the view's range and filters. Used by panels whose figures no metrics route has. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import { type QueryAnswer, QueryAnswerSchema, type SavedQuerySchema } from "../../../schema/api/query.ts";
import type { Filter } from "../../../schema/api/query-parts.ts";
import { useApi } from "../api/query.ts";
import { FILTER_FIELDS, type ViewSearch } from "./filters.ts";
import type { View } from "./use-view.ts";

/** Measures, dimensions, order and limit; its filters come on top of the view's. */
export type ViewQuestion = Omit<z.input<typeof SavedQuerySchema>, "filters"> & { filters?: Filter };

export function useQuestion(view: View, question: ViewQuestion): UseQueryResult<QueryAnswer, Error> {
  const { org, from, to } = view.params;
  const filters = filterOf(view.search, question.filters);
  return useApi("/api/v1/query", { org }, QueryAnswerSchema, {
    body: { from, to, timezone: view.timezone, ...question, ...(filters === undefined ? {} : { filters }) },
    refreshMs: view.refreshMs,
    queued: true,
  });
}

/** The filters of the URL and one more as one condition; undefined: none. */
export function filterOf(search: ViewSearch, more?: Filter): Filter | undefined {
  const set = FILTER_FIELDS.flatMap((field): Filter[] => {
    const value = search[field];
    return value === undefined ? [] : [{ op: "eq", of: field, value }];
  });
  const all = more === undefined ? set : [...set, more];
  return all.length < 2 ? all[0] : { op: "and", filters: all };
}
