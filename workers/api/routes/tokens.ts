/**
 * /api/v1/tokens: tokens of programs. Everyone makes and ends their own, admins see and end all. A token reads, never writes, and
 * never sees more than its person does now.
 */
import { and, asc, count, eq, gt, isNull } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { z } from "zod";
import { TokenPermissionSchema } from "../../../schema/access.ts";
import {
  type Token,
  TokenChangeSchema,
  TokenCreateSchema,
  TokenParamsSchema,
  TokenShownSchema,
  TokensAnswerSchema,
  TokensQuerySchema,
} from "../../../schema/api/tokens.ts";
import { apiTokens } from "../../../schema/d1/config.ts";
import { PublicError } from "../../../schema/errors.ts";
import { DAY_MS } from "../../../schema/limits.ts";
import { homeJurisdiction } from "../../shared/access-token.ts";
import { mintApiToken } from "../../shared/api-tokens.ts";
import { authorizePermission } from "../../shared/authorize.ts";
import { changeWithRecord } from "../../shared/change-records.ts";
import { readConfig } from "../../shared/env.ts";
import { databaseOf, noSuch, recordOf } from "../configuration.ts";
import { pageOf, startOf } from "../id-pages.ts";
import { defineRoute, type Permitted } from "../route.ts";

/** Tokens of one person that are not revoked. */
const MAX_TOKENS = 50;
const PermissionsSchema = z.array(TokenPermissionSchema);

export const tokensRoute = defineRoute({
  method: "get",
  path: "/api/v1/tokens",
  permission: "tokens:read",
  reads: "configuration",
  summary: "Tokens of programs, without their texts",
  tags: ["tokens"],
  query: TokensQuerySchema,
  answer: TokensAnswerSchema,
  handler: async ({ c, principal, reach, query, now }) => {
    const rows = await drizzle(databaseOf(c.env, principal))
      .select()
      .from(apiTokens)
      .where(and(within(principal, reach), gt(apiTokens.tokenId, startOf(query.cursor))))
      .orderBy(asc(apiTokens.tokenId))
      .limit(query.limit + 1);
    const { page, next_cursor } = pageOf(rows, query.limit, (row) => row.tokenId);
    return { tokens: page.map((row) => shown(row, now)), next_cursor };
  },
});

export const createTokenRoute = defineRoute({
  method: "post",
  path: "/api/v1/tokens",
  permission: "tokens:write",
  reads: "configuration",
  summary: "Make a token that reads as you do; its text is shown once",
  tags: ["tokens"],
  body: TokenCreateSchema,
  answer: TokenShownSchema,
  handler: async ({ c, principal, body, now }) => {
    const permissions = [...new Set(body.permissions)];
    // `me:read` is about oneself at every scope; the others must reach as far as the token asks.
    for (const permission of permissions) {
      authorizePermission(principal, permission, permission === "me:read" ? "own" : body.scope);
    }
    const database = databaseOf(c.env, principal);
    const mine = and(eq(apiTokens.orgId, principal.org_id), eq(apiTokens.userId, principal.user_id));
    const [held] = await drizzle(database)
      .select({ tokens: count() })
      .from(apiTokens)
      .where(and(mine, isNull(apiTokens.revokedAt), gt(apiTokens.expiresAt, new Date(now))));
    if ((held?.tokens ?? 0) >= MAX_TOKENS)
      throw new PublicError("conflict", `a person has at most ${MAX_TOKENS} tokens`);
    const { token, tokenId, secretHash } = mintApiToken(readConfig(c.env).keyTagSecret, homeJurisdiction(principal));
    const row: Row = {
      tokenId,
      orgId: principal.org_id,
      userId: principal.user_id,
      name: body.name,
      secretHash,
      permissions: JSON.stringify(permissions),
      scope: body.scope,
      createdAt: new Date(now),
      expiresAt: new Date(now + body.expires_in_days * DAY_MS),
      revokedAt: null,
      lastUsedAt: null,
    };
    const details = shown(row, now);
    await changeWithRecord(
      database,
      drizzle(database).insert(apiTokens).values(row),
      recordOf(c, principal, now, { action: "token.create", target: tokenId, before: null, after: details }),
    );
    return { token, details };
  },
});

export const revokeTokenRoute = defineRoute({
  method: "delete",
  path: "/api/v1/tokens/:id",
  permission: "tokens:write",
  reads: "configuration",
  summary: "End a token: dead everywhere within 60 seconds",
  tags: ["tokens"],
  params: TokenParamsSchema,
  answer: TokenChangeSchema,
  handler: async ({ c, principal, reach, params, now }) => {
    const database = databaseOf(c.env, principal);
    const db = drizzle(database);
    const this_ = and(within(principal, reach), eq(apiTokens.tokenId, params.id), isNull(apiTokens.revokedAt));
    const [row] = await db.select().from(apiTokens).where(this_).limit(1);
    if (row === undefined) throw noSuch("token that is still good");
    const before = shown(row, now);
    const after = shown({ ...row, revokedAt: new Date(now) }, now);
    const revoked = await changeWithRecord(
      database,
      db
        .update(apiTokens)
        .set({ revokedAt: new Date(now) })
        .where(this_),
      recordOf(c, principal, now, { action: "token.revoke", target: params.id, before, after }),
    );
    if (!revoked) throw noSuch("token that is still good");
    return { before, after };
  },
});

type Row = typeof apiTokens.$inferSelect;

function within(principal: Permitted["principal"], reach: Permitted["reach"]) {
  const org = eq(apiTokens.orgId, principal.org_id);
  return reach === "org" ? org : and(org, eq(apiTokens.userId, principal.user_id));
}

function shown(row: Row, now: number): Token {
  return {
    token_id: row.tokenId,
    user_id: row.userId,
    name: row.name,
    permissions: PermissionsSchema.parse(JSON.parse(row.permissions)),
    scope: row.scope,
    status: row.revokedAt !== null ? "revoked" : row.expiresAt.getTime() <= now ? "expired" : "active",
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    revoked_at: row.revokedAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
  };
}
