/**
 * Whose copies of packs lie where: EU organisations by their buffers' ids, everyone else's by region. Called by the cron and
 * the residency route. EU buffers name their copies `<time>-<16 digits of the object's id>-<last pack>`, consumers
 * `<time>-<pack id>` (see workers/shared/stored-packs).
 */

import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { eventBuffer } from "../../durable-objects/tenant-namespace.ts";
import { orgs } from "../../schema/d1/config.ts";
import type { Residency, StorageRegion } from "../../schema/pack.ts";
import type { Env } from "./env.ts";
import { daysToSeal, type ReceiptBucket, type Subject, sealDay } from "./receipts.ts";

const BUFFER_COPY = /^packs\/[\d-]+\/\d{2}\/\d+-([0-9a-f]{16})-\d+$/;
const CONSUMER_COPY = /^packs\/[\d-]+\/\d{2}\/\d+-[^-]+$/;

const PLACES: Record<StorageRegion, string> = { us: "R2 bucket, no jurisdiction", eu: "R2 bucket, jurisdiction eu" };

/** What the queue consumers keep of a region: packs of several tenants in one object. */
function regionSubject(region: StorageRegion): Subject {
  return { name: `region-${region}`, place: PLACES[region], owns: (key) => CONSUMER_COPY.test(key) };
}

/** What an EU organisation's buffers keep. */
function orgSubject(env: Env, orgId: string, shards: number): Subject {
  const buffers = new Set(
    Array.from({ length: Math.max(1, shards) }, (_, shard) => {
      const { id } = eventBuffer(env, { orgId, jurisdiction: "eu" }, shard) as unknown as { id: DurableObjectId };
      return id.toString().slice(0, 16);
    }),
  );
  const owns = (key: string): boolean => buffers.has(BUFFER_COPY.exec(key)?.[1] ?? "");
  return { name: orgId, place: PLACES.eu, owns };
}

/** Where a tenant's receipts are: its own in the EU, else those of the regions that store its events. */
export function receiptsOf(
  env: Env,
  orgId: string,
  residency: Residency,
): { bucket: ReceiptBucket; subject: string }[] {
  if (residency === "eu") return [{ bucket: env.BUCKET_EU, subject: orgId }];
  const us = { bucket: env.BUCKET, subject: "region-us" };
  return residency === "us" ? [us] : [us, { bucket: env.BUCKET_EU, subject: "region-eu" }];
}

/** Once a day, UTC, when the last day's copies have arrived; what is missed is caught up the next day. */
const SEAL_AT = { hour: 3, minute: 7 } as const;

/** True in the one minute of the day in which the cron seals. */
export function isSealTime(now: number): boolean {
  const at = new Date(now);
  return at.getUTCHours() === SEAL_AT.hour && at.getUTCMinutes() === SEAL_AT.minute;
}

/** Seals every day that is over and has no receipts yet; the number of new receipts. Rejects when R2 or D1 does. */
export async function sealReceipts(env: Env, now: number): Promise<number> {
  const tenants = await drizzle(env.CONFIG_DB_EU)
    .select({ orgId: orgs.orgId, shards: orgs.bufferShards })
    .from(orgs)
    .where(eq(orgs.residency, "eu"));
  const inEu = [regionSubject("eu"), ...tenants.map(({ orgId, shards }) => orgSubject(env, orgId, shards))];
  let sealed = 0;
  for (const day of daysToSeal(now)) {
    sealed += await sealDay(env.BUCKET, [regionSubject("us")], day, now);
    sealed += await sealDay(env.BUCKET_EU, inEu, day, now);
  }
  return sealed;
}
