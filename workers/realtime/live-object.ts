/**
 * How the routes reach a tenant's live object: grants, tickets and upgrades. Used by the routes here.
 * Whatever goes wrong at the object is 503 to the client, who tries again.
 */
import { type TenantRef, tenantLive } from "../../durable-objects/tenant-namespace.ts";
import type { Principal, RowScope } from "../../schema/access.ts";
import { PublicError } from "../../schema/errors.ts";
import { formatSince, type LiveFilter, MAX_GRANT_MS, parseSince } from "../../schema/live.ts";
import { LIVE_HEADERS, type SocketGrant, type TenantLiveRpc } from "../../schema/rpc.ts";
import type { Env } from "../shared/env.ts";

/** The live object of the principal's org. */
export function refOf(principal: Principal): TenantRef {
  return { orgId: principal.org_id, jurisdiction: principal.jurisdiction };
}

/** What the principal may see, for the longest time a grant has. */
export function grantOf(principal: Principal, scope: RowScope): SocketGrant {
  return { user_id: principal.user_id, role: principal.role, scope, expires_at: Date.now() + MAX_GRANT_MS };
}

/** Calls the object. Throws PublicError `unavailable`. */
export async function call<T>(env: Env, tenant: TenantRef, use: (live: TenantLiveRpc) => Promise<T>): Promise<T> {
  try {
    return await use(tenantLive(env, tenant));
  } catch (cause) {
    throw unavailable(cause);
  }
}

/** Opens a socket at the object with a ticket's secret. Throws PublicError `unauthorized` or `unavailable`. */
export async function upgrade(
  env: Env,
  tenant: TenantRef,
  secret: string,
  filter: LiveFilter,
  since: string | undefined,
): Promise<Response> {
  const headers = new Headers({
    upgrade: "websocket",
    [LIVE_HEADERS.ticket]: secret,
    [LIVE_HEADERS.filter]: encodeURIComponent(JSON.stringify(filter)),
  });
  // What is no cursor means a SNAPSHOT; as a header it could be one that is not allowed.
  const cursor = parseSince(since);
  if (cursor !== undefined) headers.set(LIVE_HEADERS.since, formatSince(cursor));
  let response: Response;
  try {
    response = await tenantLive(env, tenant).fetch("https://live.invalid/", { headers });
  } catch (cause) {
    throw unavailable(cause);
  }
  if (response.status === 401) throw new PublicError("unauthorized", "the ticket was used, is too old, or is not ours");
  if (response.webSocket === null) throw unavailable(new Error(`the live object answered ${response.status}`));
  return response;
}

function unavailable(cause: unknown): PublicError {
  return new PublicError("unavailable", "live data is not available, please retry", { retryAfter: 1, cause });
}
