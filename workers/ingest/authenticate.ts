/**
 * Step 1 of ingest: the key says org AND jurisdiction before anything is parsed.
 * Called by the routes of this app; answers 401 for every bad key alike, 403 for a suspended org, 503 when D1 cannot say.
 */
import { PublicError } from "../../schema/errors.ts";
import { type Env, readConfig } from "../shared/env.ts";
import { equalHex, hashKey, parseKey } from "../shared/ingest-key.ts";
import type { Waiter } from "../shared/single-flight.ts";
import type { TenantCache, TenantRecord } from "../shared/tenants.ts";

/** Where a request may carry its key. */
export interface KeySources {
  authorization: string | undefined;
  apiKey: string | undefined;
  path: string | undefined;
}

const refused = (): PublicError => new PublicError("unauthorized", "a valid ingest key is needed");

function keyText(sources: KeySources): string {
  if (sources.path !== undefined) return sources.path;
  if (sources.apiKey !== undefined) return sources.apiKey.trim();
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(sources.authorization ?? "");
  if (bearer?.[1] === undefined) throw refused();
  return bearer[1];
}

/** The tenant of a request's key. Throws PublicError unauthorized, org_suspended or unavailable. */
export async function authenticateKey(
  env: Env,
  tenants: Pick<TenantCache, "get">,
  waiter: Waiter,
  sources: KeySources,
  now: number,
): Promise<TenantRecord> {
  const text = keyText(sources);
  const key = parseKey(readConfig(env).keyTagSecret, text);
  if (key === undefined) throw refused();
  if (sources.path !== undefined && key.keyClass !== "path") throw refused();
  const tenant = await tenants.get(key, waiter);
  if (tenant === undefined || !equalHex(tenant.secretHash, hashKey(text))) throw refused();
  if (tenant.revoked || (tenant.expiresAt !== undefined && tenant.expiresAt <= now)) throw refused();
  if (tenant.suspended) throw new PublicError("org_suspended", "this organisation is suspended");
  return tenant;
}
