import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import type { Env } from "../../../workers/shared/env.ts";
import { cookieOf, type ErrorAnswer, makeEnv, PASSWORD, signingKey, World } from "./world.ts";

let world: World;
let admin: Principal;
let global: Principal;
let viewer: Principal;

beforeAll(async () => {
  world = await World.create();
  const org = await world.org("faults", "us");
  admin = await world.person(org, "faults-admin", "admin");
  viewer = await world.person(org, "faults-viewer", "viewer");
  global = await world.person(await world.org("faults-gl", "global"), "faults-gl-admin", "admin");
});

const READS = ["/api/v1/metrics/summary", "/api/v1/metrics/timeseries", "/api/v1/sessions", "/api/v1/sessions/s1"];
/** Nothing listens here. */
const CLOSED = "http://127.0.0.1:1";

/** The same world with other bindings; the signing keys stay. */
const like = async (overrides: Partial<Env>): Promise<World> =>
  new World(await makeEnv({ JWT_PRIVATE_KEY: world.env.JWT_PRIVATE_KEY, ...overrides }));

async function errorOf(response: Response): Promise<[number, string]> {
  const text = await response.text();
  expect(text).not.toMatch(/D1_ERROR|at \w+ \(|127\.0\.0\.1|node_modules|SELECT|scrypt|configuration:/);
  const { error }: ErrorAnswer = JSON.parse(text);
  return [response.status, error.code];
}

const broken = (): D1Database =>
  new Proxy({} as D1Database, {
    get() {
      throw new Error("D1_ERROR: no such table at /srv/secret");
    },
  });

describe("a part that fails", () => {
  it("ClickHouse that is not there: 503 with Retry-After, nothing internal in the body", async () => {
    const without = await like({ CLICKHOUSE_US_URL: CLOSED });
    for (const path of READS) {
      const response = await without.get(path, admin);
      expect(response.headers.get("retry-after")).toBe("2");
      expect([path, ...(await errorOf(response))]).toEqual([path, 503, "unavailable"]);
    }
  });

  it("one region of a global tenant: 503, never half the numbers", async () => {
    const without = await like({ CLICKHOUSE_EU_URL: CLOSED });
    for (const path of READS) expect(await errorOf(await without.get(path, global))).toEqual([503, "unavailable"]);
    expect((await without.get(READS[0] ?? "", admin)).status).toBe(200);
  });

  it("the directory: 503, never 401 or everything; an access token for the whole org goes on", async () => {
    const without = await like({ CONFIG_DB: broken() });
    expect(await errorOf(await without.get("/api/v1/metrics/summary", viewer))).toEqual([503, "unavailable"]);
    expect(await errorOf(await without.signIn({ email: "faults-admin@example.com", password: PASSWORD }))).toEqual([
      503,
      "unavailable",
    ]);
    const cookie = cookieOf(await world.signIn({ email: "faults-admin@example.com", password: PASSWORD }));
    expect(await errorOf(await without.fetch("/api/v1/sessions", { headers: { cookie } }))).toEqual([
      503,
      "unavailable",
    ]);
    expect((await without.get("/api/v1/metrics/summary", admin)).status).toBe(200);
  });

  it("a database without our tables is a fault of ours: 500 without a word of it", async () => {
    const without = await like({ CLICKHOUSE_US_DATABASE: "default" });
    expect(await errorOf(await without.get("/api/v1/metrics/summary", admin))).toEqual([500, "internal"]);
  });

  it.each([
    ["no key", ""],
    ["no JSON", "-----BEGIN PRIVATE KEY-----"],
    ["a public key", '{"kty":"EC","crv":"P-256","x":"a","y":"b","kid":"us-1"}'],
    ["a key of no jurisdiction", JSON.stringify({ kty: "EC", crv: "P-256", x: "a", y: "b", d: "c", kid: "mars-1" })],
  ])("a signing key that is wrong (%s): 503", async (_, JWT_PRIVATE_KEY) => {
    const without = await like({ JWT_PRIVATE_KEY });
    expect(await errorOf(await without.fetch("/api/v1/me", { headers: { authorization: "Bearer a.b.c" } }))).toEqual([
      503,
      "unavailable",
    ]);
  });

  it("a jurisdiction without a signing key fails closed where jurisdictions are enforced", async () => {
    const enforced = await like({
      JURISDICTIONS: "enforced",
      JWT_PRIVATE_KEY: JSON.stringify(await signingKey("us-only")),
    });
    const eu = await world.org("faults-eu", "eu");
    await world.person(eu, "faults-eve", "admin");
    await world.person(await world.org("faults-us2", "us"), "faults-uma", "admin");
    const signIn = (who: string, host: string) =>
      enforced.signIn({ email: `${who}@example.com`, password: PASSWORD }, {}, `https://${host}`);
    expect((await signIn("faults-uma", "app.tenfold.example")).status).toBe(200);
    expect(await errorOf(await signIn("faults-eve", "eu.tenfold.example"))).toEqual([503, "unavailable"]);
  });
});

describe("the loopback conveniences", () => {
  it("do not exist where jurisdictions are enforced", async () => {
    const enforced = await like({ JURISDICTIONS: "enforced" });
    const eu = await world.org("faults-eu3", "eu");
    await world.person(eu, "faults-ewa", "admin");
    const body = { email: "faults-ewa@example.com", password: PASSWORD };
    const ways: Record<string, string>[] = [{}, { "x-tenfold-jurisdiction": "eu" }];
    for (const headers of ways) {
      expect((await enforced.signIn(body, headers)).status).toBe(401);
    }
    expect((await world.signIn(body)).status).toBe(200);
    const admins = await enforced.signIn({ email: "faults-admin@example.com", password: PASSWORD });
    expect(admins.headers.get("set-cookie")).toMatch(/^__Host-tenfold=.*Secure/);
  });
});
