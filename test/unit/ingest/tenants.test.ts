import { describe, expect, it } from "vitest";
import { PLAN_DEFAULTS } from "../../../schema/api/settings.ts";
import { TENANT_MAX_AGE_MS, TENANT_REFRESH_MS, TENANT_STALE_MS } from "../../../schema/limits.ts";
import { mintKey, parseKey } from "../../../workers/shared/ingest-key.ts";
import { NO_LIMITS } from "../../../workers/shared/key-details.ts";
import { NO_POLICIES } from "../../../workers/shared/tenant-policies.ts";
import { TenantCache, type TenantRecord } from "../../../workers/shared/tenants.ts";

const key = { keyId: "k", keyClass: "header", jurisdiction: "us" } as const;
const record = (revoked = false): TenantRecord => ({
  orgId: "org_a",
  residency: "us",
  jurisdiction: "us",
  region: "us",
  suspended: false,
  ...PLAN_DEFAULTS.starter,
  queueShards: 1,
  bufferShards: 1,
  secretHash: "00",
  expiresAt: undefined,
  revoked,
  limits: NO_LIMITS,
  teamOfUser: new Map(),
  policies: NO_POLICIES,
});

/** A cache with a clock and a database under the test's control. */
function world() {
  const pending: Promise<unknown>[] = [];
  const state = { now: 0, loads: 0, answer: async (): Promise<TenantRecord | undefined> => record() };
  const cache = new TenantCache(
    () => {
      state.loads += 1;
      return state.answer();
    },
    () => state.now,
  );
  const get = () => cache.get(key, { waitUntil: (promise) => void pending.push(promise) });
  return { state, get, settled: () => Promise.all(pending) };
}

describe("the tenant record", () => {
  it("is loaded once for callers that come together", async () => {
    const { state, get } = world();
    await Promise.all([get(), get(), get()]);
    expect(state.loads).toBe(1);
  });

  it("is refreshed in the background, and awaited after 60 s, so that a revoked key dies", async () => {
    const { state, get, settled } = world();
    await get();
    state.answer = async () => record(true);
    state.now = TENANT_REFRESH_MS;
    expect((await get())?.revoked).toBe(false);
    await settled();
    expect((await get())?.revoked).toBe(true);

    const other = world();
    await other.get();
    other.state.answer = async () => record(true);
    other.state.now = TENANT_MAX_AGE_MS;
    expect((await other.get())?.revoked).toBe(true);
  });

  it("is served stale for 15 minutes while the database fails, then nobody knows: 503, not 401", async () => {
    const { state, get } = world();
    await get();
    state.answer = () => Promise.reject(new Error("D1 is down"));
    state.now = TENANT_STALE_MS - 1;
    expect(await get()).toBeDefined();
    state.now = TENANT_STALE_MS;
    await expect(get()).rejects.toMatchObject({ code: "unavailable", retryAfter: 1 });
  });

  it("remembers that a key does not exist, without asking at every request", async () => {
    const { state, get } = world();
    state.answer = async () => undefined;
    expect(await get()).toBeUndefined();
    expect(await get()).toBeUndefined();
    expect(state.loads).toBe(1);
  });
});

describe("an ingest key", () => {
  const secret = "a-secret-of-thirty-two-characters-or-more";

  it("parses into what it was minted with", () => {
    for (const jurisdiction of ["us", "eu", "gl-us", "gl-eu"] as const) {
      for (const keyClass of ["header", "path"] as const) {
        const minted = mintKey(secret, jurisdiction, keyClass);
        expect(parseKey(secret, minted.key)).toEqual({ keyId: minted.keyId, keyClass, jurisdiction });
      }
    }
  });

  it("is refused without I/O under another secret, prefix, jurisdiction or id", () => {
    const { key: text } = mintKey(secret, "us", "header");
    expect(parseKey(`${secret}x`, text)).toBeUndefined();
    expect(parseKey(secret, text.replace("tf_", "tfp_"))).toBeUndefined();
    expect(parseKey(secret, text.replace("_us_", "_eu_"))).toBeUndefined();
    const other = text.slice(6, 7) === "a" ? "b" : "a";
    expect(parseKey(secret, `${text.slice(0, 6)}${other}${text.slice(7)}`)).toBeUndefined();
    expect(parseKey(secret, `${text} `)).toBeUndefined();
  });
});
