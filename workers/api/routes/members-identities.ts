/**
 * Which `user_id` values in events are a member's: "own" and "team" scopes rest on it. A member's verified e-mail address is theirs
 * at once; any other claim gives nothing until an admin approves it, or anybody could read anybody's events.
 */
import { and, asc, eq, gt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Principal } from "../../../schema/access.ts";
import {
  ClaimDecisionSchema,
  ClaimsAnswerSchema,
  ClaimsQuerySchema,
  IdentityAnswerSchema,
  IdentityBodySchema,
  IdentityParamsSchema,
  MemberParamsSchema,
} from "../../../schema/api/members.ts";
import { DoneSchema } from "../../../schema/api/settings.ts";
import { identities, identityClaims, users } from "../../../schema/d1/config.ts";
import { PublicError } from "../../../schema/errors.ts";
import { changeWithRecord } from "../../shared/change-records.ts";
import { normalizeEmail } from "../../shared/directory.ts";
import type { Env } from "../../shared/env.ts";
import {
  type Claim,
  deleteClaim,
  deleteGrantedClaim,
  insertClaim,
  insertIdentity,
  MAX_CLAIMS,
} from "../../shared/member-statements.ts";
import { databaseOf, endStreams, noSuch, recordOf } from "../configuration.ts";
import { pageOf, startOf } from "../id-pages.ts";
import { findMember, managersOf } from "../queries/members.ts";
import { defineRoute } from "../route.ts";

/** Between event user and member in a cursor; neither holds it. */
const SEPARATOR = "\u0000";

export const claimIdentityRoute = defineRoute({
  method: "post",
  path: "/api/v1/me/identities",
  permission: "identities:claim",
  reads: "configuration",
  summary: "Say that an event user is you",
  description: "Your verified e-mail address is linked at once; anything else waits for an admin.",
  tags: ["members"],
  body: IdentityBodySchema,
  answer: IdentityAnswerSchema,
  handler: async ({ c, principal, body, now }) => {
    const database = databaseOf(c.env, principal);
    const { event_user_id } = body;
    if (await isVerifiedEmail(database, principal.user_id, event_user_id)) {
      const record = { action: "identity.link", target: principal.user_id, before: null };
      const after = { event_user_id, how: "verified_email" };
      const linked = await changeWithRecord(
        database,
        insertIdentity(principal.org_id, principal.user_id, event_user_id, "verified_email"),
        recordOf(c, principal, now, { ...record, after }),
      );
      if (!linked) throw taken();
      await endStreamsAround(c.env, principal, database, principal.user_id);
      return { event_user_id, status: "linked" as const };
    }
    // The same answer whether the event user exists, is somebody's or nobody's: a claim finds nothing out.
    await changeWithRecord(
      database,
      insertClaim(principal.org_id, principal.user_id, event_user_id, now),
      recordOf(c, principal, now, {
        action: "identity.claim",
        target: principal.user_id,
        before: null,
        after: { event_user_id },
      }),
    );
    if (!(await hasClaim(database, principal, event_user_id))) {
      throw new PublicError("conflict", `at most ${MAX_CLAIMS} claims wait at the same time`);
    }
    return { event_user_id, status: "pending" as const };
  },
});

export const linkIdentityRoute = defineRoute({
  method: "post",
  path: "/api/v1/members/:id/identities",
  permission: "identities:write",
  scope: "org",
  reads: "configuration",
  summary: "Link an event user to a member",
  tags: ["members"],
  params: MemberParamsSchema,
  body: IdentityBodySchema,
  answer: IdentityAnswerSchema,
  handler: async ({ c, principal, params, body, now }) => {
    const database = databaseOf(c.env, principal);
    if ((await findMember(database, principal, "org", params.id)) === undefined) throw noSuch("member");
    const linked = await changeWithRecord(
      database,
      insertIdentity(principal.org_id, params.id, body.event_user_id, "admin"),
      recordOf(c, principal, now, {
        action: "identity.link",
        target: params.id,
        before: null,
        after: { event_user_id: body.event_user_id, how: "admin" },
      }),
    );
    if (!linked) throw taken();
    await endStreamsAround(c.env, principal, database, params.id);
    return { event_user_id: body.event_user_id, status: "linked" as const };
  },
});

