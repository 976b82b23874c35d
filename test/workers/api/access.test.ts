import { importJWK, type JWK, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { createApiApp } from "../../../workers/api/app.ts";
import type { Route } from "../../../workers/api/route.ts";
import { ROUTES } from "../../../workers/api/routes.ts";
import { type ErrorAnswer, ORIGIN, signingKey, World } from "./world.ts";

let world: World;
let mine: Principal;
let theirs: Principal;
let ownKey: JWK;

const ORG = "access-mine";
const OTHER = "access-theirs";
const at = "2026-11-20T10:00:00.000Z";
const RANGE = "from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z";

beforeAll(async () => {
  ownKey = { ...(await signingKey("us-own")) } as JWK;
  world = await World.create({ JWT_PRIVATE_KEY: JSON.stringify(ownKey) });
  mine = await world.person(await world.org(ORG, "us"), "mia", "admin");
  theirs = await world.person(await world.org(OTHER, "us"), "theo", "admin");
  await world.insert("us", [
    { org_id: ORG, event_type: "session_start", timestamp: at, session_id: "mine-1", user_id: "mia-agent" },
    {
      org_id: OTHER,
      event_type: "session_start",
      timestamp: at,
      session_id: "theirs-1",
      user_id: "theo-agent",
      agent: "secret-agent",
    },
    { org_id: OTHER, event_type: "error", timestamp: at, session_id: "theirs-1", user_id: "theo-agent" },
  ]);
});

/** The routes that read events; configuration has a suite of its own, test/workers/settings. */
const READS: ReadonlySet<string> = new Set([
  "/api/v1/me",
  "/api/v1/metrics/summary",
  "/api/v1/metrics/timeseries",
  "/api/v1/sessions",
  "/api/v1/sessions/:id",
]);
const guarded = ROUTES.filter((route) => "permission" in route.access && READS.has(route.path));
const urlOf = (route: Route, id = "mine-1"): string => route.path.replace(":id", encodeURIComponent(id));

const claims = { org: ORG, role: "admin", team: null, res: "us", jur: "us" };
const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset;

interface Forgery {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  issuer?: string;
  audience?: string;
  issuedAt?: number;
  expires?: number;
  key?: JWK;
}

async function token(forgery: Forgery = {}): Promise<string> {
  const key = await importJWK({ ...ownKey, ...forgery.key }, "ES256");
  return await new SignJWT({ ...claims, ...forgery.claims })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "us-own", ...forgery.header })
    .setIssuer(forgery.issuer ?? "tenfold")
    .setAudience(forgery.audience ?? "tenfold-api")
    .setSubject("mia")
    .setJti("1")
    .setIssuedAt(forgery.issuedAt ?? seconds(0))
    .setExpirationTime(forgery.expires ?? seconds(300))
    .sign(key);
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const payload = () => ({
  ...claims,
  iss: "tenfold",
  aud: "tenfold-api",
  sub: "mia",
  jti: "1",
  iat: seconds(0),
  exp: seconds(300),
});

async function hs256(secret: string): Promise<string> {
  return await new SignJWT(payload())
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: "us-own" })
    .sign(Buffer.from(secret));
}

const forgeries: Record<string, () => Promise<string | undefined> | string | undefined> = {
  "no token": () => undefined,
  "an empty token": () => "Bearer ",
  garbage: () => "Bearer abc.def.ghi",
  "a password scheme": () => "Basic bWlhOnBhc3N3b3Jk",
  "an ingest key": () => "Bearer tf_us_0123456789_secret",
  "an expired token": async () => `Bearer ${await token({ issuedAt: seconds(-900), expires: seconds(-300) })}`,
  "a token that claims to live a day": async () =>
    `Bearer ${await token({ issuedAt: seconds(-3_600), expires: seconds(86_400) })}`,
  "another audience": async () => `Bearer ${await token({ audience: "tenfold-session" })}`,
  "another issuer": async () => `Bearer ${await token({ issuer: "https://evil.example" })}`,
  "another kind of token": async () => `Bearer ${await token({ header: { typ: "JWT" } })}`,
  "an unknown key": async () => `Bearer ${await token({ key: (await signingKey("us-own")) as JWK })}`,
  "another key's name": async () => `Bearer ${await token({ header: { kid: "us-nobody" } })}`,
  "no key's name": async () => `Bearer ${await token({ header: { kid: undefined } })}`,
  "an eu org under the global key": async () => `Bearer ${await token({ claims: { res: "eu", jur: "eu" } })}`,
  "a role that does not exist": async () => `Bearer ${await token({ claims: { role: "root" } })}`,
  "no org": async () => `Bearer ${await token({ claims: { org: "" } })}`,
  "alg none": () => `Bearer ${part({ alg: "none", typ: "at+jwt", kid: "us-own" })}.${part(payload())}.`,
  "HS256 with the public key as secret": async () => {
    const { kty, crv, x, y } = ownKey;
    return `Bearer ${await hs256(JSON.stringify({ kty, crv, x, y }))}`;
  },
  "HS256 with the key's coordinates as secret": async () => `Bearer ${await hs256(`${ownKey.x}${ownKey.y}`)}`,
  "a token whose payload was changed": async () => {
    const [head, , signature] = (await token()).split(".");
    return `Bearer ${head}.${part({ ...payload(), org: OTHER })}.${signature}`;
  },
};

