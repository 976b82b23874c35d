/**
 * Changes of memberships and identities as single SQL statements whose conditions hold the rules (seats, the last admin, one owner
 * of an event user), so that two requests at the same time cannot both pass them. Each begins with the org id.
 * Called by the member routes, which run them with their record (change-records.ts).
 */
import type { Role } from "../../schema/access.ts";
import type { PlainStatement } from "./change-records.ts";

/** Claims of one member that may wait at the same time. */
export const MAX_CLAIMS = 20;

type How = "verified_email" | "claimed" | "admin";

/** Adds a membership unless it exists or no seat is free; `seats` null: there is always one. */
export function insertMembership(
  row: { orgId: string; userId: string; role: Role; teamId: string | null },
  seats: number | null,
): PlainStatement {
  return {
    sql: `INSERT OR IGNORE INTO memberships (org_id, user_id, role, team_id)
SELECT ?1, ?2, ?3, ?4
WHERE ?5 IS NULL OR (SELECT count(*) FROM memberships WHERE org_id = ?1) < ?5`,
    params: [row.orgId, row.userId, row.role, row.teamId, seats],
  };
}

/** True of every member but the last admin. */
const NOT_LAST_ADMIN = `(role <> 'admin' OR (
  SELECT count(*) FROM memberships AS others WHERE others.org_id = ?1 AND others.role = 'admin') > 1)`;

/** Changes role and team, but never takes the last admin's role away. */
export function updateMembership(row: {
  orgId: string;
  userId: string;
  role: Role;
  teamId: string | null;
}): PlainStatement {
  return {
    sql: `UPDATE memberships SET role = ?3, team_id = ?4
WHERE org_id = ?1 AND user_id = ?2 AND (?3 = 'admin' OR ${NOT_LAST_ADMIN})`,
    params: [row.orgId, row.userId, row.role, row.teamId],
  };
}

/** Ends a membership, but never the last admin's. */
export function deleteMembership(orgId: string, userId: string): PlainStatement {
  return {
    sql: `DELETE FROM memberships WHERE org_id = ?1 AND user_id = ?2 AND ${NOT_LAST_ADMIN}`,
    params: [orgId, userId],
  };
}

/** What goes with a membership; each statement does nothing while the membership is still there. */
export function afterMembership(orgId: string, userId: string, now: number): PlainStatement[] {
  const gone = "NOT EXISTS (SELECT 1 FROM memberships WHERE org_id = ?1 AND user_id = ?2)";
  return [
    { sql: `DELETE FROM identities WHERE org_id = ?1 AND user_id = ?2 AND ${gone}`, params: [orgId, userId] },
    { sql: `DELETE FROM identity_claims WHERE org_id = ?1 AND user_id = ?2 AND ${gone}`, params: [orgId, userId] },
    {
      sql: `UPDATE api_tokens SET revoked_at = ?3
WHERE org_id = ?1 AND user_id = ?2 AND revoked_at IS NULL AND ${gone}`,
      params: [orgId, userId, now],
    },
    { sql: `DELETE FROM dashboards WHERE org_id = ?1 AND owner_id = ?2 AND ${gone}`, params: [orgId, userId] },
  ];
}

export interface Claim {
  orgId: string;
  userId: string;
  eventUserId: string;
}

/** Links unless the event user is somebody's already, or the person is no member (any more). */
export function insertIdentity(orgId: string, userId: string, eventUserId: string, how: How): PlainStatement {
  return {
    sql: `INSERT OR IGNORE INTO identities (org_id, event_user_id, user_id, how)
SELECT ?1, ?2, ?3, ?4
WHERE EXISTS (SELECT 1 FROM memberships WHERE org_id = ?1 AND user_id = ?3)`,
    params: [orgId, eventUserId, userId, how],
  };
}

export function insertClaim(orgId: string, userId: string, eventUserId: string, now: number): PlainStatement {
  return {
    sql: `INSERT OR IGNORE INTO identity_claims (org_id, event_user_id, user_id, claimed_at)
SELECT ?1, ?2, ?3, ?4
WHERE (SELECT count(*) FROM identity_claims WHERE org_id = ?1 AND user_id = ?3) < ?5`,
    params: [orgId, eventUserId, userId, now, MAX_CLAIMS],
  };
}

export function deleteClaim({ orgId, userId, eventUserId }: Claim): PlainStatement {
  return {
    sql: "DELETE FROM identity_claims WHERE org_id = ?1 AND event_user_id = ?2 AND user_id = ?3",
    params: [orgId, eventUserId, userId],
  };
}

/** Only once the identity is the person's: a claim that lost to another stays for an admin to refuse. */
export function deleteGrantedClaim(claim: Claim): PlainStatement {
  const { sql: text, params } = deleteClaim(claim);
  return {
    sql: `${text} AND EXISTS (
  SELECT 1 FROM identities WHERE org_id = ?1 AND event_user_id = ?2 AND user_id = ?3)`,
    params,
  };
}
