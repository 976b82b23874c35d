/**
 * Fragments that the queries share: filters, time bounds, measures. Pure; a closed list of columns, every value bound.
 */
import { z } from "zod";
import { FILTER_NAMES, type Filters } from "../../../schema/api/filters.ts";
import type { GroupBy, SumMetric } from "../../../schema/api/metrics.ts";
import { identifier, param, type Sql, sql } from "../../shared/sql.ts";
import type { Range } from "../range.ts";

const COLUMNS = ["event_type", "team_id", "agent", "model", "repo", "environment", "user_id", "session_id"] as const;

/** The column of each filter and group. */
export const COLUMN_OF: Record<GroupBy, (typeof COLUMNS)[number]> = {
  type: "event_type",
  team: "team_id",
  agent: "agent",
  model: "model",
  repo: "repo",
  environment: "environment",
  user: "user_id",
};

export function column(name: (typeof COLUMNS)[number]): Sql<"free"> {
  return sql`${identifier(COLUMNS, name)}`;
}

/** One condition per filter that is given. */
export function filterConditions(filters: Filters): Sql<"free">[] {
  return FILTER_NAMES.flatMap((name) => {
    const values = filters[name];
    return values === undefined ? [] : [sql`${column(COLUMN_OF[name])} IN ${param("Array(String)", values)}`];
  });
}

/** `[from, to)`. */
export function within(range: Range): Sql<"free"> {
  return sql`timestamp >= ${param("DateTime64(3, 'UTC')", range.from)} AND timestamp < ${param("DateTime64(3, 'UTC')", range.to)}`;
}

const TOKENS = sql`input_tokens + output_tokens + cache_read_tokens + cache_write_tokens`;

/** Sums as decimal strings; money in 128 bits, because 10,000 events of the largest cost exceed Int64. */
export const MEASURES: Record<SumMetric, Sql<"free">> = {
  events: sql`toString(count())`,
  errors: sql`toString(countIf(event_type = 'error'))`,
  security_alerts: sql`toString(countIf(event_type = 'security_alert'))`,
  pull_requests: sql`toString(countIf(event_type = 'pr_created'))`,
  cost_nano_usd: sql`toString(sum(toInt128(ifNull(cost_nano_usd, 0))))`,
  unpriced_tokens: sql`toString(sumIf(${TOKENS}, cost_source = 'unpriced'))`,
  tokens: sql`toString(sum(${TOKENS}))`,
  input_tokens: sql`toString(sum(input_tokens))`,
  output_tokens: sql`toString(sum(output_tokens))`,
  cache_read_tokens: sql`toString(sum(cache_read_tokens))`,
  cache_write_tokens: sql`toString(sum(cache_write_tokens))`,
  reasoning_tokens: sql`toString(sum(reasoning_tokens))`,
  lines_added: sql`toString(sum(toUInt64(lines_added)))`,
  lines_removed: sql`toString(sum(toUInt64(lines_removed)))`,
  accepted: sql`toString(countIf(accepted = true))`,
  rejected: sql`toString(countIf(accepted = false))`,
};

/** A decimal integer in a JSON string. */
export const DecimalSchema = z.string().regex(/^-?\d+$/);

export const RangeSchema = z.object({ from: z.number(), to: z.number() });
/** Filters as SummaryQuerySchema and its like put them out. */
export const FiltersInputSchema = z.object({
  type: z.array(z.string()).optional(),
  team: z.array(z.string()).optional(),
  agent: z.array(z.string()).optional(),
  model: z.array(z.string()).optional(),
  repo: z.array(z.string()).optional(),
  environment: z.array(z.string()).optional(),
});
