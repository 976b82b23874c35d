import { env as bindings, createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { exportJWK, generateKeyPair } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal, Role } from "../../../schema/access.ts";
import { ResidencyAnswerSchema } from "../../../schema/api/residency.ts";
import { createApiApp } from "../../../workers/api/app.ts";
import { residencyRoute } from "../../../workers/api/routes/residency.ts";
import { mintAccessToken } from "../../../workers/shared/access-token.ts";
import { type Env, readConfig } from "../../../workers/shared/env.ts";
import { sealReceipts } from "../../../workers/shared/receipt-subjects.ts";
import { copyKey } from "../../../workers/shared/stored-packs.ts";
import { makeOrg, migrateConfig } from "./world.ts";

const DAY_MS = 86_400_000;
const app = createApiApp();

const jwks = async () =>
  JSON.stringify({
    keys: await Promise.all(
      ["us-test", "eu-test"].map(async (kid) => {
        const { privateKey } = await generateKeyPair("ES256", { extractable: true });
        return { ...(await exportJWK(privateKey)), kid };
      }),
    ),
  });

function principal(residency: "us" | "eu" | "global", role: Role): Principal {
  const jurisdiction = residency === "eu" ? "eu" : "us";
  return { user_id: "u", org_id: `org_${residency}`, role, team_id: null, residency, jurisdiction };
}

describe("GET /api/v1/settings/residency", () => {
  let env: Env;

  beforeAll(async () => {
    env = { ...(bindings as unknown as Env), JWT_PRIVATE_KEY: await jwks() };
    for (const database of [env.CONFIG_DB, env.CONFIG_DB_EU]) await migrateConfig(database);
    await makeOrg(env.CONFIG_DB_EU, "org_eu", "eu");
  });

  async function ask(who: Principal, bindingsOf: Env = env): Promise<Response> {
    const { token } = await mintAccessToken(readConfig(bindingsOf), who, Date.now());
    const context = createExecutionContext();
    const request = new Request(`http://127.0.0.1${residencyRoute.path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const response = await app.fetch(request, bindingsOf, context);
    await waitOnExecutionContext(context);
    return response;
  }

  it("tells an admin of each kind of tenant, with the receipts of the last days", async () => {
    const yesterday = Date.now() - DAY_MS;
    await env.BUCKET.put(copyKey(`${yesterday}-${"a".repeat(32)}`, yesterday), "packs", {
      customMetadata: { packs: "4" },
    });
    await sealReceipts(env, Date.now() + DAY_MS);
    for (const residency of ["us", "eu", "global"] as const) {
      const response = await ask(principal(residency, "admin"));
      expect(response.status).toBe(200);
      const answer = ResidencyAnswerSchema.parse(await response.json());
      expect([answer.org_id, answer.residency]).toEqual([`org_${residency}`, residency]);
      expect(answer.receipts.map(({ subject, packs }) => [subject, packs])).toEqual(
        residency === "eu" ? [] : [["region-us", 4]],
      );
      expect(answer.places.every(({ guarantee }) => guarantee !== "platform")).toBe(true);
    }
  });

  it.each(["viewer", "user", "manager"] as const)("refuses a %s", async (role) => {
    expect((await ask(principal("eu", role))).status).toBe(403);
  });

  it("answers 503 when the receipts cannot be read, and says nothing of why", async () => {
    const broken = { list: () => Promise.reject(new Error("secret internals")) } as unknown as R2Bucket;
    const response = await ask(principal("eu", "admin"), { ...env, BUCKET_EU: broken });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain("secret internals");
  });
});
