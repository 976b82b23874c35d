/**
 * Marks of tenants whose live object misses events: objects in R2, `live-stale/<org>/<time>-<id>`, in the bucket of the
 * tenant's residency. Written by queues/live-apply.ts and, for EU tenants, by EventBuffer; read and deleted by
 * queues/live-stale.ts for the rebuild. The format only; who marks when is theirs.
 */
import { type Residency, ResidencySchema, type StorageRegion, StorageRegionSchema } from "../../schema/pack.ts";

export const STALE_PREFIX = "live-stale/";

/** The tenant of a mark; `jurisdiction` is where its live object lives. */
export interface StaleMark {
  orgId: string;
  jurisdiction: StorageRegion;
  residency: Residency;
}

/** Writes a mark; every call makes another, so that none made during a rebuild is deleted with those before it. */
export async function putStaleMark(bucket: Pick<R2Bucket, "put">, mark: StaleMark, now: number): Promise<void> {
  const org = encodeURIComponent(mark.orgId);
  const customMetadata = { org_id: org, jurisdiction: mark.jurisdiction, residency: mark.residency };
  await bucket.put(`${STALE_PREFIX}${org}/${now}-${crypto.randomUUID()}`, "", { customMetadata });
}

/** The mark that an object's metadata says; undefined when it is none. */
export function readStaleMark(metadata: Record<string, string> | undefined): StaleMark | undefined {
  const residency = ResidencySchema.safeParse(metadata?.residency);
  const jurisdiction = StorageRegionSchema.safeParse(metadata?.jurisdiction);
  const orgId = decodeURIComponent(metadata?.org_id ?? "");
  if (!residency.success || !jurisdiction.success || orgId === "") return undefined;
  return { orgId, jurisdiction: jurisdiction.data, residency: residency.data };
}
