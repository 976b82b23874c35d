import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import {
  DISTINCT_METRICS,
  GROUP_BY,
  MAX_GROUPS,
  METRICS,
  type SummaryAnswer,
  SummaryAnswerSchema,
  type TimeseriesAnswer,
  TimeseriesAnswerSchema,
} from "../../../schema/api/metrics.ts";
import { type ErrorAnswer, type EventInput, World } from "./world.ts";

let world: World;
let us: Principal;
let global: Principal;
let big: Principal;

const HOUR = 3_600_000;
const FROM = Date.UTC(2026, 10, 20, 6);
const TO = Date.UTC(2026, 10, 20, 18);
const RANGE = `from=${new Date(FROM).toISOString()}&to=${new Date(TO).toISOString()}`;
const iso = (ms: number): string => new Date(ms).toISOString();

const TYPES = [
  "session_start",
  "code_generated",
  "error",
  "security_alert",
  "pr_created",
  "cost_incurred",
  "custom.lint",
];
const MODELS = ["alpha", "beta", ""];

/** Events without chance: every property follows from the number. Half of them are in the period before the range. */
function makeEvents(org_id: string, count: number, shift = 0): EventInput[] {
  return Array.from({ length: count }, (_, i) => {
    const n = i + shift;
    const event_type = TYPES[n % TYPES.length] ?? "error";
    const costs = event_type === "cost_incurred";
    const code = event_type === "code_generated";
    const priced = costs && n % 2 === 0;
    return {
      org_id,
      event_type,
      timestamp: iso(FROM - 12 * HOUR + ((n * 7_919_000) % (24 * HOUR))),
      user_id: `user-${n % 11}`,
      session_id: `session-${n % 37}`,
      team_id: `team-${n % 3}`,
      agent: n % 2 === 0 ? "claude-code" : "codex",
      model: MODELS[n % 3] ?? "",
      repo: `repo-${n % 5}`,
      environment: n % 4 === 0 ? "staging" : "production",
      input_tokens: costs ? 1_000 + n : 0,
      output_tokens: costs ? 10 : 0,
      cache_read_tokens: costs ? 5 : 0,
      cost_nano_usd: priced ? String(900_000_000_000_000 + n) : null,
      cost_source: costs ? (priced ? "reported" : "unpriced") : "",
      lines_added: code ? n : 0,
      accepted: code ? n % 2 === 0 : null,
    };
  });
}

const text = (event: EventInput, name: string): string => String(event[name] ?? "");
const number = (event: EventInput, name: string): number => Number(event[name] ?? 0);

/** What the API must say of these events, worked out without SQL. */
function figures(events: readonly EventInput[]) {
  const count = (type: string): number => events.filter((event) => event.event_type === type).length;
  const tokens = (event: EventInput): number =>
    number(event, "input_tokens") + number(event, "output_tokens") + number(event, "cache_read_tokens");
  const sum = (list: readonly EventInput[], of: (event: EventInput) => number): number =>
    list.reduce((total, event) => total + of(event), 0);
  return {
    events: events.length,
    users: new Set(events.map((event) => event.user_id)).size,
    sessions: new Set(events.map((event) => event.session_id)).size,
    errors: count("error"),
    security_alerts: count("security_alert"),
    pull_requests: count("pr_created"),
    cost_nano_usd: events.reduce((total, event) => total + BigInt(text(event, "cost_nano_usd") || "0"), 0n).toString(),
    unpriced_tokens: sum(
      events.filter((event) => event.cost_source === "unpriced"),
      tokens,
    ),
    tokens: sum(events, tokens),
    input_tokens: sum(events, (event) => number(event, "input_tokens")),
    output_tokens: sum(events, (event) => number(event, "output_tokens")),
    cache_read_tokens: sum(events, (event) => number(event, "cache_read_tokens")),
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    lines_added: sum(events, (event) => number(event, "lines_added")),
    lines_removed: 0,
    accepted: events.filter((event) => event.accepted === true).length,
    rejected: events.filter((event) => event.accepted === false).length,
  };
}

const inRange = (event: EventInput): boolean => Date.parse(event.timestamp) >= FROM && Date.parse(event.timestamp) < TO;
const inPeriodBefore = (event: EventInput): boolean =>
  Date.parse(event.timestamp) >= FROM - 12 * HOUR && Date.parse(event.timestamp) < FROM;

const usEvents = makeEvents("metrics-us", 700);
const globalUs = makeEvents("metrics-gl", 400);
const globalEu = makeEvents("metrics-gl", 300, 1_000);

