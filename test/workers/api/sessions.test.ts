import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import {
  type SessionAnswer,
  SessionAnswerSchema,
  type SessionsAnswer,
  SessionsAnswerSchema,
} from "../../../schema/api/sessions.ts";
import { type ErrorAnswer, type EventInput, World } from "./world.ts";

let world: World;
let us: Principal;
let global: Principal;

const FROM = Date.UTC(2026, 10, 20);
const MINUTE = 60_000;
const RANGE = "from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z";
const iso = (ms: number): string => new Date(ms).toISOString();
const SESSIONS = 23;

/** Session n starts at minute n / 2, so that pairs start together; its labels stand on different events. */
function makeSession(org_id: string, n: number): EventInput[] {
  const start = FROM + Math.floor(n / 2) * MINUTE;
  const common = { org_id, user_id: `user-${n % 4}`, session_id: `s${String(n).padStart(2, "0")}` };
  return [
    {
      ...common,
      event_type: "session_start",
      timestamp: iso(start),
      agent: n % 2 === 0 ? "claude-code" : "codex",
      repo: `repo-${n % 3}`,
      branch: "main",
      team_id: "red",
    },
    { ...common, event_type: "code_generated", timestamp: iso(start + 1_000), seq: 2, lines_added: 5 },
    {
      ...common,
      event_type: "cost_incurred",
      timestamp: iso(start + 1_000),
      seq: 1,
      model: n % 3 === 0 ? "alpha" : "beta",
      input_tokens: 100,
      cost_nano_usd: "7",
      cost_source: "reported",
    },
    ...(n % 5 === 0
      ? [{ ...common, event_type: "error", timestamp: iso(start + 2_000), metadata: '{"code":"E1","deep":{"a":[1]}}' }]
      : []),
    ...(n % 2 === 0
      ? [{ ...common, event_type: "session_end", timestamp: iso(start + 3_000), outcome: "success" }]
      : []),
  ];
}

beforeAll(async () => {
  world = await World.create();
  us = await world.person(await world.org("sessions-us", "us"), "sessions-us-admin", "admin");
  global = await world.person(await world.org("sessions-gl", "global"), "sessions-gl-admin", "admin");
  const all = Array.from({ length: SESSIONS }, (_, n) => n);
  await world.insert(
    "us",
    all.flatMap((n) => makeSession("sessions-us", n)),
  );
  // The global tenant's even sessions are in one region, odd ones in the other, and session 4 goes on in the other region.
  await world.insert(
    "us",
    all.filter((n) => n % 2 === 0).flatMap((n) => makeSession("sessions-gl", n)),
  );
  await world.insert(
    "eu",
    all.filter((n) => n % 2 === 1).flatMap((n) => makeSession("sessions-gl", n)),
  );
  await world.insert("eu", [
    {
      org_id: "sessions-gl",
      session_id: "s04",
      user_id: "user-0",
      event_type: "error",
      timestamp: iso(FROM + 8.5 * MINUTE),
      agent: "gemini-cli",
    },
  ]);
});

async function list(principal: Principal, query: string): Promise<SessionsAnswer> {
  const response = await world.get(`/api/v1/sessions?${query}`, principal);
  expect([query, response.status]).toEqual([query, 200]);
  return SessionsAnswerSchema.strict().parse(await response.json());
}

async function allPages(principal: Principal, query: string): Promise<SessionsAnswer["sessions"]> {
  const sessions: SessionsAnswer["sessions"] = [];
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null; pages++) {
    expect(pages).toBeLessThan(60);
    const page: SessionsAnswer = await list(principal, cursor === "" ? query : `${query}&cursor=${cursor}`);
    sessions.push(...page.sessions);
    cursor = page.next_cursor;
  }
  return sessions;
}

async function detail(principal: Principal, path: string): Promise<SessionAnswer> {
  const response = await world.get(`/api/v1/sessions/${path}`, principal);
  expect([path, response.status]).toEqual([path, 200]);
  return SessionAnswerSchema.strict().parse(await response.json());
}

