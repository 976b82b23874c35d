/** The OWASP API Security Top 10 (2023), one test each or a few, against the system as a user starts it. */

import { rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Permission, ROLE_PERMISSIONS, ROLES } from "../../schema/access.ts";
import { ErrorBodySchema } from "../../schema/errors.ts";
import { ROUTES } from "../../workers/api/routes.ts";
import { type Signer, signerOf } from "../support/api-tokens.ts";
import { query, settledBooks } from "../support/ledger.ts";
import { type Contract, fillPath, type Operation, readContract } from "../support/openapi.ts";
import { startTenfold, type Tenfold } from "../support/tenfold.ts";

const MINE = "org_acme";
const THEIRS = "org_globex";
const SETTLE_MS = 30_000;

let tenfold: Tenfold;
let signer: Signer;
let contract: Contract;

beforeAll(async () => {
  tenfold = await startTenfold();
  signer = signerOf(tenfold.dataDir, tenfold.devJson);
  contract = await readContract(tenfold.url);
  for (const org of [MINE, THEIRS]) await sendEvents(org, [eventOf(`session-of-${org}`)]);
  const expected = { [`${MINE}/error`]: 1, [`${THEIRS}/error`]: 1 };
  expect(await settledBooks(tenfold.devJson, expected, SETTLE_MS, "session_id LIKE 'session-of-%'")).toEqual(expected);
});

afterAll(async () => {
  await tenfold.stop();
  rmSync(tenfold.dataDir, { recursive: true, force: true });
});

const orgOf = (orgId: string) => {
  const org = tenfold.devJson.orgs.find(({ org_id }) => org_id === orgId);
  if (org === undefined) throw new Error(`no org ${orgId}`);
  return org;
};
const eventOf = (session_id: string, fields: object = {}) => ({
  event_id: crypto.randomUUID(),
  event_type: "error",
  timestamp: new Date(Date.now() - 2_000).toISOString(),
  user_id: `person-of-${session_id}`,
  session_id,
  ...fields,
});

async function sendEvents(orgId: string, events: readonly object[]): Promise<void> {
  const headers = { authorization: `Bearer ${orgOf(orgId).ingest_key}` };
  const response = await fetch(`${tenfold.url}/v1/events`, { method: "POST", headers, body: JSON.stringify(events) });
  expect(await response.json()).toMatchObject({ accepted: events.length, rejected: [] });
}

interface Ask {
  method?: string;
  authorization?: string | undefined;
  body?: unknown;
  headers?: Record<string, string>;
}

/** One request; a fresh token of my admin unless told otherwise. */
async function ask(path: string, given: Ask = {}): Promise<Response> {
  const { method = "GET", body, headers = {} } = given;
  const authorization = "authorization" in given ? given.authorization : `Bearer ${await signer.token(MINE, "admin")}`;
  return await fetch(`${tenfold.url}${path}`, {
    method,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: "manual",
  });
}

const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;
const forPeople = (): Operation[] => contract.operations.filter((operation) => operation.forPeople);

/** An operation asked with nothing but places filled; enough for what is decided before bodies and queries are read. */
async function askOperation(operation: Operation, given: Ask, place = "nothing-here"): Promise<Response> {
  const body = operation.requestBody === undefined ? undefined : {};
  const response = await ask(
    fillPath(operation.path, () => place),
    { method: operation.method, body, ...given },
  );
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) await response.body?.cancel();
  return response;
}

describe("API1 broken object level authorization", () => {
  it("answers the same for an object of another tenant as for one that nobody has, on every path with an id", async () => {
    const signedIn = `Bearer ${await signer.token(THEIRS, "admin")}`;
    expect((await ask(`/api/v1/sessions/session-of-${THEIRS}`, { authorization: signedIn })).status).toBe(200);
    const theirs = [`session-of-${THEIRS}`, "usr_globex_user", THEIRS, await theirKeyId()];
    const withId = forPeople().filter(({ path }) => path.includes("{"));
    expect(withId.length).toBeGreaterThan(0);
    for (const operation of withId) {
      const nobodys = await askOperation(operation, {}, "nothing-here");
      for (const id of theirs) {
        const response = await askOperation(operation, {}, id);
        expect([nameOf(operation), id, response.status]).toEqual([nameOf(operation), id, nobodys.status]);
        expect(response.status).toBeGreaterThanOrEqual(400);
      }
    }
    expect((await ask(`/api/v1/sessions/session-of-${THEIRS}`, { authorization: signedIn })).status).toBe(200);
  });

  it("refuses a request that names another tenant, on every route", async () => {
    for (const operation of forPeople()) {
      const path = fillPath(operation.path, () => "nothing-here");
      const body = operation.requestBody === undefined ? undefined : {};
      const response = await ask(`${path}?org=${THEIRS}`, { method: operation.method, body });
      const upgrade = operation.path === "/api/v1/live";
      expect([nameOf(operation), response.status]).toEqual([nameOf(operation), upgrade ? 400 : 403]);
    }
  });

  it("refuses events that name another tenant, the whole request of them", async () => {
    const headers = { "content-type": "application/json" };
    const body = [eventOf("session-forged"), eventOf("session-forged", { org_id: THEIRS })];
    const authorization = `Bearer ${orgOf(MINE).ingest_key}`;
    expect((await ask("/v1/events", { method: "POST", authorization, headers, body })).status).toBe(403);
    expect(await query(tenfold.devJson, "us", "SELECT 1 FROM events WHERE session_id = 'session-forged'")).toEqual([]);
  });
});