beforeAll(async () => {
  world = await World.create();
  us = await world.person(await world.org("metrics-us", "us"), "metrics-us-admin", "admin");
  global = await world.person(await world.org("metrics-gl", "global"), "metrics-gl-admin", "admin");
  big = await world.person(await world.org("metrics-big", "us"), "metrics-big-admin", "admin");
  const withIds = usEvents.map((event) => ({ ...event, event_id: crypto.randomUUID() }));
  await world.insert("us", withIds);
  // Delivered again, and one of them corrected: neither counts twice, and the correction wins.
  await world.insert("us", withIds.slice(0, 200));
  await world.insert("us", globalUs);
  await world.insert("eu", globalEu);
});

async function summary(principal: Principal, query = RANGE): Promise<SummaryAnswer> {
  const response = await world.get(`/api/v1/metrics/summary?${query}`, principal);
  expect([query, response.status]).toEqual([query, 200]);
  return SummaryAnswerSchema.strict().parse(await response.json());
}

async function series(principal: Principal, query: string): Promise<TimeseriesAnswer> {
  const response = await world.get(`/api/v1/metrics/timeseries?${query}`, principal);
  expect([query, response.status]).toEqual([query, 200]);
  return TimeseriesAnswerSchema.strict().parse(await response.json());
}

const valuesOf = (answer: SummaryAnswer, which: "value" | "previous") =>
  Object.fromEntries(METRICS.map((metric) => [metric, answer.totals[metric][which]]));

describe("summary", () => {
  it("has every total of the range and of the period before, each event once however often it was delivered", async () => {
    const answer = await summary(us);
    expect(valuesOf(answer, "value")).toEqual(figures(usEvents.filter(inRange)));
    expect(valuesOf(answer, "previous")).toEqual(figures(usEvents.filter(inPeriodBefore)));
    expect(answer.previous_from).toBe(iso(FROM - 12 * HOUR));
    const types = Object.fromEntries(answer.events_by_type.map(({ type, events }) => [type, events.value]));
    const expected = Object.fromEntries(
      TYPES.map((type) => [type, usEvents.filter((event) => inRange(event) && event.event_type === type).length]),
    );
    expect(types).toEqual(expected);
  });

  it("gives money as exact integers where doubles and Int64 would both be wrong", async () => {
    const cost = "1000000000000000";
    const rows = Array.from({ length: 20_000 }, (_, i) => ({
      org_id: "metrics-big",
      event_type: "cost_incurred",
      timestamp: iso(FROM + i),
      cost_nano_usd: i === 0 ? "1" : cost,
      cost_source: "reported",
    }));
    await world.insert("us", rows);
    const expected = (19_999n * BigInt(cost) + 1n).toString();
    expect(Number.isSafeInteger(Number(expected))).toBe(false);
    expect((await summary(big)).totals.cost_nano_usd).toEqual({ value: expected, previous: "0", change: null });
    const { series: lines } = await series(big, `${RANGE}&metric=cost_nano_usd&interval=1d`);
    expect(lines[0]?.total).toBe(expected);
  });

  it("adds the regions of a global tenant, and counts a person in both once", async () => {
    const all = [...globalUs, ...globalEu];
    const answer = await summary(global);
    expect(valuesOf(answer, "value")).toEqual(figures(all.filter(inRange)));
    expect(valuesOf(answer, "previous")).toEqual(figures(all.filter(inPeriodBefore)));
    expect(answer.totals.users.value).toBeLessThan(
      figures(globalUs.filter(inRange)).users + figures(globalEu.filter(inRange)).users,
    );
  });

  it.each([
    ["type=error", (event: EventInput) => event.event_type === "error"],
    ["type=error&type=custom.lint", (event: EventInput) => ["error", "custom.lint"].includes(event.event_type)],
    ["agent=codex&model=alpha", (event: EventInput) => event.agent === "codex" && event.model === "alpha"],
    ["model=&type=&agent=codex", (event: EventInput) => event.agent === "codex"],
    ["team=team-1", (event: EventInput) => event.team_id === "team-1"],
    [
      "repo=repo-2&environment=staging",
      (event: EventInput) => event.repo === "repo-2" && event.environment === "staging",
    ],
    ["agent=nothing", () => false],
  ] as const)("filters by %s", async (query, matches) => {
    const answer = await summary(us, `${RANGE}&${query}`);
    expect(valuesOf(answer, "value")).toEqual(figures(usEvents.filter((event) => inRange(event) && matches(event))));
  });

  it("is half-open and says the change as a ratio, null when there was nothing before", async () => {
    const org = await world.org("metrics-edges", "us");
    const admin = await world.person(org, "metrics-edges-admin", "admin");
    const at = (ms: number): EventInput => ({ org_id: "metrics-edges", event_type: "error", timestamp: iso(ms) });
    await world.insert("us", [at(FROM - 1), at(FROM - 1), at(FROM), at(FROM + 1), at(TO - 1), at(TO)]);
    const { totals } = await summary(admin);
    expect(totals.errors).toEqual({ value: 3, previous: 2, change: 0.5 });
    expect(totals.pull_requests).toEqual({ value: 0, previous: 0, change: null });
  });

  it("defaults to the last 24 hours", async () => {
    const answer = await summary(us, "");
    expect(Date.parse(answer.to) - Date.parse(answer.from)).toBe(24 * HOUR);
    expect(Math.abs(Date.parse(answer.to) - Date.now())).toBeLessThan(60_000);
  });

  it("shows the corrected row of an event, not the one received first", async () => {
    const org = await world.org("metrics-repriced", "us");
    const admin = await world.person(org, "metrics-repriced-admin", "admin");
    const event = {
      org_id: org.orgId,
      event_type: "cost_incurred",
      timestamp: iso(FROM),
      event_id: crypto.randomUUID(),
    };
    await world.insert("us", [{ ...event, cost_nano_usd: "5", cost_source: "computed", revision: 1 }]);
    await world.insert("us", [{ ...event, cost_nano_usd: null, cost_source: "unpriced", input_tokens: 9 }]);
    const { totals } = await summary(admin);
    expect([totals.events.value, totals.cost_nano_usd.value, totals.unpriced_tokens.value]).toEqual([1, "5", 0]);
    // A filter looks at the row that counts: the other is gone, also for whoever asks for it.
    const one = { org_id: org.orgId, event_type: "error", timestamp: iso(FROM), event_id: crypto.randomUUID() };
    await world.insert("us", [{ ...one, repo: "new", revision: 1 }]);
    await world.insert("us", [{ ...one, repo: "old" }]);
    expect((await summary(admin, `${RANGE}&repo=old`)).totals.events.value).toBe(0);
    expect((await summary(admin, `${RANGE}&repo=new`)).totals.events.value).toBe(1);
  });
});

