/** Ingest keys and tokens of programs: made, limited, rotated, ended, and what each may do at each app. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { type Principal, TOKEN_PERMISSIONS } from "../../../schema/access.ts";
import { HOUR_MS } from "../../../schema/limits.ts";
import { NO_LIMITS, noteUse } from "../../../workers/shared/key-details.ts";
import type { SeededOrg } from "../api/world.ts";
import { bodyOf, Settings } from "./world.ts";

let world: Settings;
let org: SeededOrg;
let admin: Principal;
let global: Principal;

beforeAll(async () => {
  world = await Settings.start();
  org = await world.org("keys", "us");
  admin = await world.person(org, "keys-admin", "admin");
  global = await world.person(await world.org("keys-gl", "global"), "keys-gl-admin", "admin");
});

interface Made {
  key: string;
  details: { key_id: string; expires_at: string | null; region: string; status: string };
}

async function make(body: Record<string, unknown> = {}, who = admin): Promise<Made> {
  const response = await world.as(who, "POST", "/api/v1/keys", { name: "k", ...body });
  expect(response.status).toBe(200);
  return await response.json<Made>();
}

const listed = async (keyId: string): Promise<Record<string, unknown>> => {
  const { keys } = (await bodyOf(await world.as(admin, "GET", "/api/v1/keys"))) as { keys: { key_id: string }[] };
  return { ...keys.find((key) => key.key_id === keyId) };
};

/** As an isolate that has never seen the key: what all say within 60 s. */
const elsewhere = async (key: string, headers: Record<string, string> = {}): Promise<number> =>
  (await (await world.fresh()).post(key, headers)).status;

