/**
 * /api/v1/members: who belongs to the organisation, in which role and team. Everyone sees as far as their role reaches; admins
 * change. The last admin stays, seats are limited, and whoever's rights change loses their live streams at once.
 */
import { drizzle } from "drizzle-orm/d1";
import {
  MemberAnswerSchema,
  MemberChangeSchema,
  MemberCreateSchema,
  MemberParamsSchema,
  MemberPatchSchema,
  MembersAnswerSchema,
  MembersQuerySchema,
} from "../../../schema/api/members.ts";
import { users } from "../../../schema/d1/config.ts";
import { PublicError } from "../../../schema/errors.ts";
import { homeJurisdiction } from "../../shared/access-token.ts";
import { changeWithRecord } from "../../shared/change-records.ts";
import { normalizeEmail } from "../../shared/directory.ts";
import {
  afterMembership,
  deleteMembership,
  insertMembership,
  updateMembership,
} from "../../shared/member-statements.ts";
import { readOrg, tenantConfigOf } from "../../shared/tenant-config.ts";
import { databaseOf, endStreams, noSuch, recordOf } from "../configuration.ts";
import { pageOf, startOf } from "../id-pages.ts";
import { findMember, identitiesOf, listMembers, managersOf, personByEmail, teamExists } from "../queries/members.ts";
import { defineRoute } from "../route.ts";

export const membersRoute = defineRoute({
  method: "get",
  path: "/api/v1/members",
  permission: "members:read",
  reads: "configuration",
  summary: "Members of the organisation, as far as your role sees",
  tags: ["members"],
  query: MembersQuerySchema,
  answer: MembersAnswerSchema,
  handler: async ({ c, principal, reach, query }) => {
    const database = databaseOf(c.env, principal);
    const rows = await listMembers(database, principal, reach, startOf(query.cursor), query.limit + 1);
    const { page, next_cursor } = pageOf(rows, query.limit, (row) => row.user_id);
    return { members: page, next_cursor };
  },
});

export const memberRoute = defineRoute({
  method: "get",
  path: "/api/v1/members/:id",
  permission: "members:read",
  reads: "configuration",
  summary: "One member, with the event users that are theirs",
  tags: ["members"],
  params: MemberParamsSchema,
  answer: MemberAnswerSchema,
  handler: async ({ c, principal, reach, params }) => {
    const database = databaseOf(c.env, principal);
    const member = await findMember(database, principal, reach, params.id);
    if (member === undefined) throw noSuch("member");
    return { ...member, ...(await identitiesOf(database, principal.org_id, params.id)) };
  },
});

export const addMemberRoute = defineRoute({
  method: "post",
  path: "/api/v1/members",
  permission: "members:write",
  scope: "org",
  reads: "configuration",
  summary: "Add a person to the organisation",
  description: "Somebody without an account gets one without a password. 409 when no seat is free.",
  tags: ["members"],
  body: MemberCreateSchema,
  answer: MemberChangeSchema,
  handler: async ({ c, principal, body, now }) => {
    const database = databaseOf(c.env, principal);
    await requireTeam(database, principal.org_id, body.team_id);
    const row = await readOrg(c.env, { orgId: principal.org_id, home: homeJurisdiction(principal) });
    if (row === undefined) throw noSuch("organisation");
    const { max_seats } = tenantConfigOf(row).quotas;
    const email = normalizeEmail(body.email);
    const { userId, name } = await account(database, email, body.name, now);
    const after = { user_id: userId, email, name, role: body.role, team_id: body.team_id };
    const added = await changeWithRecord(
      database,
      insertMembership({ orgId: principal.org_id, userId, role: body.role, teamId: body.team_id }, max_seats),
      recordOf(c, principal, now, { action: "member.add", target: userId, before: null, after }),
    );
    if (!added) throw notAdded((await findMember(database, principal, "org", userId)) !== undefined, max_seats);
    await endStreams(c.env, principal, await managersOf(database, principal.org_id, [body.team_id]));
    return { before: null, after };
  },
});

export const changeMemberRoute = defineRoute({
  method: "patch",
  path: "/api/v1/members/:id",
  permission: "members:write",
  scope: "org",
  reads: "configuration",
  summary: "Change a member's role or team",
  description: "409 when it would leave the organisation without an admin. Their live streams end at once.",
  tags: ["members"],
  params: MemberParamsSchema,
  body: MemberPatchSchema,
  answer: MemberChangeSchema,
  handler: async ({ c, principal, params, body, now }) => {
    const database = databaseOf(c.env, principal);
    const before = await findMember(database, principal, "org", params.id);
    if (before === undefined) throw noSuch("member");
    const after = {
      ...before,
      role: body.role ?? before.role,
      team_id: body.team_id === undefined ? before.team_id : body.team_id,
    };
    await requireTeam(database, principal.org_id, after.team_id);
    const { role, team_id: teamId } = after;
    const changed = await changeWithRecord(
      database,
      updateMembership({ orgId: principal.org_id, userId: params.id, role, teamId }),
      recordOf(c, principal, now, { action: "member.update", target: params.id, before, after }),
    );
    if (!changed) throw lastAdmin();
    const managers = await managersOf(database, principal.org_id, [before.team_id, after.team_id]);
    await endStreams(c.env, principal, [params.id, ...managers]);
    return { before, after };
  },
});

export const removeMemberRoute = defineRoute({
  method: "delete",
  path: "/api/v1/members/:id",
  permission: "members:write",
  scope: "org",
  reads: "configuration",
  summary: "Remove a member, their identities, their tokens and their own dashboards",
  description: "409 for the last admin. The person's account stays. Their live streams end at once.",
  tags: ["members"],
  params: MemberParamsSchema,
  answer: MemberChangeSchema,
  handler: async ({ c, principal, params, now }) => {
    const database = databaseOf(c.env, principal);
    const before = await findMember(database, principal, "org", params.id);
    if (before === undefined) throw noSuch("member");
    const removed = await changeWithRecord(
      database,
      deleteMembership(principal.org_id, params.id),
      recordOf(c, principal, now, { action: "member.remove", target: params.id, before, after: null }),
      afterMembership(principal.org_id, params.id, now),
    );
    if (!removed) throw lastAdmin();
    const managers = await managersOf(database, principal.org_id, [before.team_id]);
    await endStreams(c.env, principal, [params.id, ...managers]);
    return { before, after: null };
  },
});

/** The person with this address, made when there is none. Their own name stays. */
async function account(
  database: D1Database,
  email: string,
  name: string,
  now: number,
): Promise<{ userId: string; name: string }> {
  const userId = `usr_${crypto.randomUUID().replaceAll("-", "")}`;
  await drizzle(database)
    .insert(users)
    .values({ userId, email, name, passwordHash: "", createdAt: new Date(now) })
    .onConflictDoNothing({ target: users.email });
  const person = await personByEmail(database, email);
  if (person === undefined) throw new PublicError("unavailable", "the person could not be added, please retry");
  return person;
}

/** 404 for a team that the organisation does not have. */
async function requireTeam(database: D1Database, orgId: string, teamId: string | null): Promise<void> {
  if (teamId !== null && !(await teamExists(database, orgId, teamId))) throw noSuch("team");
}

function notAdded(isMember: boolean, seats: number | null): PublicError {
  return isMember
    ? new PublicError("conflict", "this person is a member already")
    : new PublicError("conflict", `all ${seats} seats of this organisation are taken`, {
        details: { max_seats: seats },
      });
}

function lastAdmin(): PublicError {
  return new PublicError("conflict", "an organisation keeps at least one admin");
}
