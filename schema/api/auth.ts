/**
 * Bodies and answers of sign-in, tokens and /me. Used by workers/api, the OpenAPI document and the page.
 */
import { z } from "zod";
import { PERMISSIONS, RoleSchema, ScopeSchema } from "../access.ts";
import { MAX_ID_LENGTH } from "../limits.ts";
import { ResidencySchema } from "../pack.ts";
import { MomentSchema } from "./filters.ts";

/** UTF-16 units; longer addresses do not exist (RFC 5321). */
const MAX_EMAIL_LENGTH = 254;
const MAX_PASSWORD_INPUT = 1_024;

export const SignInBodySchema = z.strictObject({
  email: z.string().min(3).max(MAX_EMAIL_LENGTH),
  password: z.string().min(1).max(MAX_PASSWORD_INPUT),
  org: z.string().max(MAX_ID_LENGTH).optional().describe("the organisation to start in; default: the first"),
});

const MemberOfSchema = z.object({
  org_id: z.string(),
  name: z.string(),
  role: RoleSchema,
  residency: ResidencySchema,
});

const token = {
  access_token: z.string().describe("JWT for one organisation, 10 minutes; send as `Authorization: Bearer`"),
  token_type: z.literal("Bearer"),
  expires_in: z.number().int().describe("seconds"),
  expires_at: MomentSchema,
  org_id: z.string(),
};

export const TokenQuerySchema = z.strictObject({
  org: z.string().max(MAX_ID_LENGTH).optional().describe("default: the organisation you signed in to"),
});
export const TokenAnswerSchema = z.object(token);

export const SignInAnswerSchema = z.object({
  ...token,
  user: z.object({ user_id: z.string(), email: z.string(), name: z.string() }),
  orgs: z.array(MemberOfSchema),
});

export const SignOutAnswerSchema = z.object({ success: z.literal(true) });

export const MeAnswerSchema = z.object({
  user_id: z.string(),
  email: z.string(),
  name: z.string(),
  org_id: z.string(),
  org_name: z.string(),
  role: RoleSchema,
  team_id: z.string().nullable(),
  residency: ResidencySchema,
  permissions: z.array(z.object({ permission: z.enum(PERMISSIONS), scope: ScopeSchema })),
  orgs: z.array(MemberOfSchema),
});