const TIED_TYPES = ["error", "code_generated", "custom.tie"];
const newestFirst = Array.from({ length: SESSIONS }, (_, n) => `s${String(SESSIONS - 1 - n).padStart(2, "0")}`);
const idsOf = (sessions: SessionsAnswer["sessions"]): string[] => sessions.map(({ session_id }) => session_id);

describe("the list", () => {
  it("shows each session with its figures, labels from whichever event has them", async () => {
    const { sessions } = await list(us, RANGE);
    expect(sessions.find(({ session_id }) => session_id === "s10")).toEqual({
      session_id: "s10",
      user_id: "user-2",
      team: "red",
      agent: "claude-code",
      models: ["beta"],
      repo: "repo-1",
      branch: "main",
      environment: "production",
      started_at: iso(FROM + 5 * MINUTE),
      last_event_at: iso(FROM + 5 * MINUTE + 3_000),
      ended: true,
      outcome: "success",
      events: 5,
      errors: 1,
      security_alerts: 0,
      pull_requests: 0,
      tokens: 100,
      unpriced_tokens: 0,
      cost_nano_usd: "7",
      lines_added: 5,
      lines_removed: 0,
    });
    expect(sessions.find(({ session_id }) => session_id === "s11")).toMatchObject({ ended: false, outcome: "" });
  });

  it.each([1, 2, 3, 10, 23, 200])("is walked by cursor, each session once and in order, %i a page", async (limit) => {
    expect(idsOf(await allPages(us, `${RANGE}&limit=${limit}`))).toEqual(newestFirst);
  });

  it.each([
    ["s1", (n: number) => n >= 10 && n < 20],
    ["1", (n: number) => n % 4 === 1 || n % 3 === 1],
    ["USER-3", (n: number) => n % 4 === 3],
    ["epo-2", (n: number) => n % 3 === 2],
    ["us%", () => false],
  ])("is searched for %s in ids from their beginning, in users and repos, page by page", async (words, found) => {
    for (const principal of [us, global]) {
      const sessions = await allPages(principal, `${RANGE}&limit=3&q=${encodeURIComponent(words)}`);
      expect(idsOf(sessions)).toEqual(newestFirst.filter((id) => found(Number(id.slice(1)))));
    }
  });

  it.each([1, 2, 5, 200])(
    "is walked over both regions of a global tenant, %i a page; a session in both is one",
    async (limit) => {
      const sessions = await allPages(global, `${RANGE}&limit=${limit}`);
      expect(idsOf(sessions)).toEqual(newestFirst);
      expect(sessions.find(({ session_id }) => session_id === "s04")).toMatchObject({
        events: 5,
        errors: 1,
        agent: "claude-code",
        started_at: iso(FROM + 2 * MINUTE),
        last_event_at: iso(FROM + 8.5 * MINUTE),
        outcome: "success",
      });
    },
  );

  it("keeps its range between pages though the clock goes on", async () => {
    const first = await list(us, "limit=1&from=2026-11-01T00:00:00Z");
    expect(first.next_cursor).not.toBeNull();
    const second = await list(us, `limit=1&cursor=${first.next_cursor}`);
    expect([second.from, second.to]).toEqual([first.from, first.to]);
    const other = await world.get(`/api/v1/sessions?from=2026-11-02T00:00:00Z&cursor=${first.next_cursor}`, us);
    expect(other.status).toBe(400);
  });

  it("is filtered by session: each filter is met by some event of it", async () => {
    const expected = (matches: (n: number) => boolean): string[] =>
      newestFirst.filter((id) => matches(Number(id.slice(1))));
    expect(idsOf((await list(us, `${RANGE}&agent=codex`)).sessions)).toEqual(expected((n) => n % 2 === 1));
    expect(idsOf((await list(us, `${RANGE}&agent=codex&model=alpha`)).sessions)).toEqual(
      expected((n) => n % 2 === 1 && n % 3 === 0),
    );
    expect(idsOf((await list(us, `${RANGE}&type=error&agent=claude-code`)).sessions)).toEqual(
      expected((n) => n % 10 === 0),
    );
    expect((await list(us, `${RANGE}&team=nobody`)).sessions).toEqual([]);
  });

  it("finds a session of two regions by a label that only its later part has", async () => {
    for (const limit of [1, 50]) {
      const sessions = await allPages(global, `${RANGE}&agent=gemini-cli&limit=${limit}`);
      expect(idsOf(sessions)).toEqual(["s04"]);
      expect(sessions[0]?.events).toBe(5);
    }
  });

  it.each([
    "cursor=x",
    "cursor=W10",
    `cursor=${btoa('[1,2,3,"a",5]')}`,
    `cursor=${btoa('[-1,2,3,"a"]')}`,
    "limit=0",
    "limit=1000",
    "limit=x",
  ])("refuses %s", async (query) => {
    const response = await world.get(`/api/v1/sessions?${query}`, us);
    expect([response.status, (await response.json<ErrorAnswer>()).error.code]).toEqual([400, "invalid_request"]);
  });

  it("gives a cursor no power: the same one shows another tenant's member their own rows", async () => {
    const { next_cursor } = await list(us, `${RANGE}&limit=3`);
    const stranger = await world.person(await world.org("sessions-other", "us"), "sessions-other-admin", "admin");
    expect((await list(stranger, `cursor=${next_cursor}`)).sessions).toEqual([]);
  });
});

