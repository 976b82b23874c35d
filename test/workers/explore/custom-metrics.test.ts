/** Saved metrics: made, changed, removed with their records; whose they are, who may, and what they answer. */
import { asc, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { type CustomMetric, MAX_CUSTOM_METRICS } from "../../../schema/api/custom-metrics.ts";
import { type QueryAnswer, QueryAnswerSchema } from "../../../schema/api/query.ts";
import { changeRecords, customMetrics } from "../../../schema/d1/config.ts";
import { INJECTIONS } from "../../support/injections.ts";
import type { ErrorAnswer, SeededOrg } from "../api/world.ts";
import { makeEvents, RANGE } from "./data.ts";
import { Explore } from "./world.ts";

let world: Explore;
let org: SeededOrg;
let admin: Principal;
let manager: Principal;
let user: Principal;
let stranger: Principal;

const PATH = "/api/v1/custom-metrics";
const QUESTION = { measures: [{ fn: "count", as: "events" }], dimensions: ["model"] };
const WHEN = `from=${RANGE.from}&to=${RANGE.to}`;

async function enterprise(orgId: string): Promise<SeededOrg> {
  const made = await world.org(orgId, "us");
  await world.plan(made, "enterprise");
  return made;
}

beforeAll(async () => {
  world = await Explore.start();
  org = await enterprise("met-org");
  await world.team(org, "red");
  admin = await world.person(org, "met-admin", "admin");
  manager = await world.person(org, "met-manager", "manager", { teamId: "red" });
  user = await world.person(org, "met-user", "user", { eventUsers: ["user-1"] });
  stranger = await world.person(await enterprise("met-other"), "met-stranger", "admin");
  await world.insert("us", makeEvents("met-org", 200));
  await world.insert("us", makeEvents("met-other", 50));
});

let made = 0;
async function create(body: Record<string, unknown> = {}, who = admin): Promise<CustomMetric> {
  const response = await world.send("POST", PATH, who, { name: `Metric ${++made}`, query: QUESTION, ...body });
  const text = await response.text();
  expect([response.status, response.status === 200 ? "" : text]).toEqual([200, ""]);
  return (JSON.parse(text) as { after: CustomMetric }).after;
}
const status = async (method: string, path: string, who: Principal, body?: unknown): Promise<number> =>
  (await world.send(method, path, who, body)).status;
const errorOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  (await response.json<ErrorAnswer>()).error.message,
];
async function values(who: Principal, id: string, query = WHEN): Promise<QueryAnswer> {
  const response = await world.send("GET", `${PATH}/${id}/values?${query}`, who);
  expect([query, response.status]).toEqual([query, 200]);
  return QueryAnswerSchema.strict().parse(await response.json());
}

