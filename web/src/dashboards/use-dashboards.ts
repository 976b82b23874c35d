/** Dashboards of the API: reading and changing them, and who may. Used by the dashboard pages, Explore's pin dialog and the command palette. */
import type { z } from "zod";
import {
  type Dashboard,
  DashboardChangeSchema,
  type DashboardCreateSchema,
  type DashboardPatchSchema,
  DashboardSchema,
  DashboardsAnswerSchema,
  MAX_OWN_DASHBOARDS,
  MAX_SHARED_DASHBOARDS,
} from "../../../schema/api/dashboards.ts";
import { pathWith, useApi, useChange } from "../api/query.ts";
import { useMe } from "../app/me-context.ts";
import { may } from "../settings/access.ts";

const PATH = "/api/v1/dashboards";
const pathOf = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;

/** All that one sees: there are no more than one page. */
export function useDashboards() {
  const limit = MAX_OWN_DASHBOARDS + MAX_SHARED_DASHBOARDS;
  return useApi(PATH, { org: useMe().org_id, limit }, DashboardsAnswerSchema);
}

export function useDashboard(id: string) {
  return useApi(pathOf(id), { org: useMe().org_id }, DashboardSchema);
}

/** Whether one may change a dashboard: one's own, and shared ones with the permission for them. */
export function useMayChange(): (dashboard: Pick<Dashboard, "shared">) => boolean {
  const me = useMe();
  return ({ shared }) => may(me, "dashboards:write", shared ? "org" : "own");
}

export type NewDashboard = z.input<typeof DashboardCreateSchema>;

export function useCreateDashboard() {
  const org = useMe().org_id;
  return useChange(
    (body: NewDashboard) => ({ method: "POST", path: pathWith(PATH, { org }), schema: DashboardChangeSchema, body }),
    [PATH],
  );
}

export type DashboardPatch = z.input<typeof DashboardPatchSchema>;

export function useChangeDashboard() {
  const org = useMe().org_id;
  return useChange(
    ({ id, ...body }: DashboardPatch & { id: string }) => ({
      method: "PATCH",
      path: pathWith(pathOf(id), { org }),
      schema: DashboardChangeSchema,
      body,
    }),
    [PATH],
  );
}

export function useRemoveDashboard({ dashboard_id }: Pick<Dashboard, "dashboard_id">) {
  const org = useMe().org_id;
  return useChange(
    (_: null) => ({ method: "DELETE", path: pathWith(pathOf(dashboard_id), { org }), schema: DashboardChangeSchema }),
    // Its own address is gone; asking for it again would only fail.
    [`${PATH}?`],
  );
}
