/**
 * GET /api/v1/metrics/summary and /timeseries: totals with the change against the period before, and series.
 * Reads `events FINAL` of the tenant's region or regions.
 */

import type { RowScope } from "../../../schema/access.ts";
import { FILTER_NAMES, type Filters } from "../../../schema/api/filters.ts";
import {
  MAX_GROUPS,
  type Metric,
  SUM_METRICS,
  SummaryAnswerSchema,
  SummaryQuerySchema,
  TimeseriesAnswerSchema,
  TimeseriesQuerySchema,
  unitOf,
} from "../../../schema/api/metrics.ts";
import { readRegions } from "../merge.ts";
import { summaryQuery } from "../queries/summary.ts";
import { groupsQuery, seriesQuery } from "../queries/timeseries.ts";
import { bucketStarts, chooseInterval, iso, periodBefore, resolveRange, STEP_MS } from "../range.ts";
import { defineRoute, type Permitted } from "../route.ts";
import { buildSeries, largestGroups } from "../series.ts";
import { buildSummary } from "../summary.ts";

/** Whose events an answer counts. */
export function scopeName(rows: RowScope): "own" | "team" | "org" {
  return rows.kind === "org" ? "org" : rows.scope;
}

/** The filters among a query's parameters. */
export function filtersOf(query: Filters): Filters {
  return Object.fromEntries(FILTER_NAMES.map((name) => [name, query[name]]));
}

export const summaryRoute = defineRoute({
  method: "get",
  path: "/api/v1/metrics/summary",
  permission: "metrics:read",
  summary: "Totals of a range and the change against the period before",
  tags: ["metrics"],
  query: SummaryQuerySchema,
  answer: SummaryAnswerSchema,
  handler: async ({ query, now, access, regions, read }) => {
    const range = resolveRange(query, now);
    const united = regions.length > 1;
    const input = { range, filters: filtersOf(query), united };
    const answers = await readRegions(read, regions, summaryQuery, access, input);
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      from: iso(range.from),
      to: iso(range.to),
      previous_from: iso(periodBefore(range).from),
      ...buildSummary(answers, united),
    };
  },
});

export const timeseriesRoute = defineRoute({
  method: "get",
  path: "/api/v1/metrics/timeseries",
  permission: "metrics:read",
  summary: "One metric over time, in all or by group",
  description: `Metrics: ${[...SUM_METRICS, "users", "sessions"].join(", ")}. Every bucket of the range is there, empty ones as zero.`,
  tags: ["metrics"],
  query: TimeseriesQuerySchema,
  answer: TimeseriesAnswerSchema,
  handler: async ({ query, now, ...permitted }) => {
    const range = resolveRange(query, now);
    const interval = chooseInterval(query.interval, range);
    const stepMs = STEP_MS[interval];
    const filters = filtersOf(query);
    const united = permitted.regions.length > 1;
    const { read, regions, access } = permitted;
    const grouping =
      query.group_by === undefined
        ? undefined
        : {
            by: query.group_by,
            groups: await groupsOf(permitted, { range, filters, metric: query.metric, groupBy: query.group_by }),
          };
    const input = { range, filters, metric: query.metric, stepMs, grouping, united };
    const answers = await readRegions(read, regions, seriesQuery, access, input);
    const starts = bucketStarts(range, stepMs);
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      metric: query.metric,
      unit: unitOf(query.metric),
      from: iso(range.from),
      to: iso(range.to),
      interval,
      group_by: query.group_by ?? null,
      times: starts.map(iso),
      series: buildSeries(answers, { metric: query.metric, starts, stepMs, groups: grouping?.groups, united }),
    };
  },
});

async function groupsOf(
  { read, regions, access }: Pick<Permitted, "read" | "regions" | "access">,
  input: Parameters<typeof groupsQuery.sql>[1] & { metric: Metric },
): Promise<string[]> {
  return largestGroups(await readRegions(read, regions, groupsQuery, access, input), MAX_GROUPS);
}