describe("an ingest key", () => {
  it("is shown once, works, and its last use is noted once an hour", async () => {
    const { key, details } = await make({ name: "CI runners" });
    expect(key).toMatch(/^tf_us_[a-z2-9]{16}_[a-z2-9]{32}[0-9a-f]{12}$/);
    expect(await listed(details.key_id)).toMatchObject({ name: "CI runners", status: "active", last_used_at: null });
    expect((await world.post(key)).status).toBe(202);
    const first = (await listed(details.key_id)).last_used_at;
    expect(Date.now() - Date.parse(String(first))).toBeLessThan(60_000);
    for (const isolate of [world, await world.fresh(), await world.fresh()]) await isolate.post(key);
    expect((await listed(details.key_id)).last_used_at).toBe(first);
  });

  it("has its use written once an hour, also by isolates that do not know of each other", async () => {
    const { details } = await make();
    const at = Date.now();
    const note = async (when: number): Promise<unknown> => {
      const context = createExecutionContext();
      noteUse(org.database, { ...NO_LIMITS, lastUsed: { at: 0 } }, details.key_id, context, when);
      await waitOnExecutionContext(context);
      return Date.parse(String((await listed(details.key_id)).last_used_at)) - at;
    };
    expect([await note(at), await note(at + HOUR_MS - 1), await note(at + HOUR_MS)]).toEqual([0, 0, HOUR_MS]);
  });

  it("may be used only from its addresses, v4 and v6", async () => {
    const { key } = await make({ allowed_ips: ["10.1.0.0/16", "2001:db8::/32", "203.0.113.7"] });
    for (const [address, status] of [
      ["10.1.255.255", 202],
      ["10.2.0.0", 403],
      ["2001:db8:1::1", 202],
      ["2001:db9::1", 403],
      ["203.0.113.7", 202],
      ["::ffff:10.1.2.3", 202],
      ["garbage", 403],
    ] as const) {
      expect([address, (await world.post(key, { "cf-connecting-ip": address })).status]).toEqual([address, status]);
    }
    expect((await world.post(key)).status).toBe(403);
  });

  it("is no browser's unless it names the page's origin, and only then may the page read the answer", async () => {
    const page = "https://app.example";
    const closed = await make();
    const open = await make({ allowed_origins: [page] });
    const ask = async (key: string, origin?: string) => {
      const answer = await world.post(key, origin === undefined ? {} : { origin });
      return [answer.status, answer.headers.get("access-control-allow-origin")];
    };
    expect(await ask(closed.key)).toEqual([202, null]);
    expect(await ask(closed.key, page)).toEqual([403, null]);
    expect(await ask(open.key)).toEqual([202, null]);
    expect(await ask(open.key, page)).toEqual([202, page]);
    for (const evil of ["https://evil.example", "http://app.example", "https://app.example.evil.example", "null"]) {
      expect([evil, ...(await ask(open.key, evil))]).toEqual([evil, 403, null]);
    }
    const broken = await world.post(open.key, { origin: page, "content-encoding": "br" });
    expect([broken.status, broken.headers.get("access-control-allow-origin")]).toEqual([415, page]);
    const preflight = await world.send(world.ingest, "/v1/events", {
      method: "OPTIONS",
      headers: { origin: page, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
  });

  it.each([
    [{ allowed_ips: ["10.0.0.1/8"] }, "allowed_ips.0"],
    [{ allowed_ips: ["10.0.0.0/8", "everywhere"] }, "allowed_ips.1"],
    [{ allowed_origins: ["app.example"] }, "allowed_origins.0"],
    [{ allowed_origins: ["https://app.example/"] }, "allowed_origins.0"],
    [{ allowed_origins: ["*"] }, "allowed_origins.0"],
    [{ expires_at: "2020-01-01T00:00:00Z" }, "expires_at"],
    [{ region: "eu" }, "region"],
  ])("is not made of %j, and the answer says why", async (body, path) => {
    const response = await world.as(admin, "POST", "/api/v1/keys", { name: "k", ...body });
    expect(response.status).toBe(400);
    expect(await bodyOf(response)).toMatchObject({ error: { details: [{ path, message: expect.any(String) }] } });
  });

  it("ends when it expires", async () => {
    const { key, details } = await make({ expires_at: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await elsewhere(key)).toBe(202);
    await world.env.ROUTING_DB.prepare("UPDATE ingest_keys SET expires_at = ? WHERE key_id = ?")
      .bind(Date.now() - 1, details.key_id)
      .run();
    expect(await elsewhere(key)).toBe(401);
    expect(await listed(details.key_id)).toMatchObject({ status: "expired" });
  });

  it("ends when it is revoked; a second time, and for another tenant, there is nothing to revoke", async () => {
    const { key, details } = await make();
    expect(await elsewhere(key)).toBe(202);
    expect((await world.as(global, "DELETE", `/api/v1/keys/${details.key_id}`)).status).toBe(404);
    expect(await elsewhere(key)).toBe(202);
    expect((await world.as(admin, "DELETE", `/api/v1/keys/${details.key_id}`)).status).toBe(200);
    expect(await elsewhere(key)).toBe(401);
    expect((await world.as(admin, "DELETE", `/api/v1/keys/${details.key_id}`)).status).toBe(404);
  });

  it("is rotated with an overlap in which both are good, then only the new one, which has the same limits", async () => {
    const old = await make({ allowed_ips: ["10.0.0.0/8"], name: "fleet" });
    const from = { "cf-connecting-ip": "10.9.9.9" };
    const path = `/api/v1/keys/${old.details.key_id}/rotate`;
    const answer = await world.as(admin, "POST", path, { overlap_hours: 2 });
    const made = await answer.json<Made & { replaced: Record<string, unknown> }>();
    expect(made.replaced).toMatchObject({ status: "active", replaced_by: made.details.key_id });
    expect([await elsewhere(old.key, from), await elsewhere(made.key, from)]).toEqual([202, 202]);
    expect(await elsewhere(made.key)).toBe(403);
    const hours = (Date.parse(String((await listed(old.details.key_id)).expires_at)) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(1.9);
    expect(hours).toBeLessThanOrEqual(2);
    expect((await world.as(admin, "POST", path, {})).status).toBe(409);
    await world.as(admin, "DELETE", `/api/v1/keys/${old.details.key_id}`);
    expect(await listed(old.details.key_id)).toMatchObject({ status: "revoked", replaced_by: made.details.key_id });

    const leaked = await make();
    await world.as(admin, "POST", `/api/v1/keys/${leaked.details.key_id}/rotate`, { overlap_hours: 0 });
    expect(await elsewhere(leaked.key)).toBe(401);
  });

  it("of the tools gets a name, limits and rotation like any other", async () => {
    const { key, keyId } = await world.bareKey(org.orgId, "us");
    expect(await elsewhere(key)).toBe(202);
    const answer = await world.as(admin, "POST", `/api/v1/keys/${keyId}/rotate`, { overlap_hours: 0 });
    expect(answer.status).toBe(200);
    expect(await elsewhere(key)).toBe(401);
  });

  it("says its region: a global organisation chooses, and the nearest is proposed", async () => {
    expect((await world.as(global, "POST", "/api/v1/keys", { name: "k" })).status).toBe(400);
    for (const region of ["us", "eu"]) {
      const { key, details } = await make({ region }, global);
      expect([key.startsWith(`tf_gl-${region}_`), details.region]).toEqual([true, region]);
      expect(await elsewhere(key)).toBe(202);
    }
    expect(await bodyOf(await world.as(global, "GET", "/api/v1/keys"))).toMatchObject({
      regions: ["us", "eu"],
      proposed_region: "us",
    });
  });

  it("may stand in a path only when it is of that class", async () => {
    const header = await make();
    const path = await make({ class: "path" });
    expect(path.key).toMatch(/^tfp_us_/);
    expect((await world.post("", {}, `/i/${path.key}/v1/events`)).status).toBe(202);
    expect((await world.post("", {}, `/i/${header.key}/v1/events`)).status).toBe(401);
  });

  it("leaves records without its text", async () => {
    const actions = (await world.records(org)).map(({ action }) => action);
    expect(new Set(actions)).toEqual(new Set(["key.create", "key.rotate", "key.revoke"]));
    expect(JSON.stringify(await world.records(org))).not.toMatch(/tfp?_(us|eu|gl)[-_]/);
  });

  it("opens nothing but ingest", async () => {
    const { key } = await make();
    for (const path of ["/api/v1/me", "/api/v1/keys", "/api/v1/live/snapshot"]) {
      expect([path, (await world.with(key, path)).status]).toEqual([path, 401]);
    }
  });
});

describe("a program's token", () => {
  const create = async (who: Principal, body: Record<string, unknown> = {}) =>
    await world.as(who, "POST", "/api/v1/tokens", { name: "t", permissions: TOKEN_PERMISSIONS, ...body });
  const made = async (who: Principal, body: Record<string, unknown> = {}) =>
    await (await create(who, body)).json<{ token: string; details: { token_id: string } }>();
  const reads = async (token: string, isolate = world): Promise<number> =>
    (await isolate.with(token, "/api/v1/metrics/summary")).status;

  it("is shown once, reads, notes its last use, and ends when it is revoked", async () => {
    const { token, details } = await made(admin, { scope: "org" });
    expect(token).toMatch(/^tft_us_[a-z2-9]{16}_[a-z2-9]{32}[0-9a-f]{12}$/);
    expect(await reads(token)).toBe(200);
    const { tokens } = (await bodyOf(await world.as(admin, "GET", "/api/v1/tokens"))) as {
      tokens: { token_id: string; last_used_at: string | null }[];
    };
    expect(tokens.find((one) => one.token_id === details.token_id)?.last_used_at).not.toBeNull();
    expect((await world.as(admin, "DELETE", `/api/v1/tokens/${details.token_id}`)).status).toBe(200);
    expect(await reads(token, await world.fresh())).toBe(401);
  });

  it("ends when it expires, also where it is remembered", async () => {
    const { token, details } = await made(admin);
    expect(await reads(token)).toBe(200);
    await org.database
      .prepare("UPDATE api_tokens SET expires_at = ? WHERE token_id = ?")
      .bind(Date.now() - 1, details.token_id)
      .run();
    expect(await reads(token, await world.fresh())).toBe(401);
  });

  it("follows its person: a smaller role narrows it, a suspended organisation closes it", async () => {
    const other = await world.org("tok", "us");
    const boss = await world.person(other, "tok-admin", "admin");
    const { token } = await made(boss, { scope: "org" });
    const scope = async (): Promise<unknown> => {
      const answer = await (await world.fresh()).with(token, "/api/v1/metrics/summary");
      return answer.status === 200 ? (await bodyOf(answer)).scope : answer.status;
    };
    expect(await scope()).toBe("org");
    await other.database.prepare("UPDATE memberships SET role = 'viewer' WHERE user_id = 'tok-admin'").run();
    expect(await scope()).toBe("own");
    await other.database.prepare("UPDATE orgs SET suspended_at = 1 WHERE org_id = 'tok'").run();
    expect(await scope()).toBe(403);
  });

  it("is refused without a look-up when it was not made here, and alike when its secret is another", async () => {
    const { token } = await made(admin);
    const last = token.at(-1) === "0" ? "1" : "0";
    const secret = token.slice(0, 25) + (token[25] === "a" ? "b" : "a") + token.slice(26);
    expect(await reads(token)).toBe(200);
    for (const forged of [token.slice(0, -1) + last, secret, token.replace("_us_", "_eu_"), `${token}x`, "tft_us_"]) {
      const answer = await world.with(forged, "/api/v1/metrics/summary");
      expect([forged === token, answer.status, (await bodyOf(answer)).error]).toMatchObject([
        false,
        401,
        { code: "unauthorized", message: "sign in or send a valid access token" },
      ]);
    }
  });

  it("is for its own organisation: naming another is 403", async () => {
    const { token } = await made(admin, { scope: "org" });
    expect((await world.with(token, "/api/v1/metrics/summary?org=keys")).status).toBe(200);
    expect((await world.with(token, "/api/v1/metrics/summary?org=keys-gl")).status).toBe(403);
  });

  it.each([
    [{ permissions: ["keys:write"] }, 400],
    [{ permissions: [] }, 400],
    [{ expires_in_days: 366 }, 400],
    [{ scope: "all" }, 400],
  ])("is not made of %j", async (body, status) => {
    expect((await create(admin, body)).status).toBe(status);
  });
});
