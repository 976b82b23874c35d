/**
 * Answers of the metrics, insights and query routes, made to measure. Used by tests of the page; nothing of it ships. Each is checked
 * against the schema of its route, so that a test of the page cannot drift from the API.
 */
import type { z } from "zod";
import {
  ActiveUsersAnswerSchema,
  ErrorsAnswerSchema,
  FunnelAnswerSchema,
  TopAnswerSchema,
  UnitCostsAnswerSchema,
} from "../../schema/api/insights.ts";
import { SERIES_METRICS, SummaryAnswerSchema, TimeseriesAnswerSchema, unitOf } from "../../schema/api/metrics.ts";
import { QueryAnswerSchema } from "../../schema/api/query.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const iso = (ms: number): string => new Date(ms).toISOString();

/** A series of the answer: its group, and the value of each bucket. */
export type SeriesScript = (metric: string, group: string, start: number) => number | string | null;

const provenance = (to: number) => ({ sources: ["hourly"], stale_hours: [], complete_until: iso(to) });
function headOf(url: URL) {
  const from = Date.parse(url.searchParams.get("from") ?? "");
  const to = Date.parse(url.searchParams.get("to") ?? "");
  const head = { org_id: "acme", scope: "org", from: iso(from), to: iso(to), ...provenance(to) };
  return { from, to, head, previous_from: iso(2 * from - to) };
}
const same = <T>(value: T) => ({ value, previous: value, change: 0 });

/** Hourly buckets, or days of `timezone` where those are asked for; `groups`: of a grouped answer, largest first. */
export function timeseries(url: URL, script: SeriesScript, groups: readonly string[]): unknown {
  const { from, to, head } = headOf(url);
  const query = url.searchParams;
  const metric = SERIES_METRICS.find((one) => one === query.get("metric")) ?? "events";
  const unit = unitOf(metric);
  const interval = query.get("interval") === "1d" ? "1d" : "1h";
  const timezone = query.get("timezone") ?? "UTC";
  const times = interval === "1d" ? daysOf(from, to, timezone) : hoursOf(from, to);
  const grouped = query.get("group_by");
  const compared = query.get("compare") === "previous";
  const line = (group: string) => {
    const values = times.map((start) => script(metric, group, start));
    return { total: totalOf(values, unit), values };
  };
  const names = grouped === null ? [""] : groups;
  return TimeseriesAnswerSchema.parse({
    ...head,
    metric,
    unit,
    previous_from: compared ? iso(2 * from - to) : null,
    interval,
    timezone,
    group_by: grouped,
    times: times.map(iso),
    series: names.map((name) => ({
      group: grouped === null ? null : name,
      other: false,
      ...line(name),
      ...(compared ? { previous: line(name) } : {}),
    })),
  });
}

function totalOf(values: readonly (number | string | null)[], unit: string): number | string | null {
  if (unit === "nano_usd") return String(values.reduce<bigint>((sum, value) => sum + BigInt(value ?? 0), 0n));
  const known = values.filter((value) => value !== null).map(Number);
  if (unit === "ms") return known.length === 0 ? null : Math.max(...known);
  return known.reduce((sum, value) => sum + value, 0);
}

const hoursOf = (from: number, to: number): number[] => {
  const first = Math.floor(from / HOUR) * HOUR;
  return Array.from({ length: Math.ceil((to - first) / HOUR) }, (_, i) => first + i * HOUR);
};

/** Local midnights: the hours at which the day of `timezone` changes. */
function daysOf(from: number, to: number, timezone: string): number[] {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: timezone });
  const hours = hoursOf(from - 2 * DAY, to);
  const starts = hours.filter((at) => format.format(at) !== format.format(at - HOUR));
  return starts.filter((at, i) => (starts[i + 1] ?? to) > from && at < to);
}

/** Every total is `totals[name]`, else 0. */
export function summary(url: URL, totals: Record<string, number>): unknown {
  const { head, previous_from } = headOf(url);
  const names = Object.keys(SummaryAnswerSchema.shape.totals.shape);
  const { p50 = null, p95 = null } = totals as { p50?: number; p95?: number };
  return SummaryAnswerSchema.parse({
    ...head,
    previous_from,
    totals: Object.fromEntries(
      names.map((name) => {
        const value = totals[name] ?? 0;
        return [name, same(name === "cost_nano_usd" ? String(value) : value)];
      }),
    ),
    duration_ms: { p50: same(p50), p95: same(p95) },
    events_by_type: [],
  });
}