describe("one session", () => {
  it("is its figures and its events in order, equal times by seq", async () => {
    const answer = await detail(us, "s10");
    expect(answer.events.map(({ event_type }) => event_type)).toEqual([
      "session_start",
      "cost_incurred",
      "code_generated",
      "error",
      "session_end",
    ]);
    expect(answer.events.map(({ seq }) => seq)).toEqual([null, 1, 2, null, null]);
    expect(answer.events[1]).toMatchObject({ cost_nano_usd: "7", cost_source: "reported", model: "beta" });
    expect(answer.events[3]).toMatchObject({ cost_nano_usd: null, metadata: { code: "E1", deep: { a: [1] } } });
    expect(answer.session).toMatchObject({ session_id: "s10", events: 5, cost_nano_usd: "7" });
  });

  it.each([1, 2, 100])("is paged by cursor, %i events a page, each event once", async (limit) => {
    for (const principal of [us, global]) {
      const ids: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const page: SessionAnswer = await detail(
          principal,
          `s04?limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`,
        );
        ids.push(...page.events.map(({ event_id }) => event_id));
        cursor = page.next_cursor;
        expect(page.session.events).toBe(principal === us ? 4 : 5);
      }
      expect([new Set(ids).size, ids.length]).toEqual(principal === us ? [4, 4] : [5, 5]);
    }
  });

  it.each([1, 2, 3, 50])("keeps the order of seq among equal times across pages of %i", async (limit) => {
    const session_id = `ties-${limit}`;
    const rows = Array.from({ length: 9 }, (_, seq) => ({
      org_id: "sessions-us",
      session_id,
      event_type: TIED_TYPES[seq % TIED_TYPES.length] ?? "error",
      timestamp: iso(FROM),
      seq,
      event_id: `0000000${9 - seq}-0000-4000-8000-00000000000${seq}`,
    }));
    await world.insert("us", rows);
    const seqs: (number | null)[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: SessionAnswer = await detail(
        us,
        `${session_id}?limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      seqs.push(...page.events.map(({ seq }) => seq));
      cursor = page.next_cursor;
    }
    expect(seqs).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("takes any id: slashes, quotes, percent signs, other scripts", async () => {
    for (const id of ["a/b c", "it's", "50%", 'quote"', "会话", "back\\slash", "tab\there"]) {
      await world.insert("us", [
        { org_id: "sessions-us", session_id: id, event_type: "session_start", timestamp: iso(FROM) },
      ]);
      expect((await detail(us, encodeURIComponent(id))).session.session_id).toBe(id);
    }
  });

  it("shows a session whose metadata is no object with an empty one", async () => {
    await world.insert("us", [
      { org_id: "sessions-us", session_id: "odd", event_type: "error", timestamp: iso(FROM), metadata: "[1" },
    ]);
    expect((await detail(us, "odd")).events[0]?.metadata).toEqual({});
  });
});