export const unlinkIdentityRoute = defineRoute({
  method: "delete",
  path: "/api/v1/members/:id/identities/:event_user_id",
  permission: "identities:write",
  scope: "org",
  reads: "configuration",
  summary: "Take an event user from a member",
  tags: ["members"],
  params: IdentityParamsSchema,
  answer: DoneSchema,
  handler: async ({ c, principal, params, now }) => {
    const database = databaseOf(c.env, principal);
    const { id, event_user_id } = params;
    const removed = await changeWithRecord(
      database,
      drizzle(database)
        .delete(identities)
        .where(
          and(
            eq(identities.orgId, principal.org_id),
            eq(identities.userId, id),
            eq(identities.eventUserId, event_user_id),
          ),
        ),
      recordOf(c, principal, now, {
        action: "identity.unlink",
        target: id,
        before: { event_user_id },
        after: null,
      }),
    );
    if (!removed) throw noSuch("identity");
    await endStreamsAround(c.env, principal, database, id);
    return { success: true as const };
  },
});

export const claimsRoute = defineRoute({
  method: "get",
  path: "/api/v1/identity-claims",
  permission: "identities:write",
  scope: "org",
  reads: "configuration",
  summary: "Claims that wait for a decision",
  tags: ["members"],
  query: ClaimsQuerySchema,
  answer: ClaimsAnswerSchema,
  handler: async ({ c, principal, query }) => {
    const place = sql<string>`${identityClaims.eventUserId} || char(0) || ${identityClaims.userId}`;
    const rows = await drizzle(databaseOf(c.env, principal))
      .select()
      .from(identityClaims)
      .where(and(eq(identityClaims.orgId, principal.org_id), gt(place, startOf(query.cursor))))
      .orderBy(asc(place))
      .limit(query.limit + 1);
    const { page, next_cursor } = pageOf(rows, query.limit, (row) => row.eventUserId + SEPARATOR + row.userId);
    return {
      claims: page.map((row) => ({
        user_id: row.userId,
        event_user_id: row.eventUserId,
        claimed_at: row.claimedAt.toISOString(),
      })),
      next_cursor,
    };
  },
});

export const decideClaimRoute = defineRoute({
  method: "post",
  path: "/api/v1/identity-claims/decisions",
  permission: "identities:write",
  scope: "org",
  reads: "configuration",
  summary: "Approve or refuse a claim",
  tags: ["members"],
  body: ClaimDecisionSchema,
  answer: DoneSchema,
  handler: async ({ c, principal, body, now }) => {
    const database = databaseOf(c.env, principal);
    const { user_id, event_user_id, decision } = body;
    const claim = { orgId: principal.org_id, userId: user_id, eventUserId: event_user_id };
    if (!(await claimExists(database, claim))) throw noSuch("claim");
    const record = { target: user_id, before: { event_user_id, status: "claimed" } };
    if (decision === "refuse") {
      const after = null;
      await changeWithRecord(
        database,
        deleteClaim(claim),
        recordOf(c, principal, now, { ...record, action: "identity.refuse", after }),
      );
      return { success: true as const };
    }
    const linked = await changeWithRecord(
      database,
      insertIdentity(principal.org_id, user_id, event_user_id, "claimed"),
      recordOf(c, principal, now, { ...record, action: "identity.approve", after: { event_user_id, how: "claimed" } }),
      [deleteGrantedClaim(claim)],
    );
    if (!linked) throw taken();
    await endStreamsAround(c.env, principal, database, user_id);
    return { success: true as const };
  },
});

async function claimExists(database: D1Database, { orgId, userId, eventUserId }: Claim): Promise<boolean> {
  const [row] = await drizzle(database)
    .select({ userId: identityClaims.userId })
    .from(identityClaims)
    .where(
      and(
        eq(identityClaims.orgId, orgId),
        eq(identityClaims.userId, userId),
        eq(identityClaims.eventUserId, eventUserId),
      ),
    )
    .limit(1);
  return row !== undefined;
}

const hasClaim = (database: D1Database, principal: Principal, eventUserId: string): Promise<boolean> =>
  claimExists(database, { orgId: principal.org_id, userId: principal.user_id, eventUserId });

async function isVerifiedEmail(database: D1Database, userId: string, eventUserId: string): Promise<boolean> {
  const [person] = await drizzle(database).select().from(users).where(eq(users.userId, userId)).limit(1);
  return person?.emailVerifiedAt != null && person.email === normalizeEmail(eventUserId);
}

/** The member's own scope changed, and that of their team's managers. */
async function endStreamsAround(env: Env, principal: Principal, database: D1Database, userId: string): Promise<void> {
  const member = await findMember(database, principal, "org", userId);
  const managers = await managersOf(database, principal.org_id, [member?.team_id ?? null]);
  await endStreams(env, principal, [userId, ...managers]);
}

function taken(): PublicError {
  return new PublicError("conflict", "this event user is linked already");
}
