/**
 * GET /api/v1/metrics/top, /active-users, /funnel and /unit-costs: what a team asks of the same figures as /metrics/summary.
 */
import {
  ActiveUsersAnswerSchema,
  ActiveUsersQuerySchema,
  FunnelAnswerSchema,
  FunnelQuerySchema,
  MAX_ACTIVE_DAYS,
  MONTH_DAYS,
  TopAnswerSchema,
  TopQuerySchema,
  UnitCostsAnswerSchema,
  UnitCostsQuerySchema,
  WEEK_DAYS,
} from "../../../schema/api/insights.ts";
import { MAX_GROUPS, type SeriesMetric, unitOf } from "../../../schema/api/metrics.ts";
import { bucketsOf } from "../buckets.ts";
import { METRICS_CACHE } from "../cache/answers.ts";
import { funnelOf, groupParts, ratio, unitCostsOf } from "../insights.ts";
import { changeOf } from "../merge.ts";
import { activeUsersQuery, funnelQuery, isRolledUp, topNamesQuery, topQuery } from "../queries/insights.ts";
import { isDuration } from "../queries/measures.ts";
import { type Asking, planRegions, readPlanned } from "../queries/status.ts";
import { invalid, iso, periodBefore, resolveRange } from "../range.ts";
import { defineRoute } from "../route.ts";
import { largestGroups, shown } from "../series.ts";
import { uniteParts } from "../unite.ts";
import { filtersOf, readSummary, scopeName } from "./metrics.ts";

export const topRoute = defineRoute({
  method: "get",
  path: "/api/v1/metrics/top",
  permission: "metrics:read",
  cache: METRICS_CACHE,
  summary: "The largest users, teams, repos, models, agents, tools, errors, languages or rules by one metric",
  description:
    "With each one's share of the total and the change against the period before, which is as long as the range.",
  tags: ["insights"],
  query: TopQuerySchema,
  answer: TopAnswerSchema,
  handler: async ({ query, now, read, regions, access }) => {
    const asking: Asking = { read, regions, access };
    const { dimension, metric } = query;
    const range = resolveRange(query, now);
    const filters = filtersOf(query);
    const both = { from: periodBefore(range).from, to: range.to };
    const rollups = isRolledUp(dimension);
    const plannedNames = await planRegions(asking, range, { cuts: [], rollups }, now);
    const candidates = await readPlanned(asking, plannedNames, topNamesQuery, { filters, metric, dimension });
    const names = largestGroups(candidates, query.limit);
    const planned = await planRegions(asking, both, { cuts: [range.from], rollups }, now);
    const input = { filters, metric, dimension, start: range.from, names, united: regions.length > 1 };
    const rows = (await readPlanned(asking, planned, topQuery, input)).flat();
    const cells = groupParts(
      rows.filter((row) => row.is_total === 1 || row.known === 1),
      (row) => cellKey(row.current === 1, row.is_total === 1 ? undefined : row.name),
    );
    const values = await uniteParts(asking, metric, [...cells.values()]);
    const byKey = new Map([...cells.keys()].map((key, i) => [key, values[i]]));
    const figure = (name: string | undefined) =>
      topFigure(metric, byKey.get(cellKey(true, name)), byKey.get(cellKey(false, name)));
    const total = figure(undefined);
    const share = (value: number | string | null): number | null =>
      isDuration(metric) ? null : ratio(Number(value), Number(total.value));
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      from: iso(range.from),
      to: iso(range.to),
      previous_from: iso(both.from),
      dimension,
      metric,
      unit: unitOf(metric),
      total,
      items: names.map((name) => {
        const item = figure(name);
        return { name, ...item, share: share(item.value) };
      }),
      ...planned.provenance,
    };
  },
});

const cellKey = (current: boolean, name: string | undefined): string =>
  `${current ? "now" : "before"}${name === undefined ? "" : ` =${name}`}`;

function topFigure(metric: SeriesMetric, value: string | undefined, previous: string | undefined) {
  const change = value === undefined || previous === undefined ? null : changeOf(value, previous);
  return { value: shown(metric, value), previous: shown(metric, previous), change };
}

