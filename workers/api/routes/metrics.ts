/**
 * GET /api/v1/metrics/summary and /timeseries: totals with the change against the period before, and series.
 * Reads rollups where they say what the events say, else the events, of the tenant's region or regions.
 */

import type { RowScope } from "../../../schema/access.ts";
import { FILTER_NAMES, type Filters } from "../../../schema/api/filters.ts";
import {
  type GroupBy,
  MAX_GROUPS,
  SERIES_METRICS,
  type SeriesMetric,
  SummaryAnswerSchema,
  SummaryQuerySchema,
  TimeseriesAnswerSchema,
  TimeseriesQuerySchema,
  unitOf,
} from "../../../schema/api/metrics.ts";
import { type Buckets, bucketsOf } from "../buckets.ts";
import { METRICS_CACHE } from "../cache/answers.ts";
import { measureOf } from "../queries/measures.ts";
import { windowNeeds } from "../queries/partials.ts";
import { type Asking, planRegions, readPlanned } from "../queries/status.ts";
import { summaryQuery } from "../queries/summary.ts";
import { groupsQuery, seriesQuery } from "../queries/timeseries.ts";
import { chooseInterval, invalid, iso, periodBefore, type Range, resolveRange } from "../range.ts";
import { defineRoute } from "../route.ts";
import { buildSeries, cellsOf, largestGroups } from "../series.ts";
import { buildSummary } from "../summary.ts";
import { uniteParts } from "../unite.ts";

/** Whose events an answer counts. */
export function scopeName(rows: RowScope): "own" | "team" | "org" {
  return rows.kind === "org" ? "org" : rows.scope;
}

/** The filters among a query's parameters. */
export function filtersOf(query: Filters): Filters {
  return Object.fromEntries(FILTER_NAMES.map((name) => [name, query[name]]));
}

/** A cursor pins its range: a query may repeat it but not name another. Throws PublicError `invalid_request`. */
export function sameRange(query: { from?: string | undefined; to?: string | undefined }, range: Range): void {
  const differs =
    (query.from !== undefined && Date.parse(query.from) !== range.from) ||
    (query.to !== undefined && Date.parse(query.to) !== range.to);
  if (differs) throw invalid("cursor", "belongs to another range");
}

export const summaryRoute = defineRoute({
  method: "get",
  path: "/api/v1/metrics/summary",
  permission: "metrics:read",
  cache: METRICS_CACHE,
  summary: "Totals of a range and the change against the period before",
  tags: ["metrics"],
  query: SummaryQuerySchema,
  answer: SummaryAnswerSchema,
  handler: async ({ query, now, read, regions, access }) => {
    const range = resolveRange(query, now);
    const { summary, planned, previousFrom } = await readSummary(
      { read, regions, access },
      range,
      filtersOf(query),
      now,
    );
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      from: iso(range.from),
      to: iso(range.to),
      previous_from: iso(previousFrom),
      ...summary,
      ...planned.provenance,
    };
  },
});

/** Every total of a range and of the period before, which is as long and ends where the range starts. */
export async function readSummary(asking: Asking, range: Range, filters: Filters, now: number) {
  const both = { from: periodBefore(range).from, to: range.to };
  const planned = await planRegions(asking, both, { cuts: [range.from], rollups: true }, now);
  const input = { start: range.from, filters, united: asking.regions.length > 1 };
  const answers = await readPlanned(asking, planned, summaryQuery, input);
  const summary = await buildSummary(answers, (metric, cells) => uniteParts(asking, metric, cells));
  return { summary, planned, previousFrom: both.from };
}

export const timeseriesRoute = defineRoute({
  method: "get",
  path: "/api/v1/metrics/timeseries",
  permission: "metrics:read",
  cache: METRICS_CACHE,
  summary: "One metric over time, in all or by group",
  description: `Metrics: ${SERIES_METRICS.join(", ")}. Every bucket of the range is there, empty ones as zero.`,
  tags: ["metrics"],
  query: TimeseriesQuerySchema,
  answer: TimeseriesAnswerSchema,
  handler: async ({ query, now, read, regions, access }) => {
    const asking: Asking = { read, regions, access };
    const range = resolveRange(query, now);
    const { metric, group_by: groupBy } = query;
    const filters = filtersOf(query);
    const interval = chooseInterval(query.interval, range);
    const buckets = bucketsOf(range, interval, query.timezone, query.compare === "previous");
    const groups = groupBy === undefined ? undefined : await groupsOf(asking, { range, filters, metric, groupBy }, now);
    const grouping = groups === undefined || groupBy === undefined ? undefined : { by: groupBy, groups };
    const question = { metric, filters, grouping };
    const { cells, provenance } = await readSeries(asking, range, buckets, question, now);
    const values = await uniteParts(asking, metric, [...cells.values()]);
    const byKey = new Map([...cells.keys()].map((key, i) => [key, values[i] ?? "0"]));
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      metric,
      unit: unitOf(metric),
      from: iso(range.from),
      to: iso(range.to),
      previous_from: buckets.previous === undefined ? null : iso(buckets.previous.from),
      interval,
      timezone: query.timezone,
      group_by: groupBy ?? null,
      times: buckets.starts.map(iso),
      series: buildSeries(byKey, {
        metric,
        first: buckets.first,
        buckets: buckets.starts.length,
        groups,
        compared: buckets.previous !== undefined,
      }),
      ...provenance,
    };
  },
});

interface Question {
  metric: SeriesMetric;
  filters: Filters;
  grouping: { by: GroupBy; groups: string[] } | undefined;
}

/** The series' cells over the range and, when one is compared, the period before it. */
async function readSeries(asking: Asking, range: Range, buckets: Buckets, question: Question, now: number) {
  const { metric, filters, grouping } = question;
  const both = { from: buckets.previous?.from ?? range.from, to: range.to };
  const groups = grouping === undefined ? [] : [grouping.by];
  const windows = windowNeeds(asking.access, { filters, measures: [measureOf(metric)], groups }, now);
  const planned = await planRegions(asking, both, { cuts: buckets.cuts, rollups: true, windows }, now);
  const input = { ...question, rule: buckets.rule, united: asking.regions.length > 1 };
  const answers = await readPlanned(asking, planned, seriesQuery, input);
  return { cells: cellsOf(answers), provenance: planned.provenance };
}

interface GroupsQuestion {
  range: Range;
  filters: Filters;
  metric: SeriesMetric;
  groupBy: GroupBy;
}

async function groupsOf(asking: Asking, { range, ...question }: GroupsQuestion, now: number): Promise<string[]> {
  const planned = await planRegions(asking, range, { cuts: [], rollups: true }, now);
  return largestGroups(await readPlanned(asking, planned, groupsQuery, question), MAX_GROUPS);
}
