/**
 * The live view's part of the URL: organisation, filters, and how the chart is shown. Parsed by the route, read by
 * every control, and turned into the socket's address. Pure.
 */
import { z } from "zod";
import { MAX_ID_LENGTH } from "../../../schema/limits.ts";
import { formatSince, type LiveCursor, type LiveFilter } from "../../../schema/live.ts";

const value = z.string().trim().min(1).max(MAX_ID_LENGTH).optional().catch(undefined);

/** Filters, in the order of the filter bar. */
export const FILTERS = ["type", "team", "agent", "model", "repo", "environment"] as const;
export type FilterName = (typeof FILTERS)[number] & keyof LiveFilter;

/** A value that is not usable is dropped, never an error: links get cut and edited. */
export const LiveSearchSchema = z.object({
  org: value,
  type: value,
  team: value,
  agent: value,
  model: value,
  repo: value,
  environment: value,
  view: z.enum(["table"]).optional().catch(undefined),
});
export type LiveSearch = z.infer<typeof LiveSearchSchema>;

/** Only the filters that are set. */
export function filtersOf(search: LiveSearch): LiveFilter {
  const filters: LiveFilter = {};
  for (const name of FILTERS) {
    const given = search[name];
    if (given !== undefined) filters[name] = given;
  }
  return filters;
}

/** Path and query of the live socket; `resume` asks for what changed after a counter. */
export function livePath(org: string, filters: LiveFilter, resume: LiveCursor | null): string {
  const params = new URLSearchParams({ org });
  for (const name of FILTERS) {
    const given = filters[name];
    if (given !== undefined) params.set(name, given);
  }
  if (resume !== null) params.set("since", formatSince(resume));
  return `/api/v1/live?${params}`;
}
