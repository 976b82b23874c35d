/**
 * Step 1 of ingest: the key says org AND jurisdiction before anything is parsed.
 * Called by the routes of this app; answers 401 for every bad key alike, 403 for a suspended org or a place the key
 * may not be used from, 503 when D1 cannot say.
 */
import type { Context } from "hono";
import { PublicError } from "../../schema/errors.ts";
import { configDatabase } from "../shared/config-database.ts";
import { type Env, readConfig } from "../shared/env.ts";
import type { AppEnv } from "../shared/http.ts";
import { equalHex, hashKey, type ParsedKey, parseKey } from "../shared/ingest-key.ts";
import { limitRefusal, noteUse } from "../shared/key-details.ts";
import type { Waiter } from "../shared/single-flight.ts";
import type { TenantCache, TenantRecord } from "../shared/tenants.ts";

/** Where a request may carry its key. */
export interface KeySources {
  authorization: string | undefined;
  apiKey: string | undefined;
  path: string | undefined;
  /** The client's address, as Cloudflare saw it. */
  ip: string | undefined;
  /** The page that sends, when a browser does. */
  origin: string | undefined;
}

/** What a request says of its key and of itself. */
export function keySources(c: Context<AppEnv>): KeySources {
  return {
    authorization: c.req.header("authorization"),
    apiKey: c.req.header("x-api-key"),
    path: c.req.param("key"),
    ip: c.req.header("cf-connecting-ip"),
    origin: c.req.header("origin"),
  };
}

const refused = (): PublicError => new PublicError("unauthorized", "a valid ingest key is needed");

function keyText(sources: KeySources): string {
  if (sources.path !== undefined) return sources.path;
  if (sources.apiKey !== undefined) return sources.apiKey.trim();
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(sources.authorization ?? "");
  if (bearer?.[1] === undefined) throw refused();
  return bearer[1];
}

/** Keys whose form and tag were right lately, with their hash: an HMAC and a SHA-256 a request otherwise. */
export class KnownKeys {
  readonly #known = new Map<string, { key: ParsedKey; hash: string }>();

  get(tagSecret: string, text: string): { key: ParsedKey; hash: string } | undefined {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const key = parseKey(tagSecret, text);
    if (key === undefined) return undefined;
    if (this.#known.size >= MAX_KNOWN_KEYS) this.#known.clear();
    const entry = { key, hash: hashKey(text) };
    this.#known.set(text, entry);
    return entry;
  }
}

/** Two thousand keys of 70 characters are well under a megabyte. */
const MAX_KNOWN_KEYS = 2_000;

const NOT_FROM_HERE = {
  address: "this key may not be used from this address",
  origin: "this key may not be used by pages of this origin",
} as const;

/** The tenant of a request's key. Throws PublicError unauthorized, forbidden (address, origin), org_suspended or unavailable. */
export async function authenticateKey(
  env: Env,
  tenants: Pick<TenantCache, "get">,
  keys: KnownKeys,
  waiter: Waiter,
  sources: KeySources,
  now: number,
): Promise<TenantRecord> {
  const text = keyText(sources);
  const known = keys.get(readConfig(env).keyTagSecret, text);
  if (known === undefined) throw refused();
  const { key, hash } = known;
  if (sources.path !== undefined && key.keyClass !== "path") throw refused();
  const tenant = await tenants.get(key, waiter);
  if (tenant === undefined || !equalHex(tenant.secretHash, hash)) throw refused();
  if (tenant.revoked || (tenant.expiresAt !== undefined && tenant.expiresAt <= now)) throw refused();
  const refusal = limitRefusal(tenant.limits, sources);
  if (refusal !== undefined) throw new PublicError("forbidden", NOT_FROM_HERE[refusal]);
  noteUse(configDatabase(env, tenant.residency === "eu" ? "eu" : "us"), tenant.limits, key.keyId, waiter, now);
  if (tenant.suspended) throw new PublicError("org_suspended", "this organisation is suspended");
  return tenant;
}
