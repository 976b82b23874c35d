/**
 * Fragments that the queries share: filters, time bounds. Pure; a closed list of columns, every value bound.
 */
import { z } from "zod";
import { FILTER_NAMES, type Filters } from "../../../schema/api/filters.ts";
import type { GroupBy } from "../../../schema/api/metrics.ts";
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
