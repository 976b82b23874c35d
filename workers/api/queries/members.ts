/**
 * Members in the configuration database, read as far as the principal's permission reaches. Called by the member and identity
 * routes; changes are statements of workers/shared/member-statements.
 */
import { and, asc, eq, gt, type SQL } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Principal, Scope } from "../../../schema/access.ts";
import type { Member } from "../../../schema/api/members.ts";
import { identities, identityClaims, memberships, teams, users } from "../../../schema/d1/config.ts";

const MEMBER = {
  user_id: memberships.userId,
  email: users.email,
  name: users.name,
  role: memberships.role,
  team_id: memberships.teamId,
};

/** The members that a principal may see: themselves, their team, everyone. Without a team, a manager sees themselves. */
function within(principal: Principal, reach: Scope): SQL | undefined {
  const org = eq(memberships.orgId, principal.org_id);
  if (reach === "org") return org;
  if (reach === "team" && principal.team_id !== null) return and(org, eq(memberships.teamId, principal.team_id));
  return and(org, eq(memberships.userId, principal.user_id));
}

/** At most `limit` members after a user id, in the order of user ids. */
export async function listMembers(
  database: D1Database,
  principal: Principal,
  reach: Scope,
  after: string,
  limit: number,
): Promise<Member[]> {
  return await drizzle(database)
    .select(MEMBER)
    .from(memberships)
    .innerJoin(users, eq(users.userId, memberships.userId))
    .where(and(within(principal, reach), gt(memberships.userId, after)))
    .orderBy(asc(memberships.userId))
    .limit(limit);
}

/** One member among those the principal may see. */
export async function findMember(
  database: D1Database,
  principal: Principal,
  reach: Scope,
  userId: string,
): Promise<Member | undefined> {
  const [member] = await drizzle(database)
    .select(MEMBER)
    .from(memberships)
    .innerJoin(users, eq(users.userId, memberships.userId))
    .where(and(within(principal, reach), eq(memberships.userId, userId)))
    .limit(1);
  return member;
}

/** What a member is known as in events, and what they say they are. */
export async function identitiesOf(database: D1Database, orgId: string, userId: string) {
  const db = drizzle(database);
  const [linked, claims] = await db.batch([
    db
      .select({ event_user_id: identities.eventUserId, how: identities.how })
      .from(identities)
      .where(and(eq(identities.orgId, orgId), eq(identities.userId, userId)))
      .orderBy(asc(identities.eventUserId)),
    db
      .select({ event_user_id: identityClaims.eventUserId })
      .from(identityClaims)
      .where(and(eq(identityClaims.orgId, orgId), eq(identityClaims.userId, userId)))
      .orderBy(asc(identityClaims.eventUserId)),
  ]);
  return { identities: linked, claims: claims.map((claim) => claim.event_user_id) };
}

export async function personByEmail(database: D1Database, email: string) {
  const [row] = await drizzle(database)
    .select({ userId: users.userId, name: users.name })
    .from(users)
    .where(eq(users.email, email))
    .limit(1);
  return row;
}

export async function teamExists(database: D1Database, orgId: string, teamId: string): Promise<boolean> {
  const [row] = await drizzle(database)
    .select({ teamId: teams.teamId })
    .from(teams)
    .where(and(eq(teams.orgId, orgId), eq(teams.teamId, teamId)))
    .limit(1);
  return row !== undefined;
}

/** Managers of these teams: their "team" scope changes when somebody joins or leaves. */
export async function managersOf(database: D1Database, orgId: string, teamIds: readonly (string | null)[]) {
  const managers: string[] = [];
  for (const teamId of new Set(teamIds)) {
    if (teamId === null) continue;
    const rows = await drizzle(database)
      .select({ userId: memberships.userId })
      .from(memberships)
      .where(and(eq(memberships.orgId, orgId), eq(memberships.teamId, teamId), eq(memberships.role, "manager")));
    managers.push(...rows.map((row) => row.userId));
  }
  return managers;
}