describe("a saved metric", () => {
  it("is made, seen by everyone of the organisation, changed and removed, each with its record", async () => {
    const metric = await create({ name: " Errors ", description: "d" }, manager);
    const full = { ...QUESTION, interval: "auto", timezone: "UTC", order: [], limit: 100 };
    expect(metric).toMatchObject({ name: "Errors", description: "d", query: full, created_by: "met-manager" });
    const seen = await world.send("GET", `${PATH}/${metric.metric_id}`, user);
    expect(await seen.json()).toEqual(metric);
    const patch = { name: "Renamed", query: { measures: [{ fn: "uniq", of: "user" }] } };
    const changed = await world.send("PATCH", `${PATH}/${metric.metric_id}`, admin, patch);
    const { before, after } = await changed.json<{ before: CustomMetric; after: CustomMetric }>();
    expect(before).toEqual(metric);
    expect(after).toMatchObject({
      name: "Renamed",
      description: "d",
      query: { measures: [{ fn: "uniq", of: "user" }] },
    });
    expect(Date.parse(after.updated_at)).toBeGreaterThan(Date.parse(metric.updated_at));
    expect(await status("DELETE", `${PATH}/${metric.metric_id}`, manager)).toBe(200);
    expect(await status("GET", `${PATH}/${metric.metric_id}`, admin)).toBe(404);
    expect(await status("DELETE", `${PATH}/${metric.metric_id}`, admin)).toBe(404);
    const records = await drizzle(org.database)
      .select()
      .from(changeRecords)
      .where(eq(changeRecords.target, metric.metric_id))
      .orderBy(asc(changeRecords.at));
    expect(records.map(({ actor, action }) => [actor, action])).toEqual([
      ["met-manager", "custom_metric.create"],
      ["met-admin", "custom_metric.update"],
      ["met-manager", "custom_metric.remove"],
    ]);
    expect(JSON.parse(records[1]?.after ?? "")).toEqual(after);
  });

  it("is listed on pages", async () => {
    const ids = [await create(), await create(), await create()].map(({ metric_id }) => metric_id);
    const listed: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const response = await world.send("GET", `${PATH}?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, user);
      const page = await response.json<{ custom_metrics: CustomMetric[]; next_cursor: string | null }>();
      listed.push(...page.custom_metrics.map(({ metric_id }) => metric_id));
      cursor = page.next_cursor;
    }
    expect(listed).toEqual([...listed].sort());
    expect(listed).toEqual(expect.arrayContaining(ids));
  });

  it.each([
    ["no query", { name: "x" }],
    ["a question that does not fit", { name: "x", query: { measures: [{ fn: "sum", of: "model" }] } }],
    ["a range", { name: "x", query: { ...QUESTION, from: RANGE.from } }],
    ["a cursor", { name: "x", query: { ...QUESTION, cursor: "x" } }],
    ["no name", { name: " ", query: QUESTION }],
    ["a name that is too long", { name: "x".repeat(129), query: QUESTION }],
    ["another organisation", { name: "x", query: QUESTION, org_id: "met-other" }],
  ])("is not made with %s", async (_, body) => {
    expect(await status("POST", PATH, admin, body)).toBe(400);
  });

  it("has a name of its own in its organisation, also when two are made at the same time", async () => {
    await create({ name: "Taken" });
    const other = await create();
    const body = { name: "Taken", query: QUESTION };
    expect(await errorOf(await world.send("POST", PATH, admin, body))).toEqual([409, expect.stringContaining("name")]);
    expect(await status("PATCH", `${PATH}/${other.metric_id}`, admin, { name: "Taken" })).toBe(409);
    expect(await status("POST", PATH, stranger, body)).toBe(200);
    const race = await Promise.all([1, 2, 3].map(() => status("POST", PATH, admin, { name: "Race", query: QUESTION })));
    expect(race.sort()).toEqual([200, 409, 409]);
  });

  it("is changed by one of two who saw the same", async () => {
    const { metric_id } = await create();
    const patches = ["a", "b", "c"].map((description) =>
      status("PATCH", `${PATH}/${metric_id}`, admin, { description }),
    );
    const statuses = await Promise.all(patches);
    const applied = statuses.filter((one) => one === 200).length;
    const records = await drizzle(org.database).select().from(changeRecords).where(eq(changeRecords.target, metric_id));
    expect(records).toHaveLength(1 + applied);
    expect(statuses.every((one) => one === 200 || one === 409)).toBe(true);
    expect(applied).toBeGreaterThan(0);
  });

  it(`is one of at most ${MAX_CUSTOM_METRICS}`, async () => {
    const full = await enterprise("met-full");
    const owner = await world.person(full, "met-full-admin", "admin");
    const now = new Date();
    const row = { orgId: full.orgId, query: JSON.stringify(QUESTION), createdBy: "x", createdAt: now, updatedAt: now };
    for (let n = 1; n < MAX_CUSTOM_METRICS; n++) {
      await drizzle(full.database)
        .insert(customMetrics)
        .values({ ...row, metricId: `m${n}`, name: `n${n}` });
    }
    await create({ name: "the last" }, owner);
    const response = await world.send("POST", PATH, owner, { name: "one more", query: QUESTION });
    expect(await errorOf(response)).toEqual([409, expect.stringContaining(String(MAX_CUSTOM_METRICS))]);
  });

  it("keeps hostile names as they are", async () => {
    const clean = INJECTIONS.filter((text) => text === text.trim() && text.length <= 128);
    expect(clean.length).toBeGreaterThan(100);
    for (const name of clean.filter((_, i) => i % 3 === 0)) {
      const { metric_id } = await create({ name, description: name });
      const seen = await (await world.send("GET", `${PATH}/${metric_id}`, admin)).json<CustomMetric>();
      expect([seen.name, seen.description]).toEqual([name, name]);
      expect(await status("DELETE", `${PATH}/${metric_id}`, admin)).toBe(200);
    }
  });

  it("that no longer fits the catalogue is shown without its query, and asks for a new one", async () => {
    const { metric_id } = await create();
    for (const query of ["{", '{"measures":[{"fn":"sum","of":"a column of the past"}]}', "null"]) {
      await drizzle(org.database).update(customMetrics).set({ query }).where(eq(customMetrics.metricId, metric_id));
      const seen = await (await world.send("GET", `${PATH}/${metric_id}`, admin)).json<CustomMetric>();
      expect(seen.query).toBeNull();
      expect(await status("GET", `${PATH}/${metric_id}/values?${WHEN}`, admin)).toBe(409);
    }
    expect(await status("PATCH", `${PATH}/${metric_id}`, admin, { query: QUESTION })).toBe(200);
    expect((await values(admin, metric_id)).rows.length).toBeGreaterThan(0);
  });
});

describe("values of a saved metric", () => {
  it("are those of its question, over the rows that the caller may see", async () => {
    const { metric_id } = await create();
    const question = { ...RANGE, ...QUESTION };
    for (const who of [admin, manager, user]) {
      const answer = await values(who, metric_id);
      const asked = await world.answer(who, question);
      expect([answer.rows, answer.scope]).toEqual([asked.rows, asked.scope]);
    }
    expect((await values(admin, metric_id)).rows).not.toEqual((await values(user, metric_id)).rows);
  });

  it("come in steps of time when that is asked for, and on pages", async () => {
    const { metric_id } = await create({ query: { ...QUESTION, limit: 3 } });
    const first = await values(admin, metric_id, `${WHEN}&interval=1d&timezone=Europe/Berlin`);
    expect(first.dimensions.map(({ name }) => name)).toEqual(["time", "model"]);
    expect([first.interval, first.timezone, first.rows.length]).toEqual(["1d", "Europe/Berlin", 3]);
    const next = await values(
      admin,
      metric_id,
      `${WHEN}&interval=1d&timezone=Europe/Berlin&cursor=${first.next_cursor}`,
    );
    expect(next.rows).toHaveLength(3);
    expect(next.rows).not.toEqual(first.rows);
    const timed = await create({ query: { ...QUESTION, dimensions: ["model", "time"], interval: "1h" } });
    const answer = await values(admin, timed.metric_id, `${WHEN}&interval=1d`);
    expect([answer.dimensions.map(({ name }) => name), answer.interval]).toEqual([["model", "time"], "1d"]);
  });

  it("cannot have a fifth dimension", async () => {
    const dimensions = ["model", "repo", "agent", "user"];
    const { metric_id } = await create({ query: { ...QUESTION, dimensions } });
    expect(await status("GET", `${PATH}/${metric_id}/values?${WHEN}`, admin)).toBe(200);
    expect(await status("GET", `${PATH}/${metric_id}/values?${WHEN}&interval=1d`, admin)).toBe(400);
  });
});

describe("another organisation's metric", () => {
  it("does not exist", async () => {
    const { metric_id } = await create();
    const path = `${PATH}/${metric_id}`;
    for (const [method, url, body] of [
      ["GET", path, undefined],
      ["GET", `${path}/values?${WHEN}`, undefined],
      ["PATCH", path, { name: "mine" }],
      ["DELETE", path, undefined],
    ] as const) {
      const theirs = await world.send(method, url, stranger, body);
      const nobodys = await world.send(method, url.replace(metric_id, "nobodys"), stranger, body);
      expect([method, ...(await errorOf(theirs))]).toEqual([method, 404, (await errorOf(nobodys))[1]]);
      const named = `${url}${url.includes("?") ? "&" : "?"}org=met-org`;
      expect([method, await status(method, named, stranger, body)]).toEqual([method, 403]);
    }
    expect(await status("GET", path, admin)).toBe(200);
    const list = await (await world.send("GET", PATH, stranger)).text();
    expect(list).not.toContain(metric_id);
  });
});

describe("the feature", () => {
  it("is the plan's, and can be switched off: every route says so", async () => {
    const small = await world.org("met-starter", "us");
    const owner = await world.person(small, "met-starter-admin", "admin");
    const off = await enterprise("met-off");
    const offOwner = await world.person(off, "met-off-admin", "admin");
    const patch = { features: { custom_metrics_enabled: false } };
    expect(await status("PATCH", "/api/v1/settings", offOwner, patch)).toBe(200);
    for (const [who, why] of [
      [owner, "starter plan"],
      [offOwner, "switched off"],
    ] as const) {
      for (const [method, path, body] of [
        ["GET", PATH, undefined],
        ["POST", PATH, { name: "x", query: QUESTION }],
        ["GET", `${PATH}/x`, undefined],
        ["PATCH", `${PATH}/x`, { name: "x" }],
        ["DELETE", `${PATH}/x`, undefined],
        ["GET", `${PATH}/x/values`, undefined],
      ] as const) {
        expect(await errorOf(await world.send(method, path, who, body))).toEqual([403, expect.stringContaining(why)]);
      }
      expect((await world.answer(who, { measures: [{ fn: "count" }] })).rows).toHaveLength(1);
    }
  });
});
