/** One metric over the view's range, from the API. Used by every chart of a view over time. */
import type { UseQueryResult } from "@tanstack/react-query";
import {
  type GroupBy,
  type Interval,
  type SeriesMetric,
  type TimeseriesAnswer,
  TimeseriesAnswerSchema,
} from "../../../schema/api/metrics.ts";
import { useApi } from "../api/query.ts";
import type { View } from "./use-view.ts";

export interface SeriesAsked {
  metric: SeriesMetric;
  groupBy?: GroupBy;
  interval?: Interval;
  /** Default: as the view says, for series without groups. */
  compare?: boolean;
}

export function useSeries(view: View, asked: SeriesAsked): UseQueryResult<TimeseriesAnswer, Error> {
  const { metric, groupBy, interval = "auto", compare = view.compare } = asked;
  return useApi(
    "/api/v1/metrics/timeseries",
    {
      ...view.params,
      metric,
      interval,
      group_by: groupBy,
      timezone: view.timezone,
      compare: compare && groupBy === undefined ? "previous" : undefined,
    },
    TimeseriesAnswerSchema,
    { refreshMs: view.refreshMs },
  );
}
