/** Teams: queries, bodies and answers of /api/v1/teams. Used by workers/api, the OpenAPI document and the page. */
import { z } from "zod";
import { ORG_QUERY } from "./filters.ts";
import { IdSchema, LIST_QUERY, NameSchema, NextCursorSchema } from "./settings.ts";

/** What events carry as `team_id`; new ones are kept to what is easy to type and to put into a URL. */
const TeamIdSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "letters, digits and . _ -, at most 64");

export const TeamSchema = z.object({ team_id: z.string(), name: z.string(), members: z.number().int() });

export const TeamsQuerySchema = z.strictObject({ ...ORG_QUERY, ...LIST_QUERY });
export const TeamsAnswerSchema = z.object({
  teams: z.array(TeamSchema).describe("in the order of their ids; your own, or every one, by your role"),
  next_cursor: NextCursorSchema,
});

export const TeamParamsSchema = z.object({ id: IdSchema });
export const TeamCreateSchema = z.strictObject({ team_id: TeamIdSchema, name: NameSchema });
export const TeamPatchSchema = z.strictObject({ name: NameSchema });
const NamedTeamSchema = TeamSchema.omit({ members: true });
export const TeamChangeSchema = z.object({ before: NamedTeamSchema.nullable(), after: NamedTeamSchema.nullable() });
