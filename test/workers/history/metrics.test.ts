/** Whatever is rolled up and whatever came late: every answer is what the events say. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { FILTER_NAMES, type Filters } from "../../../schema/api/filters.ts";
import {
  GROUP_BY,
  INTERVALS,
  METRICS,
  SERIES_METRICS,
  SummaryAnswerSchema,
  TimeseriesAnswerSchema,
  unitOf,
} from "../../../schema/api/metrics.ts";
import type { StorageRegion } from "../../../schema/pack.ts";
import type { EventInput } from "../api/world.ts";
import { asDelivered, makeEvents, PLACES } from "./events.ts";
import { type Asked, cells, totals } from "./second-opinion.ts";
import { DAY, History, HOUR, seeded } from "./world.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"] as const;
/** Questions a phase asks of each endpoint. */
const QUESTIONS = 10;

interface Asker {
  principal: Principal;
  asked: Pick<Asked, "orgId" | "regions" | "users">;
}

let world: History;
const askers: Asker[] = [];
const events = new Map<StorageRegion, EventInput[]>();
const random = seeded(20_261_122);
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

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

/** A range near events: aligned to hours, days or nothing. */
function range(): { from: number; to: number } {
  const [start, length] = oneOf(PLACES);
  const align = oneOf([1, 60_000, HOUR, HOUR, DAY, DAY]);
  const snap = (ms: number): number => Math.floor(ms / align) * align;
  const from = snap(start + (random() - 0.3) * length);
  const span = oneOf([2 * HOUR, DAY, 3 * DAY, 9 * DAY, 120 * DAY]);
  return { from, to: from + Math.max(align, snap(random() * span)) };
}

const VALUES_OF: Record<keyof Filters, readonly string[]> = {
  type: ["cost_incurred", "session_end", "error", "code_generated"],
  team: ["red", "blue"],
  agent: ["codex"],
  model: ["alpha", "beta"],
  repo: ["r1", "r2"],
  environment: ["staging"],
};

function filters(): Filters {
  if (random() < 0.5) return {};
  const name = oneOf(FILTER_NAMES);
  return { [name]: VALUES_OF[name].filter(() => random() < 0.7).concat(VALUES_OF[name].slice(0, 1)) };
}

const query = (of: Filters, rest: Record<string, string | undefined>): string => {
  const params = new URLSearchParams();
  for (const [name, values] of Object.entries(of)) for (const value of values ?? []) params.append(name, value);
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) params.append(name, value);
  return params.toString();
};

async function get(asker: Asker, path: string): Promise<unknown> {
  const response = await world.get(path, asker.principal);
  expect([path, response.status]).toEqual([path, 200]);
  return await response.json();
}

async function checkSummary(): Promise<string[]> {
  const asker = oneOf(askers);
  const of = range();
  const by = filters();
  const path = `/api/v1/metrics/summary?${query(by, { from: iso(of.from), to: iso(of.to) })}`;
  const answer = SummaryAnswerSchema.strict().parse(await get(asker, path));
  if (answer.stale_hours.length > 0) return ["stale"];
  const expected = await totals(world, { ...asker.asked, ...of, filters: by });
  const before = { from: Date.parse(answer.previous_from), to: of.from };
  const expectedBefore = await totals(world, { ...asker.asked, ...before, filters: by });
  for (const metric of METRICS) {
    const { value, previous } = answer.totals[metric];
    expect([path, metric, String(value), String(previous)]).toEqual([
      path,
      metric,
      expected[metric],
      expectedBefore[metric],
    ]);
  }
  for (const level of ["p50", "p95"] as const) {
    const { value, previous } = answer.duration_ms[level];
    const name = `duration_${level}`;
    expect([path, name, value ?? 0, previous ?? 0]).toEqual([
      path,
      name,
      Number(expected[name]),
      Number(expectedBefore[name]),
    ]);
  }
  return answer.sources;
}

async function checkSeries(): Promise<string[]> {
  const asker = oneOf(askers);
  const of = range();
  const metric = oneOf(SERIES_METRICS);
  const zone = oneOf(ZONES);
  const groupBy = random() < 0.5 ? oneOf(GROUP_BY) : undefined;
  const compare = random() < 0.3 ? "previous" : undefined;
  const buckets = of.to - of.from;
  const interval = oneOf(
    INTERVALS.filter((one) => (one === "10s" ? buckets < 6 * HOUR : one !== "1m" || buckets < DAY)),
  );
  const by = filters();
  const rest = { metric, interval, timezone: zone, group_by: groupBy, compare, from: iso(of.from), to: iso(of.to) };
  const path = `/api/v1/metrics/timeseries?${query(by, rest)}`;
  const answer = TimeseriesAnswerSchema.strict().parse(await get(asker, path));
  if (answer.stale_hours.length > 0) return ["stale"];
  const shown = (value: string | undefined): number | string | null =>
    unitOf(metric) === "nano_usd" ? (value ?? "0") : unitOf(metric) === "ms" ? Number(value ?? 0) : Number(value ?? 0);
  const expected = await cells(world, { ...asker.asked, ...of, filters: by }, { metric, interval, zone, groupBy });
  const groups =
    groupBy === undefined ? [""] : [...new Set([...expected.keys()].map((key) => key.split(" ")[0] ?? ""))];
  // Groups that only the compared period has are together in `other`.
  const named = answer.series.filter(({ other, group }) => !(other && groupBy !== undefined) || group !== null);
  expect([path, named.map(({ group }) => group ?? "").sort()]).toEqual([path, groups.sort()]);
  const times = new Set(answer.times);
  for (const key of expected.keys()) {
    const at = key.split(" ").at(-1) ?? "";
    // The first bucket may begin before the range: then ClickHouse names the same start.
    expect([path, key, at === "total" || times.has(at)]).toEqual([path, key, true]);
  }
  for (const { group, total, values, previous } of named) {
    expect([path, group, total ?? 0]).toEqual([path, group, shown(expected.get(`${group ?? ""} total`))]);
    const wanted = answer.times.map((at) => shown(expected.get(`${group ?? ""} ${at}`)));
    expect([path, group, values.map((value) => value ?? 0)]).toEqual([path, group, wanted]);
    if (answer.previous_from === null || previous === undefined) continue;
    const before = { from: Date.parse(answer.previous_from), to: of.from };
    const old = await cells(world, { ...asker.asked, ...before, filters: by }, { metric, interval, zone, groupBy });
    expect([path, group, "previous", previous.total ?? 0]).toEqual([
      path,
      group,
      "previous",
      shown(old.get(`${group ?? ""} total`)),
    ]);
  }
  return answer.sources;
}

async function askEverything(): Promise<Set<string>> {
  const used = new Set<string>();
  for (let n = 0; n < QUESTIONS; n++) {
    for (const source of [...(await checkSummary()), ...(await checkSeries()), ...(await checkSeries())])
      used.add(source);
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
    const left = await get(
      askers[0] as Asker,
      `/api/v1/metrics/timeseries?metric=events&group_by=user&from=2025-12-01T00:00:00Z&to=2026-11-01T00:00:00Z`,
    );
    const { series, sources } = TimeseriesAnswerSchema.parse(left);
    expect(series.map(({ group }) => group)).not.toContain("user-4");
    expect(sources).toEqual(["daily"]);
  });
});
