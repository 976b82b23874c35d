import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { SummaryAnswerSchema } from "../../../schema/api/metrics.ts";
import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterEach(() => vi.restoreAllMocks());

const AT = "2026-11-22T10:00:00.000Z";
const PATH = "/api/v1/metrics/summary?from=2026-11-22T00:00:00Z&to=2026-11-22T12:00:00Z";

async function admin(orgId: string, residency: "us" | "eu" = "us"): Promise<Principal> {
  return await world.person(await world.org(orgId, residency), `${orgId}-ada`, "admin");
}
const insert = (orgId: string, user: string, region: "us" | "eu" = "us") =>
  world.insert(region, [{ org_id: orgId, event_type: "session_start", timestamp: AT, user_id: user }]);

/** As a browser or program asks: nothing about caching but perhaps a tag. */
async function ask(
  principal: Principal | string,
  headers: Record<string, string> = {},
  path = PATH,
): Promise<Response> {
  const token = typeof principal === "string" ? principal : await world.token(principal);
  return await world.fetch(path, { headers: { authorization: `Bearer ${token}`, ...headers } });
}
const usersOf = async (response: Response): Promise<number> =>
  SummaryAnswerSchema.parse(await response.json()).totals.users.value;

/** Statements that reach ClickHouse while `work` runs, each with its values. */
async function statements(work: () => Promise<unknown>): Promise<string[]> {
  const spy = vi.spyOn(globalThis, "fetch");
  await work();
  return await Promise.all(
    spy.mock.calls.map(async ([input, init]) => {
      const { url, body } = { url: String(input instanceof Request ? input.url : input), body: init?.body };
      return `${url} ${typeof body === "string" ? body : await new Response(body as BodyInit | null).text()}`;
    }),
  );
}

describe("answers that are remembered", () => {
  it("cost ClickHouse one question when 200 people ask the same at the same time", async () => {
    const principal = await admin("cache-200");
    await insert("cache-200", "ada");
    const tokens = await Promise.all(Array.from({ length: 200 }, () => world.token(principal)));
    let answers: Response[] = [];
    const asked = await statements(async () => {
      answers = await Promise.all(tokens.map((token) => ask(token)));
    });
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    // What the hours are, and the summary itself: each once.
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it("have a tag: who has the answer gets 304 without a body, and neither costs the caller's limit", async () => {
    const principal = await admin("cache-tag");
    const token = await world.token(principal);
    const first = await ask(token);
    expect(first.headers.get("cache-control")).toBe("private, no-cache");
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{20,}"$/);
    const again = await ask(token, { "if-none-match": etag });
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
    for (let n = 0; n < 120; n++) expect((await ask(token)).status).toBe(200);
    expect((await ask(token, { "if-none-match": '"another"' })).status).toBe(200);
  });

  it("are the same for ten seconds, and made anew for who says no-cache", async () => {
    const principal = await admin("cache-fresh");
    await insert("cache-fresh", "ada");
    expect(await usersOf(await ask(principal))).toBe(1);
    await insert("cache-fresh", "bob");
    const hit = await ask(principal);
    expect([hit.headers.get("x-cache"), await usersOf(hit)]).toEqual(["hit", 1]);
    expect(await usersOf(await ask(principal, { "cache-control": "no-cache" }))).toBe(2);
    expect(await usersOf(await ask(principal))).toBe(2);
  });

  it("are forgotten when something about the organisation changes", async () => {
    const principal = await admin("cache-change");
    await insert("cache-change", "ada");
    expect(await usersOf(await ask(principal))).toBe(1);
    await insert("cache-change", "bob");
    const changed = await world.fetch("/api/v1/settings", {
      method: "PATCH",
      headers: { authorization: `Bearer ${await world.token(principal)}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "Another name" }),
    });
    expect(changed.status).toBe(200);
    expect(await usersOf(await ask(principal))).toBe(2);
  });

  it("are never another tenant's, another scope's or another role's", async () => {
    const [mine, other] = [await admin("cache-mine"), await admin("cache-other")];
    await insert("cache-mine", "ada");
    await insert("cache-mine", "bob");
    const org = { orgId: "cache-mine", residency: "us", jurisdiction: "us", database: world.env.CONFIG_DB } as const;
    const viewer = await world.person(org, "cache-viewer", "viewer", { eventUsers: ["bob"] });
    const nobody = await world.person(org, "cache-nobody", "user");
    expect(await usersOf(await ask(mine))).toBe(2);
    expect(await usersOf(await ask(other))).toBe(0);
    expect(await usersOf(await ask(viewer))).toBe(1);
    expect(await usersOf(await ask(nobody))).toBe(0);
    expect(await usersOf(await ask(mine))).toBe(2);
  });

  it("of an EU tenant stay in the isolate: the Cache API never has them, that of others it has (emulated)", async () => {
    const put = vi.spyOn(Cache.prototype, "put");
    const match = vi.spyOn(Cache.prototype, "match");
    await ask(await admin("cache-eu", "eu"));
    expect([put.mock.calls.length, match.mock.calls.length]).toEqual([0, 0]);
    await ask(await admin("cache-us"));
    expect([put.mock.calls.length, match.mock.calls.length]).toEqual([1, 1]);
  });

  it("are no refuge from a refusal: a query that is not valid still counts", async () => {
    const token = await world.token(await admin("cache-invalid"));
    const statuses: number[] = [];
    for (let n = 0; n < 101; n++) statuses.push((await ask(token, {}, "/api/v1/metrics/summary?from=nonsense")).status);
    expect([statuses[0], statuses[99], statuses[100]]).toEqual([400, 400, 429]);
  });
});
