/** Statements over dashboards in the configuration database, here because no query of the API names a table. Called by workers/api. */
import { and, asc, count, eq, gt, inArray } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { customMetrics, dashboards } from "../../schema/d1/config.ts";
import type { PlainStatement } from "./change-records.ts";

export type DashboardRow = typeof dashboards.$inferSelect;

/** `owner_id` of dashboards that everyone in the organisation sees. */
export const SHARED = "";

/** Whose dashboards: a person of an organisation sees their own and the shared ones, never another's. */
export interface Viewer {
  orgId: string;
  userId: string;
}

const seenBy = ({ orgId, userId }: Viewer) =>
  and(eq(dashboards.orgId, orgId), inArray(dashboards.ownerId, [SHARED, userId]));

/** At most `limit` dashboards after an id, in the order of ids. */
export async function listDashboards(database: D1Database, viewer: Viewer, after: string, limit: number) {
  return await drizzle(database)
    .select()
    .from(dashboards)
    .where(and(seenBy(viewer), gt(dashboards.dashboardId, after)))
    .orderBy(asc(dashboards.dashboardId))
    .limit(limit);
}

export async function findDashboard(
  database: D1Database,
  viewer: Viewer,
  id: string,
): Promise<DashboardRow | undefined> {
  const [row] = await drizzle(database)
    .select()
    .from(dashboards)
    .where(and(seenBy(viewer), eq(dashboards.dashboardId, id)))
    .limit(1);
  return row;
}

/** How many dashboards an owner has. */
export async function countDashboards(database: D1Database, orgId: string, ownerId: string): Promise<number> {
  const [row] = await drizzle(database)
    .select({ dashboards: count() })
    .from(dashboards)
    .where(and(eq(dashboards.orgId, orgId), eq(dashboards.ownerId, ownerId)));
  return row?.dashboards ?? 0;
}

/** Those of these ids that are saved metrics of the organisation. */
export async function knownMetrics(
  database: D1Database,
  orgId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await drizzle(database)
    .select({ id: customMetrics.metricId })
    .from(customMetrics)
    .where(and(eq(customMetrics.orgId, orgId), inArray(customMetrics.metricId, [...ids])));
  return new Set(rows.map(({ id }) => id));
}

/** How many the owner of the statement has. */
const HELD = "(SELECT count(*) FROM dashboards WHERE org_id = ?1 AND owner_id = ?3)";

/** Nothing happens when the owner has one of this name, or `most` already. */
export function insertDashboard(row: DashboardRow, most: number): PlainStatement {
  return {
    sql: `INSERT OR IGNORE INTO dashboards
  (org_id, dashboard_id, owner_id, name, items, version, created_by, created_at, updated_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
WHERE ${HELD} < ?10`,
    params: [
      row.orgId,
      row.dashboardId,
      row.ownerId,
      row.name,
      row.items,
      row.version,
      row.createdBy,
      row.createdAt.getTime(),
      row.updatedAt.getTime(),
      most,
    ],
  };
}

/** Nothing happens when the row is not at the version before, the name is taken, or a new owner has `most` already. */
export function updateDashboard(row: DashboardRow, most: number): PlainStatement {
  return {
    sql: `UPDATE OR IGNORE dashboards SET owner_id = ?3, name = ?4, items = ?5, version = ?6, updated_at = ?7
WHERE org_id = ?1 AND dashboard_id = ?2 AND version = ?6 - 1
  AND (owner_id = ?3 OR ${HELD} < ?8)`,
    params: [row.orgId, row.dashboardId, row.ownerId, row.name, row.items, row.version, row.updatedAt.getTime(), most],
  };
}

/** Nothing happens when it has another owner by now: whoever may remove the one may not remove the other. */
export function removeDashboard({ orgId, dashboardId, ownerId }: DashboardRow): PlainStatement {
  return {
    sql: "DELETE FROM dashboards WHERE org_id = ?1 AND dashboard_id = ?2 AND owner_id = ?3",
    params: [orgId, dashboardId, ownerId],
  };
}
