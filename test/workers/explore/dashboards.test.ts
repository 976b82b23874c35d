/** Dashboards: made, arranged, shared, removed with their records; whose they are, who may, what two people at once do, and every limit. */
import { asc, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import {
  type Dashboard,
  DashboardSchema,
  GRID_COLUMNS,
  MAX_OWN_DASHBOARDS,
  MAX_SHARED_DASHBOARDS,
  MAX_TILE_ROWS,
  MAX_TILES,
  MIN_TILE,
  type Tile,
} from "../../../schema/api/dashboards.ts";
import { changeRecords, customMetrics, dashboards } from "../../../schema/d1/config.ts";
import type { ErrorAnswer, SeededOrg } from "../api/world.ts";
import { Explore } from "./world.ts";

const PATH = "/api/v1/dashboards";
const METRICS = Array.from({ length: MAX_TILES + 1 }, (_, i) => `metric-${i}`);

let world: Explore;
let org: SeededOrg;
let admin: Principal;
let manager: Principal;
let user: Principal;
let viewer: Principal;
let stranger: Principal;

async function enterprise(orgId: string, metrics: readonly string[]): Promise<SeededOrg> {
  const made = await world.org(orgId, "us");
  await world.plan(made, "enterprise");
  const now = new Date();
  const row = { orgId, query: '{"measures":[{"fn":"count"}]}', createdBy: "x", createdAt: now, updatedAt: now };
  for (const id of metrics) {
    await drizzle(made.database)
      .insert(customMetrics)
      .values({ ...row, metricId: id, name: id });
  }
  return made;
}

beforeAll(async () => {
  world = await Explore.start();
  org = await enterprise("dash-org", METRICS);
  await world.team(org, "red");
  admin = await world.person(org, "dash-admin", "admin");
  manager = await world.person(org, "dash-manager", "manager", { teamId: "red" });
  user = await world.person(org, "dash-user", "user");
  viewer = await world.person(org, "dash-viewer", "viewer");
  stranger = await world.person(await enterprise("dash-other", ["theirs"]), "dash-stranger", "admin");
});

const tile = (metric_id: string, x = 0, y = 0, w = 6, h = 6): Tile => ({ metric_id, x, y, w, h });

let made = 0;
async function create(who: Principal, body: Record<string, unknown> = {}): Promise<Dashboard> {
  const response = await world.send("POST", PATH, who, { name: `Board ${++made}`, ...body });
  return await afterOf(response);
}
async function afterOf(response: Response): Promise<Dashboard> {
  const text = await response.text();
  expect([response.status, response.status === 200 ? "" : text]).toEqual([200, ""]);
  return DashboardSchema.strict().parse((JSON.parse(text) as { after: unknown }).after);
}
const status = async (method: string, path: string, who: Principal, body?: unknown): Promise<number> =>
  (await world.send(method, path, who, body)).status;
const errorOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  (await response.json<ErrorAnswer>()).error.message,
];
async function listed(who: Principal, limit = 200): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const response = await world.send("GET", `${PATH}?limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`, who);
    const page = await response.json<{ dashboards: Dashboard[]; next_cursor: string | null }>();
    ids.push(...page.dashboards.map(({ dashboard_id }) => dashboard_id));
    cursor = page.next_cursor;
  }
  return ids;
}

