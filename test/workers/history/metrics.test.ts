/** Whatever is rolled up and whatever came late: every answer is what the events say. */
import { beforeAll, describe, expect, it } from "vitest";
import { TimeseriesAnswerSchema } from "../../../schema/api/metrics.ts";
import type { StorageRegion } from "../../../schema/pack.ts";
import type { EventInput } from "../api/world.ts";
import { type Asker, Asking, iso } from "./asking.ts";
import { checkActiveUsers, checkErrors, checkFunnel, checkTop, checkUnitCosts } from "./check-insights.ts";
import { checkSeries, checkSummary } from "./check-metrics.ts";
import { checkSessions } from "./check-sessions.ts";
import { asDelivered, makeEvents, PLACES } from "./events.ts";
import { History, HOUR, seeded } from "./world.ts";

/** Rounds of a phase: each asks every kind of question once, of another person, range and filter. */
const ROUNDS = 5;
const CHECKS = [
  checkSummary,
  checkSeries,
  checkSeries,
  checkTop,
  checkActiveUsers,
  checkFunnel,
  checkUnitCosts,
  checkErrors,
  checkSessions,
];

let world: History;
const askers: Asker[] = [];
const events = new Map<StorageRegion, EventInput[]>();
const random = seeded(20_261_122);

beforeAll(async () => {
  world = await History.start();
  const us = await world.org("history-us", "us");
  const global = await world.org("history-gl", "global");
  await world.team(us, "red");
  const mine = ["user-1", "user-2"];
  const ours = [...mine, "user-3", "user-8"];
  const admin = await world.person(us, "h-admin", "admin");
  const manager = await world.person(us, "h-manager", "manager", { teamId: "red", eventUsers: mine });
  const user = await world.person(us, "h-user", "user", { eventUsers: ours.slice(2, 3) });
  await world.person(us, "h-mate", "user", { teamId: "red", eventUsers: ours.slice(3) });
  const globalAdmin = await world.person(global, "h-global", "admin");
  askers.push(
    { principal: admin, asked: { orgId: "history-us", regions: ["us"] } },
    { principal: admin, asked: { orgId: "history-us", regions: ["us"] } },
    { principal: manager, asked: { orgId: "history-us", regions: ["us"], users: [...mine, "user-8"] } },
    { principal: user, asked: { orgId: "history-us", regions: ["us"], users: ["user-3"] } },
    { principal: globalAdmin, asked: { orgId: "history-gl", regions: ["us", "eu"] } },
  );
  events.set("us", [...makeEvents("history-us", 2_000, random), ...makeEvents("history-gl", 700, random)]);
  events.set("eu", makeEvents("history-gl", 500, random));
  for (const region of ["us", "eu"] as const) await deliver(region, events.get(region) ?? []);
}, 120_000);

async function deliver(region: StorageRegion, batch: readonly EventInput[]): Promise<void> {
  await world.insert(region, asDelivered(batch, random));
}

async function rollUp(share: number): Promise<void> {
  const chosen = { hour: () => random() < share, day: () => random() < share };
  await Promise.all([
    world.rollUp("us", "history-us", chosen),
    world.rollUp("us", "history-gl", chosen),
    world.rollUp("eu", "history-gl", chosen),
  ]);
}

async function askEverything(): Promise<Set<string>> {
  const asking = new Asking(world, askers, random);
  const used = new Set<string>();
  for (let n = 0; n < ROUNDS; n++) {
    for (const check of CHECKS) for (const source of await check(asking)) used.add(source);
  }
  return used;
}

describe("answers over time are what the events say", { timeout: 240_000 }, () => {
  it("before anything is rolled up", async () => {
    expect(await askEverything()).toContain("raw");
  });

  it("when everything is rolled up", async () => {
    await rollUp(1);
    world = await world.fresh();
    expect([...(await askEverything())].sort()).toEqual(["daily", "hourly", "raw"]);
  });

  it("when late events made hours dirty, and some of them were rolled up again", async () => {
    for (const region of ["us", "eu"] as const) {
      for (const orgId of region === "us" ? ["history-us", "history-gl"] : ["history-gl"]) {
        // In few enough hours that all of them are read event by event.
        const late = makeEvents(orgId, 60, random).map((event, n) => {
          const [start] = PLACES[n % PLACES.length] ?? [0];
          return { ...event, timestamp: iso(start + (3 + 7 * (n % 3)) * HOUR + Math.floor(random() * HOUR)) };
        });
        await deliver(region, late);
      }
    }
    world = await world.fresh();
    expect([...(await askEverything())]).not.toContain("stale");
    await rollUp(0.5);
    world = await world.fresh();
    expect([...(await askEverything())].sort()).toEqual(["daily", "hourly", "raw"]);
  });

  it("when a user is erased and a model is priced anew, with no row of before", async () => {
    for (const [region, orgId] of [
      ["us", "history-us"],
      ["us", "history-gl"],
      ["eu", "history-gl"],
    ] as const) {
      const touched = `SELECT org_id, toStartOfHour(timestamp, 'UTC') AS hour, max(received_at), now64(3) FROM events WHERE org_id = '${orgId}' AND (user_id = 'user-4' OR model = 'beta') GROUP BY org_id, hour`;
      await world.ask(region, `INSERT INTO dirty_hours ${touched}`);
      await world.ask(region, `ALTER TABLE events DELETE WHERE org_id = '${orgId}' AND user_id = 'user-4'`);
      await world.ask(
        region,
        `INSERT INTO events SELECT * REPLACE (123456789 AS cost_nano_usd, 'computed' AS cost_source, 2 * bitShiftLeft(toUInt64(1), 48) AS _ver) FROM events FINAL WHERE org_id = '${orgId}' AND model = 'beta'`,
      );
    }
    world = await world.fresh();
    await askEverything();
    await rollUp(1);
    world = await world.fresh();
    expect([...(await askEverything())].sort()).toEqual(["daily", "hourly", "raw"]);
    const left = await new Asking(world, askers, random).get(
      askers[0] as Asker,
      `/api/v1/metrics/timeseries?metric=events&group_by=user&from=2025-12-01T00:00:00Z&to=2026-11-01T00:00:00Z`,
    );
    const { series, sources } = TimeseriesAnswerSchema.parse(left);
    expect(series.map(({ group }) => group)).not.toContain("user-4");
    expect(sources).toEqual(["daily"]);
  });
});
