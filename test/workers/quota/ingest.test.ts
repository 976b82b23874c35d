import type { Context } from "hono";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EVEN_LEASE_S, USED_LEASE_S } from "../../../durable-objects/quota-lease/limits.ts";
import { DAY_MS, QUOTA_BURST_S } from "../../../schema/limits.ts";
import { Admission } from "../../../workers/ingest/admit.ts";
import type { Env } from "../../../workers/shared/env.ts";
import type { AppEnv } from "../../../workers/shared/http.ts";
import { QuotaGate } from "../../../workers/shared/quota.ts";
import { env, limits, send, shield, Tenant, world } from "./world.ts";

const realNow = world.now;

beforeEach(() => {
  world.now = realNow;
  world.flushMs = 10;
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("events a second", () => {
  it("lets a tenant within its quota in, with headers that say where it stands", async () => {
    const tenant = new Tenant();
    const isolate = tenant.isolate();
    for (let n = 0; n < 5; n++) expect((await send(isolate, tenant, 100)).status).toBe(202);
    const { limit, remaining, reset } = limits(await send(isolate, tenant, 100));
    expect(limit).toBe(10_000);
    expect(remaining).toBeGreaterThan(0);
    expect(reset).toBeLessThanOrEqual(1);
  });

  it("takes the burst, then answers 429 with Retry-After until there are tokens again", async () => {
    const rate = 100;
    const tenant = new Tenant({ max_events_per_second: rate });
    const isolate = tenant.isolate();
    let accepted = 0;
    let refused: Response | undefined;
    while (refused === undefined && accepted < 100 * rate) {
      const answer = await send(isolate, tenant, 50);
      if (answer.status === 202) accepted += 50;
      else refused = answer;
    }
    expect(refused?.status).toBe(429);
    expect(accepted).toBeGreaterThanOrEqual(QUOTA_BURST_S * rate);
    expect(accepted).toBeLessThanOrEqual(QUOTA_BURST_S * rate + 4 * rate);
    if (refused === undefined) return;
    expect(await refused.json()).toMatchObject({ error: { code: "rate_limited" } });
    expect(limits(refused)).toMatchObject({ limit: rate, remaining: 0, retryAfter: 1 });
    await expect.poll(async () => (await send(isolate, tenant, 1)).status, { timeout: 3_000, interval: 200 }).toBe(202);
  });

  it("admits batches larger than the quota, one at a time, and says how long the debt takes", async () => {
    const tenant = new Tenant({ max_events_per_second: 10 });
    const isolate = tenant.isolate();
    expect((await send(isolate, tenant, 1_000)).status).toBe(202);
    const refused = await send(isolate, tenant, 1);
    expect(refused.status).toBe(429);
    const { retryAfter } = limits(refused);
    // 1,000 events less a burst of 100, at ten a second.
    expect(retryAfter).toBeGreaterThan(80);
    expect(retryAfter).toBeLessThanOrEqual(91);
  });

  it("refuses before it reads a body", async () => {
    const tenant = new Tenant({ max_events_per_second: 1 });
    const isolate = tenant.isolate();
    await send(isolate, tenant, 1_000);
    expect((await send(isolate, tenant, 0, { body: "not JSON at all" })).status).toBe(429);
  });

  it("lets the requests of a new isolate that come together wait for its lease", async () => {
    const tenant = new Tenant();
    const isolate = tenant.isolate();
    const answers = await Promise.all(Array.from({ length: 40 }, () => send(isolate, tenant, 250)));
    expect(answers.map(({ status }) => status).filter((status) => status !== 202)).toEqual([]);
  });

  it("holds 20 isolates together to the quota, and leaves another tenant alone", async () => {
    const rate = 200;
    const batch = 50;
    const flood = new Tenant({ max_events_per_second: rate });
    const quiet = new Tenant({ max_events_per_second: rate });
    const isolates = Array.from({ length: 20 }, () => flood.isolate());
    const calm = quiet.isolate();
    const began = Date.now();
    let [accepted, offered] = [0, 0];
    const calmStatuses: number[] = [];
    while (Date.now() - began < 2_000 || offered < 10 * rate * QUOTA_BURST_S) {
      const answers = await Promise.all(isolates.map((isolate) => send(isolate, flood, batch)));
      offered += batch * answers.length;
      accepted += batch * answers.filter(({ status }) => status === 202).length;
      calmStatuses.push((await send(calm, quiet, 1)).status);
    }
    const allowed = rate * (QUOTA_BURST_S + (Date.now() - began) / 1_000);
    const bound = isolates.length * batch + rate * (EVEN_LEASE_S + USED_LEASE_S);
    expect(accepted).toBeLessThanOrEqual(allowed + bound);
    expect(accepted).toBeGreaterThan(0.8 * allowed);
    expect(new Set(calmStatuses)).toEqual(new Set([202]));
  });

  it("takes a raised quota as soon as the record has it", async () => {
    const tenant = new Tenant({ max_events_per_second: 100 });
    const isolate = tenant.isolate();
    await send(isolate, tenant, 1_000);
    await expect.poll(async () => (await send(isolate, tenant, 1)).status, { timeout: 3_000 }).toBe(429);
    tenant.record.quotas = { ...tenant.record.quotas, max_events_per_second: 10_000 };
    await expect.poll(async () => (await send(isolate, tenant, 1)).status, { timeout: 3_000 }).toBe(202);
  });

  it("asks an eu tenant's object in the EU (emulated)", async () => {
    const tenant = new Tenant({}, "eu");
    await send(tenant.isolate(), tenant, 3);
    expect(await tenant.usage()).toMatchObject({ events: 3 });
    const elsewhere = env.QUOTA_LEASE.getByName(tenant.orgId) as unknown as typeof tenant.object;
    expect(await elsewhere.usage(1)).toEqual([]);
  });
});

describe("events a day", () => {
  it("answers 429 until midnight UTC once they are used up, and lets the next day in", async () => {
    const noon = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2;
    world.now = () => noon;
    const tenant = new Tenant({ max_events_per_day: 100 });
    const isolate = tenant.isolate();
    expect((await send(isolate, tenant, 100)).status).toBe(202);
    await expect.poll(async () => (await send(isolate, tenant, 1)).status, { timeout: 3_000 }).toBe(429);
    const refused = await send(isolate, tenant, 1);
    const { limit, retryAfter } = limits(refused);
    expect([limit, retryAfter]).toEqual([100, DAY_MS / 2 / 1_000]);
    expect(await refused.text()).toContain("of today (UTC)");
    expect((await send(tenant.isolate(), tenant, 1)).status).toBe(202);
    // A new isolate, so that nobody waits for the refusal to be asked again.
    world.now = () => noon + DAY_MS / 2;
    const fresh = tenant.isolate();
    for (let n = 0; n < 3; n++) expect((await send(fresh, tenant, 30)).status).toBe(202);
    expect(await tenant.usage()).toMatchObject({ events: 90 });
  });
});

describe("a quota object that fails", () => {
  it("is failed open, bounded by half a second's quota a second, and logged once", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const broken: Env = {
      ...env,
      QUOTA_LEASE: {
        getByName: () => ({
          lease: async () => {
            throw new Error("object is overloaded");
          },
        }),
      } as unknown as DurableObjectNamespace,
    };
    const rate = 200;
    const tenant = new Tenant({ max_events_per_second: rate });
    const isolate = tenant.isolate();
    const began = Date.now();
    let [accepted, refused] = [0, 0];
    while (Date.now() - began < 1_500) {
      const { status } = await send(isolate, tenant, 10, { env: broken });
      if (status === 202) accepted += 10;
      else refused += 1;
      expect([202, 429]).toContain(status);
    }
    const leases = 1 + Math.ceil((Date.now() - began) / 1_000);
    expect(accepted).toBeGreaterThanOrEqual(rate / 2);
    expect(accepted).toBeLessThanOrEqual(leases * (rate / 2 + 2 * 10));
    expect(refused).toBeGreaterThan(0);
    expect(warned.mock.calls.filter(([line]) => String(line).includes("quota_lease_failed"))).toHaveLength(1);
  });
});

describe("the shield", () => {
  /** A request as the shield sees it: its address, the real binding, and what it leaves behind. */
  function requestFrom(address: string) {
    const left: Promise<unknown>[] = [];
    const executionCtx = { waitUntil: (promise: Promise<unknown>) => left.push(promise) };
    const raw = { headers: new Headers({ "cf-connecting-ip": address }) };
    const context = { env: { ...env, SHIELD_IP: shield }, executionCtx, req: { raw } } as unknown as Context<AppEnv>;
    return { context, settled: () => Promise.all(left) };
  }

  it("refuses an address that the binding refuses, from the next request on, and no other", async () => {
    const admission = new Admission(new QuotaGate("events"));
    const now = Date.now();
    const { context, settled } = requestFrom("203.0.113.9");
    const refused = async (): Promise<boolean> => {
      try {
        for (let n = 0; n < 1_010; n++) admission.shieldAddress(context, now);
      } catch (error) {
        expect(error).toMatchObject({ code: "rate_limited", retryAfter: 10 });
        return true;
      }
      await settled();
      return false;
    };
    expect(await refused()).toBe(false);
    await expect.poll(refused).toBe(true);
    admission.shieldAddress(requestFrom("203.0.113.10").context, now);
  });

  it("is not there without its binding", () => {
    const { context } = requestFrom("203.0.113.11");
    const unbound = { ...context, env: { ...context.env, SHIELD_IP: undefined } } as unknown as Context<AppEnv>;
    const admission = new Admission(new QuotaGate("events"));
    for (let n = 0; n < 100_000; n++) admission.shieldAddress(unbound, 0);
  });
});
