/** Sessions in the page: pages become one list, what an event says, the URL's part, orders and CSV. */
import { describe, expect, it } from "vitest";
import type { Session, TimelineEvent } from "../../../schema/api/sessions.ts";
import {
  bucketsOf,
  pullRequestsOf,
  summaryOf,
  tokensOf,
  typeName,
  versionOf,
} from "../../../web/src/sessions/event-facts.ts";
import { eventKey, mergeEvents } from "../../../web/src/sessions/merge-pages.ts";
import { readZoom, SessionSearchSchema, sessionLink, writeZoom } from "../../../web/src/sessions/search.ts";
import { refreshMsOfSession, stateLabel, stateOf } from "../../../web/src/sessions/session-state.ts";
import { sessionStats } from "../../../web/src/sessions/session-stats.ts";
import { formatElapsed, formatPrecise } from "../../../web/src/sessions/session-times.ts";
import { sessionsCsv, sortSessions } from "../../../web/src/sessions/sort-sessions.ts";
import { csvOf } from "../../../web/src/ui/csv.ts";
import { eventOf, sessionOf } from "../../support/session-script.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;

describe("pages of events", () => {
  const a = eventOf(1, "custom.turn");
  const b = eventOf(2, "error");
  const c = eventOf(3, "custom.turn");
  const ids = (events: readonly TimelineEvent[]): string[] => events.map(({ event_id }) => event_id);

  it("become one list in the order of time, each event once", () => {
    const merged = mergeEvents([{ events: [a, c] }, { events: [{ ...c }, b] }]);
    expect(ids(merged)).toEqual(ids([a, b, c]));
  });

  it("stay the same list when asked again without news, and change with an event, a late one or a new price", () => {
    const before = mergeEvents([{ events: [a, c] }]);
    expect(mergeEvents([{ events: [{ ...a }, { ...c }] }], before)).toBe(before);
    expect(ids(mergeEvents([{ events: [a, c] }, { events: [b] }], before))).toEqual(ids([a, b, c]));
    const priced = mergeEvents([{ events: [a, { ...c, cost_nano_usd: "7" }] }], before);
    expect(priced[1]?.cost_nano_usd).toBe("7");
  });

  it("keep two events that share an id but not a type or time, and seq decides between equal times", () => {
    const other = { ...a, event_type: "error" };
    expect(mergeEvents([{ events: [a, other] }])).toHaveLength(2);
    expect(eventKey(a)).not.toBe(eventKey(other));
    const tied = [eventOf(5, "error", {}, { seq: 9 }), eventOf(5, "error", {}, { seq: 2, event_id: "z" })];
    expect(mergeEvents([{ events: tied }]).map(({ seq }) => seq)).toEqual([2, 9]);
  });
});

describe("what an event says", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["code_generated", { lines_added: 4, lines_removed: 0, language: "go", accepted: false }, "+4 −0 · go · rejected"],
    ["error", { code: "E1", message: "no such file" }, "E1 · no such file"],
    ["cost_incurred", { input_tokens: 1_200, output_tokens: 34 }, "1.2 K tokens"],
    ["pr_created", { number: 7, title: "Fix 🚀" }, "#7 · Fix 🚀"],
    ["custom.tool_call", { tool_name: "Bash", success: "false" }, "Bash · failed"],
    ["custom.turn", { turn: 0 }, "turn 0"],
    ["session_end", {}, ""],
    // Metadata is what a sender wrote: of another type it says nothing, and breaks nothing.
    ["error", { code: 7, message: null, tool_name: {} }, ""],
    ["cost_incurred", { input_tokens: -5, output_tokens: "9", cache_read_tokens: Infinity }, "0 tokens"],
  ])("%s %j: %s", (type, metadata, words) => {
    expect(summaryOf(eventOf(0, type, metadata)).replaceAll("\u00a0", " ")).toBe(words);
  });

  it("names types for people", () => {
    expect(typeName("custom.claude_code.tool_result")).toBe("Tool result");
    expect(typeName("cost_incurred")).toBe("Cost incurred");
    expect(typeName("custom.")).toBe("");
  });

  it("sums tokens by bucket, reasoning apart, and only of what was billed", () => {
    const metadata = {
      input_tokens: 1,
      output_tokens: 2,
      cache_read_tokens: 4,
      cache_write_tokens: 8,
      reasoning_tokens: 2,
    };
    const billed = eventOf(1, "cost_incurred", metadata);
    expect(tokensOf(billed)).toBe(15);
    expect(bucketsOf([billed, billed, eventOf(2, "custom.turn", metadata)])).toEqual({
      input_tokens: 2,
      output_tokens: 4,
      cache_read_tokens: 8,
      cache_write_tokens: 16,
      reasoning_tokens: 4,
    });
  });

  it("links pull requests to the web and nowhere else, each once", () => {
    const url = "https://git.example/pull/7";
    const list = pullRequestsOf([
      eventOf(1, "pr_created", { number: 7, title: "A", url }),
      eventOf(2, "pr_created", { number: 7, title: "A", url }),
      eventOf(3, "pr_created", { title: "B", url: "javascript:alert(1)" }),
      eventOf(4, "pr_created", {}),
    ]);
    expect(list).toEqual([
      { name: "#7 A", url },
      { name: "B", url: null },
      { name: "Pull request", url: null },
    ]);
  });

  it("takes the last version an agent gave itself", () => {
    expect(
      versionOf([eventOf(1, "error", {}, { agent_version: "1" }), eventOf(2, "error", {}, { agent_version: "" })]),
    ).toBe("1");
    expect(versionOf([])).toBe("");
  });
});