describe("every route that reads events", () => {
  it("exists, or this suite proves nothing", () => {
    expect(guarded.map(({ path }) => path)).toEqual([...READS]);
  });

  it.each(Object.keys(forgeries))("answers 401 to %s", async (name) => {
    const authorization = await forgeries[name]?.();
    for (const route of guarded) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const response = await world.fetch(urlOf(route), { headers });
      expect([route.path, response.status]).toEqual([route.path, 401]);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      const { error } = await response.json<ErrorAnswer>();
      expect(error.code).toBe("unauthorized");
      expect(error.message).not.toMatch(/signature|expired|claim|alg/i);
    }
  });

  it("answers 200 to a good token, so that the refusals above mean something", async () => {
    for (const route of guarded) {
      const response = await world.fetch(urlOf(route), { headers: { authorization: `Bearer ${await token()}` } });
      expect([route.path, response.status]).toEqual([route.path, 200]);
    }
  });

  it("answers 403 when the request names another org, and goes on when it names its own", async () => {
    for (const route of guarded) {
      for (const name of ["org", "org_id"]) {
        const response = await world.get(`${urlOf(route)}?${name}=${OTHER}`, mine);
        expect([route.path, name, response.status]).toEqual([route.path, name, 403]);
      }
      expect((await world.get(`${urlOf(route)}?org=${ORG}&org=${OTHER}`, mine)).status).toBe(403);
      expect((await world.get(`${urlOf(route)}?org=${ORG}`, mine)).status).toBe(200);
    }
  });

  it("answers 400 that names an unknown query parameter", async () => {
    for (const route of guarded) {
      const response = await world.get(`${urlOf(route)}?x-unknown=1`, mine);
      const { error } = await response.json<ErrorAnswer>();
      expect([route.path, response.status, error.code]).toEqual([route.path, 400, "invalid_request"]);
      expect(error.details).toEqual([{ path: "x-unknown", message: "is not known here" }]);
    }
  });

  it("never answers with a word of another tenant, whatever the parameters say", async () => {
    const attacks = [
      `agent=secret-agent`,
      `agent=${encodeURIComponent("' OR org_id='access-theirs")}`,
      `agent=${encodeURIComponent(") OR 1=1 --")}`,
      `repo=${encodeURIComponent("{p0:String}")}`,
      `team=${encodeURIComponent("\\")}&model=${encodeURIComponent("' OR 1=1 OR '")}`,
      `environment=${encodeURIComponent("a\u0000b'\n--")}`,
    ];
    for (const route of guarded.filter(({ path }) => !path.includes(":id") && path !== "/api/v1/me")) {
      for (const attack of attacks) {
        const response = await world.get(`${urlOf(route)}?${RANGE}&${attack}`, mine);
        const text = await response.text();
        expect([route.path, attack, response.status]).toEqual([route.path, attack, 200]);
        expect(text).not.toMatch(/theirs|theo|secret/);
      }
    }
  });

  it("says 404 of a session that another tenant has, the same as of one that nobody has", async () => {
    expect((await world.get("/api/v1/sessions/theirs-1", theirs)).status).toBe(200);
    const answers = await Promise.all(
      ["theirs-1", "nobodys", "theirs-1' OR '1'='1", "../sessions/theirs-1"].map(async (id) => {
        const response = await world.get(`/api/v1/sessions/${encodeURIComponent(id)}`, mine);
        const { error } = await response.json<ErrorAnswer>();
        return [response.status, error.code, error.message];
      }),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.[0]).toBe(404);
  });
});

