/** Daily reports and the pipeline's state through the API, over days that were rolled up from real events. */
import { beforeAll, describe, expect, inject, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { PipelineAnswerSchema } from "../../../schema/api/pipeline.ts";
import { DailyReportsAnswerSchema } from "../../../schema/api/reports.ts";
import { complianceScore } from "../../../schema/compliance.ts";
import { DAY_MS, HOUR_MS } from "../../../schema/limits.ts";
import type { StorageRegion } from "../../../schema/pack.ts";
import { clickHouseRun } from "../../../workers/shared/clickhouse-run.ts";
import { dayStates } from "../../../workers/shared/rollup-state.ts";
import { planDays, runDayJob } from "../../../workflows/rollup/days.ts";
import { runHourJob } from "../../../workflows/rollup/hours.ts";
import type { KeyLife } from "../../../workflows/rollup/reports.ts";
import { type EventInput, World } from "./world.ts";

/** The third day back: over, and no daylight saving in UTC. */
const DAY = Math.floor(Date.now() / DAY_MS - 3) * DAY_MS;
const isoOf = (ms: number): string => new Date(ms).toISOString();
const dateOf = (ms: number): string => isoOf(ms).slice(0, 10);

let world: World;
const people = new Map<string, Principal>();
const admin = (org: string): Principal => people.get(org) as Principal;

const runOf = (region: StorageRegion) =>
  clickHouseRun({ url: inject("clickHouseUrl"), database: region, user: "default", password: "" });

async function roll(orgId: string, region: StorageRegion, hours: readonly number[], keys: KeyLife[]): Promise<void> {
  const run = runOf(region);
  const options = { forced: true, random: Math.random };
  for (const hour of hours) await runHourJob(run, { orgId, hours: [hour], sessionsOnly: false }, options);
  const states = await dayStates(run, { orgId });
  if (!states.ok) throw new Error(states.reason);
  // An hour that was just written to is still dirty, and its day waits half an hour for it.
  const settled = states.value.map((state) => ({ ...state, dirtyHours: 0 }));
  for (const job of planDays(settled, Date.now())) await runDayJob(run, job, async () => keys, Math.random);
}

const event = (org_id: string, event_type: string, at: number, more: Partial<EventInput> = {}): EventInput => ({
  org_id,
  event_type,
  timestamp: isoOf(at),
  ...more,
});

const KEYS: KeyLife[] = [
  { createdAt: DAY - 200 * DAY_MS, expiresAt: null, revokedAt: null },
  { createdAt: DAY - 100 * DAY_MS, expiresAt: null, revokedAt: DAY + 2 * DAY_MS },
  { createdAt: DAY - 10 * DAY_MS, expiresAt: null, revokedAt: null },
  { createdAt: DAY - 300 * DAY_MS, expiresAt: null, revokedAt: DAY - 1 },
  { createdAt: DAY + 2 * DAY_MS, expiresAt: null, revokedAt: null },
  { createdAt: DAY - 5 * DAY_MS, expiresAt: DAY - 4 * DAY_MS, revokedAt: null },
];

beforeAll(async () => {
  world = await World.create();
  for (const [name, residency] of [
    ["reported", "us"],
    ["reported-both", "global"],
  ] as const) {
    const org = await world.org(name, residency);
    people.set(name, await world.person(org, `admin-${name}`, "admin"));
    if (residency === "us") {
      people.set("manager", await world.person(org, "manager-reported", "manager"));
      people.set("user", await world.person(org, "user-reported", "user"));
    }
  }
});

const reportsOf = async (principal: Principal, query: string) =>
  DailyReportsAnswerSchema.parse(await (await world.get(`/api/v1/reports/daily?${query}`, principal)).json());

describe("the daily report", () => {
  it("has the day's totals and each term of the score", async () => {
    const org = "reported";
    const alert = (at: number, severity: string, rule = "secret_in_prompt") =>
      event(org, "security_alert", at, { severity, rule, session_id: "s0" });
    await world.insert("us", [
      ...[0, 1, 2, 3].map((n) =>
        event(org, "session_start", DAY + n * HOUR_MS, { session_id: `s${n}`, user_id: `u${n % 2}` }),
      ),
      event(org, "code_generated", DAY + 1, { accepted: false, lines_added: 7, session_id: "s0", user_id: "u0" }),
      event(org, "code_generated", DAY + 2, { accepted: true, session_id: "s0", user_id: "u0" }),
      event(org, "custom.x", DAY + 3, { accepted: false, session_id: "s0", user_id: "u0" }),
      event(org, "cost_incurred", DAY + 4, {
        cost_nano_usd: 5_000_000_000,
        input_tokens: 11,
        session_id: "s0",
        user_id: "u0",
      }),
      // Open: two of the day, one of 29 days before. Not open: low, and one of 30 days before.
      alert(DAY + 5, "high"),
      alert(DAY + 6, "critical", "permission_bypass"),
      alert(DAY + 7, "low", "hook_blocked"),
      alert(DAY - 29 * DAY_MS, "high"),
      alert(DAY - 30 * DAY_MS, "high"),
    ]);
    const hours = [0, 1, 2, 3].map((n) => DAY + n * HOUR_MS);
    await roll(org, "us", [DAY - 30 * DAY_MS, DAY - 29 * DAY_MS, ...hours], KEYS);
    const { reports } = await reportsOf(admin(org), `from=${dateOf(DAY)}&to=${dateOf(DAY + DAY_MS)}`);
    // V: one rejected suggestion and two rules, over four sessions; K: two of three keys.
    const counts = { openAlerts: 3, violations: 3, sessions: 4, activeKeys: 3, oldKeys: 2, completeness: 1 };
    expect(reports).toEqual([
      {
        day: dateOf(DAY),
        created_at: expect.any(String),
        events: 11,
        sessions: 4,
        users: 3,
        errors: 0,
        security_alerts: 3,
        pull_requests: 0,
        cost_nano_usd: "5000000000",
        tokens: 11,
        unpriced_tokens: 0,
        lines_added: 7,
        lines_removed: 0,
        accepted: 1,
        rejected: 2,
        compliance: {
          score: expect.closeTo(100 - 15 - 30 - 40 / 3),
          alerts: { open: 3, points: 15 },
          violations: { count: 3, sessions: 4, per_100_sessions: 75, points: 30 },
          keys: { active: 3, old: 2, share: expect.closeTo(2 / 3), points: expect.closeTo(40 / 3) },
          telemetry: { completeness: 1, points: 0 },
        },
      },
    ]);
    expect(reports[0]?.compliance.score).toBeCloseTo(complianceScore(counts));
    const stored = await fetch(`${inject("clickHouseUrl")}/?database=us`, {
      method: "POST",
      body: `SELECT score FROM daily_reports FINAL WHERE org_id = '${org}' AND day = toDateTime(${DAY / 1_000})`,
    });
    expect(Number(await stored.text())).toBeCloseTo(complianceScore(counts));
  });

  it("counts an alert that arrives late in the reports of the days after it too", async () => {
    const org = "reported";
    const before = await reportsOf(admin(org), `from=${dateOf(DAY)}&to=${dateOf(DAY + DAY_MS)}`);
    const at = DAY - 10 * DAY_MS;
    await world.insert("us", [event(org, "security_alert", at, { severity: "critical" })]);
    await roll(org, "us", [at], KEYS);
    const after = await reportsOf(admin(org), `from=${dateOf(DAY)}&to=${dateOf(DAY + DAY_MS)}`);
    expect(after.reports[0]?.compliance.alerts).toEqual({ open: 4, points: 20 });
    expect(before.reports[0]?.compliance.alerts.open).toBe(3);
  });

  it("puts both regions of a global tenant together, a person in both being one", async () => {
    const org = "reported-both";
    for (const region of ["us", "eu"] as const) {
      await world.insert(region, [
        event(org, "session_start", DAY, { session_id: `s-${region}`, user_id: "ann" }),
        event(org, "security_alert", DAY + 1, { session_id: `s-${region}`, user_id: region, severity: "high" }),
      ]);
      await roll(org, region, [DAY], KEYS);
    }
    const { reports } = await reportsOf(admin(org), `from=${dateOf(DAY)}&to=${dateOf(DAY + DAY_MS)}`);
    expect(reports).toMatchObject([{ events: 4, users: 3, sessions: 2, security_alerts: 2 }]);
    expect(reports[0]?.compliance).toMatchObject({ alerts: { open: 2 }, keys: { active: 3, old: 2 } });
  });

  it("is for admins, and of at most 366 days", async () => {
    for (const name of ["manager", "user"]) {
      expect((await world.get("/api/v1/reports/daily", admin(name))).status).toBe(403);
    }
    expect((await world.get("/api/v1/reports/daily?from=2024-01-01&to=2026-01-01", admin("reported"))).status).toBe(
      400,
    );
    expect((await world.get("/api/v1/reports/daily?from=yesterday", admin("reported"))).status).toBe(400);
  });
});

describe("the pipeline's state", () => {
  const stateOf = async (principal: Principal) =>
    PipelineAnswerSchema.parse(await (await world.get("/api/v1/settings/pipeline", principal)).json());

  it("says what waits, since when, and what failed with its reason and next try", async () => {
    const org = await world.org("waiting", "global");
    const principal = await world.person(org, "admin-waiting", "admin");
    expect(await stateOf(principal)).toMatchObject({
      regions: [
        { region: "us", last_run: null, waiting_hours: 0, oldest_waiting_hour: null, lag_seconds: 0, failed: [] },
        { region: "eu", last_run: null, waiting_hours: 0 },
      ],
      live_stale: false,
    });
    await world.insert("us", [event("waiting", "error", DAY), event("waiting", "error", DAY + 5 * HOUR_MS)]);
    const [us, eu] = (await stateOf(principal)).regions;
    expect(us).toMatchObject({ waiting_hours: 2, oldest_waiting_hour: isoOf(DAY), failed_count: 0 });
    expect(eu).toMatchObject({ waiting_hours: 0 });
    const refusing: typeof fetch = async (input, init) => {
      const body = init?.body instanceof FormData ? [...init.body.values()].join() : String(init?.body);
      if (!body.includes("INSERT INTO hourly_metrics")) return await fetch(input, init);
      const headers = { "x-clickhouse-exception-code": "159" };
      return new Response("Code: 159. DB::Exception: Timeout of 'a-secret'. (TIMEOUT_EXCEEDED)", {
        status: 500,
        headers,
      });
    };
    const run = clickHouseRun(
      { url: inject("clickHouseUrl"), database: "us", user: "default", password: "" },
      refusing,
    );
    await runHourJob(
      run,
      { orgId: "waiting", hours: [DAY], sessionsOnly: false },
      { forced: true, random: Math.random },
    );
    const answer = await stateOf(principal);
    expect(answer.regions[0]).toMatchObject({
      failed_count: 1,
      failed: [{ kind: "hour", start: isoOf(DAY), reason: "timeout", attempts: 1 }],
    });
    expect(Date.parse(answer.regions[0]?.failed[0]?.next_try ?? "")).toBeGreaterThan(Date.now());
    expect(JSON.stringify(answer)).not.toContain("a-secret");
    await roll("waiting", "us", [DAY, DAY + 5 * HOUR_MS], []);
    expect((await stateOf(principal)).regions[0]).toMatchObject({ failed: [], last_run: expect.any(String) });
  });

  it("is for managers and admins, of their own organisation", async () => {
    expect((await world.get("/api/v1/settings/pipeline", admin("user"))).status).toBe(403);
    const answer = await stateOf(admin("manager"));
    expect([answer.org_id, answer.regions.map(({ region }) => region)]).toEqual(["reported", ["us"]]);
  });
});
