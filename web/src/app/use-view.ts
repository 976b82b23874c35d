/** What a view over time needs of the URL, worked out once: range, API parameters, how often to ask again. Used by every view's page. */
import { useMemo } from "react";
import type { Params } from "../api/query.ts";
import { useZone } from "../ui/preferences.tsx";
import { useNow } from "../ui/use-now.ts";
import { apiParams, rangeOf, refreshMsOf, timezoneOf, type ViewRange, type ViewSearch } from "./filters.ts";
import { useMe } from "./me-context.ts";

export interface View {
  org: string;
  search: ViewSearch;
  range: ViewRange;
  /** For every /api/v1/metrics route. */
  params: Params;
  /** IANA name; the zone of days. */
  timezone: string;
  refreshMs: number | undefined;
  compare: boolean;
}

const MINUTE_MS = 60_000;

export function useView(search: ViewSearch): View {
  const org = useMe().org_id;
  const zone = useZone();
  const minute = Math.floor(useNow(MINUTE_MS) / MINUTE_MS) + 1;
  return useMemo(() => {
    const range = rangeOf(search, minute * MINUTE_MS);
    return {
      org,
      search,
      range,
      params: apiParams(search, range, org),
      timezone: timezoneOf(zone),
      refreshMs: refreshMsOf(range),
      compare: search.compare !== "off",
    };
  }, [org, search, zone, minute]);
}
