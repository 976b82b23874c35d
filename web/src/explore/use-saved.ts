/** The organisation's saved metrics: reading and changing them. Used by Explore and the command palette. */

import type { z } from "zod";
import {
  type CustomMetric,
  CustomMetricChangeSchema,
  type CustomMetricCreateSchema,
  type CustomMetricPatchSchema,
  CustomMetricsAnswerSchema,
  MAX_CUSTOM_METRICS,
} from "../../../schema/api/custom-metrics.ts";
import { pathWith, useApi, useChange } from "../api/query.ts";
import { useMe } from "../app/me-context.ts";
import { may } from "../settings/access.ts";

const PATH = "/api/v1/custom-metrics";

/** All of them: an organisation has no more than one page. */
export function useSavedMetrics() {
  return useApi(PATH, { org: useMe().org_id, limit: MAX_CUSTOM_METRICS }, CustomMetricsAnswerSchema);
}

export function useMaySave(): boolean {
  return may(useMe(), "custom_metrics:write", "org");
}

export type NewMetric = z.input<typeof CustomMetricCreateSchema>;

export function useCreateMetric() {
  const org = useMe().org_id;
  return useChange(
    (body: NewMetric) => ({ method: "POST", path: pathWith(PATH, { org }), schema: CustomMetricChangeSchema, body }),
    [PATH],
  );
}

export function useChangeMetric({ metric_id }: Pick<CustomMetric, "metric_id">) {
  const org = useMe().org_id;
  return useChange(
    (body: z.input<typeof CustomMetricPatchSchema>) => ({
      method: "PATCH",
      path: pathWith(`${PATH}/${encodeURIComponent(metric_id)}`, { org }),
      schema: CustomMetricChangeSchema,
      body,
    }),
    [PATH],
  );
}

export function useRemoveMetric({ metric_id }: Pick<CustomMetric, "metric_id">) {
  const org = useMe().org_id;
  return useChange(
    (_: null) => ({
      method: "DELETE",
      path: pathWith(`${PATH}/${encodeURIComponent(metric_id)}`, { org }),
      schema: CustomMetricChangeSchema,
    }),
    [PATH],
  );
}
