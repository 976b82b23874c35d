/**
 * The tenant record of an ingest key, cached per isolate: read from D1 when absent, refreshed in the background, awaited
 * after 60 s so that a revoked key dies, served stale for 15 min while D1 fails. A failing look-up is 503, never 401.
 * Called by ingest. Knows nothing of requests.
 */
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Features, Quotas } from "../../schema/api/settings.ts";
import {
  identities,
  ingestKeyDetails,
  memberships,
  orgs,
  pseudonymKeys,
  tenantPolicies,
} from "../../schema/d1/config.ts";
import { ingestKeys } from "../../schema/d1/routing.ts";
import { PublicError } from "../../schema/errors.ts";
import { MAX_TENANT_USERS, TENANT_MAX_AGE_MS, TENANT_REFRESH_MS, TENANT_STALE_MS } from "../../schema/limits.ts";
import type { Residency, StorageRegion } from "../../schema/pack.ts";
import { configDatabase } from "./config-database.ts";
import type { Env } from "./env.ts";
import { type KeyJurisdiction, type ParsedKey, storageRegion } from "./ingest-key.ts";
import { type KeyLimits, keyLimitsOf } from "./key-details.ts";
import { errorText, log } from "./log.ts";
import { SingleFlight, type Waiter } from "./single-flight.ts";
import { tenantConfigOf } from "./tenant-config.ts";
import { policiesOf, type TenantPolicies } from "./tenant-policies.ts";

export { configDatabase };

/** What ingest needs to know of a key's tenant. */
export interface TenantRecord {
  orgId: string;
  residency: Residency;
  /** Where the configuration, the live object and (eu) the buffers are. */
  jurisdiction: StorageRegion;
  /** Where this key's events are stored. */
  region: StorageRegion;
  suspended: boolean;
  quotas: Quotas;
  features: Features;
  queueShards: number;
  bufferShards: number;
  /** SHA-256 of the key, hex; compared in constant time by the caller. */
  secretHash: string;
  expiresAt: number | undefined;
  revoked: boolean;
  /** Where the key may be used from, and when it last was. */
  limits: KeyLimits;
  /** Event user -> team, up to 20,000; others are resolved at read. */
  teamOfUser: ReadonlyMap<string, string>;
  /** Own prices, what is dropped or hashed, and the key of its pseudonyms. */
  policies: TenantPolicies;
}

interface Entry {
  record: TenantRecord | undefined;
  loadedAt: number;
}

/** Keys remembered per isolate; at 20,000 users each they could fill it, but such tenants have few keys. */
const MAX_ENTRIES = 2_000;

/** Loads a key's record, or undefined when there is no such key. Rejects when the database fails. */
export type LoadTenant = (key: ParsedKey) => Promise<TenantRecord | undefined>;

export class TenantCache {
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new SingleFlight<Entry>();
  readonly #load: LoadTenant;
  readonly #now: () => number;

  constructor(load: LoadTenant, now: () => number = Date.now) {
    this.#load = load;
    this.#now = now;
  }

  /** The record of a key; undefined when the key does not exist. Throws PublicError `unavailable` when nobody knows. */
  async get(key: ParsedKey, waiter: Waiter): Promise<TenantRecord | undefined> {
    const entry = this.#entries.get(key.keyId);
    const age = entry === undefined ? Number.POSITIVE_INFINITY : this.#now() - entry.loadedAt;
    if (entry !== undefined && age < TENANT_REFRESH_MS) return entry.record;
    if (entry !== undefined && age < TENANT_MAX_AGE_MS) {
      if (!this.#flights.has(key.keyId))
        this.#flights.start(key.keyId, waiter, () => this.#refresh(key)).catch(() => {});
      return entry.record;
    }
    try {
      return (await this.#flights.run(key.keyId, waiter, () => this.#refresh(key))).record;
    } catch (cause) {
      log.warn("tenant_lookup_failed", { key_id: key.keyId, cause: errorText(cause) });
      if (entry?.record !== undefined && age < TENANT_STALE_MS) return entry.record;
      throw new PublicError("unavailable", "the key could not be checked, please retry", { retryAfter: 1, cause });
    }
  }

  async #refresh(key: ParsedKey): Promise<Entry> {
    const record = await this.#load(key);
    const entry = { record, loadedAt: this.#now() };
    this.#entries.delete(key.keyId);
    if (this.#entries.size >= MAX_ENTRIES) {
      const oldest = this.#entries.keys().next().value;
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(key.keyId, entry);
    return entry;
  }
}

/** An eu key's configuration is in the EU; a global tenant's is in the global database, whatever region the key stores in. */
function configJurisdiction(jurisdiction: KeyJurisdiction): StorageRegion {
  return jurisdiction === "eu" ? "eu" : "us";
}

/** Reads a key's record from D1 (primary): routing first, then the configuration database of the key's jurisdiction. */
export function loadTenantFrom(env: Env): LoadTenant {
  return async (key) => {
    const [route] = await drizzle(env.ROUTING_DB)
      .select()
      .from(ingestKeys)
      .where(eq(ingestKeys.keyId, key.keyId))
      .limit(1);
    if (route === undefined || route.jurisdiction !== key.jurisdiction || route.keyClass !== key.keyClass)
      return undefined;
    const jurisdiction = configJurisdiction(key.jurisdiction);
    const config = drizzle(configDatabase(env, jurisdiction));
    const [[org], users, [details], policies, [pseudonyms]] = await config.batch([
      config.select().from(orgs).where(eq(orgs.orgId, route.orgId)).limit(1),
      config
        .select({ eventUserId: identities.eventUserId, teamId: memberships.teamId })
        .from(identities)
        .innerJoin(memberships, and(eq(memberships.orgId, identities.orgId), eq(memberships.userId, identities.userId)))
        .where(eq(identities.orgId, route.orgId))
        .limit(MAX_TENANT_USERS),
      config.select().from(ingestKeyDetails).where(eq(ingestKeyDetails.keyId, key.keyId)).limit(1),
      config.select().from(tenantPolicies).where(eq(tenantPolicies.orgId, route.orgId)),
      config.select().from(pseudonymKeys).where(eq(pseudonymKeys.orgId, route.orgId)).limit(1),
    ]);
    if (org === undefined) return undefined;
    const { quotas, features } = tenantConfigOf(org);
    const teamOfUser = new Map<string, string>();
    for (const user of users) if (user.teamId !== null) teamOfUser.set(user.eventUserId, user.teamId);
    return {
      orgId: org.orgId,
      residency: org.residency,
      jurisdiction: org.residency === "global" ? org.primaryRegion : jurisdiction,
      region: storageRegion(key.jurisdiction),
      suspended: org.suspendedAt !== null,
      quotas,
      features,
      queueShards: org.queueShards,
      bufferShards: org.bufferShards,
      secretHash: route.secretHash,
      expiresAt: route.expiresAt?.getTime(),
      revoked: route.revokedAt !== null,
      limits: keyLimitsOf(details),
      teamOfUser,
      policies: policiesOf(org.orgId, policies, pseudonyms?.secret),
    };
  };
}

const caches = new WeakMap<object, TenantCache>();

/** The isolate's cache for these bindings. */
export function tenantCache(env: Env): TenantCache {
  let cache = caches.get(env);
  if (cache === undefined) {
    cache = new TenantCache(loadTenantFrom(env));
    caches.set(env, cache);
  }
  return cache;
}
