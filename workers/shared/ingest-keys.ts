/**
 * Ingest keys as they are stored: in the routing database what makes a key good (hash, expiry, revocation), in the org's
 * configuration database what people say about it and what limits it. Called by the key routes and the operator app.
 *
 * The two databases share no transaction, so the order matters: a key's limits are there before the key is, and a key that
 * ends has ended before its record says so.
 */
import { and, asc, count, eq, gt, inArray, isNull, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Key } from "../../schema/api/keys.ts";
import { ingestKeyDetails } from "../../schema/d1/config.ts";
import { ingestKeys } from "../../schema/d1/routing.ts";
import type { Residency, StorageRegion } from "../../schema/pack.ts";
import { type ChangeRecord, changeWithRecord } from "./change-records.ts";
import { type KeyClass, type KeyJurisdiction, mintKey, storageRegion } from "./ingest-key.ts";
import { storedList } from "./key-details.ts";

/** Keys of one org that may be good at the same time; a leaked one is easier to find among few. */
export const MAX_ACTIVE_KEYS = 100;

/** The two databases of an org's keys. */
export interface KeyStore {
  routing: D1Database;
  config: D1Database;
  orgId: string;
}

type KeyRow = typeof ingestKeys.$inferSelect;
type DetailsRow = typeof ingestKeyDetails.$inferSelect;

/** At most `limit` keys after an id, in the order of ids. */
export async function listKeys(store: KeyStore, after: string, limit: number, now: number): Promise<Key[]> {
  const rows = await drizzle(store.routing)
    .select()
    .from(ingestKeys)
    .where(and(eq(ingestKeys.orgId, store.orgId), gt(ingestKeys.keyId, after)))
    .orderBy(asc(ingestKeys.keyId))
    .limit(limit);
  return await withDetails(store, rows, now);
}

/** One key of the org. */
export async function findKey(store: KeyStore, keyId: string, now: number): Promise<Key | undefined> {
  const rows = await drizzle(store.routing)
    .select()
    .from(ingestKeys)
    .where(and(eq(ingestKeys.orgId, store.orgId), eq(ingestKeys.keyId, keyId)))
    .limit(1);
  return (await withDetails(store, rows, now))[0];
}

/** D1 binds at most 100 values in a statement. */
const MAX_BOUND_IDS = 90;

async function withDetails(store: KeyStore, rows: readonly KeyRow[], now: number): Promise<Key[]> {
  const details = new Map<string, DetailsRow>();
  for (let at = 0; at < rows.length; at += MAX_BOUND_IDS) {
    const ids = rows.slice(at, at + MAX_BOUND_IDS).map((row) => row.keyId);
    const found = await drizzle(store.config)
      .select()
      .from(ingestKeyDetails)
      .where(and(eq(ingestKeyDetails.orgId, store.orgId), inArray(ingestKeyDetails.keyId, ids)));
    for (const row of found) details.set(row.keyId, row);
  }
  return rows.map((row) => keyOf(row, details.get(row.keyId), now));
}

/** A key as people see it: never its hash. */
export function keyOf(row: KeyRow, details: DetailsRow | undefined, now: number): Key {
  const expired = row.expiresAt !== null && row.expiresAt.getTime() <= now;
  return {
    key_id: row.keyId,
    name: details?.name ?? "",
    class: row.keyClass,
    region: storageRegion(row.jurisdiction),
    status: row.revokedAt !== null ? "revoked" : expired ? "expired" : "active",
    allowed_ips: storedList(details?.allowedIps ?? "[]"),
    allowed_origins: storedList(details?.allowedOrigins ?? "[]"),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    last_used_at: details?.lastUsedAt?.toISOString() ?? null,
    replaced_by: details?.replacedBy ?? null,
  };
}

/** Keys that are good now. */
export async function activeKeys(store: KeyStore, now: number): Promise<number> {
  const [row] = await drizzle(store.routing)
    .select({ keys: count() })
    .from(ingestKeys)
    .where(
      and(
        eq(ingestKeys.orgId, store.orgId),
        isNull(ingestKeys.revokedAt),
        or(isNull(ingestKeys.expiresAt), gt(ingestKeys.expiresAt, new Date(now))),
      ),
    );
  return row?.keys ?? 0;
}

/** The prefix of a key: an org's residency, and for a global one the region that was chosen. */
export function keyJurisdiction(residency: Residency, region: StorageRegion): KeyJurisdiction {
  return residency === "global" ? `gl-${region}` : residency;
}

