/**
 * /api/v1/dashboards: saved metrics as tiles on a grid. Everyone keeps dashboards of their own and sees the shared ones; who may write
 * saved metrics may write shared dashboards. Another person's own does not exist for anyone else, admins included. A dashboard holds
 * no figures: whoever opens it asks its metrics over the rows that they may see.
 */
import type { Scope } from "../../../schema/access.ts";
import {
  type Dashboard,
  DashboardChangeSchema,
  DashboardCreateSchema,
  DashboardParamsSchema,
  DashboardPatchSchema,
  DashboardSchema,
  DashboardsAnswerSchema,
  DashboardsQuerySchema,
  MAX_OWN_DASHBOARDS,
  MAX_SHARED_DASHBOARDS,
  MAX_TILES,
  type Tile,
  TilesSchema,
} from "../../../schema/api/dashboards.ts";
import { PublicError } from "../../../schema/errors.ts";
import { covers } from "../../shared/authorize.ts";
import { changeWithRecord } from "../../shared/change-records.ts";
import {
  countDashboards,
  type DashboardRow,
  findDashboard,
  insertDashboard,
  knownMetrics,
  listDashboards,
  removeDashboard,
  SHARED,
  updateDashboard,
  type Viewer,
} from "../../shared/dashboard-statements.ts";
import { databaseOf, noSuch, recordOf } from "../configuration.ts";
import { type Asking, requireCustomMetrics } from "../custom-metrics-feature.ts";
import { pageOf, startOf } from "../id-pages.ts";
import { defineRoute } from "../route.ts";

const viewerOf = ({ principal }: Asking): Viewer => ({ orgId: principal.org_id, userId: principal.user_id });
const mostOf = (ownerId: string): number => (ownerId === SHARED ? MAX_SHARED_DASHBOARDS : MAX_OWN_DASHBOARDS);

