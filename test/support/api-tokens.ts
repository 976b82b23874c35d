/**
 * Access tokens for seeded people of a running local system, signed with its own key: fresh for every request, so that a
 * limit of one caller does not stand in the way, and forged in every way that a token can be forged.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { z } from "zod";
import type { DevJson } from "../../dev/dev-json.ts";
import type { Principal, Role } from "../../schema/access.ts";
import { mintAccessToken } from "../../workers/shared/access-token.ts";
import type { Config } from "../../workers/shared/env.ts";

const KeySchema = z.looseObject({ kty: z.string(), crv: z.string(), x: z.string(), y: z.string(), kid: z.string() });

export interface Signer {
  principal(orgId: string, role: Role): Principal;
  token(orgId: string, role: Role): Promise<string>;
  /** Authorization headers that must be refused, by what is wrong with them. `orgId`: whose they claim to be. */
  forgeries(orgId: string, otherOrgId: string): Promise<Record<string, string | undefined>>;
}

/** The signer of a system started on this data directory. */
export function signerOf(dataDir: string, devJson: DevJson): Signer {
  const { JWT_PRIVATE_KEY: secret } = z
    .object({ JWT_PRIVATE_KEY: z.string() })
    .parse(JSON.parse(readFileSync(join(dataDir, "secrets.json"), "utf8")));
  const none = { url: "", database: "", user: "", password: "" };
  const config: Config = {
    jurisdictions: "emulated",
    keyTagSecret: "",
    jwtPrivateKey: secret,
    operatorToken: "",
    clickhouse: { us: none, eu: none },
  };
  const principal = (orgId: string, role: Role): Principal => {
    const org = devJson.orgs.find((candidate) => candidate.org_id === orgId);
    if (org === undefined) throw new Error(`no org ${orgId}`);
    const jurisdiction = org.residency === "eu" ? "eu" : "us";
    const user_id = `usr_${orgId.replace("org_", "")}_${role}`;
    return { user_id, org_id: orgId, role, team_id: null, residency: org.residency, jurisdiction };
  };
  const token = async (orgId: string, role: Role): Promise<string> =>
    (await mintAccessToken(config, principal(orgId, role), Date.now())).token;
  const forgeries = async (orgId: string, otherOrgId: string) => {
    const own = KeySchema.parse(JSON.parse(secret)) as JWK & z.infer<typeof KeySchema>;
    return await forge(own, principal(orgId, "admin"), await token(orgId, "admin"), otherOrgId);
  };
  return { principal, token, forgeries };
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

async function forge(
  own: JWK & z.infer<typeof KeySchema>,
  who: Principal,
  good: string,
  otherOrgId: string,
): Promise<Record<string, string | undefined>> {
  const at = Math.floor(Date.now() / 1_000);
  const claims = { org: who.org_id, role: "admin", team: null, res: who.residency, jur: who.jurisdiction };
  const rest = { iss: "tenfold", aud: "tenfold-api", sub: who.user_id, jti: "forged", iat: at, exp: at + 300 };
  const header = { typ: "at+jwt", kid: own.kid };
  const signed = async (
    payload: object,
    head: object = {},
    key: Parameters<SignJWT["sign"]>[0] | undefined = undefined,
  ) =>
    await new SignJWT({ ...claims, ...rest, ...payload })
      .setProtectedHeader({ alg: "ES256", ...header, ...head })
      .sign(key ?? (await importJWK(own, "ES256")));
  const publicKey = JSON.stringify({ kty: own.kty, crv: own.crv, x: own.x, y: own.y });
  const stranger = await generateKeyPair("ES256");
  const [head, , signature] = good.split(".");
  const tokens: Record<string, string> = {
    garbage: "not.a.token",
    "an expired token": await signed({ iat: at - 1_200, exp: at - 600 }),
    "a token that claims to live a day": await signed({ iat: at - 3_600, exp: at + 86_400 }),
    "another audience": await signed({ aud: "tenfold-session" }),
    "another issuer": await signed({ iss: "https://evil.example" }),
    "a session's kind of token": await signed({}, { typ: "session+jwt" }),
    "an unknown key": await signed({}, {}, stranger.privateKey),
    "alg none": `${part({ alg: "none", ...header })}.${part({ ...claims, ...rest })}.`,
    "HS256 with the public key": await signed({}, { alg: "HS256" }, Buffer.from(publicKey)),
    "another tenant's name in a signed token": `${head}.${part({ ...claims, ...rest, org: otherOrgId })}.${signature}`,
    "an org that does not exist, unsigned": `${head}.${part({ ...claims, ...rest, org: "org_nobody" })}.`,
  };
  return {
    "no token": undefined,
    "an empty token": "Bearer ",
    "a password": `Basic ${Buffer.from("admin:admin").toString("base64")}`,
    ...Object.fromEntries(Object.entries(tokens).map(([name, text]) => [name, `Bearer ${text}`])),
  };
}
