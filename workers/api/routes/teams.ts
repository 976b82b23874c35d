/**
 * /api/v1/teams: the directory's teams, which "team" scopes rest on. Everyone sees their own, admins see and change all.
 */
import { and, asc, count, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import {
  TeamChangeSchema,
  TeamCreateSchema,
  TeamParamsSchema,
  TeamPatchSchema,
  TeamsAnswerSchema,
  TeamsQuerySchema,
} from "../../../schema/api/teams.ts";
import { memberships, teams } from "../../../schema/d1/config.ts";
import { PublicError } from "../../../schema/errors.ts";
import { changeWithRecord, type PlainStatement } from "../../shared/change-records.ts";
import { databaseOf, endStreams, noSuch, recordOf } from "../configuration.ts";
import { pageOf, startOf } from "../id-pages.ts";
import { defineRoute } from "../route.ts";

export const teamsRoute = defineRoute({
  method: "get",
  path: "/api/v1/teams",
  permission: "teams:read",
  scope: "team",
  reads: "configuration",
  summary: "Teams of the organisation, as far as your role sees",
  tags: ["teams"],
  query: TeamsQuerySchema,
  answer: TeamsAnswerSchema,
  handler: async ({ c, principal, reach, query }) => {
    const mine = reach === "org" ? undefined : eq(teams.teamId, principal.team_id ?? "");
    const rows = await drizzle(databaseOf(c.env, principal))
      .select({ team_id: teams.teamId, name: teams.name, members: count(memberships.userId) })
      .from(teams)
      .leftJoin(memberships, and(eq(memberships.orgId, teams.orgId), eq(memberships.teamId, teams.teamId)))
      .where(and(eq(teams.orgId, principal.org_id), mine, gt(teams.teamId, startOf(query.cursor))))
      .groupBy(teams.teamId)
      .orderBy(asc(teams.teamId))
      .limit(query.limit + 1);
    const { page, next_cursor } = pageOf(rows, query.limit, (row) => row.team_id);
    return { teams: page, next_cursor };
  },
});

export const addTeamRoute = defineRoute({
  method: "post",
  path: "/api/v1/teams",
  permission: "teams:write",
  scope: "org",
  reads: "configuration",
  summary: "Make a team",
  tags: ["teams"],
  body: TeamCreateSchema,
  answer: TeamChangeSchema,
  handler: async ({ c, principal, body, now }) => {
    const database = databaseOf(c.env, principal);
    const row = { orgId: principal.org_id, teamId: body.team_id, name: body.name };
    const added = await changeWithRecord(
      database,
      drizzle(database).insert(teams).values(row).onConflictDoNothing(),
      recordOf(c, principal, now, { action: "team.add", target: body.team_id, before: null, after: body }),
    );
    if (!added) throw new PublicError("conflict", "there is a team with this id or name");
    return { before: null, after: body };
  },
});

export const changeTeamRoute = defineRoute({
  method: "patch",
  path: "/api/v1/teams/:id",
  permission: "teams:write",
  scope: "org",
  reads: "configuration",
  summary: "Rename a team",
  tags: ["teams"],
  params: TeamParamsSchema,
  body: TeamPatchSchema,
  answer: TeamChangeSchema,
  handler: async ({ c, principal, params, body, now }) => {
    const database = databaseOf(c.env, principal);
    const before = await findTeam(database, principal.org_id, params.id);
    if (before === undefined) throw noSuch("team");
    const after = { ...before, name: body.name };
    const renamed = await changeWithRecord(
      database,
      renameTeam(principal.org_id, params.id, body.name),
      recordOf(c, principal, now, { action: "team.update", target: params.id, before, after }),
    );
    if (!renamed) throw new PublicError("conflict", "there is a team with this name");
    return { before, after };
  },
});

export const removeTeamRoute = defineRoute({
  method: "delete",
  path: "/api/v1/teams/:id",
  permission: "teams:write",
  scope: "org",
  reads: "configuration",
  summary: "Remove a team; its members stay, without a team",
  tags: ["teams"],
  params: TeamParamsSchema,
  answer: TeamChangeSchema,
  handler: async ({ c, principal, params, now }) => {
    const database = databaseOf(c.env, principal);
    const before = await findTeam(database, principal.org_id, params.id);
    if (before === undefined) throw noSuch("team");
    const inTeam = and(eq(memberships.orgId, principal.org_id), eq(memberships.teamId, params.id));
    const db = drizzle(database);
    const members = await db.select({ userId: memberships.userId }).from(memberships).where(inTeam);
    const removed = await changeWithRecord(
      database,
      db.delete(teams).where(and(eq(teams.orgId, principal.org_id), eq(teams.teamId, params.id))),
      recordOf(c, principal, now, { action: "team.remove", target: params.id, before, after: null }),
      [db.update(memberships).set({ teamId: null }).where(inTeam)],
    );
    if (!removed) throw noSuch("team");
    await endStreams(
      c.env,
      principal,
      members.map((member) => member.userId),
    );
    return { before, after: null };
  },
});

async function findTeam(database: D1Database, orgId: string, teamId: string) {
  const [team] = await drizzle(database)
    .select({ team_id: teams.teamId, name: teams.name })
    .from(teams)
    .where(and(eq(teams.orgId, orgId), eq(teams.teamId, teamId)))
    .limit(1);
  return team;
}

/** Names are unique within an organisation: a taken one changes nothing. */
function renameTeam(orgId: string, teamId: string, name: string): PlainStatement {
  return {
    sql: "UPDATE OR IGNORE teams SET name = ?3 WHERE org_id = ?1 AND team_id = ?2",
    params: [orgId, teamId, name],
  };
}