describe("a dashboard", () => {
  it("is made, arranged, renamed and removed, each with its record", async () => {
    const first = await create(viewer, { name: " Mine ", items: [tile("metric-0")] });
    expect(first).toMatchObject({ name: "Mine", shared: false, version: 1, created_by: "dash-viewer" });
    const path = `${PATH}/${first.dashboard_id}`;
    expect(await (await world.send("GET", path, viewer)).json()).toEqual(first);
    const items = [tile("metric-1", 6, 0, 3, 4), tile("metric-0", 0, 0, 6, 4)];
    const second = await afterOf(await world.send("PATCH", path, viewer, { version: 1, items }));
    expect(second).toMatchObject({ name: "Mine", items, version: 2 });
    const third = await afterOf(await world.send("PATCH", path, viewer, { version: 2, name: "Renamed" }));
    expect(third).toMatchObject({ name: "Renamed", items, version: 3 });
    expect(await status("DELETE", path, viewer)).toBe(200);
    expect(await status("GET", path, viewer)).toBe(404);
    expect(await status("DELETE", path, viewer)).toBe(404);
    const records = await drizzle(org.database)
      .select()
      .from(changeRecords)
      .where(eq(changeRecords.target, first.dashboard_id))
      .orderBy(asc(changeRecords.at));
    expect(records.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      "dash-viewer dashboard.create",
      "dash-viewer dashboard.update",
      "dash-viewer dashboard.update",
      "dash-viewer dashboard.remove",
    ]);
    expect(records.map(({ after }) => JSON.parse(after))).toEqual([first, second, third, null]);
  });

  it("is changed from the version that was seen, once", async () => {
    const { dashboard_id } = await create(manager, { shared: true });
    const path = `${PATH}/${dashboard_id}`;
    const race = ["metric-1", "metric-2", "metric-3"].map((id) =>
      world.send("PATCH", path, admin, { version: 1, items: [tile(id)] }),
    );
    const statuses = (await Promise.all(race)).map((response) => response.status);
    expect(statuses.sort()).toEqual([200, 409, 409]);
    const late = await world.send("PATCH", path, manager, { version: 1, name: "Late" });
    expect(await errorOf(late)).toEqual([409, expect.stringContaining("it is at version 2, you saw 1")]);
    expect(await status("PATCH", path, manager, { version: 9, name: "Early" })).toBe(409);
    const records = await drizzle(org.database)
      .select()
      .from(changeRecords)
      .where(eq(changeRecords.target, dashboard_id));
    expect(records).toHaveLength(2);
  });

  it.each([
    ["no name", { name: " " }],
    ["a name that is too long", { name: "x".repeat(129) }],
    ["another organisation", { name: "x", org_id: "dash-other" }],
    ["a metric that nobody has", { name: "x", items: [tile("nobodys")] }],
    ["a metric of another organisation", { name: "x", items: [tile("theirs")] }],
    ["a metric twice", { name: "x", items: [tile("metric-0"), tile("metric-0", 6)] }],
    ["two tiles on one place", { name: "x", items: [tile("metric-0"), tile("metric-1", 5, 5)] }],
    ["a tile beyond the last column", { name: "x", items: [tile("metric-0", 7)] }],
    ["a tile that is too narrow", { name: "x", items: [tile("metric-0", 0, 0, MIN_TILE - 1)] }],
    ["a tile that is too low", { name: "x", items: [tile("metric-0", 0, 0, 6, MIN_TILE - 1)] }],
    ["a tile that is too wide", { name: "x", items: [tile("metric-0", 0, 0, GRID_COLUMNS + 1)] }],
    ["a tile that is too high", { name: "x", items: [tile("metric-0", 0, 0, 6, MAX_TILE_ROWS + 1)] }],
    ["a tile between two columns", { name: "x", items: [tile("metric-0", 0.5)] }],
    ["a tile above the grid", { name: "x", items: [tile("metric-0", 0, -1)] }],
    ["something else on a tile", { name: "x", items: [{ ...tile("metric-0"), html: "<b>" }] }],
  ])("is not made with %s", async (_, body) => {
    expect(await status("POST", PATH, admin, body)).toBe(400);
    const { dashboard_id } = await create(admin);
    expect(await status("PATCH", `${PATH}/${dashboard_id}`, admin, { version: 1, ...body })).toBe(400);
  });

  it("is not changed without a version, or by nothing", async () => {
    const { dashboard_id } = await create(admin);
    expect(await status("PATCH", `${PATH}/${dashboard_id}`, admin, { name: "x" })).toBe(400);
    expect(await status("PATCH", `${PATH}/${dashboard_id}`, admin, { version: 1 })).toBe(400);
  });

  it("takes tiles and a name of every allowed size", async () => {
    const items = [
      tile("metric-0", 0, 0, GRID_COLUMNS, MAX_TILE_ROWS),
      tile("metric-1", GRID_COLUMNS - MIN_TILE, MAX_TILE_ROWS, MIN_TILE, MIN_TILE),
    ];
    expect((await create(admin, { name: "x".repeat(128), items })).items).toEqual(items);
  });

  it("keeps the tile of a metric that was removed, until somebody removes the tile", async () => {
    const { dashboard_id } = await create(admin, { items: [tile("metric-0")] });
    const path = `${PATH}/${dashboard_id}`;
    const saved = { name: "Short-lived", query: { measures: [{ fn: "count" }] } };
    const response = await world.send("POST", "/api/v1/custom-metrics", admin, saved);
    const { metric_id } = (await response.json<{ after: { metric_id: string } }>()).after;
    const items = [tile("metric-0"), tile(metric_id, 6)];
    await afterOf(await world.send("PATCH", path, admin, { version: 1, items }));
    expect(await status("DELETE", `/api/v1/custom-metrics/${metric_id}`, admin)).toBe(200);
    expect((await (await world.send("GET", path, admin)).json<Dashboard>()).items).toEqual(items);
    const moved = [tile("metric-0", 6), tile(metric_id)];
    expect(await status("PATCH", path, admin, { version: 2, items: moved })).toBe(200);
    expect(await status("PATCH", path, admin, { version: 3, items: [tile("metric-0")] })).toBe(200);
    expect(await status("PATCH", path, admin, { version: 4, items: moved })).toBe(400);
  });
});

