import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { UsageAnswerSchema } from "../../../schema/api/usage.ts";
import { orgs } from "../../../schema/d1/config.ts";
import { MINUTE_MS } from "../../../schema/limits.ts";
import { NO_USAGE, type QuotaLeaseRpc } from "../../../schema/rpc.ts";
import { PASSWORD, World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await World.create();
});

/** An org with an admin; `quotas` override the plan's. */
async function admin(orgId: string, quotas: Record<string, number> = {}, residency: "us" | "eu" = "us") {
  const org = await world.org(orgId, residency);
  await drizzle(org.database)
    .update(orgs)
    .set({ quotas: JSON.stringify(quotas) })
    .where(eq(orgs.orgId, orgId));
  return { org, principal: await world.person(org, `${orgId}-ada`, "admin") };
}

const ask = async (token: string, path = "/api/v1/me") =>
  await world.fetch(path, { headers: { authorization: `Bearer ${token}` } });

const from = (address: string) => ({ "cf-connecting-ip": address });

/** Counts events for a tenant as its isolates would. */
async function count(name: string, orgId: string, events: number): Promise<void> {
  const object = world.env.QUOTA_LEASE.getByName(name) as unknown as QuotaLeaseRpc;
  const usage = { ...NO_USAGE, requests: 1, events };
  const call = { v: 1, org_id: orgId, isolate: "i", meter: "events", rate: 10_000, per_day: null, left: 0 } as const;
  await object.lease({ ...call, want: false, usage });
}

async function usage(principal: Principal) {
  return UsageAnswerSchema.parse(await (await world.get("/api/v1/settings/usage", principal)).json());
}

describe("requests a minute", () => {
  it("are 100 of one token, with headers that count down, and another token's are its own", async () => {
    const { principal } = await admin("limits-token");
    const token = await world.token(principal);
    const first = await ask(token);
    expect([first.status, first.headers.get("x-ratelimit-limit")]).toEqual([200, "100"]);
    expect(first.headers.get("x-ratelimit-remaining")).toBe("99");
    for (let n = 0; n < 99; n++) expect((await ask(token)).status).toBe(200);
    const refused = await ask(token);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ error: { code: "rate_limited" } });
    const retryAfter = Number(refused.headers.get("retry-after"));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(MINUTE_MS / 1_000);
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect((await ask(await world.token(principal))).status).toBe(200);
  });

  it("are 600 of one browser session: a view asks many questions", async () => {
    await admin("limits-session");
    const signedIn = await world.signIn({ email: "limits-session-ada@example.com", password: PASSWORD });
    const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const look = async () => await world.fetch("/api/v1/me", { headers: { cookie } });
    const first = await look();
    expect([first.status, first.headers.get("x-ratelimit-limit")]).toEqual([200, "600"]);
    for (let n = 0; n < 599; n++) expect((await look()).status).toBe(200);
    const refused = await look();
    expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([429, true]);
  });

  it("are 100 of one address that is not signed in, wrong passwords and bad tokens together", async () => {
    await admin("limits-ip");
    const email = "limits-ip-ada@example.com";
    const statuses: number[] = [];
    for (let n = 0; n < 60; n++) {
      const headers = { ...from("203.0.113.5"), authorization: "Bearer garbage" };
      statuses.push((await world.fetch("/api/v1/me", { headers })).status);
      statuses.push((await world.signIn({ email: "", password: "x" }, from("203.0.113.5"))).status);
    }
    expect(statuses.slice(0, 100)).not.toContain(429);
    expect(new Set(statuses.slice(100))).toEqual(new Set([429]));
    expect((await world.signIn({ email, password: PASSWORD }, from("203.0.113.5"))).status).toBe(429);
    expect((await world.signIn({ email, password: PASSWORD }, from("203.0.113.6"))).status).toBe(200);
  });

  it("are not refused to who has a good token at an address of many bad ones", async () => {
    const { principal } = await admin("limits-nat");
    const authorization = `Bearer ${await world.token(principal)}`;
    for (let n = 0; n < 101; n++) await world.fetch("/api/v1/me", { headers: from("203.0.113.7") });
    expect((await world.fetch("/api/v1/me", { headers: from("203.0.113.7") })).status).toBe(429);
    expect((await world.fetch("/api/v1/me", { headers: { ...from("203.0.113.7"), authorization } })).status).toBe(200);
  });

  it("are the tenant's own over all its people, and no other tenant's", async () => {
    const { org, principal } = await admin("limits-tenant", { max_api_requests_per_minute: 60 });
    const { principal: other } = await admin("limits-other", { max_api_requests_per_minute: 60 });
    const people = [principal, await world.person(org, "limits-bob", "viewer")];
    const statuses: number[] = [];
    for (let n = 0; n < 40; n++) {
      const person = people[n % 2];
      if (person !== undefined) statuses.push((await ask(await world.token(person))).status);
    }
    // A burst of ten seconds' quota, and what comes in while they are sent.
    const admitted = statuses.filter((status) => status === 200).length;
    expect(admitted).toBeGreaterThanOrEqual(10);
    expect(admitted).toBeLessThan(30);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect((await world.get("/api/v1/me", other)).status).toBe(200);
  });
});

describe("GET /api/v1/settings/usage", () => {
  it("tells an admin what the day has used, with a notice from 80 % of its events on", async () => {
    const { principal } = await admin("usage-1", { max_events_per_day: 1_000 });
    await count("usage-1", "usage-1", 799);
    const before = await usage(principal);
    expect(before).toMatchObject({ org_id: "usage-1", today: { events: 799 }, notices: [] });
    expect(before.quotas).toMatchObject({ max_events_per_day: 1_000, max_events_per_second: 10_000 });
    await count("usage-1", "usage-1", 1);
    const { notices, days } = await usage(principal);
    expect(notices).toMatchObject([{ quota: "max_events_per_day", used: 800, limit: 1_000, share: 0.8 }]);
    expect(notices[0]?.resets_at).toMatch(/T00:00:00\.000Z$/);
    expect(days).toHaveLength(1);
  });

  it("counts API requests too, and reads an eu tenant's object in the EU (emulated)", async () => {
    const { principal } = await admin("usage-eu", {}, "eu");
    await count("eu/usage-eu", "usage-eu", 5);
    await count("usage-eu", "usage-eu", 1_000);
    for (let n = 0; n < 3; n++) await world.get("/api/v1/me", principal);
    const { today } = await usage(principal);
    expect(today.events).toBe(5);
    expect(today.api_requests).toBeGreaterThanOrEqual(3);
  });

  it("is for admins", async () => {
    const org = await world.org("usage-roles", "us");
    for (const role of ["viewer", "user", "manager"] as const) {
      const person = await world.person(org, `usage-${role}`, role);
      expect((await world.get("/api/v1/settings/usage", person)).status).toBe(403);
    }
    const one = await world.person(org, "usage-admin", "admin");
    expect(await usage(one)).toMatchObject({ today: { events: 0 }, notices: [] });
  });

  it("is 503 while the object does not answer, and nothing else is", async () => {
    const { principal } = await admin("usage-down");
    const down = {
      getByName: () => ({
        usage: async () => {
          throw new Error("secret of the object");
        },
        lease: async () => {
          throw new Error("secret of the object");
        },
      }),
    } as unknown as DurableObjectNamespace;
    const broken = new World({ ...world.env, QUOTA_LEASE: down });
    const answer = await broken.get("/api/v1/settings/usage", principal);
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain("secret");
    expect((await broken.get("/api/v1/me", principal)).status).toBe(200);
  });
});
