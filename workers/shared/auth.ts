/**
 * Who makes a request, and which rows they may read. Called by workers/api and workers/realtime before any handler.
 * A Bearer access token is trusted for reads (10 min); a cookie session, a program's token and every write are looked up in the
 * directory.
 * Does not decide what a route needs: routes declare it.
 */
import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { Permission, Principal, RowScope } from "../../schema/access.ts";
import { PublicError } from "../../schema/errors.ts";
import { SECOND_MS } from "../../schema/limits.ts";
import type { StorageRegion } from "../../schema/pack.ts";
import { homeJurisdiction, type Session, verifyAccessToken, verifySessionToken } from "./access-token.ts";
import { isApiToken, verifyApiToken } from "./api-tokens.ts";
import { authorizePermission } from "./authorize.ts";
import { configDatabase } from "./config-database.ts";
import { type Directory, directory, type Membership, type Person } from "./directory.ts";
import { type Env, readConfig } from "./env.ts";
import type { AppEnv } from "./http.ts";
import { notAMember, principalOf } from "./principal.ts";
import { hostJurisdictions, isSafe, requireSameOrigin, sessionCookie } from "./session-cookie.ts";

/** A cookie session's principal is looked up again after this long, as a tenant record is. */
const PRINCIPAL_MAX_AGE_MS = 60 * SECOND_MS;
/** Sessions remembered per isolate. */
const MAX_PRINCIPALS = 5_000;

const BEARER = /^Bearer +([\w.-]+)$/i;

/**
 * The principal of a request: Bearer access token, else the session cookie. `?org=` chooses among a person's
 * organisations (cookie), or must be the token's own. Throws PublicError: unauthorized 401, forbidden or org_suspended 403,
 * unavailable 503. A cookie with a method that writes (or a WebSocket upgrade) also needs the page's own Origin.
 */
export async function authenticate(c: Context<AppEnv>): Promise<Principal> {
  const header = c.req.header("authorization");
  if (header === undefined) return await cookiePrincipal(c);
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw unauthorized();
  const now = Date.now();
  const program = isApiToken(token);
  const principal = program
    ? await verifyApiToken(c.env, token, c.executionCtx, now, isSafe(c))
    : await verifyAccessToken(readConfig(c.env), token, now);
  const named = namedOrg(c);
  if (named !== undefined && named !== principal.org_id) throw notAMember();
  if (program) return principal;
  if (isSafe(c)) return principal;
  const memberships = await directoryOf(c.env, homeJurisdiction(principal)).memberships(principal.user_id);
  return principalOf(memberships, principal.user_id, principal.org_id, homeJurisdiction(principal));
}

/**
 * The rows that `principal` may read under `permission`. own and team go through the directory: the identities of the
 * person, or of everyone in the person's team; what an event says of its team plays no part. 403 when the role has no such permission.
 */
export async function resolveRowScope(env: Env, principal: Principal, permission: Permission): Promise<RowScope> {
  const scope = authorizePermission(principal, permission);
  if (scope === "org") return { kind: "org" };
  const people = directoryOf(env, homeJurisdiction(principal));
  const own = await people.eventUsers(principal.org_id, principal.user_id);
  if (scope === "own" || principal.team_id === null) return { kind: "users", scope, users: own };
  const team = await people.teamEventUsers(principal.org_id, principal.team_id);
  return { kind: "users", scope, users: [...new Set([...own, ...team])] };
}

/** Someone signed in by cookie, read from the directory now. */
export interface SignedIn {
  session: Session;
  person: Person;
  memberships: Membership[];
}

/** The cookie's session and person. 401 when there is none, it ended, the person is gone or the password was changed. */
export async function signedIn(c: Context<AppEnv>): Promise<SignedIn> {
  const session = await cookieSession(c);
  const people = directoryOf(c.env, session.jurisdiction);
  const [person, memberships] = await Promise.all([people.person(session.userId), people.memberships(session.userId)]);
  if (person === undefined) throw unauthorized();
  if ((await passwordMark(person)) !== session.passwordMark) throw unauthorized();
  return { session, person, memberships };
}

/** What a session remembers of the password, so that changing it ends every session. */
export async function passwordMark(person: Person): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(person.passwordHash));
  return Buffer.from(digest).toString("base64url").slice(0, 22);
}

/** The directory of one jurisdiction. */
export function directoryOf(env: Env, jurisdiction: StorageRegion): Directory {
  return directory(configDatabase(env, jurisdiction));
}

async function cookieSession(c: Context<AppEnv>): Promise<Session> {
  const token = sessionCookie(c);
  if (token === undefined) throw unauthorized();
  if (!isSafe(c)) requireSameOrigin(c);
  const session = await verifySessionToken(readConfig(c.env), token, Date.now());
  if (!hostJurisdictions(c).includes(session.jurisdiction)) throw unauthorized();
  return session;
}

interface Remembered {
  principal: Principal;
  jurisdiction: StorageRegion;
  /** ms: when the directory is asked again, or the session ends. */
  until: number;
}
/**
 * Principals of cookie sessions, per isolate and bindings, by a digest of the very token that was verified: checking its signature again
 * would be a good part of what a remembered answer costs. Answers are remembered, never promises.
 */
const principals = new WeakMap<object, Map<string, Remembered>>();

async function cookiePrincipal(c: Context<AppEnv>): Promise<Principal> {
  const named = namedOrg(c);
  const known = principals.get(c.env) ?? new Map<string, Remembered>();
  principals.set(c.env, known);
  const key = `${createHash("sha256")
    .update(sessionCookie(c) ?? "")
    .digest("base64url")} ${named ?? ""}`;
  const remembered = known.get(key);
  const now = Date.now();
  if (remembered !== undefined && isSafe(c) && now < remembered.until) {
    if (!hostJurisdictions(c).includes(remembered.jurisdiction)) throw unauthorized();
    return remembered.principal;
  }
  const { session, memberships } = await signedIn(c);
  const { userId, jurisdiction, expiresAt } = session;
  const principal = principalOf(memberships, userId, named ?? session.orgId, jurisdiction);
  known.delete(key);
  if (known.size >= MAX_PRINCIPALS) known.clear();
  known.set(key, { principal, jurisdiction, until: Math.min(now + PRINCIPAL_MAX_AGE_MS, expiresAt) });
  return principal;
}

/** The org a request names; 403 when it names two. */
function namedOrg(c: Context<AppEnv>): string | undefined {
  const named = new Set([...(c.req.queries("org") ?? []), ...(c.req.queries("org_id") ?? [])]);
  if (named.size > 1) throw notAMember();
  return named.values().next().value;
}

function unauthorized(): PublicError {
  return new PublicError("unauthorized", "sign in or send a valid access token");
}