describe("timeseries", () => {
  it.each(METRICS)("fills every bucket, and its values add up to the summary: %s", async (metric) => {
    const answer = await series(us, `${RANGE}&metric=${metric}&interval=1h`);
    expect(answer.times).toEqual(Array.from({ length: 12 }, (_, i) => iso(FROM + i * HOUR)));
    expect(answer.series).toHaveLength(1);
    const { values = [], total } = answer.series[0] ?? {};
    expect(values).toHaveLength(12);
    expect(total).toBe(figures(usEvents.filter(inRange))[metric]);
    const byHour = Array.from(
      { length: 12 },
      (_, i) =>
        figures(usEvents.filter((event) => Math.floor((Date.parse(event.timestamp) - FROM) / HOUR) === i))[metric],
    );
    expect(values).toEqual(byHour);
    const sum = values.reduce<bigint>((all, value) => all + BigInt(value ?? 0), 0n);
    if ((DISTINCT_METRICS as readonly string[]).includes(metric)) expect(sum).toBeGreaterThan(BigInt(total ?? 0));
    else expect(sum).toBe(BigInt(total ?? 0));
  });

  it.each(GROUP_BY)("splits by %s, and the groups make up the whole", async (groupBy) => {
    const column = { type: "event_type", team: "team_id", user: "user_id" }[groupBy as string] ?? groupBy;
    const answer = await series(us, `${RANGE}&group_by=${groupBy}`);
    const counts: Record<string, number> = {};
    for (const event of usEvents.filter(inRange)) counts[text(event, column)] = (counts[text(event, column)] ?? 0) + 1;
    expect(Object.fromEntries(answer.series.map(({ group, total }) => [group, total]))).toEqual(counts);
    const totals = answer.series.map(({ total }) => Number(total));
    expect(totals).toEqual([...totals].sort((a, b) => b - a));
  });

  it("merges the regions of a global tenant by bucket and group", async () => {
    const all = [...globalUs, ...globalEu].filter(inRange);
    const answer = await series(global, `${RANGE}&metric=users&group_by=agent&interval=1h`);
    for (const agent of ["claude-code", "codex"]) {
      const line = answer.series.find(({ group }) => group === agent);
      const ofAgent = all.filter((event) => event.agent === agent);
      expect(line?.total).toBe(figures(ofAgent).users);
      expect(line?.values).toEqual(
        answer.times.map(
          (_, i) =>
            figures(ofAgent.filter((event) => Math.floor((Date.parse(event.timestamp) - FROM) / HOUR) === i)).users,
        ),
      );
    }
  });

  it.each(["us", "global"] as const)("puts all but the largest groups into one series: %s", async (residency) => {
    const org = await world.org(`metrics-groups-${residency}`, residency);
    const admin = await world.person(org, `metrics-groups-${residency}-admin`, "admin");
    const rows = Array.from({ length: 30 }, (_, repo) =>
      Array.from({ length: 40 - repo }, () => ({
        org_id: org.orgId,
        event_type: "error",
        timestamp: iso(FROM),
        repo: `r${repo}`,
        user_id: `u${repo}`,
      })),
    ).flat();
    const half = residency === "global" ? rows.length / 2 : rows.length;
    await world.insert(
      "us",
      rows.filter((_, i) => i % rows.length < half || i % 2 === 0),
    );
    await world.insert(
      "eu",
      rows.filter((_, i) => !(i % rows.length < half || i % 2 === 0)),
    );
    for (const metric of ["events", "users"]) {
      const answer = await series(admin, `${RANGE}&group_by=repo&metric=${metric}`);
      expect(answer.series).toHaveLength(MAX_GROUPS + 1);
      const other = answer.series.at(-1);
      expect([other?.group, other?.other]).toEqual([null, true]);
      const total = answer.series.reduce((sum, line) => sum + Number(line.total), 0);
      expect(total).toBe(metric === "events" ? rows.length : 30);
      if (metric === "events") expect(answer.series[0]).toMatchObject({ group: "r0", total: 40, other: false });
    }
  });

  it("is one line of zeros where nothing happened, and no line when groups were asked for", async () => {
    const quiet = await world.person(await world.org("metrics-quiet", "global"), "metrics-quiet-admin", "admin");
    const answer = await series(quiet, `${RANGE}&metric=sessions&interval=1h`);
    expect(answer.series).toEqual([{ group: null, other: false, total: 0, values: Array(12).fill(0) }]);
    expect((await series(quiet, `${RANGE}&group_by=team`)).series).toEqual([]);
  });

  it("aligns buckets to UTC and cuts the first and last to the range", async () => {
    const from = FROM + 90_000;
    const answer = await series(us, `from=${iso(from)}&to=${iso(from + HOUR)}&interval=1h`);
    expect(answer.times).toEqual([iso(FROM), iso(FROM + HOUR)]);
    const within = usEvents.filter(
      (event) => Date.parse(event.timestamp) >= from && Date.parse(event.timestamp) < from + HOUR,
    );
    expect(answer.series[0]?.total).toBe(within.length);
  });

  it.each([
    [600_000, "10s"],
    [6 * HOUR, "1m"],
    [24 * HOUR, "1h"],
    [14 * 24 * HOUR, "1h"],
    [90 * 24 * HOUR, "1d"],
    [390 * 24 * HOUR, "1d"],
  ])("chooses an interval for %i ms: %s", async (span, interval) => {
    const answer = await series(us, `from=${iso(FROM - span)}&to=${iso(FROM)}`);
    expect(answer.interval).toBe(interval);
    expect(answer.times.length).toBeLessThanOrEqual(400);
  });
});

