/**
 * A tenant's configuration out of its row, with the plan's defaults, and a copy of it per isolate for checks on every request.
 * Called by the tenant record (ingest), the realtime app, the settings routes and the operator app. Changes nothing.
 */
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import {
  FEATURE_NAMES,
  FeatureOverridesSchema,
  type Features,
  PLAN_DEFAULTS,
  QuotaOverridesSchema,
  type TenantConfig,
} from "../../schema/api/settings.ts";
import { orgs } from "../../schema/d1/config.ts";
import { PublicError } from "../../schema/errors.ts";
import { TENANT_MAX_AGE_MS, TENANT_STALE_MS } from "../../schema/limits.ts";
import type { StorageRegion } from "../../schema/pack.ts";
import { configDatabase } from "./config-database.ts";
import type { Env } from "./env.ts";
import { errorText, log } from "./log.ts";
import { SingleFlight, type Waiter } from "./single-flight.ts";

export type { TenantConfig };
export type OrgRow = typeof orgs.$inferSelect;

/** The configuration in a row. Throws when a stored override is not what the schema says: never a silent default. */
export function tenantConfigOf(row: OrgRow): TenantConfig {
  const plan = PLAN_DEFAULTS[row.plan];
  const granted: Features = { ...plan.features, ...FeatureOverridesSchema.parse(JSON.parse(row.featureGrants)) };
  const chosen = FeatureOverridesSchema.parse(JSON.parse(row.featureChoices));
  return {
    org_id: row.orgId,
    name: row.name,
    slug: row.slug,
    data_residency: row.residency,
    primary_region: row.primaryRegion,
    suspended: row.suspendedAt !== null,
    quotas: { ...plan.quotas, ...QuotaOverridesSchema.parse(JSON.parse(row.quotas)) },
    features: featuresOn(granted, chosen),
    granted_features: granted,
    billing: { plan: row.plan, billing_email: row.billingEmail, stripe_customer_id: row.stripeCustomerId },
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** On is what is granted and not switched off. */
function featuresOn(granted: Features, chosen: Partial<Features>): Features {
  const on = { ...granted };
  for (const name of FEATURE_NAMES) on[name] = granted[name] && chosen[name] !== false;
  return on;
}

/** Which org, and the jurisdiction whose configuration database has it (home, not the live object's region). */
export interface ConfigRef {
  orgId: string;
  home: StorageRegion;
}

/** The row of an org, read now; undefined when there is none. */
export async function readOrg(env: Env, { orgId, home }: ConfigRef): Promise<OrgRow | undefined> {
  const [row] = await drizzle(configDatabase(env, home)).select().from(orgs).where(eq(orgs.orgId, orgId)).limit(1);
  return row;
}

interface Remembered {
  config: TenantConfig;
  readAt: number;
}
interface Copies {
  known: Map<string, Remembered>;
  flights: SingleFlight<TenantConfig>;
}

/** Configurations remembered per isolate. */
const MAX_COPIES = 2_000;
const copies = new WeakMap<object, Copies>();

/**
 * The configuration, at most 60 s old (15 min while the database fails). Throws PublicError: `unavailable` when nobody knows,
 * `forbidden` when there is no such org.
 */
export async function tenantConfig(
  env: Env,
  ref: ConfigRef,
  waiter: Waiter,
  now: number = Date.now(),
): Promise<TenantConfig> {
  const mine = copies.get(env) ?? { known: new Map(), flights: new SingleFlight() };
  copies.set(env, mine);
  const key = `${ref.home} ${ref.orgId}`;
  const found = mine.known.get(key);
  if (found !== undefined && now - found.readAt < TENANT_MAX_AGE_MS) return found.config;
  try {
    return await mine.flights.run(key, waiter, async () => {
      const row = await readOrg(env, ref);
      if (row === undefined) throw new PublicError("forbidden", "you are not a member of this organisation");
      const config = tenantConfigOf(row);
      if (mine.known.size >= MAX_COPIES) mine.known.clear();
      mine.known.set(key, { config, readAt: now });
      return config;
    });
  } catch (cause) {
    if (cause instanceof PublicError) throw cause;
    log.warn("tenant_config_failed", { org_id: ref.orgId, cause: errorText(cause) });
    if (found !== undefined && now - found.readAt < TENANT_STALE_MS) return found.config;
    throw new PublicError("unavailable", "the configuration cannot be read, please retry", { retryAfter: 1, cause });
  }
}

/** Forgets this isolate's copy after a change; others follow within 60 s. */
export function forgetTenantConfig(env: Env, { orgId, home }: ConfigRef): void {
  copies.get(env)?.known.delete(`${home} ${orgId}`);
}
