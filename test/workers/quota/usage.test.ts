import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { UsageStore } from "../../../durable-objects/quota-lease/usage-store.ts";
import { DAY_MS } from "../../../schema/limits.ts";
import { type LeaseRequest, NO_USAGE } from "../../../schema/rpc.ts";
import { send, Tenant, world } from "./world.ts";

const NEVER_MS = 60_000;
const realNow = world.now;

beforeEach(() => {
  world.now = realNow;
  world.flushMs = 10;
});

const lease = (tenant: Tenant, fields: Partial<LeaseRequest>): LeaseRequest => ({
  v: 1,
  org_id: tenant.orgId,
  isolate: "isolate-1",
  meter: "events",
  rate: 1_000,
  per_day: null,
  left: 0,
  want: true,
  usage: NO_USAGE,
  ...fields,
});

/** Days in the object's SQLite, as a restart would find them. */
async function stored(tenant: Tenant) {
  return await runInDurableObject(tenant.object, (_, state) => new UsageStore(state.storage.sql).latest());
}

describe("usage of a day", () => {
  it("counts requests, events, bytes, refused events and 429s of all isolates", async () => {
    const tenant = new Tenant({ max_events_per_second: 100 });
    const [one, two] = [tenant.isolate(), tenant.isolate()];
    await send(one, tenant, 10);
    await send(one, tenant, 10);
    await send(two, tenant, 0, { body: JSON.stringify([{ event_type: "nonsense" }]) });
    await send(two, tenant, 1_000);
    let refused = 0;
    await expect
      .poll(async () => {
        if ((await send(two, tenant, 1)).status !== 429) return false;
        refused += 1;
        return true;
      })
      .toBe(true);
    await expect
      .poll(async () => await tenant.usage())
      .toMatchObject({ requests: 4, events: 1_020, rejected: 1, rate_limited: refused, api_requests: 0 });
    expect((await tenant.usage())?.bytes).toBeGreaterThan(1_020 * 100);
  });

  it("tells of the last requests too when a tenant falls silent", async () => {
    const tenant = new Tenant();
    const isolate = tenant.isolate();
    for (let n = 0; n < 7; n++) await send(isolate, tenant, 1);
    expect(await tenant.usage()).toMatchObject({ requests: 7, events: 7 });
  });

  it("is written within seconds as one row, and survives the object's end", async () => {
    const tenant = new Tenant();
    for (let n = 0; n < 20; n++) await tenant.object.lease(lease(tenant, { usage: { ...NO_USAGE, events: 5 } }));
    await expect.poll(async () => (await stored(tenant))?.usage.events).toBe(100);
    await evictDurableObject(tenant.object);
    await tenant.object.lease(lease(tenant, { usage: { ...NO_USAGE, events: 1 } }));
    expect(await tenant.usage()).toMatchObject({ events: 101 });
    const rows = await runInDurableObject(tenant.object, (_, { storage }) =>
      storage.sql.exec("SELECT count(*) AS n FROM usage").one(),
    );
    expect(rows).toEqual({ n: 1 });
  });

  it("loses what was not written yet when the object dies, and nothing before", async () => {
    world.flushMs = NEVER_MS;
    const tenant = new Tenant();
    await tenant.object.lease(lease(tenant, { usage: { ...NO_USAGE, events: 40 } }));
    expect(await tenant.usage()).toMatchObject({ events: 40 });
    await tenant.object.lease(lease(tenant, { usage: { ...NO_USAGE, events: 2 } }));
    // Abort, not evict: an object with a write due is not evicted.
    const died = runInDurableObject(tenant.object, (_, state) => state.abort("killed on purpose"));
    await expect(died).rejects.toThrow("killed on purpose");
    expect(await tenant.usage()).toMatchObject({ events: 40 });
  });

  it("starts anew at midnight UTC, keeps the days before and forgets those of 13 months ago", async () => {
    const midnight = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
    const tenant = new Tenant();
    const count = async (at: number, events: number): Promise<void> => {
      world.now = () => at;
      await tenant.object.lease(lease(tenant, { usage: { ...NO_USAGE, events } }));
    };
    await count(midnight - 1, 3);
    await count(midnight, 5);
    expect((await tenant.object.usage(30)).map(({ events }) => events)).toEqual([5, 3]);
    await count(midnight + 396 * DAY_MS, 7);
    expect((await tenant.object.usage(1_000)).map(({ events }) => events)).toEqual([7, 5]);
  });
});

describe("what is owed", () => {
  it("is still owed after the object's end", async () => {
    const at = Date.now();
    world.now = () => at;
    const tenant = new Tenant();
    expect(await tenant.object.lease(lease(tenant, { rate: 10, left: -1_000 }))).toMatchObject({
      granted: 0,
      level: -900,
      retry_ms: 90_100,
      reason: "rate",
    });
    await expect.poll(async () => (await stored(tenant))?.levels.events).toBe(-900);
    await evictDurableObject(tenant.object);
    expect(await tenant.object.lease(lease(tenant, { rate: 10 }))).toMatchObject({ granted: 0, level: -900 });
  });
});