/** The id in their ingest key: `tf_<jurisdiction>_<id>_<secret>`. */
async function theirKeyId(): Promise<string> {
  return orgOf(THEIRS).ingest_key.split("_")[2] ?? "";
}

describe("API2 broken authentication", () => {
  it("answers 401 to every forged or missing token, on every route for people", async () => {
    const forgeries = await signer.forgeries(MINE, THEIRS);
    for (const operation of forPeople().filter(({ path }) => path !== "/api/v1/live")) {
      for (const [name, authorization] of Object.entries(forgeries)) {
        const response = await askOperation(operation, { authorization });
        expect([nameOf(operation), name, response.status]).toEqual([nameOf(operation), name, 401]);
        expect(ErrorBodySchema.parse(await response.json()).error.code).toBe("unauthorized");
      }
    }
  });

  it("lets no forged token open a socket", async () => {
    for (const [name, authorization] of Object.entries(await signer.forgeries(MINE, THEIRS))) {
      const headers = { ...websocketHeaders(), ...(authorization === undefined ? {} : { authorization }) };
      expect([name, await upgradeStatus("/api/v1/live", headers)]).toEqual([name, 401]);
    }
    expect(await upgradeStatus("/api/v1/live?ticket=invented", websocketHeaders())).toBe(401);
    const authorization = `Bearer ${await signer.token(MINE, "admin")}`;
    expect(await upgradeStatus("/api/v1/live", { ...websocketHeaders(), authorization })).toBe(101);
  });

  it("says the same for a wrong password as for an account that does not exist", async () => {
    const [email = ""] = orgOf(MINE).users.map((user) => user.email);
    const answers = await Promise.all(
      [email, "nobody@acme.example"].map(async (address) => {
        const body = { email: address, password: "wrong password" };
        const response = await ask("/api/auth/sign-in/email", { method: "POST", authorization: undefined, body });
        const { error } = ErrorBodySchema.parse(await response.json());
        return [response.status, error.code, error.message, response.headers.getSetCookie().length];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[0]).toBe(401);
  });

  it("takes no ingest key where people sign in, and no person's token where agents send", async () => {
    expect((await ask("/api/v1/me", { authorization: `Bearer ${orgOf(MINE).ingest_key}` })).status).toBe(401);
    expect((await ask("/v1/events", { method: "POST", body: [eventOf("session-token")] })).status).toBe(401);
    const reprefixed = orgOf(MINE).ingest_key.replace("tf_us_", "tf_eu_");
    const response = await ask("/v1/events", { method: "POST", authorization: `Bearer ${reprefixed}`, body: [] });
    expect(response.status).toBe(401);
  });
});

const websocketHeaders = (): Record<string, string> => ({
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
});

/** The status of an upgrade request; a socket that opens is closed again. */
async function upgradeStatus(path: string, headers: Record<string, string>): Promise<number> {
  const { request } = await import("node:http");
  return await new Promise((resolve, reject) => {
    const sent = request(`${tenfold.url}${path}`, { headers });
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    sent.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("API3 broken object property level authorization", () => {
  it("takes no property and no parameter that it does not know, and says which", async () => {
    const credentials = { email: "admin@acme.example", password: "x", role: "admin" };
    const signIn = await ask("/api/auth/sign-in/email", {
      method: "POST",
      authorization: undefined,
      body: credentials,
    });
    expect(signIn.status).toBe(400);
    expect(await signIn.text()).toContain("role");
    const reads = forPeople().filter(({ method, path }) => method === "GET" && path !== "/api/v1/live");
    for (const operation of reads) {
      const path = fillPath(operation.path, () => "nothing-here");
      expect([path, (await ask(`${path}?is_admin=true`)).status]).toEqual([path, 400]);
    }
  });

  it("lets no sender say what only the edge may: receipt, region, price, version", async () => {
    const forged = {
      received_at: "2020-01-01T00:00:00.000Z",
      region: "moon",
      _ver: 1,
      team_id: "x",
      cost_source: "reported",
    };
    await sendEvents(MINE, [eventOf("session-claims", { ...forged, event_category: "usage" })]);
    const books = { [`${MINE}/error`]: 1 };
    expect(await settledBooks(tenfold.devJson, books, SETTLE_MS, "session_id = 'session-claims'")).toEqual(books);
    const sql =
      "SELECT toYear(received_at) > 2020 AS fresh, region != 'moon' AS ours, _ver > 1000000 AS versioned FROM events WHERE session_id = 'session-claims'";
    expect(await query(tenfold.devJson, "us", sql)).toEqual([{ fresh: 1, ours: 1, versioned: 1 }]);
  });

  it("answers with no hash, secret or key in any read", async () => {
    for (const operation of forPeople().filter(({ method, path }) => method === "GET" && !path.includes("/live"))) {
      const text = await (await askOperation(operation, {}, `session-of-${MINE}`)).text();
      expect([nameOf(operation), text]).toEqual([
        nameOf(operation),
        // Fields and values, not words: a rule may speak of passwords, a policy of what it hashes.
        expect.not.stringMatching(/"\w*(?:hash|passw)\w*":|scrypt|tf_us_\w+_\w{20}/i),
      ]);
    }
  });
});

/** Characters above the largest limit of an API body, that of a price list. */
const HUGE_BODY = 300_000;

describe("API4 unrestricted resource consumption", () => {
  it("takes no body above its limit, compressed or not, and nothing nested without end", async () => {
    const authorization = `Bearer ${orgOf(MINE).ingest_key}`;
    const bomb = gzipSync(Buffer.alloc(200_000_000, "[{},"));
    const post = (body: BodyInit, headers: Record<string, string>) =>
      fetch(`${tenfold.url}/v1/events`, { method: "POST", headers: { authorization, ...headers }, body });
    expect((await post(bomb, { "content-encoding": "gzip" })).status).toBe(413);
    expect((await post(gzipSync("x".repeat(6_000_000)), { "content-encoding": "gzip" })).status).toBe(413);
    expect((await post("[".repeat(1_000_000), {})).status).toBe(400);
    const tooMany = JSON.stringify(Array.from({ length: 1_001 }, () => eventOf("session-many")));
    expect((await post(tooMany, {})).status).toBe(413);
    for (const operation of forPeople().filter(({ requestBody }) => requestBody !== undefined)) {
      const response = await askOperation(operation, { body: { name: "x".repeat(HUGE_BODY) } });
      expect([nameOf(operation), response.status]).toEqual([nameOf(operation), 413]);
    }
  });

  it("gives no page and no range without a bound", async () => {
    for (const path of [
      "/api/v1/sessions?limit=1000000",
      "/api/v1/sessions?limit=-1",
      "/api/v1/metrics/timeseries?metric=events&interval=10s&from=2026-01-01T00:00:00Z&to=2026-11-01T00:00:00Z",
      `/api/v1/metrics/summary?agent=${"x".repeat(5_000)}`,
    ]) {
      expect([path, (await ask(path)).status]).toEqual([path, 400]);
    }
  });

  it("holds one caller to its requests a minute, and says when to come back", async () => {
    const authorization = `Bearer ${await signer.token(MINE, "viewer")}`;
    const statuses: number[] = [];
    let retryAfter: string | null = null;
    for (let i = 0; i < 130; i++) {
      const response = await ask("/api/v1/me", { authorization });
      statuses.push(response.status);
      if (response.status === 429) retryAfter = response.headers.get("retry-after");
    }
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(101);
    expect(Number(retryAfter)).toBeGreaterThan(0);
  });
});

describe("API5 broken function level authorization", () => {
  it("refuses every role each route that its rights do not hold", async () => {
    let refused = 0;
    for (const role of ROLES) {
      const authorization = `Bearer ${await signer.token(MINE, role)}`;
      for (const route of ROUTES) {
        if (!("permission" in route.access)) continue;
        const { permission }: { permission: Permission } = route.access;
        if (ROLE_PERMISSIONS[role][permission] !== undefined) continue;
        const path = route.path.replace(/:\w+/g, "nothing-here");
        const body = route.body === undefined ? undefined : {};
        const response = await ask(path, { method: route.method.toUpperCase(), authorization, body });
        expect([role, route.method, path, response.status]).toEqual([role, route.method, path, 403]);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
  });

  it("keeps what is for operators from every person and agent", async () => {
    const body = { source: "spill" };
    for (const authorization of [
      undefined,
      `Bearer ${await signer.token(MINE, "admin")}`,
      `Bearer ${orgOf(MINE).ingest_key}`,
      "Bearer x",
    ]) {
      expect((await ask("/operator/replay", { method: "POST", authorization, body })).status).toBe(401);
    }
  });
});

describe("API6 unrestricted access to sensitive business flows", () => {
  it("opens one socket for a ticket, once, and counts an event once however often it is sent", async () => {
    const issued = await ask("/api/v1/live/ticket", { method: "POST" });
    const { ticket } = z.object({ ticket: z.string() }).parse(await issued.json());
    const path = `/api/v1/live?ticket=${encodeURIComponent(ticket)}`;
    expect(await upgradeStatus(path, websocketHeaders())).toBe(101);
    expect(await upgradeStatus(path, websocketHeaders())).toBe(401);
    const event = eventOf("session-replayed");
    for (let i = 0; i < 5; i++) await sendEvents(MINE, [event]);
    const books = { [`${MINE}/error`]: 1 };
    expect(await settledBooks(tenfold.devJson, books, SETTLE_MS, "session_id = 'session-replayed'")).toEqual(books);
  });
});

describe("API7 server side request forgery", () => {
  let canary: Server;
  const visits: string[] = [];

  beforeAll(async () => {
    canary = createServer((request, response) => {
      visits.push(request.url ?? "");
      response.end();
    });
    await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => canary.close());

  it("fetches no address that a request or an event names", async () => {
    const { port } = canary.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}/seen`;
    for (const operation of forPeople()) {
      const query = new URLSearchParams(
        (operation.parameters ?? []).filter((one) => one.in === "query").map(({ name }) => [name, address]),
      );
      const path = fillPath(operation.path, () => address);
      const body =
        operation.requestBody === undefined ? undefined : { url: address, name: address, billing_email: address };
      const headers = {
        "x-forwarded-host": `127.0.0.1:${port}`,
        forwarded: `host=127.0.0.1:${port}`,
        referer: address,
      };
      const response = await ask(`${path}?${query}`, { method: operation.method, body, headers });
      await response.body?.cancel();
    }
    await sendEvents(MINE, [
      eventOf("session-url", { event_type: "pr_created", metadata: { url: address, repo: address } }),
      eventOf("session-url", { event_type: "session_start", metadata: { webhook: address }, repo: address }),
    ]);
    const books = { [`${MINE}/pr_created`]: 1, [`${MINE}/session_start`]: 1 };
    expect(await settledBooks(tenfold.devJson, books, SETTLE_MS, "session_id = 'session-url'")).toEqual(books);
    await delay(0);
    expect(visits).toEqual([]);
    expect((await fetch(address)).ok && visits.length).toBe(1);
  });
});

describe("API8 security misconfiguration", () => {
  it("sends the safety headers with every kind of answer, and opens nothing to other origins", async () => {
    const origin = { origin: "https://evil.example" };
    const page = await (await fetch(tenfold.url)).text();
    const [asset = ""] = /\/assets\/[\w.-]+\.js/.exec(page) ?? [];
    expect(asset).not.toBe("");
    const kinds = [
      "/",
      "/live",
      asset,
      "/api/docs",
      "/api/openapi.json",
      "/api/v1/me",
      "/api/nothing",
      "/healthz",
      "/operator/x",
      "/v1/events",
      "/i/x/v1/events",
    ];
    for (const path of kinds) {
      const response = await ask(path, { authorization: undefined, headers: origin });
      const { headers } = response;
      const policy = headers.get("content-security-policy") ?? "";
      expect([path, headers.get("x-content-type-options"), policy]).toEqual([
        path,
        "nosniff",
        expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
      ]);
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(headers.get("referrer-policy")).toMatch(/^(no-referrer|same-origin)$/);
      expect([
        path,
        [...headers.keys()].filter((name) => /^access-control-|^server$|^x-powered-by$/.test(name)),
      ]).toEqual([path, []]);
      // What is remembered for seconds may be kept by the person's own browser, which asks each time.
      if (path.startsWith("/api/v1")) expect(headers.get("cache-control")).toMatch(/^(no-store|private, no-cache)$/);
    }
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=|<style|javascript:/i);
  });

  it("keeps the session in a cookie that scripts cannot read and other sites cannot send", async () => {
    const [user] = orgOf(MINE).users;
    const body = { email: user?.email, password: user?.password };
    const response = await ask("/api/auth/sign-in/email", { method: "POST", authorization: undefined, body });
    expect(response.status).toBe(200);
    for (const cookie of response.headers.getSetCookie())
      expect(cookie).toMatch(/HttpOnly.*SameSite=Lax|SameSite=Lax.*HttpOnly/);
    const cookie = response.headers
      .getSetCookie()
      .map((value) => value.split(";")[0])
      .join("; ");
    for (const operation of contract.operations.filter(
      ({ method, path }) => method !== "GET" && path.startsWith("/api/v1"),
    )) {
      const path = fillPath(operation.path, () => "nothing-here");
      for (const headers of [{ cookie }, { cookie, origin: "https://evil.example" }] as Record<string, string>[]) {
        const forged = await ask(path, { method: operation.method, authorization: undefined, headers, body: {} });
        expect([nameOf(operation), forged.status]).toEqual([nameOf(operation), 403]);
      }
    }
    const foreign = { ...websocketHeaders(), cookie, origin: "https://evil.example" };
    expect(await upgradeStatus("/api/v1/live", foreign)).toBe(403);
  });
});

describe("API9 improper inventory management", () => {
  it("answers under the API nothing that is not in its document", async () => {
    const documented = new Set(contract.operations.map(nameOf));
    for (const route of ROUTES) {
      expect(documented).toContain(`${route.method.toUpperCase()} ${route.path.replace(/:(\w+)/g, "{$1}")}`);
    }
    const guesses = [
      "/api",
      "/v2",
      "/v0",
      "/internal",
      "/admin",
      "/debug",
      "/graphql",
      "/metrics",
      "/actuator",
      "/v1/admin",
      "/v1/users",
      "/v1/debug",
      "/v1/sql",
      "/swagger.json",
      "/.env",
      "/.git/config",
    ];
    for (const guess of guesses) {
      const response = await ask(`/api${guess}`);
      expect([guess, response.status]).toEqual([guess, 404]);
      expect(ErrorBodySchema.parse(await response.json()).error.code).toBe("not_found");
    }
    for (const path of [
      "/.env",
      "/.git/config",
      "/wrangler.toml",
      "/package.json",
      "/dev.json",
      "/secrets.json",
      "/assets/../wrangler.toml",
      "/index.js.map",
    ]) {
      const text = await (await ask(path, { authorization: undefined })).text();
      expect([path, text]).toEqual([
        path,
        expect.not.stringMatching(/KEY_TAG_SECRET|JWT_PRIVATE_KEY|\[core\]|"devDependencies"|ingest_key/),
      ]);
    }
  });
});

describe("API10 unsafe consumption of APIs", () => {
  it("treats what agents and model vendors say as text: stored as it was sent, run by nobody", async () => {
    const hostile = [
      "<script>alert(1)</script>",
      "'; DROP TABLE events; --",
      "{{7*7}}<%= 7*7 %>",
      "\u0000\u202e🚀",
      "=cmd|' /C calc'!A0",
      "a\r\nset-cookie: x=1",
    ];
    const body = `[${JSON.stringify(eventOf("session-proto")).slice(0, -1)},"metadata":{"__proto__":{"admin":true}}}]`;
    const headers = { authorization: `Bearer ${orgOf(MINE).ingest_key}` };
    const polluted = await fetch(`${tenfold.url}/v1/events`, { method: "POST", headers, body });
    expect(await polluted.json()).toMatchObject({ accepted: 0, rejected: [{ code: "invalid_key" }] });
    const nested = { constructor: { prototype: { admin: true } } };
    const events = hostile.map((text) =>
      eventOf("session-hostile", { repo: text, agent: text, metadata: { message: text, nested } }),
    );
    await sendEvents(MINE, events);
    const books = { [`${MINE}/error`]: hostile.length };
    expect(await settledBooks(tenfold.devJson, books, SETTLE_MS, "session_id = 'session-hostile'")).toEqual(books);
    const response = await ask("/api/v1/sessions/session-hostile");
    expect([response.status, response.headers.get("content-type"), response.headers.get("set-cookie")]).toEqual([
      200,
      "application/json",
      null,
    ]);
    const shown = z
      .looseObject({ events: z.array(z.looseObject({ metadata: z.looseObject({ message: z.string() }) })) })
      .parse(await response.json());
    expect(shown.events.map(({ metadata }) => metadata.message).sort()).toEqual([...hostile].sort());
    const me = z.looseObject({ role: z.string() }).parse(await (await ask("/api/v1/me")).json());
    expect([me.role, "admin" in me]).toEqual(["admin", false]);
  });
});
