/** Tokens of programs: queries, bodies and answers of /api/v1/tokens. Used by workers/api, the OpenAPI document and the page. */
import { z } from "zod";
import { ScopeSchema, TokenPermissionSchema } from "../access.ts";
import { MomentSchema, ORG_QUERY } from "./filters.ts";
import { IdSchema, LIST_QUERY, NameSchema, NextCursorSchema } from "./settings.ts";

/** Days a token may live: forgotten ones end. */
const MAX_TOKEN_DAYS = 365;
const USUAL_TOKEN_DAYS = 90;

export const TokenSchema = z.object({
  token_id: z.string(),
  user_id: z.string().describe("whose rights it has; it ends with their membership"),
  name: z.string(),
  permissions: z.array(TokenPermissionSchema),
  scope: ScopeSchema,
  status: z.enum(["active", "expired", "revoked"]),
  created_at: MomentSchema,
  expires_at: MomentSchema,
  revoked_at: MomentSchema.nullable(),
  last_used_at: MomentSchema.nullable().describe("to the hour"),
});
export type Token = z.infer<typeof TokenSchema>;

export const TokensQuerySchema = z.strictObject({ ...ORG_QUERY, ...LIST_QUERY });
export const TokensAnswerSchema = z.object({
  tokens: z.array(TokenSchema).describe("yours; everyone's for admins"),
  next_cursor: NextCursorSchema,
});

export const TokenCreateSchema = z.strictObject({
  name: NameSchema,
  permissions: z.array(TokenPermissionSchema).min(1).max(TokenPermissionSchema.options.length),
  scope: ScopeSchema.default("own").describe("whose events; not wider than your own role sees"),
  expires_in_days: z.number().int().min(1).max(MAX_TOKEN_DAYS).default(USUAL_TOKEN_DAYS),
});
export const TokenParamsSchema = z.object({ id: IdSchema });
/** The only answer that holds a token's text. */
export const TokenShownSchema = z.object({
  token: z.string().describe("shown once, never again; send as `Authorization: Bearer`"),
  details: TokenSchema,
});
export const TokenChangeSchema = z.object({ before: TokenSchema, after: TokenSchema });
