/** Prices and privacy of a tenant: what is refused, what the record says, and what takes effect at the edge, from key to row. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { parseKey } from "../../../workers/shared/ingest-key.ts";
import { NO_POLICIES, type TenantPolicies } from "../../../workers/shared/tenant-policies.ts";
import { loadTenantFrom } from "../../../workers/shared/tenants.ts";
import type { SeededOrg } from "../api/world.ts";
import { bodyOf, Settings } from "./world.ts";

let world: Settings;
let org: SeededOrg;
let admin: Principal;

beforeAll(async () => {
  world = await Settings.start();
  org = await world.org("pol", "us");
  admin = await world.person(org, "pol-admin", "admin");
});

/** What ingest knows of a tenant's policies, read as for a key that no isolate has seen. */
async function atTheEdge(of: SeededOrg = org, key?: string): Promise<TenantPolicies> {
  const text = key ?? (await world.bareKey(of.orgId, of.residency === "eu" ? "eu" : "us")).key;
  const parsed = parseKey(world.env.KEY_TAG_SECRET, text);
  if (parsed === undefined) throw new Error("the key is not good");
  const record = await loadTenantFrom(world.env)(parsed);
  if (record === undefined) throw new Error("there is no such tenant");
  return record.policies;
}

const PRICES = "/api/v1/settings/prices";
const PRIVACY = "/api/v1/settings/privacy";
const KEY = `${PRIVACY}/pseudonym-key`;
const rates = { input: "1", cache_read: "0.1", cache_write_5m: "1.25", cache_write_1h: "2", output: "3" };
const own = { prices: [{ models: ["our-model"], usd_per_million: rates }], factors: [{ factor: "0.85" }] };
const hash = { rules: [{ attribute: "User.Email", action: "hash" }] };

const stored = (subject: string, document: string, orgId = org.orgId) =>
  org.database
    .prepare(
      "INSERT INTO tenant_policies (org_id, subject, document, updated_at) VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET document = excluded.document, updated_at = tenant_policies.updated_at + 1",
    )
    .bind(orgId, subject, document)
    .run();

describe("prices", () => {
  it("are list prices with their sources until the tenant says otherwise", async () => {
    const answer = await bodyOf(await world.as(admin, "GET", PRICES));
    expect(answer.policy).toEqual({ v: 1, prices: [], factors: [] });
    expect(answer.list_prices).toContainEqual(
      expect.objectContaining({
        provider: "anthropic",
        models: ["claude-opus-5-5"],
        usd_per_million: { input: "4", cache_read: "0.2", cache_write_5m: "5", cache_write_1h: "8", output: "20" },
        source: expect.stringMatching(/claude\.com/),
      }),
    );
    expect(await atTheEdge()).toEqual(NO_POLICIES);
  });

  it("change with a record, and are in the next tenant record that ingest reads", async () => {
    const answer = await bodyOf(await world.as(admin, "PUT", PRICES, own));
    const after = { v: 1, ...own };
    expect(answer).toEqual({ before: { v: 1, prices: [], factors: [] }, after });
    expect((await atTheEdge()).prices).toEqual(after);
    expect((await bodyOf(await world.as(admin, "GET", PRICES))).policy).toEqual(after);
    expect((await world.records(org)).at(-1)).toMatchObject({ actor: "pol-admin", action: "prices.update", ...answer });
  });

  it.each([
    { prices: [{ models: ["m"], usd_per_million: { ...rates, input: 1.5 } }] },
    { prices: [{ models: ["m"], usd_per_million: { ...rates, input: "-1" } }] },
    { prices: [{ models: [], usd_per_million: rates }] },
    { factors: [{ factor: "1e2" }] },
    { price: [] },
  ])("refuse %j and stay as they are", async (body) => {
    const before = await atTheEdge();
    expect((await world.as(admin, "PUT", PRICES, body)).status).toBe(400);
    expect(await atTheEdge()).toEqual(before);
  });

  it("take documents of hundreds of models, and none without end", async () => {
    const many = (n: number) => ({
      prices: Array.from({ length: n }, (_, i) => ({ models: [`model-${i}`], usd_per_million: rates })),
    });
    expect((await world.as(admin, "PUT", PRICES, many(500))).status).toBe(200);
    expect((await world.as(admin, "PUT", PRICES, many(501))).status).toBe(400);
    expect((await world.as(admin, "PUT", PRICES, many(5_000))).status).toBe(413);
  });

  it("let one of several changes at the same time win, each with its record", async () => {
    const before = (await world.records(org)).length;
    const factors = ["0.1", "0.2", "0.3", "0.4"];
    const answers = await Promise.all(
      factors.map((factor) => world.as(admin, "PUT", PRICES, { factors: [{ factor }] })),
    );
    const won = answers.filter(({ status }) => status === 200).length;
    expect(won).toBeGreaterThan(0);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect((await world.records(org)).length).toBe(before + won);
  });

  it("that are damaged price nothing, say so, and can be replaced", async () => {
    for (const document of ["{", "[]", '{"v":2}', '{"v":1,"prices":[{"models":["m"]}]}']) {
      await stored("prices", document);
      expect([document, (await atTheEdge()).prices]).toEqual([document, "unreadable"]);
      expect((await bodyOf(await world.as(admin, "GET", PRICES))).policy).toBeNull();
    }
    expect((await world.as(admin, "PUT", PRICES, {})).status).toBe(200);
    expect((await atTheEdge()).prices).toEqual({ v: 1, prices: [], factors: [] });
  });
});

