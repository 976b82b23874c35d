/** Browser and HTTP safety of every route in the table: cookie writes, CORS, body limits, masked faults, request ids. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import type { Route } from "../../../workers/api/route.ts";
import { ROUTES } from "../../../workers/api/routes.ts";
import type { Env } from "../../../workers/shared/env.ts";
import { cookieOf, type ErrorAnswer, makeEnv, ORIGIN, PASSWORD, World } from "./world.ts";

let world: World;
let admin: Principal;
let cookie: string;

const SIGN_IN = "/api/auth/sign-in/email";
const EVIL = "https://evil.example";
/** Above every route's limit. */
const HUGE_BYTES = 3_000_000;

beforeAll(async () => {
  world = await World.create();
  const org = await world.org("safety", "us");
  // A plan that has everything: a feature that is not on it is also refused with 403.
  await org.database.prepare("UPDATE orgs SET plan = 'enterprise' WHERE org_id = 'safety'").run();
  admin = await world.person(org, "safety-admin", "admin");
  cookie = cookieOf(await world.signIn({ email: "safety-admin@example.com", password: PASSWORD }));
});

const urlOf = (route: Route): string => route.path.replace(/:\w+/g, "nothing-here");
const nameOf = (route: Route): string => `${route.method.toUpperCase()} ${route.path}`;
const CREDENTIALS = JSON.stringify({ email: "safety-admin@example.com", password: PASSWORD });
const bodyOf = (route: Route): string => (route.path === SIGN_IN ? CREDENTIALS : "{}");
const writes = ROUTES.filter(({ method }) => (method as string) !== "get");

function send(on: World, route: Route, headers: Record<string, string>, body = bodyOf(route)): Promise<Response> {
  const init: RequestInit = { method: route.method.toUpperCase(), headers };
  if ((route.method as string) === "get") return on.fetch(urlOf(route), init);
  return on.fetch(urlOf(route), { ...init, headers: { "content-type": "application/json", ...headers }, body });
}

describe("a write with the session cookie", () => {
  it("exists, or this suite proves nothing", () => {
    expect(writes.length).toBeGreaterThan(1);
  });

  it.each(writes.map((route) => [nameOf(route), route] as const))(
    "is refused from other pages: %s",
    async (_, route) => {
      for (const origin of [EVIL, "null", `${ORIGIN}.evil.example`, ORIGIN.replace("8787", "8788")]) {
        const response = await send(world, route, { cookie, origin });
        expect([origin, response.status]).toEqual([origin, 403]);
      }
      if (route.path !== SIGN_IN) expect((await send(world, route, { cookie })).status).toBe(403);
      expect((await send(world, route, { cookie, origin: ORIGIN })).status).not.toBe(403);
    },
  );
});

describe("every route", () => {
  it("is closed to scripts of other origins, and takes no preflight", async () => {
    for (const route of ROUTES) {
      const asked = { origin: EVIL, "access-control-request-method": "POST", "access-control-request-headers": "x" };
      const preflight = await world.fetch(urlOf(route), { method: "OPTIONS", headers: asked });
      const answer = await send(world, route, { cookie, origin: EVIL });
      for (const { status, headers } of [preflight, answer]) {
        const opened = [...headers.keys()].filter((name) => name.startsWith("access-control-"));
        expect([nameOf(route), status, opened]).toEqual([nameOf(route), status, []]);
      }
      expect([nameOf(route), preflight.status]).toEqual([nameOf(route), 405]);
    }
  });

  it("that takes a body takes no huge one", async () => {
    const authorization = `Bearer ${await world.token(admin)}`;
    const body = JSON.stringify({ name: "x".repeat(HUGE_BYTES) });
    for (const route of writes.filter((candidate) => candidate.body !== undefined)) {
      const response = await send(world, route, { authorization }, body);
      expect([nameOf(route), response.status]).toEqual([nameOf(route), 413]);
    }
  });

  it("that answers with a tenant's data lets nothing between keep it", async () => {
    const authorization = `Bearer ${await world.token(admin)}`;
    for (const route of ROUTES.filter(({ access }) => "permission" in access)) {
      const response = await send(world, route, { authorization });
      const expected = route.cached && response.ok ? "private, no-cache" : "no-store";
      expect([nameOf(route), response.headers.get("cache-control")]).toEqual([nameOf(route), expected]);
    }
  });

  it("echoes a sane request id, and makes one in place of another", async () => {
    for (const [given, kept] of [
      ["0193e7d1-4c5b-7a60", true],
      ["short", false],
      ["<script>alert(1)</script>", false],
      ["x".repeat(65), false],
    ] as const) {
      const response = await world.fetch("/api/v1/me", { headers: { "x-request-id": given } });
      const id = response.headers.get("x-request-id");
      expect([given, id === given]).toEqual([given, kept]);
      expect((await response.json<ErrorAnswer>()).error.request_id).toBe(id);
    }
  });
});