describe("a dashboard of one's own", () => {
  it("does not exist for anyone else, admins included", async () => {
    const { dashboard_id } = await create(user);
    const path = `${PATH}/${dashboard_id}`;
    for (const who of [admin, manager, viewer, stranger]) {
      expect(await listed(who)).not.toContain(dashboard_id);
      for (const [method, body] of [["GET"], ["PATCH", { version: 1, name: "mine" }], ["DELETE"]] as const) {
        const theirs = await errorOf(await world.send(method, path, who, body));
        expect([method, ...theirs]).toEqual([method, 404, "there is no such dashboard"]);
      }
    }
    expect(await listed(user)).toContain(dashboard_id);
  });

  it("goes when its person leaves the organisation; shared ones stay", async () => {
    const leaver = await world.person(org, "dash-leaver", "manager", { teamId: "red" });
    const own = await create(leaver);
    const shared = await create(leaver, { shared: true });
    expect(await status("DELETE", "/api/v1/members/dash-leaver", admin)).toBe(200);
    const left = await drizzle(org.database).select().from(dashboards).where(eq(dashboards.createdBy, "dash-leaver"));
    expect(left.map(({ dashboardId }) => dashboardId)).toEqual([shared.dashboard_id]);
    expect(own.shared).toBe(false);
  });
});

describe("a shared dashboard", () => {
  it("is seen by everyone of the organisation, and written by managers and admins", async () => {
    const { dashboard_id } = await create(manager, { shared: true });
    const path = `${PATH}/${dashboard_id}`;
    let version = 1;
    for (const who of [admin, manager, user, viewer]) {
      expect(await listed(who)).toContain(dashboard_id);
      expect(await status("GET", path, who)).toBe(200);
    }
    for (const who of [user, viewer]) {
      const refused = await world.send("PATCH", path, who, { version, name: "mine" });
      expect(await errorOf(refused)).toEqual([403, expect.stringContaining("make one of your own")]);
      expect(await status("DELETE", path, who)).toBe(403);
      expect(await status("POST", PATH, who, { name: "All", shared: true })).toBe(403);
      const own = await create(who);
      expect(await status("PATCH", `${PATH}/${own.dashboard_id}`, who, { version: 1, shared: true })).toBe(403);
    }
    for (const who of [admin, manager]) {
      expect(await status("PATCH", path, who, { version: version++, name: `by ${who.user_id}` })).toBe(200);
    }
    const taken = await afterOf(await world.send("PATCH", path, admin, { version, shared: false }));
    expect(taken.shared).toBe(false);
    expect(await status("GET", path, manager)).toBe(404);
    const back = await afterOf(await world.send("PATCH", path, admin, { version: version + 1, shared: true }));
    expect([back.shared, await status("DELETE", path, manager)]).toEqual([true, 200]);
  });

  it("of another organisation does not exist, and naming that organisation is refused", async () => {
    const { dashboard_id } = await create(admin, { shared: true });
    const path = `${PATH}/${dashboard_id}`;
    for (const [method, body] of [["GET"], ["PATCH", { version: 1, name: "mine" }], ["DELETE"]] as const) {
      expect([method, await status(method, path, stranger, body)]).toEqual([method, 404]);
      expect([method, await status(method, `${path}?org=dash-org`, stranger, body)]).toEqual([method, 403]);
    }
    expect(await listed(stranger)).toEqual([]);
  });
});