describe("privacy", () => {
  it("has safe defaults, which an admin can read", async () => {
    const answer = await bodyOf(await world.as(admin, "GET", PRIVACY));
    expect(answer).toMatchObject({ policy: { v: 1, rules: [], unknown: "identifiers" }, pseudonym_key: null });
    expect(answer.defaults).toContainEqual({ agent: "*", attribute: "prompt", action: "drop" });
    expect(answer.defaults).toContainEqual({ agent: "*", attribute: "user.*", action: "keep" });
  });

  it("makes the key with the first policy that hashes, shows it nobody, and keeps it", async () => {
    expect((await bodyOf(await world.as(admin, "PUT", PRIVACY, { unknown: "drop" }))).pseudonym_key).toBeNull();
    expect((await atTheEdge()).pseudonymKey).toBeUndefined();
    const answer = await bodyOf(await world.as(admin, "PUT", PRIVACY, hash));
    expect(answer).toMatchObject({
      before: { unknown: "drop" },
      after: { rules: [{ agent: "*", attribute: "user.email", action: "hash" }], unknown: "identifiers" },
      pseudonym_key: { created_at: expect.any(String) },
    });
    const { pseudonymKey, privacy } = await atTheEdge();
    expect(pseudonymKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(privacy).toEqual(answer.after);
    await world.as(admin, "PUT", PRIVACY, { ...hash, unknown: "hash" });
    expect((await atTheEdge()).pseudonymKey).toBe(pseudonymKey);
    const seen = [answer, await bodyOf(await world.as(admin, "GET", PRIVACY)), await world.records(org)];
    expect(JSON.stringify(seen)).not.toContain(pseudonymKey);
  });

  it("destroys the key: another takes its place while the policy hashes, none when it does not", async () => {
    const first = (await atTheEdge()).pseudonymKey;
    const answer = await bodyOf(await world.as(admin, "DELETE", KEY));
    expect(answer).toMatchObject({ destroyed: { created_at: expect.any(String) }, pseudonym_key: expect.anything() });
    const second = (await atTheEdge()).pseudonymKey;
    expect(second).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(second).not.toBe(first);
    expect((await world.records(org)).at(-1)).toMatchObject({ action: "pseudonym_key.destroy", target: "pol" });
    await world.as(admin, "PUT", PRIVACY, {});
    expect(await bodyOf(await world.as(admin, "DELETE", KEY))).toMatchObject({ pseudonym_key: null });
    expect((await atTheEdge()).pseudonymKey).toBeUndefined();
    expect((await world.as(admin, "DELETE", KEY)).status).toBe(404);
    const left = await org.database.prepare("SELECT count(*) AS n FROM pseudonym_keys WHERE org_id = 'pol'").first("n");
    expect(left).toBe(0);
  });

  it.each([
    { rules: [{ attribute: "a", action: "shred" }] },
    { rules: [{ attribute: "a**b", action: "drop" }] },
    { rules: Array.from({ length: 201 }, () => ({ attribute: "a", action: "drop" })) },
    { unknown: "sometimes" },
    { default: "keep" },
  ])("refuses what it does not know", async (body) => {
    const before = await atTheEdge();
    expect((await world.as(admin, "PUT", PRIVACY, body)).status).toBe(400);
    expect(await atTheEdge()).toEqual(before);
  });

  it("that is damaged opens nothing: the strictest rule holds until it is replaced", async () => {
    for (const document of ["", "null", '{"v":1,"rules":"keep"}', '{"v":3,"rules":[]}']) {
      await stored("privacy", document);
      expect([document, (await atTheEdge()).privacy]).toEqual([document, "strictest"]);
      expect((await bodyOf(await world.as(admin, "GET", PRIVACY))).policy).toBeNull();
    }
    expect((await world.as(admin, "PUT", PRIVACY, {})).status).toBe(200);
    expect((await atTheEdge()).privacy).toEqual({ v: 1, rules: [], unknown: "identifiers" });
  });

  it("of an EU tenant is in the EU database alone", async () => {
    const eu = await world.org("pol-eu", "eu");
    const boss = await world.person(eu, "pol-eu-admin", "admin");
    expect((await world.as(boss, "PUT", PRIVACY, hash)).status).toBe(200);
    for (const table of ["tenant_policies", "pseudonym_keys"]) {
      const query = `SELECT count(*) AS n FROM ${table} WHERE org_id = 'pol-eu'`;
      expect([table, await world.env.CONFIG_DB_EU.prepare(query).first("n")]).toEqual([table, 1]);
      expect([table, await world.env.CONFIG_DB.prepare(query).first("n")]).toEqual([table, 0]);
    }
    expect((await atTheEdge(eu)).pseudonymKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});
