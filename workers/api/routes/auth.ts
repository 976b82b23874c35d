/**
 * Sign-in by e-mail and password, sign-out, the access token of a cookie session, and /me.
 * The routes stay when another log-in takes their place; only what happens inside changes.
 */
import { PERMISSIONS, type Permission, type Principal } from "../../../schema/access.ts";
import {
  MeAnswerSchema,
  SignInAnswerSchema,
  SignInBodySchema,
  SignOutAnswerSchema,
  TokenAnswerSchema,
  TokenQuerySchema,
} from "../../../schema/api/auth.ts";
import { PublicError } from "../../../schema/errors.ts";
import { SECOND_MS } from "../../../schema/limits.ts";
import type { StorageRegion } from "../../../schema/pack.ts";
import { homeJurisdiction, mintAccessToken, mintSessionToken } from "../../shared/access-token.ts";
import { directoryOf, passwordMark, signedIn } from "../../shared/auth.ts";
import { grantedScope } from "../../shared/authorize.ts";
import type { Membership, Person } from "../../shared/directory.ts";
import { type Env, readConfig } from "../../shared/env.ts";
import { verifyPassword } from "../../shared/password.ts";
import { principalOf } from "../../shared/principal.ts";
import {
  clearSessionCookie,
  hostJurisdictions,
  requireSameOrigin,
  setSessionCookie,
} from "../../shared/session-cookie.ts";
import { iso } from "../range.ts";
import { defineRoute } from "../route.ts";

export const signInRoute = defineRoute({
  method: "post",
  path: "/api/auth/sign-in/email",
  public: "nobody is signed in yet",
  summary: "Sign in with e-mail and password",
  description: "Sets the session cookie (12 hours) and gives an access token (10 minutes) for one organisation.",
  tags: ["auth"],
  body: SignInBodySchema,
  answer: SignInAnswerSchema,
  handler: async ({ c, body, now }) => {
    requireSameOrigin(c, "allow");
    const found = await findAccount(c.env, hostJurisdictions(c), body.email, body.password);
    if (found === undefined) throw new PublicError("unauthorized", "the e-mail address or the password is wrong");
    const { person, jurisdiction } = found;
    const memberships = await directoryOf(c.env, jurisdiction).memberships(person.userId);
    const orgId = body.org ?? memberships[0]?.orgId;
    if (orgId === undefined) throw new PublicError("forbidden", "you are not a member of any organisation");
    const principal = principalOf(memberships, person.userId, orgId, jurisdiction);
    const session = { userId: person.userId, orgId, passwordMark: await passwordMark(person), jurisdiction };
    setSessionCookie(c, await mintSessionToken(readConfig(c.env), session, now));
    return {
      ...(await accessToken(c.env, principal, now)),
      user: { user_id: person.userId, email: person.email, name: person.name },
      orgs: memberships.map(memberOf),
    };
  },
});

export const signOutRoute = defineRoute({
  method: "post",
  path: "/api/auth/sign-out",
  public: "signing out twice is no error",
  summary: "Forget the session in this browser",
  tags: ["auth"],
  answer: SignOutAnswerSchema,
  handler: async ({ c }) => {
    requireSameOrigin(c);
    clearSessionCookie(c);
    // Answers that the browser may keep for its person (`private, no-cache`) end with the session.
    c.header("clear-site-data", '"cache"');
    return { success: true as const };
  },
});

export const tokenRoute = defineRoute({
  method: "get",
  path: "/api/auth/token",
  public: "the session cookie is checked by the handler; a bearer token cannot make another",
  summary: "A fresh access token from the cookie session",
  tags: ["auth"],
  query: TokenQuerySchema,
  answer: TokenAnswerSchema,
  handler: async ({ c, query, now }) => {
    const { session, memberships } = await signedIn(c);
    const orgId = query.org ?? session.orgId;
    return await accessToken(c.env, principalOf(memberships, session.userId, orgId, session.jurisdiction), now);
  },
});

export const meRoute = defineRoute({
  method: "get",
  path: "/api/v1/me",
  permission: "me:read",
  summary: "Who am I, in which organisation, with which rights",
  tags: ["auth"],
  answer: MeAnswerSchema,
  handler: async ({ c, principal }) => {
    const people = directoryOf(c.env, homeJurisdiction(principal));
    const [person, memberships] = await Promise.all([
      people.person(principal.user_id),
      people.memberships(principal.user_id),
    ]);
    const here = memberships.find((one) => one.orgId === principal.org_id);
    if (person === undefined || here === undefined) throw new PublicError("unauthorized", "this account is gone");
    return {
      user_id: person.userId,
      email: person.email,
      name: person.name,
      org_id: principal.org_id,
      org_name: here.orgName,
      role: principal.role,
      team_id: principal.team_id,
      residency: principal.residency,
      permissions: PERMISSIONS.flatMap((permission) => grant(principal, permission)),
      orgs: memberships.map(memberOf),
    };
  },
});

/**
 * The account with this e-mail and password in the host's jurisdictions (two only on a laptop). A wrong password and no
 * account take the same work and give the same answer.
 */
async function findAccount(
  env: Env,
  jurisdictions: readonly StorageRegion[],
  email: string,
  password: string,
): Promise<{ person: Person; jurisdiction: StorageRegion } | undefined> {
  for (const jurisdiction of jurisdictions) {
    const person = await directoryOf(env, jurisdiction).personByEmail(email);
    if ((await verifyPassword(password, person?.passwordHash)) && person !== undefined) return { person, jurisdiction };
  }
  return undefined;
}

async function accessToken(env: Env, principal: Principal, now: number) {
  const { token, expiresAt } = await mintAccessToken(readConfig(env), principal, now);
  return {
    access_token: token,
    token_type: "Bearer" as const,
    expires_in: Math.floor((expiresAt - now) / SECOND_MS),
    expires_at: iso(expiresAt),
    org_id: principal.org_id,
  };
}

function memberOf(one: Membership) {
  return { org_id: one.orgId, name: one.orgName, role: one.role, residency: one.residency };
}

function grant(principal: Principal, permission: Permission) {
  const scope = grantedScope(principal, permission);
  return scope === undefined ? [] : [{ permission, scope }];
}