describe("the router", () => {
  it("has no handler that is not in the table, and the table declares what each route needs", () => {
    const declared = new Set(ROUTES.map(({ method, path }) => `${method.toUpperCase()} ${path}`));
    const paths = new Set(ROUTES.map(({ path }) => path as string));
    const routed = createApiApp().routes;
    const undeclared = routed.filter(
      ({ method, path }) => !(method === "ALL" ? path === "/*" || paths.has(path) : declared.has(`${method} ${path}`)),
    );
    expect(undeclared.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
    expect(routed.length).toBeGreaterThan(declared.size);
    for (const route of ROUTES) {
      const needs = "permission" in route.access ? route.access.permission : route.access.public;
      expect([route.path, needs.length > 0]).toEqual([route.path, true]);
    }
  });

  it("answers 405 with Allow to another method, 404 to another path, both as errors with a request id", async () => {
    for (const route of ROUTES) {
      const response = await world.fetch(urlOf(route), { method: "PROPFIND", headers: { origin: ORIGIN } });
      const methods = ROUTES.filter(({ path }) => path === route.path).map(({ method }) => method.toUpperCase());
      expect([route.path, response.status, response.headers.get("allow")]).toEqual([
        route.path,
        405,
        methods.join(", "),
      ]);
    }
    const missing = await world.fetch("/api/v1/nothing");
    expect(missing.status).toBe(404);
    expect((await missing.json<ErrorAnswer>()).error.request_id).toBe(missing.headers.get("x-request-id"));
  });

  it("sends safety headers with every answer, errors too, and opens no CORS", async () => {
    for (const path of ["/api/v1/me", "/api/docs", "/api/openapi.json", "/api/nothing"]) {
      const response = await world.fetch(
        path,
        { headers: { origin: "https://evil.example" } },
        "https://app.tenfold.example",
      );
      const header = (name: string) => response.headers.get(name);
      expect([path, header("x-content-type-options"), header("access-control-allow-origin")]).toEqual([
        path,
        "nosniff",
        null,
      ]);
      expect(header("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(header("strict-transport-security")).toMatch(/max-age=\d{8}/);
      expect(header("referrer-policy")).toBe("no-referrer");
    }
  });
});

describe("scopes", () => {
  const ids = async (principal: Principal): Promise<string[]> => {
    const response = await world.get(`/api/v1/sessions?${RANGE}`, principal);
    expect(response.status).toBe(200);
    const answer = await response.json<{ sessions: { session_id: string }[] }>();
    return answer.sessions.map(({ session_id }) => session_id).sort();
  };

  it.each(["us", "eu", "global"] as const)(
    "give each role the rows of its directory in a tenant of %s",
    async (residency) => {
      const org = await world.org(`scope-${residency}`, residency);
      await world.team(org, `red-${residency}`);
      const red = `red-${residency}`;
      const id = (name: string): string => `${name}-${residency}`;
      const admin = await world.person(org, id("admin"), "admin");
      const manager = await world.person(org, id("manager"), "manager", { teamId: red });
      const user = await world.person(org, id("user"), "user", { teamId: red, eventUsers: ["u-laptop", "u-server"] });
      const viewer = await world.person(org, id("viewer"), "viewer", { teamId: "blue", eventUsers: ["v-laptop"] });
      const stranger = await world.person(org, id("stranger"), "user");
      const adrift = await world.person(org, id("adrift"), "manager");
      const session = (user_id: string, session_id: string, team_id: string) => ({
        org_id: org.orgId,
        event_type: "session_start",
        timestamp: at,
        user_id,
        session_id,
        team_id,
      });
      const rows = [
        session("u-laptop", "s1", "blue"),
        session("u-server", "s2", ""),
        session("v-laptop", "s3", red),
        session("somebody", "s4", red),
      ];
      await world.insert(residency === "eu" ? "eu" : "us", rows);
      expect(await ids(admin)).toEqual(["s1", "s2", "s3", "s4"]);
      expect(await ids(manager)).toEqual(["s1", "s2"]);
      expect(await ids(user)).toEqual(["s1", "s2"]);
      expect(await ids(viewer)).toEqual(["s3"]);
      expect(await ids(stranger)).toEqual([]);
      expect(await ids(adrift)).toEqual([]);
      for (const [principal, found] of [
        [admin, 200],
        [viewer, 404],
        [stranger, 404],
      ] as const) {
        expect((await world.get("/api/v1/sessions/s1", principal)).status).toBe(found);
      }
      const users = async (principal: Principal): Promise<unknown> => {
        const response = await world.get(`/api/v1/metrics/summary?${RANGE}`, principal);
        const answer = await response.json<{ scope: string; totals: { users: { value: number } } }>();
        return [answer.scope, answer.totals.users.value];
      };
      expect(await users(admin)).toEqual(["org", 4]);
      expect(await users(manager)).toEqual(["team", 2]);
      expect(await users(viewer)).toEqual(["own", 1]);
      expect(await users(stranger)).toEqual(["own", 0]);
    },
  );

  it("read an eu tenant's rows nowhere but in the eu", async () => {
    const org = await world.org("only-eu", "eu");
    const admin = await world.person(org, "only-eu-admin", "admin");
    const row = { org_id: org.orgId, event_type: "session_start", timestamp: at };
    await world.insert("us", [{ ...row, session_id: "leaked" }]);
    await world.insert("eu", [{ ...row, session_id: "kept" }]);
    expect(await ids(admin)).toEqual(["kept"]);
  });
});
