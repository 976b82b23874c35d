/**
 * GET and PATCH /api/v1/settings: the tenant's configuration, for its admins. Plan and quotas are the operator's to change
 * (`npm run tenant -- set`); residency nobody's.
 */
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Principal } from "../../../schema/access.ts";
import {
  FEATURE_NAMES,
  FeatureOverridesSchema,
  SettingsAnswerSchema,
  SettingsChangeSchema,
  type SettingsPatch,
  SettingsPatchSchema,
  type TenantConfig,
} from "../../../schema/api/settings.ts";
import { orgs } from "../../../schema/d1/config.ts";
import { PublicError } from "../../../schema/errors.ts";
import { homeJurisdiction } from "../../shared/access-token.ts";
import { changeWithRecord } from "../../shared/change-records.ts";
import type { Env } from "../../shared/env.ts";
import {
  type ConfigRef,
  forgetTenantConfig,
  type OrgRow,
  readOrg,
  tenantConfigOf,
} from "../../shared/tenant-config.ts";
import { databaseOf, endStreams, recordOf } from "../configuration.ts";
import { defineRoute } from "../route.ts";

export const settingsRoute = defineRoute({
  method: "get",
  path: "/api/v1/settings",
  permission: "settings:read",
  scope: "org",
  reads: "configuration",
  summary: "The organisation's configuration: residency, quotas, features, billing",
  tags: ["settings"],
  answer: SettingsAnswerSchema,
  handler: async ({ c, principal }) => tenantConfigOf(await orgOf(c.env, principal)),
});

export const changeSettingsRoute = defineRoute({
  method: "patch",
  path: "/api/v1/settings",
  permission: "settings:write",
  scope: "org",
  reads: "configuration",
  summary: "Change the organisation's name, features, billing address",
  description: "Quotas and plan are agreed with the operator. Residency cannot change: the refusal says how to move.",
  tags: ["settings"],
  body: SettingsPatchSchema,
  answer: SettingsChangeSchema,
  handler: async ({ c, principal, body, now }) => {
    const row = await orgOf(c.env, principal);
    const changed = applyPatch(row, body, now);
    const before = tenantConfigOf(row);
    const after = tenantConfigOf(changed);
    const { name, featureChoices, billingEmail, updatedAt } = changed;
    const database = databaseOf(c.env, principal);
    const applied = await changeWithRecord(
      database,
      drizzle(database)
        .update(orgs)
        .set({ name, featureChoices, billingEmail, updatedAt })
        .where(and(eq(orgs.orgId, row.orgId), eq(orgs.updatedAt, row.updatedAt))),
      recordOf(c, principal, now, { action: "settings.update", target: row.orgId, before, after }),
    );
    if (!applied) throw new PublicError("conflict", "somebody else changed the settings at the same time; look again");
    forgetTenantConfig(c.env, refOf(principal));
    if (before.features.real_time_enabled && !after.features.real_time_enabled) {
      await endStreams(c.env, principal, "everyone");
    }
    return { before, after };
  },
});

const refOf = (principal: Principal): ConfigRef => ({
  orgId: principal.org_id,
  home: homeJurisdiction(principal),
});

async function orgOf(env: Env, principal: Principal): Promise<OrgRow> {
  const row = await readOrg(env, refOf(principal));
  if (row === undefined) throw new PublicError("forbidden", "you are not a member of this organisation");
  return row;
}

/** The row after the patch. Throws PublicError for what admins cannot have. */
function applyPatch(row: OrgRow, patch: SettingsPatch, now: number): OrgRow {
  if (patch.data_residency !== undefined && patch.data_residency !== row.residency) {
    throw new PublicError("conflict", MOVE);
  }
  const chosen = patch.features ?? {};
  refuseUngranted(tenantConfigOf(row), chosen);
  const choices = FeatureOverridesSchema.parse(JSON.parse(row.featureChoices));
  return {
    ...row,
    name: patch.name ?? row.name,
    billingEmail: patch.billing_email === undefined ? row.billingEmail : patch.billing_email,
    featureChoices: JSON.stringify({ ...choices, ...chosen }),
    // Strictly later, so that two changes within a millisecond do not pass for one.
    updatedAt: new Date(Math.max(now, row.updatedAt.getTime() + 1)),
  };
}

const MOVE =
  "residency is decided when an organisation is created and cannot change: ask the operator for an organisation in the other " +
  "residency, create its keys and move the agents to them; then export this one's data, and have this one erased";

function refuseUngranted(config: TenantConfig, chosen: SettingsPatch["features"]): void {
  const missing = FEATURE_NAMES.filter((name) => chosen?.[name] === true && !config.granted_features[name]);
  if (missing.length === 0) return;
  throw new PublicError("forbidden", `the ${config.billing.plan} plan does not have ${missing.join(", ")}`);
}
