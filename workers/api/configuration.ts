/**
 * What the configuration routes share: the org's database, the record of a change, ending of streams whose rights changed.
 * Used by routes/{settings,members,teams,keys,tokens}*.
 */
import type { Context } from "hono";
import { tenantLive } from "../../durable-objects/tenant-namespace.ts";
import type { Principal } from "../../schema/access.ts";
import { PublicError } from "../../schema/errors.ts";
import { homeJurisdiction } from "../shared/access-token.ts";
import type { ChangeRecord } from "../shared/change-records.ts";
import { configDatabase } from "../shared/config-database.ts";
import type { Env } from "../shared/env.ts";
import type { AppEnv } from "../shared/http.ts";
import { errorText, log } from "../shared/log.ts";

/** The configuration database that holds the principal's org. */
export function databaseOf(env: Env, principal: Principal): D1Database {
  return configDatabase(env, homeJurisdiction(principal));
}

/** Who, when and in which request: the part of a record that every change of a request has in common. */
export function recordOf(
  c: Context<AppEnv>,
  principal: Principal,
  now: number,
  change: Pick<ChangeRecord, "action" | "target" | "before" | "after">,
): ChangeRecord {
  return { orgId: principal.org_id, at: now, actor: principal.user_id, requestId: c.get("requestId"), ...change };
}

/**
 * Ends the live streams of these people, or of everyone in the org: what they may see has changed. The change itself is
 * durable by now, so a live object that does not answer is only logged; grants end by themselves within ten minutes.
 */
export async function endStreams(
  env: Env,
  principal: Principal,
  userIds: Iterable<string> | "everyone",
): Promise<void> {
  try {
    const live = tenantLive(env, { orgId: principal.org_id, jurisdiction: principal.jurisdiction });
    if (userIds === "everyone") await live.revoke();
    else await Promise.all([...new Set(userIds)].map((userId) => live.revoke(userId)));
  } catch (error) {
    log.warn("streams_not_ended", { org_id: principal.org_id, cause: errorText(error) });
  }
}

/** 404 for an object that is not there, whoever owns it. */
export function noSuch(what: string): PublicError {
  return new PublicError("not_found", `there is no such ${what}`);
}
