/**
 * Members, their identities and claims: queries, bodies and answers of /api/v1/members, /me/identities and /identity-claims.
 * Used by workers/api, the OpenAPI document and the page.
 */
import { z } from "zod";
import { RoleSchema } from "../access.ts";
import { MomentSchema, ORG_QUERY } from "./filters.ts";
import { IdSchema, LIST_QUERY, NameSchema, NextCursorSchema } from "./settings.ts";

export const MemberSchema = z.object({
  user_id: z.string(),
  email: z.string(),
  name: z.string(),
  role: RoleSchema,
  team_id: z.string().nullable(),
});
export type Member = z.infer<typeof MemberSchema>;

export const IdentitySchema = z.object({
  event_user_id: z.string().describe("the `user_id` in events"),
  how: z
    .enum(["verified_email", "claimed", "admin"])
    .describe("the member's verified address; a claim that was approved; set by an admin"),
});

export const MembersQuerySchema = z.strictObject({ ...ORG_QUERY, ...LIST_QUERY });
export const MembersAnswerSchema = z.object({
  members: z.array(MemberSchema).describe("in the order of user ids; yours, your team's or everyone's, by your role"),
  next_cursor: NextCursorSchema,
});

export const MemberParamsSchema = z.object({ id: IdSchema });
export const MemberAnswerSchema = MemberSchema.extend({
  identities: z.array(IdentitySchema),
  claims: z.array(z.string()).describe("event users that wait for an admin's approval"),
});

export const MemberCreateSchema = z.strictObject({
  email: z.email().max(254),
  name: NameSchema,
  role: RoleSchema,
  team_id: IdSchema.nullable().default(null),
});
export const MemberPatchSchema = z
  .strictObject({ role: RoleSchema.optional(), team_id: IdSchema.nullable().optional() })
  .refine((body) => body.role !== undefined || body.team_id !== undefined, "name what changes: role, team_id");
export const MemberChangeSchema = z.object({ before: MemberSchema.nullable(), after: MemberSchema.nullable() });

export const IdentityBodySchema = z.strictObject({ event_user_id: IdSchema });
export const IdentityParamsSchema = z.object({ id: IdSchema, event_user_id: IdSchema });
export const IdentityAnswerSchema = z.object({
  event_user_id: z.string(),
  status: z.enum(["linked", "pending"]).describe("pending: no events are yours by it until an admin approves"),
});

export const ClaimSchema = z.object({
  user_id: z.string(),
  event_user_id: z.string(),
  claimed_at: MomentSchema,
});
export const ClaimsQuerySchema = z.strictObject({ ...ORG_QUERY, ...LIST_QUERY });
export const ClaimsAnswerSchema = z.object({ claims: z.array(ClaimSchema), next_cursor: NextCursorSchema });
export const ClaimDecisionSchema = z.strictObject({
  user_id: IdSchema,
  event_user_id: IdSchema,
  decision: z.enum(["approve", "refuse"]),
});
