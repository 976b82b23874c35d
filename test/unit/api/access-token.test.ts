import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { PublicError } from "../../../schema/errors.ts";
import {
  ACCESS_TOKEN_S,
  mintAccessToken,
  mintSessionToken,
  SESSION_S,
  verifyAccessToken,
  verifySessionToken,
} from "../../../workers/shared/access-token.ts";
import { type Config, ConfigError } from "../../../workers/shared/env.ts";

const NOW = Date.UTC(2026, 10, 20);

async function key(kid: string): Promise<Record<string, unknown>> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid };
}

const configOf = (keys: unknown, jurisdictions: Config["jurisdictions"] = "enforced"): Config =>
  ({ jurisdictions, jwtPrivateKey: JSON.stringify(keys) }) as Config;

const usPerson: Principal = {
  user_id: "u",
  org_id: "o",
  role: "manager",
  team_id: null,
  residency: "us",
  jurisdiction: "us",
};
const euPerson: Principal = { ...usPerson, residency: "eu", jurisdiction: "eu" };
const globalPerson: Principal = { ...usPerson, residency: "global", jurisdiction: "eu", team_id: "t" };

const outcome = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => "accepted",
    (error: unknown) =>
      error instanceof PublicError ? error.code : error instanceof ConfigError ? "misconfigured" : String(error),
  );

describe("an access token", () => {
  it("brings back the principal it was made for, of every residency", async () => {
    const config = configOf({ keys: [await key("us-1"), await key("eu-1")] });
    for (const principal of [usPerson, euPerson, globalPerson]) {
      const { token, expiresAt } = await mintAccessToken(config, principal, NOW);
      expect(await verifyAccessToken(config, token, NOW)).toEqual(principal);
      expect(expiresAt).toBe(NOW + ACCESS_TOKEN_S * 1_000);
      const header: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
      expect(header).toEqual({ alg: "ES256", typ: "at+jwt", kid: principal.residency === "eu" ? "eu-1" : "us-1" });
    }
  });

  it("is good for ten minutes and not before", async () => {
    const config = configOf(await key("us-1"));
    const { token } = await mintAccessToken(config, usPerson, NOW);
    expect(await outcome(verifyAccessToken(config, token, NOW + 599_000))).toBe("accepted");
    expect(await outcome(verifyAccessToken(config, token, NOW + 600_000))).toBe("unauthorized");
    expect(await outcome(verifyAccessToken(config, token, NOW - 2_000))).toBe("unauthorized");
  });

  it("survives the change of keys while the old one is still in the set, and ends with it", async () => {
    const [old, fresh] = [await key("us-1"), await key("us-2")];
    const { token } = await mintAccessToken(configOf(old), usPerson, NOW);
    expect(await outcome(verifyAccessToken(configOf({ keys: [fresh, old] }), token, NOW))).toBe("accepted");
    expect(await outcome(verifyAccessToken(configOf({ keys: [fresh] }), token, NOW))).toBe("unauthorized");
    const renewed = await mintAccessToken(configOf({ keys: [fresh, old] }), usPerson, NOW);
    expect(await outcome(verifyAccessToken(configOf(fresh), renewed.token, NOW))).toBe("accepted");
  });

  it("of the eu is only made and only taken under an eu key", async () => {
    const us = await key("us-1");
    expect(await outcome(mintAccessToken(configOf(us), euPerson, NOW))).toBe("misconfigured");
    const { token } = await mintAccessToken(configOf({ ...us, kid: "eu-1" }), euPerson, NOW);
    expect(await outcome(verifyAccessToken(configOf(us), token, NOW))).toBe("unauthorized");
  });

  it("emulated: one key serves both jurisdictions of one machine", async () => {
    const config = configOf(await key("us-1"), "emulated");
    for (const principal of [usPerson, euPerson]) {
      expect(await verifyAccessToken(config, (await mintAccessToken(config, principal, NOW)).token, NOW)).toEqual(
        principal,
      );
    }
  });
});

describe("a session token", () => {
  it("brings back the session for twelve hours, and never passes as an access token", async () => {
    const config = configOf({ keys: [await key("us-1"), await key("eu-1")] });
    const session = { userId: "u", orgId: "o", passwordMark: "m", jurisdiction: "eu" } as const;
    const token = await mintSessionToken(config, session, NOW);
    expect(await verifySessionToken(config, token, NOW)).toMatchObject(session);
    expect(await outcome(verifySessionToken(config, token, NOW + SESSION_S * 1_000 - 1_000))).toBe("accepted");
    expect(await outcome(verifySessionToken(config, token, NOW + SESSION_S * 1_000))).toBe("unauthorized");
    expect(await outcome(verifyAccessToken(config, token, NOW))).toBe("unauthorized");
    const access = await mintAccessToken(config, usPerson, NOW);
    expect(await outcome(verifySessionToken(config, access.token, NOW))).toBe("unauthorized");
  });
});
