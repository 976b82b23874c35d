/**
 * The directory: people, memberships, identities in the configuration database of one jurisdiction.
 * Called by auth.ts (principals, row scopes) and the sign-in routes. Reads only; knows nothing of tokens or requests.
 * Every method throws PublicError `unavailable` when the database fails: a look-up failure is 503, never 401.
 */
import { and, asc, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Role } from "../../schema/access.ts";
import { identities, memberships, orgs, users } from "../../schema/d1/config.ts";
import { PublicError } from "../../schema/errors.ts";
import type { Residency, StorageRegion } from "../../schema/pack.ts";

export interface Person {
  userId: string;
  email: string;
  name: string;
  passwordHash: string;
}

/** A person's place in one organisation. */
export interface Membership {
  orgId: string;
  orgName: string;
  role: Role;
  teamId: string | null;
  residency: Residency;
  primaryRegion: StorageRegion;
  suspended: boolean;
}

export interface Directory {
  /** `email` in any letter case. */
  personByEmail(email: string): Promise<Person | undefined>;
  person(userId: string): Promise<Person | undefined>;
  /** In the order of org ids. */
  memberships(userId: string): Promise<Membership[]>;
  /** The `user_id` values in events that are this member. */
  eventUsers(orgId: string, userId: string): Promise<string[]>;
  /** The `user_id` values in events of everyone in the team. */
  teamEventUsers(orgId: string, teamId: string): Promise<string[]>;
}

/** `user_id` values of one scope; a query with more would carry megabytes of parameters. */
export const MAX_SCOPE_USERS = 20_000;

/** The directory in one configuration database. */
export function directory(database: D1Database): Directory {
  const db = drizzle(database);
  return {
    personByEmail: (email) =>
      read(async () => {
        const [row] = await db
          .select()
          .from(users)
          .where(eq(users.email, normalizeEmail(email)))
          .limit(1);
        return row;
      }),
    person: (userId) =>
      read(async () => {
        const [row] = await db.select().from(users).where(eq(users.userId, userId)).limit(1);
        return row;
      }),
    memberships: (userId) =>
      read(async () => {
        const rows = await db
          .select()
          .from(memberships)
          .innerJoin(orgs, eq(orgs.orgId, memberships.orgId))
          .where(eq(memberships.userId, userId))
          .orderBy(asc(memberships.orgId));
        return rows.map(({ memberships: member, orgs: org }) => ({
          orgId: org.orgId,
          orgName: org.name,
          role: member.role,
          teamId: member.teamId,
          residency: org.residency,
          primaryRegion: org.primaryRegion,
          suspended: org.suspendedAt !== null,
        }));
      }),
    eventUsers: (orgId, userId) =>
      read(async () => {
        const rows = await db
          .select({ id: identities.eventUserId })
          .from(identities)
          .where(and(eq(identities.orgId, orgId), eq(identities.userId, userId)))
          .limit(MAX_SCOPE_USERS + 1);
        return bounded(rows);
      }),
    teamEventUsers: (orgId, teamId) =>
      read(async () => {
        const rows = await db
          .select({ id: identities.eventUserId })
          .from(identities)
          .innerJoin(
            memberships,
            and(eq(memberships.orgId, identities.orgId), eq(memberships.userId, identities.userId)),
          )
          .where(and(eq(identities.orgId, orgId), eq(memberships.teamId, teamId)))
          .limit(MAX_SCOPE_USERS + 1);
        return bounded(rows);
      }),
  };
}

/** How e-mail addresses are stored and compared. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

function bounded(rows: { id: string }[]): string[] {
  if (rows.length > MAX_SCOPE_USERS) {
    throw new PublicError("query_too_expensive", `the scope has more than ${MAX_SCOPE_USERS} users`);
  }
  return rows.map((row) => row.id);
}

async function read<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof PublicError) throw error;
    // drizzle's own error repeats the query with its values, e-mail addresses among them; the one inside does not.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new PublicError("unavailable", "the directory cannot be reached, please retry", { retryAfter: 1, cause });
  }
}