describe("parameters that make no sense", () => {
  it.each([
    ["from=yesterday", "from"],
    ["from=2026-11-20", "from"],
    [`from=${iso(TO)}&to=${iso(FROM)}`, "from"],
    [`from=${iso(FROM)}&to=${iso(FROM)}`, "from"],
    ["from=1970-01-01T00:00:00Z&to=1970-01-02T00:00:00Z", "from"],
    [`from=2020-01-01T00:00:00Z&to=${iso(TO)}`, "from"],
    ["to=9999-12-31T00:00:00Z", "to"],
    ["type=SELECT", "type"],
    ["type=custom.", "type"],
    [`agent=${"a".repeat(300)}`, "agent"],
    [Array.from({ length: 60 }, (_, i) => `repo=r${i}`).join("&"), "repo"],
    [`from=${iso(FROM)}&from=${iso(TO)}`, "from"],
    ["metric=SLEEP(3)", "metric"],
    ["interval=5m", "interval"],
    ["interval=10s&from=2026-10-20T00:00:00Z&to=2026-11-20T00:00:00Z", "interval"],
    ["group_by=org_id", "group_by"],
    ["group_by=__proto__", "group_by"],
  ])("are a 400 that names them: %s", async (query, path) => {
    const response = await world.get(`/api/v1/metrics/timeseries?${query}`, us);
    const { error } = await response.json<ErrorAnswer>();
    expect([response.status, error.code, error.details?.map((detail) => detail.path.split(".")[0])]).toEqual([
      400,
      "invalid_request",
      [path],
    ]);
    expect(error.details?.[0]?.message.length).toBeGreaterThan(0);
  });
});