/** A stored dashboard as people see it. */
function dashboardOf(row: DashboardRow): Dashboard {
  return {
    dashboard_id: row.dashboardId,
    name: row.name,
    shared: row.ownerId === SHARED,
    items: TilesSchema.parse(JSON.parse(row.items)),
    version: row.version,
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

async function dashboard(asking: Asking, id: string): Promise<DashboardRow> {
  const row = await findDashboard(databaseOf(asking.c.env, asking.principal), viewerOf(asking), id);
  if (row === undefined) throw noSuch("dashboard");
  return row;
}

/** Throws PublicError `forbidden` for a shared dashboard where the permission reaches one's own only. */
function mayWrite(ownerId: string, reach: Scope): void {
  if (ownerId === SHARED && !covers(reach, "org")) {
    throw new PublicError("forbidden", "managers and admins change shared dashboards; make one of your own");
  }
}

/** Throws PublicError `invalid_request` for a tile that is not among `kept` and whose metric the organisation does not have. */
async function requireMetrics(asking: Asking, tiles: readonly Tile[], kept: readonly Tile[]): Promise<void> {
  const before = new Set(kept.map(({ metric_id }) => metric_id));
  const added = tiles.map(({ metric_id }) => metric_id).filter((id) => !before.has(id));
  const known = await knownMetrics(databaseOf(asking.c.env, asking.principal), asking.principal.org_id, added);
  const details = tiles.flatMap(({ metric_id }, index) =>
    before.has(metric_id) || known.has(metric_id)
      ? []
      : [{ path: `items.${index}.metric_id`, message: "there is no such custom metric" }],
  );
  if (details.length > 0) throw new PublicError("invalid_request", "a tile has no metric", { details });
}

/** Why a statement that should have written did not. */
async function refusal(asking: Asking, ownerId: string): Promise<PublicError> {
  const held = await countDashboards(databaseOf(asking.c.env, asking.principal), asking.principal.org_id, ownerId);
  if (held < mostOf(ownerId)) return new PublicError("conflict", "there is a dashboard with this name");
  return new PublicError(
    "conflict",
    ownerId === SHARED
      ? `an organisation has at most ${MAX_SHARED_DASHBOARDS} shared dashboards`
      : `a person has at most ${MAX_OWN_DASHBOARDS} dashboards of their own`,
  );
}

export const dashboardsRoute = defineRoute({
  method: "get",
  path: "/api/v1/dashboards",
  permission: "metrics:read",
  reads: "configuration",
  summary: "Your own dashboards and the shared ones",
  tags: ["dashboards"],
  query: DashboardsQuerySchema,
  answer: DashboardsAnswerSchema,
  handler: async ({ query, ...asking }) => {
    await requireCustomMetrics(asking);
    const database = databaseOf(asking.c.env, asking.principal);
    const rows = await listDashboards(database, viewerOf(asking), startOf(query.cursor), query.limit + 1);
    const { page, next_cursor } = pageOf(rows, query.limit, (row) => row.dashboardId);
    return { dashboards: page.map(dashboardOf), next_cursor };
  },
});

export const dashboardRoute = defineRoute({
  method: "get",
  path: "/api/v1/dashboards/:id",
  permission: "metrics:read",
  reads: "configuration",
  summary: "One dashboard",
  tags: ["dashboards"],
  params: DashboardParamsSchema,
  answer: DashboardSchema,
  handler: async ({ params, ...asking }) => {
    await requireCustomMetrics(asking);
    return dashboardOf(await dashboard(asking, params.id));
  },
});

export const createDashboardRoute = defineRoute({
  method: "post",
  path: "/api/v1/dashboards",
  permission: "dashboards:write",
  reads: "configuration",
  summary: "Make a dashboard",
  description: `At most ${MAX_OWN_DASHBOARDS} of a person's own, ${MAX_SHARED_DASHBOARDS} shared ones an organisation, ${MAX_TILES} tiles each. Shared ones are made by managers and admins.`,
  tags: ["dashboards"],
  body: DashboardCreateSchema,
  answer: DashboardChangeSchema,
  handler: async ({ body, now, reach, ...asking }) => {
    await requireCustomMetrics(asking);
    const { c, principal } = asking;
    const ownerId = body.shared ? SHARED : principal.user_id;
    mayWrite(ownerId, reach);
    await requireMetrics(asking, body.items, []);
    const row: DashboardRow = {
      orgId: principal.org_id,
      dashboardId: crypto.randomUUID(),
      ownerId,
      name: body.name,
      items: JSON.stringify(body.items),
      version: 1,
      createdBy: principal.user_id,
      createdAt: new Date(now),
      updatedAt: new Date(now),
    };
    const after = dashboardOf(row);
    const made = await changeWithRecord(
      databaseOf(c.env, principal),
      insertDashboard(row, mostOf(ownerId)),
      recordOf(c, principal, now, { action: "dashboard.create", target: row.dashboardId, before: null, after }),
    );
    if (!made) throw await refusal(asking, ownerId);
    return { before: null, after };
  },
});

export const changeDashboardRoute = defineRoute({
  method: "patch",
  path: "/api/v1/dashboards/:id",
  permission: "dashboards:write",
  reads: "configuration",
  summary: "Change a dashboard",
  description:
    "Name the `version` that you saw: when somebody changed it since, the answer is 409 and nothing is overwritten.",
  tags: ["dashboards"],
  params: DashboardParamsSchema,
  body: DashboardPatchSchema,
  answer: DashboardChangeSchema,
  handler: async ({ params, body, now, reach, ...asking }) => {
    await requireCustomMetrics(asking);
    const { c, principal } = asking;
    const row = await dashboard(asking, params.id);
    mayWrite(row.ownerId, reach);
    const shared = body.shared ?? row.ownerId === SHARED;
    const ownerId = shared ? SHARED : principal.user_id;
    mayWrite(ownerId, reach);
    const before = dashboardOf(row);
    if (row.version !== body.version) throw stale(row.version, body.version);
    await requireMetrics(asking, body.items ?? [], before.items);
    const changed: DashboardRow = {
      ...row,
      ownerId,
      name: body.name ?? row.name,
      items: JSON.stringify(body.items ?? before.items),
      version: row.version + 1,
      updatedAt: new Date(now),
    };
    const after = dashboardOf(changed);
    const applied = await changeWithRecord(
      databaseOf(c.env, principal),
      updateDashboard(changed, mostOf(ownerId)),
      recordOf(c, principal, now, { action: "dashboard.update", target: row.dashboardId, before, after }),
    );
    if (applied) return { before, after };
    const { version } = await dashboard(asking, params.id);
    throw version === row.version ? await refusal(asking, ownerId) : stale(version, body.version);
  },
});

export const removeDashboardRoute = defineRoute({
  method: "delete",
  path: "/api/v1/dashboards/:id",
  permission: "dashboards:write",
  reads: "configuration",
  summary: "Remove a dashboard; its metrics stay",
  tags: ["dashboards"],
  params: DashboardParamsSchema,
  answer: DashboardChangeSchema,
  handler: async ({ params, now, reach, ...asking }) => {
    await requireCustomMetrics(asking);
    const { c, principal } = asking;
    const row = await dashboard(asking, params.id);
    mayWrite(row.ownerId, reach);
    const before = dashboardOf(row);
    const removed = await changeWithRecord(
      databaseOf(c.env, principal),
      removeDashboard(row),
      recordOf(c, principal, now, { action: "dashboard.remove", target: row.dashboardId, before, after: null }),
    );
    if (!removed) throw noSuch("dashboard");
    return { before, after: null };
  },
});

function stale(version: number, seen: number): PublicError {
  return new PublicError(
    "conflict",
    `somebody changed this dashboard meanwhile: it is at version ${version}, you saw ${seen}; look again`,
  );
}