const MARKER = "internal-detail-of-a-dependency";

const fault = (): Error => new Error(`${MARKER} at /srv/secret.ts:1:1`);

/** Whatever is asked of it throws at once. */
function broken(): never {
  const handler: ProxyHandler<object> = {
    get: () => {
      throw fault();
    },
  };
  return new Proxy({}, handler) as never;
}

/** Whatever is asked of it goes well until its answer is awaited. */
function slowlyBroken(called = false): never {
  const then = (_: unknown, reject: (error: Error) => void): void => reject(fault());
  const handler: ProxyHandler<() => void> = {
    get: (_, name) => (name !== "then" ? slowlyBroken() : called ? then : undefined),
    apply: () => slowlyBroken(true),
  };
  return new Proxy(() => undefined, handler) as never;
}

describe("a dependency that throws", () => {
  const dependencies: Record<string, (make: () => never) => Partial<Env>> = {
    "configuration database": (make) => ({ CONFIG_DB: make(), CONFIG_DB_EU: make() }),
    "routing database": (make) => ({ ROUTING_DB: make() }),
    objects: (make) => ({ TENANT_LIVE: make(), EVENT_BUFFER: make(), QUOTA_LEASE: make() }),
    buckets: (make) => ({ BUCKET: make(), BUCKET_EU: make() }),
    "query engine": () => ({ CLICKHOUSE_US_URL: `http://127.0.0.1:1/${MARKER}`, CLICKHOUSE_US_PASSWORD: MARKER }),
    configuration: () => ({ JWT_PRIVATE_KEY: MARKER }),
  };
  /** A fault of ours is told in plain words: no name, number, quote or path, which text from inside always has. */
  const PHRASE = /^[a-z ,]{10,100}$/;

  it.each(Object.keys(dependencies))("puts no word of it into an answer of any route: %s", async (name) => {
    let faults = 0;
    for (const make of [broken, slowlyBroken]) {
      const without = new World(
        await makeEnv({ JWT_PRIVATE_KEY: world.env.JWT_PRIVATE_KEY, ...dependencies[name]?.(make) }),
      );
      const authorization = `Bearer ${await world.token(admin)}`;
      for (const route of ROUTES) {
        const ways: Record<string, string>[] = [{ authorization }, { cookie, origin: ORIGIN }];
        for (const headers of ways) {
          const response = await send(without, route, headers);
          const text = await response.text();
          expect([nameOf(route), text]).toEqual([nameOf(route), expect.not.stringContaining(MARKER)]);
          if (response.status < 500) continue;
          faults++;
          const { error }: ErrorAnswer = JSON.parse(text);
          expect(Object.keys(error).sort()).toEqual(["code", "message", "request_id"]);
          expect(error.message).toMatch(PHRASE);
        }
      }
    }
    // Nothing in the table needs a bucket, the routing database or an object for every request.
    if (["configuration database", "query engine", "configuration"].includes(name)) expect(faults).toBeGreaterThan(0);
  });
});
