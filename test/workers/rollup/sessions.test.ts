/** Sessions follow the hours they are in; what no reader takes any more is dropped without being missed. */
import { describe, expect, it } from "vitest";
import { runHourJob } from "../../../workflows/rollup/hours.ts";
import { pruneSuperseded } from "../../../workflows/rollup/prune.ts";
import {
  askEvents,
  askRollup,
  type EventInput,
  HOUR,
  insert,
  must,
  query,
  rollDays,
  rollHours,
  runOf,
  statesOf,
  T0,
  values,
} from "./world.ts";

const TOKENS = "input_tokens + output_tokens + cache_read_tokens + cache_write_tokens";
const first = (name: string) => `argMinIf(toString(${name}), timestamp, ${name} != '')`;
const set = (name: string) => `arraySort(groupUniqArrayIf(toString(${name}), ${name} != ''))`;

/** Whole sessions from events themselves. */
const truth = (org: string) => `
SELECT session_id, min(timestamp), max(timestamp), argMin(user_id, timestamp), ${["team_id", "agent", "agent_version", "repo", "branch", "environment"].map(first).join()},
  maxOrNullIf(timestamp, event_type = 'session_end'), argMaxIf(toString(outcome), timestamp, event_type = 'session_end'),
  argMaxOrNullIf(duration_ms, timestamp, event_type = 'session_end'),
  ${["user_id", "event_type", "team_id", "agent", "model", "repo", "environment"].map(set).join()},
  count(), countIf(event_type = 'error'), countIf(event_type = 'security_alert'), countIf(event_type = 'pr_created'),
  countIf(event_type = 'code_generated'), sum(toInt128(ifNull(cost_nano_usd, 0))), sumIf(${TOKENS}, cost_source = 'unpriced'),
  sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(reasoning_tokens),
  sum(toUInt64(lines_added)), sum(toUInt64(lines_removed)), countIf(accepted = true), countIf(accepted = false)
FROM events FINAL WHERE org_id = '${org}' GROUP BY session_id ORDER BY session_id`;

const stored = (org: string) => `
SELECT session_id, started_at, last_at, user_id, team_id, agent, agent_version, repo, branch, environment, ended_at, outcome, duration_ms,
  users, types, teams, agents, models, repos, environments, events, errors, security_alerts, pull_requests, code_generated, cost_nano_usd,
  unpriced_tokens, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, lines_added, lines_removed,
  accepted, rejected
FROM sessions FINAL WHERE org_id = '${org}' ORDER BY session_id`;

const expectEqual = async (org: string): Promise<void> => {
  const wanted = await values(truth(org));
  expect(await values(stored(org))).toEqual(wanted);
};

/** Sessions over four hours, some of them in all of them; times differ by a millisecond at least. */
function events(org_id: string): EventInput[] {
  return Array.from({ length: 240 }, (_, n) => ({
    org_id,
    at: T0 + n * 60_000 + n,
    session_id: `s${n % 2 === 0 ? n % 8 : `-${Math.floor(n / 16)}`}`,
    event_type: ["session_start", "code_generated", "error", "session_end", "cost_incurred"][n % 5] ?? "error",
    user_id: `u${n % 3}`,
    team_id: n % 4 === 0 ? "" : `t${n % 3}`,
    agent: n % 7 === 0 ? "" : "codex",
    model: ["", "m1", "m2"][n % 3],
    repo: n % 6 === 0 ? "r" : "",
    outcome: n % 10 === 3 ? "done" : "",
    duration_ms: n % 10 === 3 ? n : null,
    cost_nano_usd: n % 5 === 4 ? n * 1e9 : null,
    cost_source: n % 15 === 4 ? "unpriced" : "",
    input_tokens: n,
    accepted: n % 5 === 1 ? n % 2 === 0 : null,
  }));
}

const HOURS = [0, 1, 2, 3].map((n) => T0 + n * HOUR);

