/** The bucket arithmetic of buckets.ts in SQL, over `at_ms`. Called by the queries over time. Pure. */
import { z } from "zod";
import { INTERVALS } from "../../../schema/api/metrics.ts";
import { DAY_MS } from "../../../schema/limits.ts";
import { param, type Sql, sql } from "../../shared/sql.ts";
import type { BucketRule } from "../buckets.ts";
import { STEP_MS } from "../range.ts";

export const BucketRuleSchema = z.object({
  interval: z.enum(INTERVALS),
  pieces: z.array(z.object({ from: z.number(), offset: z.number() })).min(1),
  compared: z.object({ before: z.number(), moveMs: z.number(), moveBuckets: z.number() }).optional(),
});

/** Number of the bucket of a row. */
export function bucketSql(rule: BucketRule): Sql<"free"> {
  const { compared } = rule;
  if (compared === undefined) return numberSql(rule, sql`at_ms`);
  const isBefore = sql`at_ms < ${param("Int64", compared.before)}`;
  const moved = sql`(at_ms + if(${isBefore}, ${param("Int64", compared.moveMs)}, 0))`;
  return sql`(${numberSql(rule, moved)} + if(${isBefore}, ${param("Int64", compared.moveBuckets)}, 0))`;
}

/** 1: in the range; 0: in the compared period. */
export function isCurrentSql(before: number | undefined): Sql<"free"> {
  return before === undefined ? sql`toUInt8(1)` : sql`toUInt8(at_ms >= ${param("Int64", before)})`;
}

function numberSql({ interval, pieces }: BucketRule, at: Sql<"free">): Sql<"free"> {
  if (STEP_MS[interval] < DAY_MS) return sql`toInt64(intDiv(${at}, ${param("Int64", STEP_MS[interval])}))`;
  const day = sql`intDiv(${at} + ${offsetSql(pieces, at)}, ${param("Int64", DAY_MS)})`;
  if (interval === "1d") return sql`toInt64(${day})`;
  if (interval === "1w") return sql`toInt64(intDiv(${day} + 3, 7))`;
  const date = sql`toDate(toUInt16(${day}))`;
  return sql`toInt64(toYear(${date}) * 12 + toMonth(${date}) - 1)`;
}

function offsetSql(pieces: BucketRule["pieces"], at: Sql<"free">): Sql<"free"> {
  const [first, ...rest] = pieces;
  return rest.reduce(
    (before, { from, offset }) => sql`if(${at} >= ${param("Int64", from)}, ${param("Int64", offset)}, ${before})`,
    sql`${param("Int64", first?.offset ?? 0)}`,
  );
}
