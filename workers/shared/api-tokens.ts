/**
 * Tokens of programs: `tft_<jurisdiction>_<id>_<secret><tag>`, like ingest keys but for reading. The tag is an HMAC over prefix,
 * jurisdiction and id: a forged token is refused without I/O. Only SHA-256 of a token is stored.
 * Called by auth.ts (check) and the token routes (mint). A token narrows what its person may do now, and never adds to it.
 */
import { createHmac, randomBytes } from "node:crypto";
import { and, eq, isNull, lt, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { z } from "zod";
import { type Principal, TokenPermissionSchema } from "../../schema/access.ts";
import { apiTokens } from "../../schema/d1/config.ts";
import { PublicError } from "../../schema/errors.ts";
import { HOUR_MS, TENANT_MAX_AGE_MS } from "../../schema/limits.ts";
import { type StorageRegion, StorageRegionSchema } from "../../schema/pack.ts";
import { configDatabase } from "./config-database.ts";
import { directory } from "./directory.ts";
import { type Env, readConfig } from "./env.ts";
import { equalHex, hashKey } from "./ingest-key.ts";
import { errorText, log } from "./log.ts";
import { principalOf } from "./principal.ts";
import type { Waiter } from "./single-flight.ts";

/** 32 symbols, so a random byte & 31 has no bias. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
const ID_LENGTH = 16;
/** 160 bits. */
const SECRET_LENGTH = 32;
/** 48 bits. */
const TAG_LENGTH = 12;
const TOKEN = /^tft_(us|eu)_([a-z2-9]{16})_([a-z2-9]{32})([0-9a-f]{12})$/;
/** Tokens remembered per isolate. */
const MAX_REMEMBERED = 5_000;

const PermissionsSchema = z.array(TokenPermissionSchema);

/** True for text that can only be meant as a program's token. */
export function isApiToken(text: string): boolean {
  return text.startsWith("tft_");
}

function tagOf(secret: string, jurisdiction: StorageRegion, id: string): string {
  return createHmac("sha256", secret).update(`tft_${jurisdiction}_${id}`).digest("hex").slice(0, TAG_LENGTH);
}

function randomText(length: number): string {
  let text = "";
  for (const byte of randomBytes(length)) text += ALPHABET[byte & 31];
  return text;
}

/** A new token; show `token` once, store the rest. `home`: the configuration database of its org. */
export function mintApiToken(
  tagSecret: string,
  home: StorageRegion,
): { token: string; tokenId: string; secretHash: string } {
  const tokenId = randomText(ID_LENGTH);
  const token = `tft_${home}_${tokenId}_${randomText(SECRET_LENGTH)}${tagOf(tagSecret, home, tokenId)}`;
  return { token, tokenId, secretHash: hashKey(token) };
}

/** Id and home of a token whose form and tag are right; undefined otherwise. Says nothing about whether it exists. */
export function parseApiToken(tagSecret: string, token: string): { tokenId: string; home: StorageRegion } | undefined {
  const [, region, tokenId = "", , tag = ""] = TOKEN.exec(token) ?? [];
  const home = StorageRegionSchema.safeParse(region);
  if (!home.success || !equalHex(tag, tagOf(tagSecret, home.data, tokenId))) return undefined;
  return { tokenId, home: home.data };
}

interface Known {
  secretHash: string;
  principal: Principal;
  expiresAt: number;
  readAt: number;
}
/** Answers per isolate and bindings, never promises; only tokens that were good. */
const remembered = new WeakMap<object, Map<string, Known>>();

/**
 * The principal of a program's token, at most 60 s old for reads and read now for anything else. Throws PublicError:
 * `unauthorized` (the same for every reason), `org_suspended`, `unavailable`.
 */
export async function verifyApiToken(
  env: Env,
  token: string,
  waiter: Waiter,
  now: number,
  mayRemember: boolean,
): Promise<Principal> {
  const parsed = parseApiToken(readConfig(env).keyTagSecret, token);
  if (parsed === undefined) throw refused();
  const mine = remembered.get(env) ?? new Map<string, Known>();
  remembered.set(env, mine);
  const found = mine.get(parsed.tokenId);
  const fresh = found !== undefined && mayRemember && now - found.readAt < TENANT_MAX_AGE_MS;
  const known = fresh ? found : await readToken(env, parsed, token, waiter, now);
  if (!equalHex(known.secretHash, hashKey(token)) || known.expiresAt <= now) throw refused();
  if (!fresh) {
    if (mine.size >= MAX_REMEMBERED) mine.clear();
    mine.set(parsed.tokenId, known);
  }
  return known.principal;
}

async function readToken(
  env: Env,
  { tokenId, home }: { tokenId: string; home: StorageRegion },
  token: string,
  waiter: Waiter,
  now: number,
): Promise<Known> {
  remembered.get(env)?.delete(tokenId);
  const database = configDatabase(env, home);
  const row = await findToken(database, tokenId);
  if (row === undefined || row.revokedAt !== null || !equalHex(row.secretHash, hashKey(token))) throw refused();
  if (row.expiresAt.getTime() <= now) throw refused();
  const memberships = await directory(database).memberships(row.userId);
  if (!memberships.some((one) => one.orgId === row.orgId)) throw refused();
  const permissions = PermissionsSchema.parse(JSON.parse(row.permissions));
  const principal: Principal = {
    ...principalOf(memberships, row.userId, row.orgId, home),
    token: { token_id: tokenId, permissions, scope: row.scope },
  };
  noteTokenUse(database, row, waiter, now);
  return { secretHash: row.secretHash, principal, expiresAt: row.expiresAt.getTime(), readAt: now };
}

async function findToken(database: D1Database, tokenId: string) {
  try {
    const [row] = await drizzle(database).select().from(apiTokens).where(eq(apiTokens.tokenId, tokenId)).limit(1);
    return row;
  } catch (cause) {
    throw new PublicError("unavailable", "the token could not be checked, please retry", { retryAfter: 1, cause });
  }
}

/** Notes the use in the background, at most one row written an hour. */
function noteTokenUse(database: D1Database, row: typeof apiTokens.$inferSelect, waiter: Waiter, now: number): void {
  const before = new Date(now - HOUR_MS + 1);
  if (row.lastUsedAt !== null && row.lastUsedAt >= before) return;
  waiter.waitUntil(
    drizzle(database)
      .update(apiTokens)
      .set({ lastUsedAt: new Date(now) })
      .where(
        and(eq(apiTokens.tokenId, row.tokenId), or(isNull(apiTokens.lastUsedAt), lt(apiTokens.lastUsedAt, before))),
      )
      .catch((error: unknown) => log.warn("token_use_not_noted", { cause: errorText(error) })),
  );
}

function refused(): PublicError {
  return new PublicError("unauthorized", "sign in or send a valid access token");
}