describe("the name", () => {
  it("is taken once among one's own and once among the shared, also when two are made at the same time", async () => {
    await create(user, { name: "Taken" });
    await create(viewer, { name: "Taken" });
    await create(admin, { name: "Taken", shared: true });
    const own = await create(admin, { name: "Taken" });
    expect(await errorOf(await world.send("POST", PATH, user, { name: "Taken" }))).toEqual([
      409,
      expect.stringContaining("name"),
    ]);
    const other = await create(user);
    expect(await status("PATCH", `${PATH}/${other.dashboard_id}`, user, { version: 1, name: "Taken" })).toBe(409);
    expect(await status("PATCH", `${PATH}/${own.dashboard_id}`, admin, { version: 1, shared: true })).toBe(409);
    const race = await Promise.all([1, 2, 3].map(() => status("POST", PATH, admin, { name: "Race", shared: true })));
    expect(race.sort()).toEqual([200, 409, 409]);
  });
});

describe("the limits", () => {
  const fill = async (orgId: string, ownerId: string, count: number): Promise<void> => {
    const now = new Date();
    const row = { orgId, ownerId, items: "[]", version: 1, createdBy: "x", createdAt: now, updatedAt: now };
    for (let n = 0; n < count; n++) {
      const dashboardId = `${ownerId}-${n}`;
      await drizzle(org.database)
        .insert(dashboards)
        .values({ ...row, dashboardId, name: dashboardId });
    }
  };

  it(`are ${MAX_OWN_DASHBOARDS} of one's own and ${MAX_SHARED_DASHBOARDS} shared, each counted alone`, async () => {
    const full = await enterprise("dash-full", []);
    const owner = await world.person(full, "dash-full-admin", "admin");
    await fill(full.orgId, owner.user_id, MAX_OWN_DASHBOARDS - 1);
    await fill(full.orgId, "", MAX_SHARED_DASHBOARDS - 1);
    const own = await create(owner);
    const refused = await world.send("POST", PATH, owner, { name: "one more" });
    expect(await errorOf(refused)).toEqual([409, expect.stringContaining(`at most ${MAX_OWN_DASHBOARDS}`)]);
    const last = await create(owner, { shared: true });
    const more = await world.send("POST", PATH, owner, { name: "one more", shared: true });
    expect(await errorOf(more)).toEqual([409, expect.stringContaining(`at most ${MAX_SHARED_DASHBOARDS}`)]);
    const share = await world.send("PATCH", `${PATH}/${own.dashboard_id}`, owner, { version: 1, shared: true });
    expect(await errorOf(share)).toEqual([409, expect.stringContaining(`at most ${MAX_SHARED_DASHBOARDS}`)]);
    const rename = { version: 1, name: "still possible" };
    expect(await status("PATCH", `${PATH}/${last.dashboard_id}`, owner, rename)).toBe(200);
    const all = await listed(owner, 7);
    expect(all).toHaveLength(MAX_OWN_DASHBOARDS + MAX_SHARED_DASHBOARDS);
    expect(all).toEqual([...all].sort());
  });

  it(`are ${MAX_TILES} tiles`, async () => {
    const items = METRICS.map((id, i) => tile(id, (i % 4) * 3, Math.floor(i / 4) * 3, 3, 3));
    expect((await create(admin, { items: items.slice(0, MAX_TILES) })).items).toHaveLength(MAX_TILES);
    expect(await status("POST", PATH, admin, { name: "x", items })).toBe(400);
  });
});

describe("without the feature", () => {
  it("every route says whose decision that is", async () => {
    const small = await world.org("dash-starter", "us");
    const owner = await world.person(small, "dash-starter-admin", "admin");
    for (const [method, path, body] of [
      ["GET", PATH, undefined],
      ["POST", PATH, { name: "x" }],
      ["GET", `${PATH}/x`, undefined],
      ["PATCH", `${PATH}/x`, { version: 1, name: "x" }],
      ["DELETE", `${PATH}/x`, undefined],
    ] as const) {
      const refused = await errorOf(await world.send(method, path, owner, body));
      expect([method, ...refused]).toEqual([method, 403, expect.stringContaining("starter plan")]);
    }
  });
});