export interface NewKey {
  name: string;
  keyClass: KeyClass;
  jurisdiction: KeyJurisdiction;
  allowedIps: readonly string[];
  allowedOrigins: readonly string[];
  expiresAt: Date | null;
}

/** What a record needs besides what happened to the key. */
export type KeyActor = Pick<ChangeRecord, "at" | "actor" | "requestId">;

/** Makes and stores a key; `key` is its text, to be shown once. */
export async function createKey(
  store: KeyStore,
  tagSecret: string,
  made: NewKey,
  by: KeyActor,
): Promise<{ key: string; details: Key }> {
  const { key, keyId, secretHash } = mintKey(tagSecret, made.jurisdiction, made.keyClass);
  const { jurisdiction, keyClass, expiresAt } = made;
  const createdAt = new Date(by.at);
  const row: KeyRow = {
    keyId,
    orgId: store.orgId,
    jurisdiction,
    secretHash,
    keyClass,
    createdAt,
    expiresAt,
    revokedAt: null,
  };
  const details: DetailsRow = {
    keyId,
    orgId: store.orgId,
    name: made.name,
    allowedIps: JSON.stringify(made.allowedIps),
    allowedOrigins: JSON.stringify(made.allowedOrigins),
    createdBy: by.actor,
    lastUsedAt: null,
    replacedBy: null,
  };
  const shown = keyOf(row, details, by.at);
  await changeWithRecord(store.config, drizzle(store.config).insert(ingestKeyDetails).values(details), {
    ...by,
    orgId: store.orgId,
    action: "key.create",
    target: keyId,
    before: null,
    after: shown,
  });
  await drizzle(store.routing).insert(ingestKeys).values(row);
  return { key, details: shown };
}

/** Ends a key now. Undefined when it is not among the org's keys or had ended before. */
export async function revokeKey(
  store: KeyStore,
  keyId: string,
  by: KeyActor,
): Promise<{ before: Key; after: Key } | undefined> {
  const before = await findKey(store, keyId, by.at);
  if (before === undefined || before.status === "revoked") return undefined;
  await drizzle(store.routing)
    .update(ingestKeys)
    .set({ revokedAt: new Date(by.at) })
    .where(and(eq(ingestKeys.orgId, store.orgId), eq(ingestKeys.keyId, keyId), isNull(ingestKeys.revokedAt)));
  const after: Key = { ...before, status: "revoked", revoked_at: new Date(by.at).toISOString() };
  await recordKeyChange(store, "key.revoke", before, after, by);
  return { before, after };
}

/** Makes a key like this one; the old one stays good until `until` (or its own end, if that is earlier). */
export async function rotateKey(
  store: KeyStore,
  tagSecret: string,
  old: Key,
  jurisdiction: KeyJurisdiction,
  until: number,
  by: KeyActor,
): Promise<{ key: string; details: Key; replaced: Key }> {
  const own = old.expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(old.expires_at);
  const expiresAt = new Date(Math.min(until, own));
  const made = await createKey(
    store,
    tagSecret,
    {
      name: old.name,
      keyClass: old.class,
      jurisdiction,
      allowedIps: old.allowed_ips,
      allowedOrigins: old.allowed_origins,
      expiresAt: null,
    },
    by,
  );
  await drizzle(store.routing)
    .update(ingestKeys)
    .set({ expiresAt })
    .where(and(eq(ingestKeys.orgId, store.orgId), eq(ingestKeys.keyId, old.key_id)));
  const replaced: Key = {
    ...old,
    status: expiresAt.getTime() <= by.at ? "expired" : old.status,
    expires_at: expiresAt.toISOString(),
    replaced_by: made.details.key_id,
  };
  await recordKeyChange(store, "key.rotate", old, replaced, by);
  return { ...made, replaced };
}

/** Records what the routing database holds by now; a key of the tools gets its row of details here. */
async function recordKeyChange(store: KeyStore, action: string, before: Key, after: Key, by: KeyActor): Promise<void> {
  const replacedBy = after.replaced_by;
  const statement = drizzle(store.config)
    .insert(ingestKeyDetails)
    .values({ keyId: after.key_id, orgId: store.orgId, name: after.name, createdBy: by.actor, replacedBy })
    .onConflictDoUpdate({ target: ingestKeyDetails.keyId, set: { replacedBy } });
  await changeWithRecord(store.config, statement, {
    ...by,
    orgId: store.orgId,
    action,
    target: after.key_id,
    before,
    after,
  });
}