type UnitCosts = z.infer<typeof UnitCostsAnswerSchema>;
export type UnitScript = Pick<UnitCosts, "unpriced_share"> & {
  cost: string;
  unpriced: number;
  units: Partial<Record<UnitCosts["units"][number]["unit"], { count: number; cost: string | null }>>;
};

export function unitCosts(url: URL, { cost, unpriced, unpriced_share, units }: UnitScript): unknown {
  const { head, previous_from } = headOf(url);
  return UnitCostsAnswerSchema.parse({
    ...head,
    previous_from,
    cost_nano_usd: same(cost),
    unpriced_tokens: same(unpriced),
    unpriced_share,
    units: Object.entries(units).map(([unit, each]) => ({
      unit,
      count: same(each.count),
      cost_nano_usd: { ...same(each.cost), change: each.cost === null ? null : 0 },
    })),
  });
}

/** Names with their cost, most expensive first. */
export function topByCost(url: URL, items: readonly (readonly [name: string, cost: string])[]): unknown {
  const { head, previous_from } = headOf(url);
  const all = items.reduce((sum, [, cost]) => sum + BigInt(cost), 0n);
  return TopAnswerSchema.parse({
    ...head,
    previous_from,
    dimension: url.searchParams.get("dimension"),
    metric: "cost_nano_usd",
    unit: "nano_usd",
    total: same(String(all)),
    items: items.map(([name, cost]) => ({ name, ...same(cost), share: Number((BigInt(cost) * 1_000n) / all) / 1_000 })),
  });
}

/** The same number of people on every day of the range, in each window. */
export function activeUsers(url: URL, people: number, teams: readonly string[]): unknown {
  const { from, to, head } = headOf(url);
  const timezone = url.searchParams.get("timezone") ?? "UTC";
  const days = daysOf(from, to, timezone);
  const each = days.map(() => people);
  const grouped = url.searchParams.has("group_by");
  return ActiveUsersAnswerSchema.parse({
    ...head,
    timezone,
    days: days.map(iso),
    series: (grouped ? teams : [null]).map((team) => ({ team, daily: each, weekly: each, monthly: each })),
  });
}

export function funnel(url: URL, [sessions, code, pullRequests]: readonly [number, number, number]): unknown {
  const { head } = headOf(url);
  const rate = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const step = (name: string, count: number, before: number) => ({
    step: name,
    sessions: count,
    of_sessions: rate(count, sessions),
    of_step_before: rate(count, before),
  });
  return FunnelAnswerSchema.parse({
    ...head,
    steps: [
      step("session", sessions, sessions),
      step("code", code, sessions),
      step("pull_request", pullRequests, code),
    ],
    pull_requests_without_code: 0,
  });
}

export type ErrorGroups = z.infer<typeof ErrorsAnswerSchema>["groups"];

/** A page of `groups`; the cursor is the place of its first. */
export function errorGroups(url: URL, groups: ErrorGroups): unknown {
  const { head } = headOf(url);
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const to = from + Number(url.searchParams.get("limit"));
  return ErrorsAnswerSchema.parse({
    ...head,
    groups: groups.slice(from, to),
    truncated: false,
    next_cursor: to < groups.length ? String(to) : null,
  });
}

type Rows = z.infer<typeof QueryAnswerSchema>["rows"];
export type RowScript = readonly [dimensions: Rows[number]["dimensions"], values: Rows[number]["values"]];

export function questionRows(rows: readonly RowScript[]): unknown {
  const now = Date.now();
  return QueryAnswerSchema.parse({
    org_id: "acme",
    scope: "org",
    from: iso(now - DAY),
    to: iso(now),
    previous_from: null,
    interval: null,
    timezone: "UTC",
    dimensions: [],
    measures: [],
    rows: rows.map(([dimensions, values]) => ({ dimensions, values, previous: null })),
    next_cursor: null,
    ...provenance(now),
  });
}
