/**
 * /api/v1/keys: ingest keys of the organisation, for its admins. A key's text is shown once, when it is made or rotated; an ended
 * key is dead everywhere within 60 s (the age of a tenant record).
 */
import {
  KeyChangeSchema,
  KeyCreateSchema,
  KeyParamsSchema,
  KeyRotatedSchema,
  KeyRotateSchema,
  KeyShownSchema,
  KeysAnswerSchema,
  KeysQuerySchema,
} from "../../../schema/api/keys.ts";
import { PublicError } from "../../../schema/errors.ts";
import { HOUR_MS } from "../../../schema/limits.ts";
import { STORAGE_REGIONS, type StorageRegion } from "../../../schema/pack.ts";
import { readConfig } from "../../shared/env.ts";
import {
  activeKeys,
  createKey,
  findKey,
  type KeyActor,
  type KeyStore,
  keyJurisdiction,
  listKeys,
  MAX_ACTIVE_KEYS,
  revokeKey,
  rotateKey,
} from "../../shared/ingest-keys.ts";
import { parseRange } from "../../shared/ip-ranges.ts";
import { databaseOf, noSuch } from "../configuration.ts";
import { pageOf, startOf } from "../id-pages.ts";
import { defineRoute, type Input, type Permitted } from "../route.ts";

export const keysRoute = defineRoute({
  method: "get",
  path: "/api/v1/keys",
  permission: "keys:read",
  scope: "org",
  reads: "configuration",
  summary: "Ingest keys, without their texts",
  tags: ["keys"],
  query: KeysQuerySchema,
  answer: KeysAnswerSchema,
  handler: async ({ c, principal, query, now }) => {
    const rows = await listKeys(storeOf(c, principal), startOf(query.cursor), query.limit + 1, now);
    const { page, next_cursor } = pageOf(rows, query.limit, (row) => row.key_id);
    const regions = principal.residency === "global" ? [...STORAGE_REGIONS] : [principal.residency];
    const near = nearestRegion(c.req.raw);
    return {
      keys: page,
      next_cursor,
      regions,
      proposed_region: regions.includes(near) ? near : (regions[0] ?? near),
    };
  },
});

export const createKeyRoute = defineRoute({
  method: "post",
  path: "/api/v1/keys",
  permission: "keys:write",
  scope: "org",
  reads: "configuration",
  summary: "Make an ingest key; its text is shown once",
  tags: ["keys"],
  body: KeyCreateSchema,
  answer: KeyShownSchema,
  handler: async ({ c, principal, body, now }) => {
    const region = regionFor(principal.residency, body.region);
    const allowedIps = body.allowed_ips.map((text, n) => checkedRange(text, n));
    const allowedOrigins = body.allowed_origins.map((text, n) => checkedOrigin(text, n));
    const expiresAt = body.expires_at === null ? null : new Date(body.expires_at);
    if (expiresAt !== null && expiresAt.getTime() <= now) throw invalidBody("expires_at", "must be in the future");
    const store = storeOf(c, principal);
    await requireRoom(store, now);
    return await createKey(
      store,
      readConfig(c.env).keyTagSecret,
      {
        name: body.name,
        keyClass: body.class,
        jurisdiction: keyJurisdiction(principal.residency, region),
        allowedIps,
        allowedOrigins,
        expiresAt,
      },
      actorOf(c, principal, now),
    );
  },
});

export const rotateKeyRoute = defineRoute({
  method: "post",
  path: "/api/v1/keys/:id/rotate",
  permission: "keys:write",
  scope: "org",
  reads: "configuration",
  summary: "Replace a key by a new one like it; both are good for a while",
  tags: ["keys"],
  params: KeyParamsSchema,
  body: KeyRotateSchema,
  answer: KeyRotatedSchema,
  handler: async ({ c, principal, params, body, now }) => {
    const store = storeOf(c, principal);
    const old = await findKey(store, params.id, now);
    if (old === undefined) throw noSuch("key");
    if (old.status !== "active") throw new PublicError("conflict", "this key has ended; make a new one");
    if (old.replaced_by !== null) throw new PublicError("conflict", "this key was rotated already");
    await requireRoom(store, now);
    const until = now + body.overlap_hours * HOUR_MS;
    const jurisdiction = keyJurisdiction(principal.residency, old.region);
    return await rotateKey(store, readConfig(c.env).keyTagSecret, old, jurisdiction, until, actorOf(c, principal, now));
  },
});

export const revokeKeyRoute = defineRoute({
  method: "delete",
  path: "/api/v1/keys/:id",
  permission: "keys:write",
  scope: "org",
  reads: "configuration",
  summary: "End a key: dead everywhere within 60 seconds",
  tags: ["keys"],
  params: KeyParamsSchema,
  answer: KeyChangeSchema,
  handler: async ({ c, principal, params, now }) => {
    const change = await revokeKey(storeOf(c, principal), params.id, actorOf(c, principal, now));
    if (change === undefined) throw noSuch("key that is still good");
    return change;
  },
});

type Request = Input<unknown, unknown, unknown>["c"];

function storeOf(c: Request, principal: Permitted["principal"]): KeyStore {
  return { routing: c.env.ROUTING_DB, config: databaseOf(c.env, principal), orgId: principal.org_id };
}

function actorOf(c: Request, principal: Permitted["principal"], now: number): KeyActor {
  return { at: now, actor: principal.user_id, requestId: c.get("requestId") };
}

async function requireRoom(store: KeyStore, now: number): Promise<void> {
  if ((await activeKeys(store, now)) < MAX_ACTIVE_KEYS) return;
  throw new PublicError("conflict", `an organisation has at most ${MAX_ACTIVE_KEYS} keys; revoke one first`);
}

/** A global organisation chooses; for the others there is only one answer. */
function regionFor(residency: Permitted["principal"]["residency"], asked: StorageRegion | undefined): StorageRegion {
  if (residency !== "global") {
    if (asked !== undefined && asked !== residency)
      throw invalidBody("region", `this organisation stores in ${residency}`);
    return residency;
  }
  if (asked === undefined) throw invalidBody("region", "a global organisation chooses us or eu");
  return asked;
}

function checkedRange(text: string, n: number): string {
  if (parseRange(text) === undefined) {
    throw invalidBody(`allowed_ips.${n}`, "is no address or CIDR block (10.0.0.0/8, 2001:db8::/32)");
  }
  return text;
}

/** An origin as browsers send it: scheme, host and a port that is not the usual one. */
function checkedOrigin(text: string, n: number): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== text) {
    throw invalidBody(`allowed_origins.${n}`, "is no origin as browsers send it (https://app.example)");
  }
  return text;
}

/** The region nearest to whoever asks, by Cloudflare's own word. */
function nearestRegion(request: globalThis.Request): StorageRegion {
  const continent = (request.cf as { continent?: unknown } | undefined)?.continent;
  return continent === "EU" || continent === "AF" ? "eu" : "us";
}

function invalidBody(path: string, message: string): PublicError {
  return new PublicError("invalid_request", "the body is not valid", { details: [{ path, message }] });
}
