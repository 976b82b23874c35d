/**
 * Tokens signed by this service (jose, ES256): access tokens for ONE org and 10 minutes, and the session token that the
 * browser's cookie holds for 12 hours. Mint and verify; called by auth.ts and the sign-in routes. Reads no database.
 *
 * JWT_PRIVATE_KEY holds a private JWK, or a set `{"keys":[...]}`; each `kid` starts with its jurisdiction (`us-…`, `eu-…`), and a
 * token is only good under a key of the jurisdiction it speaks of: an EU principal can never come from the global key.
 * Emulated, on one machine, one key stands for both under two names.
 */
import { type CryptoKey, createLocalJWKSet, importJWK, type JWTVerifyResult, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { type Principal, PrincipalSchema, RoleSchema } from "../../schema/access.ts";
import { PublicError } from "../../schema/errors.ts";
import { SECOND_MS } from "../../schema/limits.ts";
import { ResidencySchema, STORAGE_REGIONS, type StorageRegion, StorageRegionSchema } from "../../schema/pack.ts";
import { type Config, ConfigError } from "./env.ts";

/** Seconds an access token lives: a role that is taken away still reads for this long at most. */
export const ACCESS_TOKEN_S = 600;
/** Seconds a browser stays signed in. */
export const SESSION_S = 12 * 3_600;

const ALGORITHM = "ES256";
const ISSUER = "tenfold";
/** Two kinds of token, told apart by audience and `typ`, so that neither passes as the other. */
const ACCESS = { audience: "tenfold-api", typ: "at+jwt", maxAge: ACCESS_TOKEN_S } as const;
const SESSION = { audience: "tenfold-session", typ: "tenfold-session+jwt", maxAge: SESSION_S } as const;
type Kind = typeof ACCESS | typeof SESSION;

const AccessClaimsSchema = z.object({
  sub: z.string().min(1),
  org: z.string().min(1),
  role: RoleSchema,
  team: z.string().nullable(),
  res: ResidencySchema,
  jur: StorageRegionSchema,
});

const SessionClaimsSchema = z.object({
  sub: z.string().min(1),
  org: z.string().min(1),
  jti: z.string().min(1),
  pwd: z.string().min(1),
  exp: z.number(),
});

/** Who is signed in: `orgId` is what the page shows first; `passwordMark` ends the session when the password changes. */
export interface Session {
  sessionId: string;
  userId: string;
  orgId: string;
  passwordMark: string;
  /** ms. */
  expiresAt: number;
  /** The configuration database that knows the person. */
  jurisdiction: StorageRegion;
}

/** The jurisdiction whose configuration database and key belong to an org. */
export function homeJurisdiction(principal: Pick<Principal, "residency">): StorageRegion {
  return principal.residency === "eu" ? "eu" : "us";
}

/** An access token for the principal, and when it ends (ms). `now` in ms. */
export async function mintAccessToken(
  config: Config,
  principal: Principal,
  now: number,
): Promise<{ token: string; expiresAt: number }> {
  const claims = {
    org: principal.org_id,
    role: principal.role,
    team: principal.team_id,
    res: principal.residency,
    jur: principal.jurisdiction,
  };
  const token = await sign(config, ACCESS, homeJurisdiction(principal), principal.user_id, claims, now);
  return { token, expiresAt: (seconds(now) + ACCESS_TOKEN_S) * SECOND_MS };
}

/** The principal of an access token. Throws PublicError `unauthorized`, the same for every reason. */
export async function verifyAccessToken(config: Config, token: string, now: number): Promise<Principal> {
  const { payload, jurisdiction } = await check(config, ACCESS, token, now);
  const claims = AccessClaimsSchema.safeParse(payload);
  if (!claims.success) throw refused();
  const { sub, org, role, team, res, jur } = claims.data;
  const principal = PrincipalSchema.parse({
    user_id: sub,
    org_id: org,
    role,
    team_id: team,
    residency: res,
    jurisdiction: jur,
  });
  if (homeJurisdiction(principal) !== jurisdiction) throw refused();
  return principal;
}

/** The token that the session cookie holds. `now` in ms. */
export async function mintSessionToken(
  config: Config,
  session: Omit<Session, "sessionId" | "expiresAt">,
  now: number,
): Promise<string> {
  const claims = { org: session.orgId, pwd: session.passwordMark };
  return await sign(config, SESSION, session.jurisdiction, session.userId, claims, now);
}

/** The session of a cookie. Throws PublicError `unauthorized`. */
export async function verifySessionToken(config: Config, token: string, now: number): Promise<Session> {
  const { payload, jurisdiction } = await check(config, SESSION, token, now);
  const claims = SessionClaimsSchema.safeParse(payload);
  if (!claims.success) throw refused();
  const { sub, org, jti, pwd, exp } = claims.data;
  return { sessionId: jti, userId: sub, orgId: org, passwordMark: pwd, expiresAt: exp * SECOND_MS, jurisdiction };
}

const PrivateKeySchema = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string().regex(/^(us|eu)\b/),
});
type PrivateKey = z.infer<typeof PrivateKeySchema>;
const PrivateKeysSchema = z.union([
  PrivateKeySchema.transform((key) => [key]),
  z.object({ keys: z.array(PrivateKeySchema).min(1) }).transform((set) => set.keys),
]);