export const activeUsersRoute = defineRoute({
  method: "get",
  path: "/api/v1/metrics/active-users",
  permission: "metrics:read",
  cache: METRICS_CACHE,
  summary: "Distinct users of each day, and of the 7 and 30 days that end with it",
  description: `Days are whole and local to \`timezone\`. With group_by=team one series for each of the ${MAX_GROUPS} largest teams.`,
  tags: ["insights"],
  query: ActiveUsersQuerySchema,
  answer: ActiveUsersAnswerSchema,
  handler: async ({ query, now, read, regions, access }) => {
    const asking: Asking = { read, regions, access };
    const asked = resolveRange(query, now);
    const days = bucketsOf(asked, "1d", query.timezone, false);
    if (days.starts.length > MAX_ACTIVE_DAYS) throw invalid("from", `a range is at most ${MAX_ACTIVE_DAYS} days here`);
    const whole = wholeDays(asked, query.timezone);
    const planned = await planRegions(asking, whole.range, { cuts: whole.cuts, rollups: true }, now);
    const rows = await readPlanned(asking, planned, activeUsersQuery, {
      filters: filtersOf(query),
      rule: whole.rule,
      first: days.first,
      last: days.first + days.starts.length - 1,
      byTeam: query.group_by === "team",
      united: regions.length > 1,
    });
    const cells = groupParts(rows.flat(), ({ team, day, days: back }) => `${day} ${back} ${team}`);
    const values = await uniteParts(asking, "users", [...cells.values()]);
    const byKey = new Map([...cells.keys()].map((key, i) => [key, Number(values[i] ?? 0)]));
    const counts = (team: string, back: number): number[] =>
      days.starts.map((_, i) => byKey.get(`${days.first + i} ${back} ${team}`) ?? 0);
    const series = (team: string) => ({
      team: query.group_by === undefined ? null : team,
      daily: counts(team, 1),
      weekly: counts(team, WEEK_DAYS),
      monthly: counts(team, MONTH_DAYS),
    });
    const teams = query.group_by === undefined ? [""] : [...new Set(rows.flat().map(({ team }) => team))];
    const last = (list: readonly number[]): number => list.at(-1) ?? 0;
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      from: iso(asked.from),
      to: iso(asked.to),
      timezone: query.timezone,
      days: days.starts.map(iso),
      series: teams
        .map(series)
        .sort((a, b) => last(b.monthly) - last(a.monthly) || ((a.team ?? "") < (b.team ?? "") ? -1 : 1))
        .slice(0, MAX_GROUPS),
      ...planned.provenance,
    };
  },
});

/** From 29 days before the first day to the end of the last one. */
function wholeDays(asked: { from: number; to: number }, zone: string) {
  const margin = (MONTH_DAYS + 1) * 86_400_000;
  const around = bucketsOf({ from: asked.from - margin, to: asked.to + 2 * 86_400_000 }, "1d", zone, false);
  const firstIndex = around.starts.findLastIndex((start) => start <= asked.from) - (MONTH_DAYS - 1);
  const from = around.starts[Math.max(0, firstIndex)] ?? asked.from;
  const to = around.starts.find((start) => start >= asked.to) ?? asked.to;
  return { range: { from, to }, cuts: around.cuts.filter((cut) => cut > from && cut < to), rule: around.rule };
}

export const funnelRoute = defineRoute({
  method: "get",
  path: "/api/v1/metrics/funnel",
  permission: "metrics:read",
  cache: METRICS_CACHE,
  summary: "How many sessions came to code, and how many of those to a pull request",
  tags: ["insights"],
  query: FunnelQuerySchema,
  answer: FunnelAnswerSchema,
  handler: async ({ query, now, read, regions, access }) => {
    const asking: Asking = { read, regions, access };
    const range = resolveRange(query, now);
    const planned = await planRegions(asking, range, { cuts: [], rollups: true }, now);
    const input = { filters: filtersOf(query), united: regions.length > 1 };
    const cells = groupParts((await readPlanned(asking, planned, funnelQuery, input)).flat(), ({ part }) => part);
    const values = await uniteParts(asking, "sessions", [...cells.values()]);
    const byPart = new Map([...cells.keys()].map((part, i) => [part, Number(values[i] ?? 0)]));
    const sessions = (part: string): number => byPart.get(part) ?? 0;
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      from: iso(range.from),
      to: iso(range.to),
      ...funnelOf({ all: sessions("all"), code: sessions("code"), pr: sessions("pr"), any: sessions("any") }),
      ...planned.provenance,
    };
  },
});

export const unitCostsRoute = defineRoute({
  method: "get",
  path: "/api/v1/metrics/unit-costs",
  permission: "metrics:read",
  cache: METRICS_CACHE,
  summary: "What one session, user, pull request, accepted suggestion and added line cost",
  tags: ["insights"],
  query: UnitCostsQuerySchema,
  answer: UnitCostsAnswerSchema,
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
      ...unitCostsOf(summary),
      ...planned.provenance,
    };
  },
});