describe("sessions", () => {
  it("are whole whatever hours they are in, in whatever order these are computed", async () => {
    const org = "sessions";
    await insert(events(org));
    for (const n of [2, 0, 3, 1]) await rollHours(org, [HOURS[n] ?? 0]);
    await expectEqual(org);
    await insert([{ org_id: org, at: T0 - 5 * HOUR, session_id: "s0", user_id: "earliest", team_id: "early" }]);
    await rollHours(org, [T0 - 5 * HOUR]);
    await expectEqual(org);
  });

  it("are whole when their hours are computed at the same time", async () => {
    const org = "sessions-together";
    await insert(events(org));
    await Promise.all(HOURS.map((hour) => rollHours(org, [hour])));
    await expectEqual(org);
  });

  it("lose what is deleted, and go when nothing is left of them", async () => {
    const org = "sessions-deleted";
    await insert(events(org));
    await rollHours(org, HOURS);
    await query(
      `DELETE FROM events WHERE org_id = '${org}' AND (session_id = 's0' OR (session_id = 's2' AND timestamp < fromUnixTimestamp64Milli(${T0 + HOUR})))`,
    );
    await rollHours(org, HOURS);
    expect(await query(`SELECT 1 FROM sessions FINAL WHERE org_id = '${org}' AND session_id = 's0'`)).toEqual([]);
    await expectEqual(org);
    await insert([{ org_id: org, at: T0, session_id: "s0" }]);
    await rollHours(org, [T0]);
    await expectEqual(org);
  });

  it("that could not be written are brought up to their hours by a later run, without computing these again", async () => {
    const org = "sessions-behind";
    await insert(events(org));
    const refusing: typeof fetch = async (input, init) => {
      const body = init?.body instanceof FormData ? [...init.body.values()].join() : String(init?.body);
      return body.includes("INSERT INTO sessions") ? new Response("no", { status: 503 }) : await fetch(input, init);
    };
    const failed = await rollHours(org, HOURS, runOf("us", refusing));
    expect(failed.failed).toBe(4);
    const before = await statesOf(org);
    expect(
      before.every(({ done, sessionsDone, failures }) => BigInt(done) > 0n && sessionsDone === "0" && failures === 1),
    ).toBe(true);
    const job = { orgId: org, hours: HOURS, sessionsOnly: true };
    await runHourJob(runOf(), job, { forced: false, random: Math.random });
    const after = await statesOf(org);
    expect(after.map(({ done }) => done)).toEqual(before.map(({ done }) => done));
    expect(after.every(({ done, sessionsDone, failures }) => done === sessionsDone && failures === 0)).toBe(true);
    await expectEqual(org);
  });
});

describe("pruning", () => {
  it("drops generations below the done one, of whatever became of them, and changes no answer", async () => {
    const org = "pruned";
    await insert(events(org));
    for (let n = 0; n < 3; n++) await rollHours(org, HOURS);
    const dayAgo = T0 - 5 * 24 * HOUR;
    await insert([{ org_id: org, at: dayAgo }]);
    await rollHours(org, [dayAgo]);
    await rollDays(org);
    const rows = async (table: string) =>
      Number((await query(`SELECT uniqExact(generation) AS n FROM ${table} WHERE org_id = '${org}'`))[0]?.n);
    expect(await rows("hourly_metrics")).toBe(4);
    const run = runOf();
    expect(must(await pruneSuperseded(run, Date.now()))).toBe(0);
    expect(must(await pruneSuperseded(run, Date.now() + 2_000, true))).toBeGreaterThanOrEqual(8);
    expect([await rows("hourly_metrics"), await rows("session_hours"), await rows("rollup_runs")]).toEqual([2, 2, 3]);
    expect(await values(askRollup(org, true))).toEqual(await values(askEvents(org, true)));
    expect(must(await pruneSuperseded(run, Date.now() + 2_000, true))).toBe(0);
    await rollHours(org, HOURS);
    await expectEqual(org);
  });

  it("keeps what says that a session was there until sessions know that it is gone", async () => {
    const org = "pruned-behind";
    await insert([{ org_id: org, at: T0, session_id: "gone" }]);
    await rollHours(org, [T0]);
    await query(`DELETE FROM events WHERE org_id = '${org}'`);
    const refusing: typeof fetch = async (input, init) => {
      const body = init?.body instanceof FormData ? [...init.body.values()].join() : String(init?.body);
      return body.includes("INSERT INTO sessions") ? new Response("no", { status: 503 }) : await fetch(input, init);
    };
    await rollHours(org, [T0], runOf("us", refusing));
    await pruneSuperseded(runOf(), Date.now() + 2_000, true);
    await runHourJob(runOf(), { orgId: org, hours: [T0], sessionsOnly: true }, { forced: false, random: Math.random });
    expect(await query(`SELECT 1 FROM sessions FINAL WHERE org_id = '${org}'`)).toEqual([]);
  });
});
