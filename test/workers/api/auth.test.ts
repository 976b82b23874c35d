import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { MeAnswerSchema, SignInAnswerSchema, TokenAnswerSchema } from "../../../schema/api/auth.ts";
import { memberships, users } from "../../../schema/d1/config.ts";
import { hashPassword } from "../../../workers/shared/password.ts";
import { cookieOf, type ErrorAnswer, ORIGIN, PASSWORD, type SeededOrg, World } from "./world.ts";

let world: World;
let us: SeededOrg;
let eu: SeededOrg;

beforeAll(async () => {
  world = await World.create();
  us = await world.org("auth-us", "us");
  eu = await world.org("auth-eu", "eu");
  await world.person(us, "ada", "admin", { teamId: "t1" });
  await world.person(eu, "eva", "viewer");
});

const credentials = { email: "ada@example.com", password: PASSWORD };

describe("sign-in", () => {
  it("gives an access token that works and sets an HttpOnly cookie that works", async () => {
    const response = await world.signIn({ ...credentials, email: " ADA@example.com" }, { origin: ORIGIN });
    expect(response.status).toBe(200);
    const answer = SignInAnswerSchema.strict().parse(await response.json());
    expect(answer.orgs.map(({ org_id }) => org_id)).toEqual(["auth-us"]);
    const setCookie = response.headers.get("set-cookie") ?? "";
    expect(setCookie).toMatch(/HttpOnly/);
    expect(setCookie).toMatch(/SameSite=Lax/);
    expect(setCookie).toMatch(/Max-Age=43200/);
    const ways: Record<string, string>[] = [
      { authorization: `Bearer ${answer.access_token}` },
      { cookie: cookieOf(response) },
    ];
    for (const headers of ways) {
      const me = await world.fetch("/api/v1/me", { headers });
      expect(me.status).toBe(200);
      expect(MeAnswerSchema.strict().parse(await me.json())).toMatchObject({
        user_id: "ada",
        email: "ada@example.com",
        org_id: "auth-us",
        role: "admin",
        team_id: "t1",
        permissions: expect.arrayContaining([{ permission: "metrics:read", scope: "org" }]),
      });
    }
  });

  it("uses a Secure __Host- cookie everywhere but on plain http of this machine", async () => {
    const local = await world.signIn(credentials, {}, "http://localhost:8787");
    expect(local.headers.get("set-cookie")).toMatch(/^tenfold-local=/);
    expect(local.headers.get("set-cookie")).not.toMatch(/Secure/);
    for (const origin of ["https://app.tenfold.example", "http://app.tenfold.example", "https://127.0.0.1"]) {
      const header = (await world.signIn(credentials, {}, origin)).headers.get("set-cookie") ?? "";
      expect([origin, header]).toEqual([origin, expect.stringMatching(/^__Host-tenfold=/)]);
      expect(header).toMatch(/; Path=\/;.*Secure/);
      expect(header).not.toMatch(/Domain/);
    }
  });

  it("says the same for a wrong password and for nobody, and works as hard", async () => {
    const time = async (email: string) => {
      const start = performance.now();
      const response = await world.signIn({ email, password: "not the password" });
      const { error } = await response.json<ErrorAnswer>();
      expect(response.status).toBe(401);
      expect(response.headers.get("set-cookie")).toBeNull();
      return { message: `${error.code} ${error.message}`, ms: performance.now() - start };
    };
    const known = await time("ada@example.com");
    const unknown = await time("nobody@example.com");
    expect(unknown.message).toBe(known.message);
    expect(unknown.ms).toBeGreaterThan(known.ms / 4);
  });

  it("refuses bodies that are no sign-in, each with a reason", async () => {
    const cases: [unknown, number, string][] = [
      ["", 400, "empty_body"],
      ["{", 400, "invalid_body"],
      ['"x"', 400, "invalid_request"],
      [{ email: "ada@example.com" }, 400, "invalid_request"],
      [{ ...credentials, admin: true }, 400, "invalid_request"],
      [{ ...credentials, password: ["a"] }, 400, "invalid_request"],
      [{ ...credentials, password: "x".repeat(20_000) }, 413, "payload_too_large"],
    ];
    for (const [body, status, code] of cases) {
      const response = await world.signIn(body);
      expect([body, response.status, (await response.json<ErrorAnswer>()).error.code]).toEqual([body, status, code]);
    }
    const form = await world.signIn("email=a", { "content-type": "application/x-www-form-urlencoded" });
    expect(form.status).toBe(415);
  });

  it("refuses another site's page", async () => {
    expect((await world.signIn(credentials, { origin: "https://evil.example" })).status).toBe(403);
    expect((await world.signIn(credentials, { origin: "null" })).status).toBe(403);
  });

  it("refuses an org the person is no member of, and a suspended one", async () => {
    expect((await world.signIn({ ...credentials, org: "auth-eu" })).status).toBe(403);
    const off = await world.org("auth-off", "us", { suspended: true });
    await world.person(off, "otto", "admin");
    const response = await world.signIn({ email: "otto@example.com", password: PASSWORD });
    expect([response.status, (await response.json<ErrorAnswer>()).error.code]).toEqual([403, "org_suspended"]);
  });
});

