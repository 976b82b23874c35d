/**
 * The same questions asked of `events FINAL` in SQL of its own: ClickHouse's calendar, its exact distinct counts, no rollup.
 * Values are of the tests, so they stand in the text.
 */
import type { Filters } from "../../../schema/api/filters.ts";
import type { Interval, SeriesMetric } from "../../../schema/api/metrics.ts";
import type { StorageRegion } from "../../../schema/pack.ts";
import type { History } from "./world.ts";

export const COLUMNS: Record<string, string> = {
  type: "event_type",
  team: "team_id",
  agent: "agent",
  model: "model",
  repo: "repo",
  environment: "environment",
  user: "user_id",
  language: "language",
  tool: "tool_name",
  error: "error_code",
  rule: "rule",
};

export const VALUES: Record<SeriesMetric, string> = {
  events: "count()",
  errors: "countIf(event_type = 'error')",
  security_alerts: "countIf(event_type = 'security_alert')",
  pull_requests: "countIf(event_type = 'pr_created')",
  cost_nano_usd: "sum(coalesce(cost_nano_usd, 0))",
  unpriced_tokens:
    "sumIf(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens, cost_source = 'unpriced')",
  tokens: "sum(input_tokens) + sum(output_tokens) + sum(cache_read_tokens) + sum(cache_write_tokens)",
  input_tokens: "sum(input_tokens)",
  output_tokens: "sum(output_tokens)",
  cache_read_tokens: "sum(cache_read_tokens)",
  cache_write_tokens: "sum(cache_write_tokens)",
  reasoning_tokens: "sum(reasoning_tokens)",
  lines_added: "sum(lines_added)",
  lines_removed: "sum(lines_removed)",
  accepted: "countIf(accepted)",
  rejected: "countIf(NOT accepted)",
  users: "uniqExact(user_id)",
  sessions: "uniqExact(session_id)",
  duration_p50: "toUInt64(ifNotFinite(quantileBFloat16(0.5)(duration_ms), 0))",
  duration_p90: "toUInt64(ifNotFinite(quantileBFloat16(0.9)(duration_ms), 0))",
  duration_p95: "toUInt64(ifNotFinite(quantileBFloat16(0.95)(duration_ms), 0))",
  duration_p99: "toUInt64(ifNotFinite(quantileBFloat16(0.99)(duration_ms), 0))",
};

export interface Asked {
  orgId: string;
  regions: readonly StorageRegion[];
  /** Undefined: everybody. */
  users?: readonly string[] | undefined;
  filters?: Filters;
  from: number;
  to: number;
}

const list = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(", ");
const moment = (ms: number): string => `fromUnixTimestamp64Milli(toInt64(${ms}), 'UTC')`;

/** Events of the question as a subquery; a global tenant's are in two databases. */
export function eventsOf({ orgId, regions, users, filters = {}, from, to }: Asked): string {
  const conditions = [
    `org_id = '${orgId}'`,
    `timestamp >= ${moment(from)} AND timestamp < ${moment(to)}`,
    ...(users === undefined ? [] : [users.length === 0 ? "0" : `user_id IN (${list(users)})`]),
    ...Object.entries(filters).flatMap(([name, values]) =>
      values === undefined ? [] : [`${COLUMNS[name]} IN (${list(values)})`],
    ),
  ].join(" AND ");
  return `(${regions.map((region) => `SELECT * FROM ${region}.events FINAL WHERE ${conditions}`).join(" UNION ALL ")})`;
}

export async function totals(world: History, asked: Asked): Promise<Record<string, string>> {
  const columns = Object.entries(VALUES).map(([name, value]) => `toString(${value}) AS v_${name}`);
  const [row = {}] = await world.rows<Record<string, string>>(
    "us",
    `SELECT ${columns.join(", ")} FROM ${eventsOf(asked)}`,
  );
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.slice(2), value]));
}

const STARTS: Record<Interval, (zone: string) => string> = {
  "10s": () => "toUnixTimestamp(toStartOfInterval(timestamp, INTERVAL 10 SECOND, 'UTC'))",
  "1m": () => "toUnixTimestamp(toStartOfMinute(timestamp, 'UTC'))",
  "1h": () => "toUnixTimestamp(toStartOfHour(timestamp, 'UTC'))",
  "1d": (zone) => `toUnixTimestamp(toStartOfDay(timestamp, '${zone}'))`,
  "1w": (zone) => `toUnixTimestamp(toDateTime(toStartOfWeek(timestamp, 1, '${zone}'), '${zone}'))`,
  "1mo": (zone) => `toUnixTimestamp(toDateTime(toStartOfMonth(timestamp, '${zone}'), '${zone}'))`,
};

/** Values by group and start of the bucket (ISO), and by group over the whole range ("total"). Empty ones are absent. */
export async function cells(
  world: History,
  asked: Asked,
  {
    metric,
    interval,
    zone,
    groupBy,
  }: { metric: SeriesMetric; interval: Interval; zone: string; groupBy?: string | undefined },
): Promise<Map<string, string>> {
  const group = groupBy === undefined ? "''" : `toString(${COLUMNS[groupBy]})`;
  const rows = await world.rows<{ g: string; at: string; total: number; v: string }>(
    "us",
    `SELECT ${group} AS g, toString(${STARTS[interval](zone)}) AS at, toUInt8(grouping(at)) AS total, toString(${VALUES[metric]}) AS v
     FROM ${eventsOf(asked)} GROUP BY GROUPING SETS ((g, at), (g))`,
  );
  return new Map(
    rows.map(({ g, at, total, v }) => [
      `${g} ${total === 1 ? "total" : new Date(Number(at) * 1_000).toISOString()}`,
      v,
    ]),
  );
}
