/**
 * Tenants as the operator handles them: create, list, show, change, suspend. Every change leaves a record with actor `operator`.
 * Called by workers/operator. Residency is decided here once, and nothing here changes it.
 */
import { and, asc, count, eq, gt, inArray } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { FEATURE_NAMES, FeatureOverridesSchema, QUOTA_NAMES, QuotaOverridesSchema } from "../../schema/api/settings.ts";
import { memberships, orgs, users } from "../../schema/d1/config.ts";
import { orgRoutes } from "../../schema/d1/routing.ts";
import { PublicError } from "../../schema/errors.ts";
import type { Tenant, TenantCreate, TenantCreated, TenantPatch } from "../../schema/operator-tenants.ts";
import { STORAGE_REGIONS, type StorageRegion } from "../../schema/pack.ts";
import { changeWithRecord } from "./change-records.ts";
import { configDatabase } from "./config-database.ts";
import { normalizeEmail } from "./directory.ts";
import { type Env, readConfig } from "./env.ts";
import { createKey, type KeyActor, keyJurisdiction } from "./ingest-keys.ts";
import { hashPassword } from "./password.ts";
import { forgetTenantConfig, type OrgRow, tenantConfigOf } from "./tenant-config.ts";

/** 24 characters of base64url: 144 bits. */
const PASSWORD_BYTES = 18;

/** Makes a tenant with its keys and, when asked, its first admin. Throws PublicError `conflict` when id or slug is taken. */
export async function createTenant(env: Env, wanted: TenantCreate, by: KeyActor): Promise<TenantCreated> {
  const home: StorageRegion = wanted.residency === "eu" ? "eu" : "us";
  const config = configDatabase(env, home);
  const at = new Date(by.at);
  const row: OrgRow = {
    orgId: wanted.org_id ?? `org_${wanted.slug.replaceAll("-", "_")}`,
    name: wanted.name,
    slug: wanted.slug,
    residency: wanted.residency,
    primaryRegion: wanted.residency === "global" ? (wanted.primary_region ?? "us") : wanted.residency,
    suspendedAt: null,
    queueShards: 1,
    bufferShards: 1,
    plan: wanted.plan,
    quotas: "{}",
    featureGrants: "{}",
    featureChoices: "{}",
    billingEmail: null,
    stripeCustomerId: null,
    createdAt: at,
    updatedAt: at,
  };
  // The route first: an org id belongs to one jurisdiction, whatever happens after.
  const [route] = await drizzle(env.ROUTING_DB)
    .insert(orgRoutes)
    .values({ orgId: row.orgId, jurisdiction: home })
    .onConflictDoNothing()
    .returning();
  if (route === undefined) throw new PublicError("conflict", "there is a tenant with this id");
  const made = await changeWithRecord(config, drizzle(config).insert(orgs).values(row).onConflictDoNothing(), {
    ...by,
    orgId: row.orgId,
    action: "tenant.create",
    target: row.orgId,
    before: null,
    after: tenantConfigOf(row),
  });
  if (!made) {
    await drizzle(env.ROUTING_DB).delete(orgRoutes).where(eq(orgRoutes.orgId, row.orgId));
    throw new PublicError("conflict", "there is a tenant with this slug");
  }
  const admin = wanted.admin_email === undefined ? null : await firstAdmin(config, row.orgId, wanted.admin_email, at);
  return {
    tenant: tenantOf(row, admin === null ? 0 : 1),
    ingest_keys: await firstKeys(env, config, row, by),
    admin,
  };
}

async function firstKeys(env: Env, config: D1Database, row: OrgRow, by: KeyActor): Promise<string[]> {
  const store = { routing: env.ROUTING_DB, config, orgId: row.orgId };
  const keys: string[] = [];
  for (const region of row.residency === "global" ? STORAGE_REGIONS : [row.primaryRegion]) {
    const made = {
      name: `first key${row.residency === "global" ? ` (${region})` : ""}`,
      keyClass: "header" as const,
      jurisdiction: keyJurisdiction(row.residency, region),
      allowedIps: [],
      allowedOrigins: [],
      expiresAt: null,
    };
    keys.push((await createKey(store, readConfig(env).keyTagSecret, made, by)).key);
  }
  return keys;
}

async function firstAdmin(
  config: D1Database,
  orgId: string,
  address: string,
  at: Date,
): Promise<TenantCreated["admin"]> {
  const email = normalizeEmail(address);
  const db = drizzle(config);
  const password = Buffer.from(crypto.getRandomValues(new Uint8Array(PASSWORD_BYTES))).toString("base64url");
  const [made] = await db
    .insert(users)
    .values({
      userId: `usr_${crypto.randomUUID().replaceAll("-", "")}`,
      email,
      name: email.split("@")[0] ?? email,
      passwordHash: await hashPassword(password),
      createdAt: at,
    })
    .onConflictDoNothing({ target: users.email })
    .returning({ userId: users.userId });
  const [person] = await db.select({ userId: users.userId }).from(users).where(eq(users.email, email)).limit(1);
  if (person === undefined) throw new PublicError("unavailable", "the admin could not be added, please retry");
  await db.insert(memberships).values({ orgId, userId: person.userId, role: "admin", teamId: null });
  return { user_id: person.userId, email, password: made === undefined ? null : password };
}

