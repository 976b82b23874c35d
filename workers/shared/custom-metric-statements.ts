/** Statements over saved metrics in the configuration database, here because no query of the API names a table. Called by workers/api. */
import { and, asc, count, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { customMetrics } from "../../schema/d1/config.ts";
import type { PlainStatement } from "./change-records.ts";

export type MetricRow = typeof customMetrics.$inferSelect;

/** At most `limit` metrics after an id, in the order of ids. */
export async function listMetrics(database: D1Database, orgId: string, after: string, limit: number) {
  return await drizzle(database)
    .select()
    .from(customMetrics)
    .where(and(eq(customMetrics.orgId, orgId), gt(customMetrics.metricId, after)))
    .orderBy(asc(customMetrics.metricId))
    .limit(limit);
}

export async function findMetric(database: D1Database, orgId: string, id: string): Promise<MetricRow | undefined> {
  const [row] = await drizzle(database)
    .select()
    .from(customMetrics)
    .where(and(eq(customMetrics.orgId, orgId), eq(customMetrics.metricId, id)))
    .limit(1);
  return row;
}

export async function countMetrics(database: D1Database, orgId: string): Promise<number> {
  const [row] = await drizzle(database)
    .select({ metrics: count() })
    .from(customMetrics)
    .where(eq(customMetrics.orgId, orgId));
  return row?.metrics ?? 0;
}

/** Nothing happens when the name is taken or the organisation has `most` already. */
export function insertMetric(row: MetricRow, most: number): PlainStatement {
  return {
    sql: `INSERT OR IGNORE INTO custom_metrics
  (org_id, metric_id, name, description, query, created_by, created_at, updated_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
WHERE (SELECT count(*) FROM custom_metrics WHERE org_id = ?1) < ?9`,
    params: [
      row.orgId,
      row.metricId,
      row.name,
      row.description,
      row.query,
      row.createdBy,
      row.createdAt.getTime(),
      row.updatedAt.getTime(),
      most,
    ],
  };
}

/** Nothing happens when the name is taken, or the row is not as it was at `seenAt`. */
export function updateMetric(row: MetricRow, seenAt: Date): PlainStatement {
  return {
    sql: `UPDATE OR IGNORE custom_metrics SET name = ?3, description = ?4, query = ?5, updated_at = ?6
WHERE org_id = ?1 AND metric_id = ?2 AND updated_at = ?7`,
    params: [row.orgId, row.metricId, row.name, row.description, row.query, row.updatedAt.getTime(), seenAt.getTime()],
  };
}

export function removeMetric(orgId: string, id: string): PlainStatement {
  return { sql: "DELETE FROM custom_metrics WHERE org_id = ?1 AND metric_id = ?2", params: [orgId, id] };
}
