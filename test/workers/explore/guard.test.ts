/** What a question may cost, how many may run, whose rows it sees, and what the catalogue tells whom. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { type CatalogueAnswer, CatalogueAnswerSchema } from "../../../schema/api/query.ts";
import { COLUMN_NAMES } from "../../../schema/api/query-catalogue.ts";
import { PublicError } from "../../../schema/errors.ts";
import { exploreQuery, rawExploreQuery, type StatementInput } from "../../../workers/api/explore/compile.ts";
import { explore, makeExploreState } from "../../../workers/api/explore/run.ts";
import { clickHouseRead, type ReadTenant, type TenantAccess } from "../../../workers/shared/clickhouse-read.ts";
import { readConfig } from "../../../workers/shared/env.ts";
import type { ErrorAnswer } from "../api/world.ts";
import { makeEvents, RANGE } from "./data.ts";
import { Explore, questionOf } from "./world.ts";

let world: Explore;
let admin: Principal;
let user: Principal;

beforeAll(async () => {
  world = await Explore.start();
  const org = await world.org("gua-org", "us");
  admin = await world.person(org, "gua-admin", "admin");
  user = await world.person(org, "gua-user", "user", { eventUsers: ["user-1"] });
  await world.insert("us", makeEvents("gua-org", 120));
  await world.insert("us", makeEvents("gua-other", 120));
});

const BY_TOOL = { ...RANGE, measures: [{ fn: "count" }], dimensions: ["tool_name"] };

describe("the cost guard", () => {
  it("refuses before it reads, with the estimate and the plan's limit, and takes what rollups answer", async () => {
    const org = await world.org("gua-big", "us");
    const owner = await world.person(org, "gua-big-admin", "admin");
    const at = "2026-10-25 12:00:00";
    // An hour of a billion events, as its rollup says; the events themselves need not be there to be too many.
    await world.ask("us", `INSERT INTO dirty_hours VALUES ('gua-big', '${at}', '${at}', '${at}')`);
    await world.ask(
      "us",
      `INSERT INTO hourly_metrics (org_id, by_user, hour, generation, event_type, events) VALUES ('gua-big', 0, '${at}', 1, 'error', 1000000000)`,
    );
    await world.ask(
      "us",
      `INSERT INTO rollup_runs (org_id, kind, bucket, generation, watermark, finished_at, state, rows) VALUES ('gua-big', 'hour', '${at}', 1, now64(3), now64(3), 'done', 1)`,
    );
    const response = await world.send("POST", "/api/v1/query", owner, BY_TOOL);
    expect(response.status).toBe(422);
    const { error } = await response.json<ErrorAnswer>();
    expect(error).toMatchObject({
      code: "query_too_expensive",
      details: { estimated_events: 1_000_000_000, limit: 20_000_000, plan: "starter" },
    });
    await world.plan(org, "enterprise");
    const fresh = await world.fresh();
    const later = await fresh.send("POST", "/api/v1/query", owner, BY_TOOL);
    expect((await later.json<ErrorAnswer>()).error.details).toMatchObject({ limit: 400_000_000, plan: "enterprise" });
    const narrow = { ...BY_TOOL, from: "2026-10-25T13:00:00Z", to: "2026-10-25T18:00:00Z" };
    expect((await world.answer(owner, narrow)).rows).toEqual([]);
    const rolled = await world.answer(owner, { ...BY_TOOL, dimensions: ["type"] });
    expect(rolled.rows).toEqual([{ dimensions: ["error"], values: [1_000_000_000], previous: null }]);
  });

  it("refuses what cannot even be counted in time", async () => {
    const asking = askingOf(async (query) => {
      if (query === exploreQuery) throw new PublicError("query_timeout", "too slow");
    });
    const asked = { ...RANGE, question: questionOf({ measures: [{ fn: "count" }], dimensions: ["tool_name"] }) };
    const context = { plan: "starter" as const, now: Date.now(), state: makeExploreState() };
    await expect(explore(asking, asked, context)).rejects.toMatchObject({ code: "query_too_expensive" });
  });
});

/** Asks ClickHouse, after `before` has had a look at the query. */
function askingOf(before: (query: unknown, input: unknown) => Promise<void>) {
  const real = clickHouseRead(readConfig(world.env));
  const read: ReadTenant = async (region, query, access, input) => {
    await before(query, input);
    return await real(region, query, access, input);
  };
  const access: TenantAccess = { orgId: "gua-org", rows: { kind: "org" } };
  return { read, regions: ["us"] as const, access };
}