describe("jurisdiction", () => {
  const evas = { email: "eva@example.com", password: PASSWORD };

  it("is the host's, decided before anything is read", async () => {
    expect((await world.signIn(evas, {}, "https://eu.tenfold.example")).status).toBe(200);
    expect((await world.signIn(evas, {}, "https://app.tenfold.example")).status).toBe(401);
    expect((await world.signIn(credentials, {}, "https://eu.tenfold.example")).status).toBe(401);
    const elsewhere = { "x-tenfold-jurisdiction": "eu" };
    expect((await world.signIn(evas, elsewhere, "https://app.tenfold.example")).status).toBe(401);
  });

  it("on this machine is the header's, and both without one", async () => {
    expect((await world.signIn(evas)).status).toBe(200);
    expect((await world.signIn(evas, { "x-tenfold-jurisdiction": "eu" })).status).toBe(200);
    expect((await world.signIn(evas, { "x-tenfold-jurisdiction": "us" })).status).toBe(401);
    expect((await world.signIn(evas, { "x-tenfold-jurisdiction": "mars" })).status).toBe(400);
  });

  it("never reads the global database for a sign-in on the eu host", async () => {
    const forbidden = { ...world.env, CONFIG_DB: failingDatabase() };
    const guarded = new World(forbidden);
    expect((await guarded.signIn(evas, {}, "https://eu.tenfold.example")).status).toBe(200);
    expect((await guarded.signIn(credentials, {}, "https://app.tenfold.example")).status).toBe(503);
  });

  it("signs eu tokens with the eu key only", async () => {
    const answer = SignInAnswerSchema.parse(await (await world.signIn(evas)).json());
    const header: unknown = JSON.parse(atob(answer.access_token.split(".")[0] ?? ""));
    expect(header).toMatchObject({ alg: "ES256", kid: "eu-test" });
  });

  it("keeps an eu session out of the global host", async () => {
    const cookie = cookieOf(await world.signIn(evas, {}, "https://eu.tenfold.example"));
    const ask = (origin: string) => world.fetch("/api/v1/me", { headers: { cookie } }, origin);
    expect((await ask("https://eu.tenfold.example")).status).toBe(200);
    expect((await ask("https://app.tenfold.example")).status).toBe(401);
  });
});