interface KeyRing {
  signers: Partial<Record<StorageRegion, { kid: string; key: CryptoKey }>>;
  verifier: ReturnType<typeof createLocalJWKSet>;
}

const rings = new WeakMap<Config, Promise<KeyRing>>();

function keyRing(config: Config): Promise<KeyRing> {
  let ring = rings.get(config);
  if (ring === undefined) {
    ring = importKeys(config);
    rings.set(config, ring);
  }
  return ring;
}

/** The first key of a jurisdiction signs, all verify: a new key is put in front, the old one is removed 12 h later. */
async function importKeys(config: Config): Promise<KeyRing> {
  const keys = PrivateKeysSchema.safeParse(parseJson(config.jwtPrivateKey));
  if (!keys.success)
    throw new ConfigError("configuration: JWT_PRIVATE_KEY: needs ES256 private JWKs, kid us-… or eu-…");
  const signers: KeyRing["signers"] = {};
  const all = config.jurisdictions === "emulated" ? withStandIns(keys.data) : keys.data;
  for (const { kid, ...jwk } of all) {
    const jurisdiction = jurisdictionOf(kid);
    if (signers[jurisdiction] !== undefined) continue;
    const key = await importJWK(jwk, ALGORITHM);
    if (key instanceof Uint8Array) throw new ConfigError("configuration: JWT_PRIVATE_KEY: not an EC key");
    signers[jurisdiction] = { kid, key };
  }
  const publicKeys = all.map(({ d: _private, ...jwk }) => ({ ...jwk, alg: ALGORITHM }));
  return { signers, verifier: createLocalJWKSet({ keys: publicKeys }) };
}

/** The keys, and the first one again for each jurisdiction that has none. */
function withStandIns(keys: PrivateKey[]): PrivateKey[] {
  const missing = STORAGE_REGIONS.filter((one) => !keys.some(({ kid }) => jurisdictionOf(kid) === one));
  return [...keys, ...missing.flatMap((one) => keys.slice(0, 1).map((key) => ({ ...key, kid: `${one}-${key.kid}` })))];
}

function jurisdictionOf(kid: string): StorageRegion {
  return kid.startsWith("eu") ? "eu" : "us";
}

async function sign(
  config: Config,
  kind: Kind,
  jurisdiction: StorageRegion,
  subject: string,
  claims: Record<string, unknown>,
  now: number,
): Promise<string> {
  const signer = (await keyRing(config)).signers[jurisdiction];
  if (signer === undefined) throw new ConfigError(`configuration: JWT_PRIVATE_KEY: has no key for ${jurisdiction}`);
  const at = seconds(now);
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: kind.typ, kid: signer.kid })
    .setIssuer(ISSUER)
    .setAudience(kind.audience)
    .setSubject(subject)
    .setJti(crypto.randomUUID())
    .setIssuedAt(at)
    .setExpirationTime(at + kind.maxAge)
    .sign(signer.key);
}

interface Checked {
  payload: JWTVerifyResult["payload"];
  jurisdiction: StorageRegion;
}

/** Signature, algorithm, issuer, audience, kind, age. `kid` is required and says which jurisdiction vouches. */
async function check(config: Config, kind: Kind, token: string, now: number): Promise<Checked> {
  const { verifier } = await keyRing(config);
  try {
    const { payload, protectedHeader } = await jwtVerify(token, verifier, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: kind.audience,
      typ: kind.typ,
      maxTokenAge: kind.maxAge,
      requiredClaims: ["exp", "iat", "sub", "jti"],
      currentDate: new Date(now),
    });
    if (typeof protectedHeader.kid !== "string") throw refused();
    return { payload, jurisdiction: jurisdictionOf(protectedHeader.kid) };
  } catch (cause) {
    throw refused(cause);
  }
}

function refused(cause?: unknown): PublicError {
  return new PublicError("unauthorized", "sign in or send a valid access token", { cause });
}

function seconds(now: number): number {
  return Math.floor(now / SECOND_MS);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