describe("four at a time", () => {
  it("are read, making way for others; a fifth over events is refused after two seconds, one that rollups answer is not", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let [reading, yielding] = [0, 0];
    const asking = askingOf(async (query, input) => {
      if (query !== exploreQuery && query !== rawExploreQuery) return;
      if (!(input as StatementInput).page.isOrdered) return;
      reading++;
      if (query === rawExploreQuery) yielding++;
      await gate;
    });
    const state = makeExploreState();
    const ask = (dimension: string) =>
      explore(
        asking,
        { ...RANGE, question: questionOf({ measures: [{ fn: "count" }], dimensions: [dimension] }) },
        { plan: "starter", now: Date.now(), state },
      );
    const four = ["tool_name", "branch", "session", "rule"].map(ask);
    while (reading < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(ask("language")).rejects.toMatchObject({ code: "rate_limited", retryAfter: 2 });
    const rolled = ask("model");
    while (reading < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(yielding).toBe(4);
    release();
    expect((await Promise.all([...four, rolled])).every(({ rows }) => rows.length > 0)).toBe(true);
    expect((await ask("language")).rows.length).toBeGreaterThan(0);
  });
});

describe("the largest question", () => {
  it("with every limit at its most is answered", async () => {
    const path = (n: number) => ({ path: Array.from({ length: 10 }, (_, i) => `k${n}${i}`) });
    const average = (n: number) => ({ fn: "avg", of: path(n) });
    const leaves = Array.from({ length: 45 }, (_, n) => ({ op: "lt", of: path(n % 9), value: n }));
    const question = {
      ...RANGE,
      measures: Array.from({ length: 10 }, (_, n) => ({
        fn: "ratio",
        numerator: average(n),
        denominator: average(n + 1),
        as: `m${n}`,
      })),
      dimensions: ["time", "model", path(0), path(1)].map((one, i) =>
        typeof one === "string" ? one : { ...one, as: `d${i}` },
      ),
      // 45 comparisons, four levels above them, and one that is true for all.
      filters: {
        op: "or",
        filters: [{ op: "not", filter: { op: "and", filters: [{ op: "or", filters: leaves }] } }],
      },
      interval: "1h",
      timezone: "Europe/Berlin",
      compare: "previous",
      order: [{ by: "m9" }, { by: "m0", direction: "asc" }, { by: "d2" }],
      limit: 1_000,
    };
    const { rows } = await world.answer(admin, question);
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) expect([row.dimensions[2], row.dimensions[3], row.values[0]]).toEqual([null, null, null]);
  });
});

describe("whose rows", () => {
  it("a question has no word of another tenant, however it is asked", async () => {
    const [[mine] = []] = await world.table("us", "SELECT count() FROM us.events FINAL WHERE org_id = 'gua-org'");
    const wide = { from: "2026-10-01T00:00:00Z", to: "2026-11-20T00:00:00Z", measures: [{ fn: "count" }] };
    for (const filters of [
      undefined,
      {
        op: "or",
        filters: [
          { op: "exists", of: "type" },
          { op: "eq", of: "team", value: "' OR org_id != '" },
        ],
      },
      { op: "not", filter: { op: "eq", of: "user", value: "nobody" } },
    ]) {
      const { rows, org_id } = await world.answer(admin, { ...wide, ...(filters === undefined ? {} : { filters }) });
      expect([org_id, rows[0]?.values]).toEqual(["gua-org", [mine]]);
    }
    expect((await world.send("POST", "/api/v1/query?org=gua-other", admin, wide)).status).toBe(403);
    expect((await world.send("POST", "/api/v1/query", admin, { ...wide, org_id: "gua-other" })).status).toBe(400);
  });

  it("of a member are their own: no filter and no dimension shows others", async () => {
    const { rows, scope } = await world.answer(user, { ...RANGE, measures: [{ fn: "count" }], dimensions: ["user"] });
    expect([scope, rows.map((row) => row.dimensions)]).toEqual(["own", [["user-1"]]]);
    const others = { op: "in", of: "user", values: ["user-2", "user-3"] };
    expect(
      (await world.answer(user, { ...RANGE, measures: [{ fn: "count" }], filters: others })).rows[0]?.values,
    ).toEqual([0]);
  });
});

describe("the catalogue", () => {
  const catalogue = async (who: Principal): Promise<CatalogueAnswer> =>
    CatalogueAnswerSchema.strict().parse(await (await world.get("/api/v1/query/catalogue", who)).json());

  it("has every column, and the caller's own custom types and paths of the last week", async () => {
    const now = new Date().toISOString();
    const old = new Date(Date.now() - 8 * 86_400_000).toISOString();
    const event = (org_id: string, user_id: string, type: string, metadata: unknown, timestamp = now) => ({
      org_id,
      user_id,
      event_type: `custom.${type}`,
      timestamp,
      metadata: JSON.stringify(metadata),
    });
    await world.insert("us", [
      event("gua-org", "user-1", "mine", { a: { "b.c": 1, d: null }, e: "x", "it's": [1] }),
      event("gua-org", "user-1", "mine", { e: 5, f: true }),
      event("gua-org", "user-2", "theirs", { secret: 1 }),
      event("gua-other", "user-1", "foreign", { foreign: 1 }),
      event("gua-org", "user-1", "past", { past: 1 }, old),
    ]);
    const own = await catalogue(user);
    expect(own.columns.map(({ name }) => name)).toEqual(COLUMN_NAMES);
    expect(own.event_types.filter((type) => type.startsWith("custom."))).toEqual(["custom.mine"]);
    const kinds = Object.fromEntries(own.metadata_paths.map(({ path, kinds: found }) => [JSON.stringify(path), found]));
    expect(kinds).toEqual({
      '["a"]': ["object"],
      '["a","b.c"]': ["number"],
      '["a","d"]': ["null"],
      '["e"]': ["number", "string"],
      '["f"]': ["boolean"],
      '["it\'s"]': ["array"],
    });
    const all = await catalogue(admin);
    expect(JSON.stringify(all)).toContain("secret");
    expect(JSON.stringify(all)).not.toMatch(/foreign|past/);
  });
});
