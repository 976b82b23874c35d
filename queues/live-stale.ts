/**
 * Stale tenants: where an org's live object is, marks of the batch consumer, and the marks that a rebuild acts on. Used by
 * live-apply.ts (writes) and live-rebuild.ts (reads, deletes); what a mark looks like is workers/shared/live-stale.ts.
 *
 * A pack without an apply is acked only after a mark at most 15 s older than it, and its insert takes at most 30 s. So a
 * rebuild that starts 60 s after a mark sees every row the mark stands for; and it deletes only the marks it started from,
 * so one that is made meanwhile is not lost.
 */

import type { TenantRef } from "../durable-objects/tenant-namespace.ts";
import { SECOND_MS } from "../schema/limits.ts";
import { type PackHeader, type Residency, StorageRegionSchema } from "../schema/pack.ts";
import type { Env } from "../workers/shared/env.ts";
import { putStaleMark, readStaleMark, STALE_PREFIX } from "../workers/shared/live-stale.ts";
import { bucketOf } from "../workers/shared/stored-packs.ts";
import { configDatabase } from "../workers/shared/tenants.ts";

/** A mark this old is acted on. */
export const MARK_SETTLES_MS = 60 * SECOND_MS;
/** Marks read by one run. */
const MAX_MARKS = 500;

export interface StaleTenant {
  tenant: TenantRef;
  residency: Residency;
  /** Forgets the marks that were there when it was listed. */
  clear(): Promise<void>;
}

/** Where the live object of a pack's org is. Rejects when D1 does, or knows no such org (global tenants only). */
export async function liveHome(env: Env, header: Pick<PackHeader, "org_id" | "residency">): Promise<TenantRef> {
  const orgId = header.org_id;
  if (header.residency !== "global") return { orgId, jurisdiction: header.residency };
  const region: unknown = await configDatabase(env, "us")
    .prepare("SELECT primary_region FROM orgs WHERE org_id = ?")
    .bind(orgId)
    .first("primary_region");
  return { orgId, jurisdiction: StorageRegionSchema.parse(region) };
}

export async function markStale(env: Env, tenant: TenantRef, residency: Residency, now: number): Promise<void> {
  const bucket = bucketOf(env, { region: tenant.jurisdiction, residency });
  await putStaleMark(bucket, { ...tenant, residency }, now);
}

/** Tenants with marks that have settled. */
export async function staleTenants(env: Env, now: number): Promise<StaleTenant[]> {
  const stale = new Map<string, StaleTenant & { keys: string[] }>();
  for (const bucket of new Set([env.BUCKET, env.BUCKET_EU])) {
    const { objects } = await bucket.list({ prefix: STALE_PREFIX, limit: MAX_MARKS, include: ["customMetadata"] });
    for (const { key, uploaded, customMetadata } of objects) {
      const mark = readStaleMark(customMetadata);
      if (mark === undefined) continue;
      if (now - uploaded.getTime() < MARK_SETTLES_MS) continue;
      const { orgId, jurisdiction, residency } = mark;
      const known = stale.get(orgId);
      if (known !== undefined) known.keys.push(key);
      else {
        const keys = [key];
        stale.set(orgId, { tenant: { orgId, jurisdiction }, residency, keys, clear: () => bucket.delete(keys) });
      }
    }
  }
  return [...stale.values()];
}
