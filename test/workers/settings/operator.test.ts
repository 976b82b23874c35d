/** The operator's tenants: made, listed, changed, suspended, counted; each change has an effect that agents and people feel. */
import { beforeAll, describe, expect, it } from "vitest";
import { TenantCreatedSchema, TenantSchema, TenantUsageSchema } from "../../../schema/operator-tenants.ts";
import { bodyOf, Settings } from "./world.ts";

let world: Settings;

const NOBODY = { user_id: "u", role: "admin", team_id: null, residency: "us", jurisdiction: "us" } as const;

beforeAll(async () => {
  world = await Settings.start();
});

const create = (body: Record<string, unknown>) => world.operate("POST", "/operator/tenants", body);
const made = async (body: Record<string, unknown>) => TenantCreatedSchema.parse(await (await create(body)).json());

describe("tenants", () => {
  it.each([
    ["us", ["tf_us_"], "us"],
    ["eu", ["tf_eu_"], "eu"],
    ["global", ["tf_gl-us_", "tf_gl-eu_"], "us"],
  ] as const)(
    "of residency %s get keys that work and an admin who can sign in",
    async (residency, prefixes, region) => {
      const slug = `op-${residency}`;
      const { tenant, ingest_keys, admin } = await made({
        name: slug,
        slug,
        residency,
        admin_email: `Op@${slug}.example`,
      });
      expect(tenant).toMatchObject({
        org_id: `org_op_${residency}`,
        data_residency: residency,
        primary_region: region,
        seats_taken: 1,
      });
      expect(ingest_keys.map((key) => prefixes.find((prefix) => key.startsWith(prefix)))).toEqual(prefixes);
      for (const key of ingest_keys) expect((await world.post(key)).status).toBe(202);
      const signedIn = await world.signIn({ email: `op@${slug}.example`, password: admin?.password });
      expect([signedIn.status, ((await bodyOf(signedIn)).orgs as unknown[]).length]).toEqual([200, 1]);
    },
  );

  it("have one id and one slug each, across jurisdictions", async () => {
    await made({ name: "One", slug: "one", residency: "us" });
    expect((await create({ name: "One", slug: "one", residency: "us" })).status).toBe(409);
    expect((await create({ org_id: "org_one", name: "Two", slug: "two", residency: "eu" })).status).toBe(409);
    expect((await create({ org_id: "org_uno", name: "Uno", slug: "one", residency: "us" })).status).toBe(409);
    expect((await world.operate("GET", "/operator/tenants/org_uno")).status).toBe(404);
  });

  it.each([
    { name: "X", slug: "X Y", residency: "us" },
    { name: "X", slug: "x", residency: "mars" },
    { name: "X", slug: "x", residency: "us", primary_region: "eu" },
    { name: "", slug: "x", residency: "us" },
    { name: "X", slug: "x", residency: "us", quotas: {} },
  ])("are not made of %j", async (body) => {
    expect((await create(body)).status).toBe(400);
  });

  it("are listed in pages, of every jurisdiction", async () => {
    const ids: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page = (await bodyOf(await world.operate("GET", `/operator/tenants?limit=2&cursor=${cursor}`))) as {
        tenants: { org_id: string }[];
        next_cursor: string | null;
      };
      ids.push(...page.tenants.map((tenant) => tenant.org_id));
      cursor = page.next_cursor;
    }
    expect(ids).toEqual([...ids].sort());
    expect(ids).toEqual(expect.arrayContaining(["org_op_us", "org_op_eu", "org_op_global", "org_one"]));
  });

  it("change plan, quotas and features; `default` goes back to the plan; residency is not among them", async () => {
    const { tenant } = await made({ name: "Change", slug: "change", residency: "us" });
    const path = `/operator/tenants/${tenant.org_id}`;
    const set = async (body: unknown) =>
      TenantSchema.parse((await bodyOf(await world.operate("PATCH", path, body))).after);
    expect((await set({ max_seats: 3, sso_enabled: true })).quotas.max_seats).toBe(3);
    expect(await set({ plan: "professional", queue_shards: 2 })).toMatchObject({
      quotas: { max_seats: 3, max_events_per_day: 50_000_000 },
      queue_shards: 2,
    });
    expect((await set({ max_seats: null })).quotas.max_seats).toBeNull();
    expect((await set({ max_seats: "default" })).quotas.max_seats).toBe(250);
    for (const body of [{ data_residency: "eu" }, { residency: "eu" }, { primary_region: "eu" }, { max_seats: 0 }]) {
      expect([body, (await world.operate("PATCH", path, body)).status]).toEqual([body, 400]);
    }
  });

  it("that are suspended take no events and no readers, and all of it again when resumed", async () => {
    const { tenant, ingest_keys } = await made({
      name: "Sleepy",
      slug: "sleepy",
      residency: "us",
      admin_email: "boss@sleepy.example",
    });
    const [key = ""] = ingest_keys;
    const org = { orgId: tenant.org_id, residency: "us", jurisdiction: "us", database: world.env.CONFIG_DB } as const;
    const boss = await world.person(org, "sleepy-boss", "admin");
    const state = async () => {
      const isolate = await world.fresh();
      return [(await isolate.post(key)).status, (await isolate.as(boss, "POST", "/api/v1/live/ticket")).status];
    };
    expect(await state()).toEqual([202, 200]);
    expect((await world.operate("POST", `/operator/tenants/${tenant.org_id}/suspend`)).status).toBe(200);
    expect(await state()).toEqual([403, 403]);
    expect((await world.operate("POST", `/operator/tenants/${tenant.org_id}/resume`)).status).toBe(200);
    expect(await state()).toEqual([202, 200]);
    const actions = (await world.records(org)).map(({ actor, action }) => `${actor} ${action}`);
    expect(actions).toEqual(expect.arrayContaining(["operator tenant.suspend", "operator tenant.resume"]));
  });

  it("are counted by day, a global one's regions together, and no other's events", async () => {
    const day = new Date().toISOString().slice(0, 10);
    const event = { org_id: "org_op_global", event_type: "session_start", timestamp: `${day}T00:00:00.000Z` };
    await world.insert("us", [event, { ...event, org_id: "org_op_us" }]);
    await world.insert("eu", [event, event]);
    const usage = TenantUsageSchema.parse(
      await bodyOf(await world.operate("GET", "/operator/tenants/org_op_global/usage?days=2")),
    );
    expect(usage).toMatchObject({ days: [{ day, events: 3 }], seats_taken: 1, active_keys: 2 });
  });

  it("are nobody's without the operator's token, by any route", async () => {
    const routes = world.operator.routes.filter(({ path }) => path !== "/*");
    expect(routes.length).toBeGreaterThan(7);
    const person = await world.token({ ...NOBODY, org_id: "org_one" });
    for (const authorization of [
      undefined,
      "Bearer wrong",
      `Bearer ${world.env.OPERATOR_TOKEN}x`,
      `Bearer ${person}`,
    ]) {
      for (const { method, path } of routes) {
        const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
        const response = await world.send(world.operator, path.replace(":id", "org_one"), { method, headers });
        expect([method, path, response.status]).toEqual([method, path, 401]);
      }
    }
  });
});