describe("the state of a session", () => {
  const last = (ago: number, rest: Partial<Session> = {}): Session =>
    sessionOf({ last_event_at: new Date(NOW - ago).toISOString(), ended: false, outcome: "", ...rest });

  it("is running, idle after five minutes, without an end after a day, and its outcome when it ended", () => {
    expect(stateLabel(last(0), NOW)).toBe("Running");
    expect(stateLabel(last(5 * MINUTE), NOW)).toBe("Idle");
    expect(stateLabel(last(24 * 60 * MINUTE), NOW)).toBe("No end");
    expect(stateLabel(last(0, { ended: true }), NOW)).toBe("Ended");
    expect(stateLabel(last(0, { ended: true, outcome: "completed" }), NOW)).toBe("completed");
    // The sender's clock is ahead.
    expect(stateOf(last(-10 * MINUTE), NOW)).toBe("running");
  });

  it("decides how often it is asked about again", () => {
    expect(refreshMsOfSession(last(0), NOW)).toBeLessThanOrEqual(5_000);
    expect(refreshMsOfSession(last(6 * MINUTE), NOW)).toBeGreaterThan(10_000);
    expect(refreshMsOfSession(last(0, { ended: true }), NOW)).toBeUndefined();
    expect(refreshMsOfSession(last(48 * 60 * MINUTE), NOW)).toBeUndefined();
  });

  it("of figures: nothing priced is not $0, and a session of one event has lasted 0 s", () => {
    const at = new Date(NOW).toISOString();
    const stats = sessionStats(
      sessionOf({ started_at: at, last_event_at: at, cost_nano_usd: "0", unpriced_tokens: 5 }),
    );
    expect(stats.find(({ key }) => key === "cost")?.value).toBe("—");
    expect(stats.find(({ key }) => key === "duration")?.value).toBe("0\u00a0s");
    const huge = sessionStats(sessionOf({ cost_nano_usd: "123456789012345678901", errors: 0, events: 0 }));
    expect(huge.find(({ key }) => key === "cost")?.exact).toBe("$123,456,789,012.345678901");
    expect(huge.find(({ key }) => key === "errors")?.note).toBe("");
  });
});

describe("the address of a session", () => {
  it("keeps a zoom as distances from the start", () => {
    expect(writeZoom({ from: NOW + 1_200.7, to: NOW + 60_000.2 }, NOW)).toBe("1200-60001");
    expect(readZoom("1200-60001", NOW)).toEqual({ from: NOW + 1_200, to: NOW + 60_001 });
    expect(writeZoom({ from: NOW - 5_000, to: NOW - 4_000 }, NOW)).toBe("0-1");
    expect(readZoom("5-5", NOW)).toBeNull();
    expect(SessionSearchSchema.parse({ zoom: "5-", type: " ", q: "x".repeat(300) })).toEqual({});
  });

  it("for others says whose it is and nothing of how it was found", () => {
    expect(sessionLink("https://x.test", "a/b ?", "acme")).toBe("https://x.test/sessions/a%2Fb%20%3F?org=acme");
    expect(sessionLink("https://x.test", "s", "acme", "e1")).toBe("https://x.test/sessions/s?org=acme&event=e1");
  });
});

describe("moments", () => {
  it("are told to the millisecond and as time since the start", () => {
    expect(formatPrecise(Date.UTC(2026, 10, 22, 14, 5, 10, 7), "utc")).toBe("22 Nov 2026, 14:05:10.007 UTC");
    expect(formatPrecise(Number.NaN, "utc")).toBe("—");
    expect(formatElapsed(192_000).replaceAll("\u00a0", " ")).toBe("+3 m 12 s");
    expect(formatElapsed(-1_500).replaceAll("\u00a0", " ")).toBe("−1 s");
  });
});

describe("the loaded sessions", () => {
  const list = [
    sessionOf({ session_id: "a", cost_nano_usd: "9007199254740993", user_id: "ليلى" }),
    sessionOf({ session_id: "b", cost_nano_usd: "9007199254740992", user_id: "ada" }),
    sessionOf({ session_id: "c", cost_nano_usd: "9007199254740993", user_id: "zoë" }),
  ];
  const ids = (sessions: readonly Session[]): string => sessions.map(({ session_id }) => session_id).join("");

  it("are put in order by exact amounts, equal ones as they came", () => {
    expect(ids(sortSessions(list, { column: "cost", descending: false }))).toBe("bac");
    expect(ids(sortSessions(list, { column: "cost", descending: true }))).toBe("acb");
    expect(ids(sortSessions(list, { column: "user", descending: false }))).toBe("bca");
    expect(ids(sortSessions(list, { column: "constructor", descending: false }))).toBe("abc");
  });

  it("go to CSV with every figure exact, and no cell that a spreadsheet runs", () => {
    const table = sessionsCsv([sessionOf({ user_id: "=cmd()", cost_nano_usd: "1234000000042" })], NOW);
    const [head, row] = csvOf(table).trimEnd().split("\n");
    expect(head?.split(",")).toHaveLength(table.titles.length);
    expect(row).toContain(",'=cmd(),");
    expect(row?.endsWith(",1234.000000042")).toBe(true);
  });
});