describe("cookie session", () => {
  it("gives fresh access tokens, for an org the person is a member of", async () => {
    const second = await world.org("auth-us-2", "global");
    await world.person(second, "ada", "viewer");
    const cookie = cookieOf(await world.signIn(credentials));
    const ask = async (query: string) => await world.fetch(`/api/auth/token${query}`, { headers: { cookie } });
    expect(TokenAnswerSchema.strict().parse(await (await ask("")).json())).toMatchObject({
      org_id: "auth-us",
      expires_in: expect.closeTo(600, -1),
    });
    expect(TokenAnswerSchema.parse(await (await ask("?org=auth-us-2")).json()).org_id).toBe("auth-us-2");
    expect((await ask("?org=auth-eu")).status).toBe(403);
    expect((await ask("?other=1")).status).toBe(400);
    const me = await world.fetch("/api/v1/me?org=auth-us-2", { headers: { cookie } });
    expect(MeAnswerSchema.parse(await me.json())).toMatchObject({ org_id: "auth-us-2", role: "viewer" });
    expect((await world.fetch("/api/v1/me?org=auth-eu", { headers: { cookie } })).status).toBe(403);
  });

  it("cannot be made out of an access token, nor the other way round", async () => {
    const response = await world.signIn(credentials);
    const { access_token } = SignInAnswerSchema.parse(await response.json());
    const session = cookieOf(response).split("=")[1] ?? "";
    expect(
      (await world.fetch("/api/auth/token", { headers: { authorization: `Bearer ${access_token}` } })).status,
    ).toBe(401);
    expect((await world.fetch("/api/v1/me", { headers: { cookie: `tenfold-local=${access_token}` } })).status).toBe(
      401,
    );
    expect((await world.fetch("/api/v1/me", { headers: { authorization: `Bearer ${session}` } })).status).toBe(401);
  });

  it("lives 12 hours", async () => {
    const cookie = cookieOf(await world.signIn(credentials));
    const ask = async () => (await world.fetch("/api/auth/token", { headers: { cookie } })).status;
    const signedInAt = Date.now();
    const clock = vi.spyOn(Date, "now");
    try {
      clock.mockReturnValue(signedInAt + 11.9 * 3_600_000);
      expect(await ask()).toBe(200);
      clock.mockReturnValue(signedInAt + 12.1 * 3_600_000);
      expect(await ask()).toBe(401);
    } finally {
      clock.mockRestore();
    }
  });

  it("ends on time also where its principal is remembered", async () => {
    const cookie = cookieOf(await world.signIn(credentials));
    const ask = async () => (await world.fetch("/api/v1/me", { headers: { cookie } })).status;
    const end = Date.now() + 12 * 3_600_000;
    const clock = vi.spyOn(Date, "now");
    try {
      clock.mockReturnValue(end - 10_000);
      expect(await ask()).toBe(200);
      clock.mockReturnValue(end + 10_000);
      expect(await ask()).toBe(401);
    } finally {
      clock.mockRestore();
    }
  });

  it("ends when the password changes", async () => {
    await world.person(us, "bea", "user");
    const cookie = cookieOf(await world.signIn({ email: "bea@example.com", password: PASSWORD }));
    const ask = async () => (await world.fetch("/api/auth/token", { headers: { cookie } })).status;
    expect(await ask()).toBe(200);
    const passwordHash = await hashPassword("another one");
    await drizzle(us.database).update(users).set({ passwordHash }).where(eq(users.userId, "bea"));
    expect(await ask()).toBe(401);
  });

  it("loses an org within a minute of the membership's end", async () => {
    await world.person(us, "cleo", "user");
    const cookie = cookieOf(await world.signIn({ email: "cleo@example.com", password: PASSWORD }));
    const ask = async () => (await world.fetch("/api/v1/me", { headers: { cookie } })).status;
    expect(await ask()).toBe(200);
    await drizzle(us.database)
      .delete(memberships)
      .where(and(eq(memberships.orgId, "auth-us"), eq(memberships.userId, "cleo")));
    expect((await world.fetch("/api/auth/token", { headers: { cookie } })).status).toBe(403);
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 61_000);
    try {
      expect(await ask()).toBe(403);
    } finally {
      clock.mockRestore();
    }
  });

  it("is forgotten by sign-out, which needs the page's own Origin", async () => {
    const cookie = cookieOf(await world.signIn(credentials));
    const out = (headers: Record<string, string>) =>
      world.fetch("/api/auth/sign-out", { method: "POST", headers: { cookie, ...headers } });
    expect((await out({})).status).toBe(403);
    expect((await out({ origin: "https://evil.example" })).status).toBe(403);
    const response = await out({ origin: ORIGIN });
    expect(response.status).toBe(200);
    expect(response.headers.get("set-cookie")).toMatch(/^tenfold-local=;.*Max-Age=0/);
  });
});

/** A database that nobody may ask. */
function failingDatabase(): D1Database {
  return new Proxy({} as D1Database, {
    get() {
      throw new Error("D1_ERROR: not this one");
    },
  });
}