/** A tenant's row and where it is. Throws PublicError `not_found`. */
export async function findTenant(env: Env, orgId: string): Promise<{ row: OrgRow; home: StorageRegion }> {
  const [route] = await drizzle(env.ROUTING_DB).select().from(orgRoutes).where(eq(orgRoutes.orgId, orgId)).limit(1);
  const home = route?.jurisdiction ?? "us";
  const [row] =
    route === undefined
      ? []
      : await drizzle(configDatabase(env, home)).select().from(orgs).where(eq(orgs.orgId, orgId)).limit(1);
  if (row === undefined) throw new PublicError("not_found", "there is no such tenant");
  return { row, home };
}

/** A tenant as the operator sees it. */
export async function showTenant(env: Env, orgId: string): Promise<Tenant> {
  const { row, home } = await findTenant(env, orgId);
  return tenantOf(row, (await seats(configDatabase(env, home), [orgId])).get(orgId) ?? 0);
}

/** At most `limit` tenants after an org id, of every jurisdiction, in the order of their ids. */
export async function listTenants(env: Env, after: string, limit: number): Promise<Tenant[]> {
  const routes = await drizzle(env.ROUTING_DB)
    .select()
    .from(orgRoutes)
    .where(gt(orgRoutes.orgId, after))
    .orderBy(asc(orgRoutes.orgId))
    .limit(limit);
  const tenants: Tenant[] = [];
  for (const home of STORAGE_REGIONS) {
    const ids = routes.filter((route) => route.jurisdiction === home).map((route) => route.orgId);
    if (ids.length === 0) continue;
    const config = configDatabase(env, home);
    const taken = await seats(config, ids);
    const rows = await drizzle(config).select().from(orgs).where(inArray(orgs.orgId, ids));
    tenants.push(...rows.map((row) => tenantOf(row, taken.get(row.orgId) ?? 0)));
  }
  return tenants.sort((a, b) => (a.org_id < b.org_id ? -1 : 1));
}

async function seats(config: D1Database, orgIds: string[]): Promise<Map<string, number>> {
  const rows = await drizzle(config)
    .select({ orgId: memberships.orgId, seats: count() })
    .from(memberships)
    .where(inArray(memberships.orgId, orgIds))
    .groupBy(memberships.orgId);
  return new Map(rows.map((row) => [row.orgId, row.seats]));
}

function tenantOf(row: OrgRow, seatsTaken: number): Tenant {
  const { queueShards: queue_shards, bufferShards: buffer_shards } = row;
  return { ...tenantConfigOf(row), queue_shards, buffer_shards, seats_taken: seatsTaken };
}

/** Changes what only the operator may change. Throws PublicError `not_found` or `conflict` (somebody else was faster). */
export async function changeTenant(
  env: Env,
  orgId: string,
  patch: TenantPatch,
  by: KeyActor,
): Promise<{ before: Tenant; after: Tenant }> {
  return await update(env, orgId, "tenant.update", by, (row) => ({
    ...row,
    name: patch.name ?? row.name,
    plan: patch.plan ?? row.plan,
    billingEmail: patch.billing_email === undefined ? row.billingEmail : patch.billing_email,
    stripeCustomerId: patch.stripe_customer_id === undefined ? row.stripeCustomerId : patch.stripe_customer_id,
    queueShards: patch.queue_shards ?? row.queueShards,
    bufferShards: patch.buffer_shards ?? row.bufferShards,
    quotas: JSON.stringify(QuotaOverridesSchema.parse(overridden(JSON.parse(row.quotas), patch, QUOTA_NAMES))),
    featureGrants: JSON.stringify(
      FeatureOverridesSchema.parse(overridden(JSON.parse(row.featureGrants), patch, FEATURE_NAMES)),
    ),
  }));
}

/** Suspends (agents and people are refused within 60 s) or resumes. Doing it twice changes nothing. */
export async function suspendTenant(env: Env, orgId: string, suspended: boolean, by: KeyActor) {
  return await update(env, orgId, suspended ? "tenant.suspend" : "tenant.resume", by, (row) => ({
    ...row,
    suspendedAt: suspended ? (row.suspendedAt ?? new Date(by.at)) : null,
  }));
}

async function update(
  env: Env,
  orgId: string,
  action: string,
  by: KeyActor,
  change: (row: OrgRow) => OrgRow,
): Promise<{ before: Tenant; after: Tenant; row: OrgRow }> {
  const { row, home } = await findTenant(env, orgId);
  // Strictly later, so that two changes within a millisecond do not pass for one.
  const changed = { ...change(row), updatedAt: new Date(Math.max(by.at, row.updatedAt.getTime() + 1)) };
  const config = configDatabase(env, home);
  const taken = (await seats(config, [orgId])).get(orgId) ?? 0;
  const before = tenantOf(row, taken);
  const after = tenantOf(changed, taken);
  const applied = await changeWithRecord(
    config,
    drizzle(config)
      .update(orgs)
      .set(changed)
      .where(and(eq(orgs.orgId, orgId), eq(orgs.updatedAt, row.updatedAt))),
    { ...by, orgId, action, target: orgId, before, after },
  );
  if (!applied) throw new PublicError("conflict", "somebody else changed the tenant at the same time; look again");
  forgetTenantConfig(env, { orgId, home });
  return { before, after, row: changed };
}

/** The stored overrides with those of the patch; `default` takes one away. */
function overridden(
  stored: unknown,
  patch: Record<string, unknown>,
  names: readonly string[],
): Record<string, unknown> {
  const overrides = new Map(Object.entries(typeof stored === "object" && stored !== null ? stored : {}));
  for (const name of names) {
    if (patch[name] === "default") overrides.delete(name);
    else if (patch[name] !== undefined) overrides.set(name, patch[name]);
  }
  return Object.fromEntries(overrides);
}
