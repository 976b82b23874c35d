import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { orgHistory } from "../../../dev/demo/history.ts";
import { LiveOrg } from "../../../dev/demo/live.ts";
import { planOrg } from "../../../dev/demo/org-plan.ts";
import type { DemoEvent } from "../../../dev/demo/session.ts";
import { EventSchema } from "../../../schema/event.ts";
import { DAY_MS, HOUR_MS, MAX_EVENT_BYTES } from "../../../schema/limits.ts";

/** Generous: the machine may be busy with other tests. */
vi.setConfig({ testTimeout: 60_000 });

const NOW = Date.parse("2026-11-20T16:00:00Z");

function history(seed: string, org: string, days: number, now = NOW): DemoEvent[] {
  return [...orgHistory(seed, planOrg(seed, org), now - days * DAY_MS, now)];
}

function live(seed: string, org: string, seconds: number, eventsPerSecond = 2): DemoEvent[] {
  const stream = new LiveOrg({ seed, plan: planOrg(seed, org), startMs: NOW, eventsPerSecond });
  const out: DemoEvent[] = [];
  for (let s = 1; s <= seconds; s++) out.push(...stream.take(NOW + s * 1_000, 10_000));
  return [...out, ...stream.interrupt(NOW + seconds * 1_000)];
}

const ids = (events: DemoEvent[]): unknown[] => events.map(({ event }) => event.event_id);
const inOrder = (events: DemoEvent[]): boolean =>
  events.every((event, i) => i === 0 || (events[i - 1]?.at ?? 0) <= event.at);

describe("demo generators", () => {
  it("give the same events for the same seed, and others for another seed or organisation", () => {
    expect(history("a", "org_us", 3)).toEqual(history("a", "org_us", 3));
    expect(live("a", "org_us", 600)).toEqual(live("a", "org_us", 600));
    const known = new Set(ids(history("a", "org_us", 3)));
    for (const other of [history("b", "org_us", 3), history("a", "org_eu", 3), live("a", "org_us", 600)]) {
      expect(ids(other).some((id) => known.has(id))).toBe(false);
    }
  });

  it("pass the event schema, stay small, keep order and never repeat an id, for any seed and organisation", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (seed, org) => {
        for (const events of [history(seed, org, 1), live(seed, org, 900)]) {
          expect(new Set(ids(events)).size).toBe(events.length);
          expect(inOrder(events)).toBe(true);
          for (const { at, event } of events) {
            const verdict = EventSchema.safeParse(event);
            expect(verdict.error).toBeUndefined();
            expect(Date.parse(event.timestamp)).toBe(at);
            expect(Number.parseInt((event.event_id ?? "").replace("-", "").slice(0, 12), 16)).toBe(at);
            expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(MAX_EVENT_BYTES / 10);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  it("make every session start first and end last, with seq counting its events", () => {
    const sessions = new Map<string, DemoEvent[]>();
    for (const event of history("sessions", "org_us", 14)) {
      sessions.set(event.event.session_id, [...(sessions.get(event.event.session_id) ?? []), event]);
    }
    expect(sessions.size).toBeGreaterThan(50);
    for (const events of sessions.values()) {
      expect(events[0]?.event.event_type).toBe("session_start");
      expect(events.at(-1)?.event.event_type).toBe("session_end");
      expect(events.map(({ event }) => event.seq)).toEqual(events.map((_, i) => i));
      expect(new Set(events.map(({ event }) => event.user_id)).size).toBe(1);
    }
  });

  it("leave a session that is still open at the end out of history, whole", () => {
    const all = history("open", "org_us", 3);
    const start = all.find(({ event }) => event.event_type === "session_start");
    const end = all.find(
      ({ event }) => event.event_type === "session_end" && event.session_id === start?.event.session_id,
    );
    const until = (now: number): DemoEvent[] =>
      [...orgHistory("open", planOrg("open", "org_us"), NOW - 3 * DAY_MS, now)].filter(
        ({ event }) => event.session_id === start?.event.session_id,
      );
    expect(until(end?.at ?? 0)).toEqual([]);
    expect(until((end?.at ?? 0) + 1).length).toBeGreaterThan(2);
  });

  it("make every kind of event, very long sessions, and names in other scripts", () => {
    const events = ["org_us", "org_eu", "org_global"].flatMap((org) => history("demo", org, 14));
    const types = new Set(events.map(({ event }) => event.event_type));
    for (const type of ["session_start", "session_end", "code_generated", "pr_created", "error", "security_alert"]) {
      expect(types).toContain(type);
    }
    const longest = events.reduce((most, { event }) => Math.max(most, event.seq ?? 0), 0);
    expect(longest).toBeGreaterThan(1_000);
    const names = events.map(({ event }) => `${event.user_id} ${event.repo} ${event.branch}`).join("\n");
    expect(names).toMatch(/\p{Script=Arabic}/u);
    expect(names).toMatch(/\p{Extended_Pictographic}/u);
  });

  it("work on weekdays in working hours, with heavy and light users", () => {
    const plan = planOrg("demo", "org_us");
    const offset = new Map(plan.developers.map((d) => [d.user_id, d.team.offsetHours * HOUR_MS]));
    const starts = history("demo", "org_us", 28).filter(({ event }) => event.event_type === "session_start");
    const local = starts.map(({ at, event }) => new Date(at + (offset.get(event.user_id) ?? 0)));
    const weekend = local.filter((date) => [0, 6].includes(date.getUTCDay())).length;
    const night = local.filter((date) => date.getUTCHours() < 6).length;
    const lunch = local.filter((date) => date.getUTCHours() === 12).length;
    const eleven = local.filter((date) => date.getUTCHours() === 11).length;
    expect(weekend / starts.length).toBeLessThan(0.1);
    expect(night / starts.length).toBeLessThan(0.1);
    expect(lunch).toBeLessThan(eleven);
    const bySender = new Map<string, number>();
    for (const { event } of starts) bySender.set(event.user_id, (bySender.get(event.user_id) ?? 0) + 1);
    const counts = [...bySender.values()].sort((a, b) => a - b);
    expect(counts.at(-1) ?? 0).toBeGreaterThan(4 * (counts[0] ?? 0));
  });

  it("contain a shorter or earlier history inside a longer or later one", () => {
    const later = new Set(ids(history("demo", "org_us", 6, NOW + DAY_MS)));
    const earlier = ids(history("demo", "org_us", 5));
    expect(earlier.length).toBeGreaterThan(1_000);
    expect(earlier.filter((id) => !later.has(id))).toEqual([]);
  });

  it("hold the asked rate, live, and end every open session when interrupted", () => {
    const seconds = 4 * 3_600;
    const events = live("rate", "org_us", seconds, 10);
    expect(events.length / seconds).toBeGreaterThan(8);
    expect(events.length / seconds).toBeLessThan(12);
    const open = new Set<string>();
    for (const { event } of events) {
      if (event.event_type === "session_start") open.add(event.session_id);
      if (event.event_type === "session_end") open.delete(event.session_id);
    }
    expect(open.size).toBe(0);
  });

  it("give the same live events whatever the rhythm of asking", () => {
    const stream = new LiveOrg({ seed: "r", plan: planOrg("r", "o"), startMs: NOW, eventsPerSecond: 2 });
    const pieces: DemoEvent[] = [];
    for (let due = stream.take(NOW + 600_000, 7); due.length > 0; due = stream.take(NOW + 600_000, 7))
      pieces.push(...due);
    const whole = live("r", "o", 600, 2).filter(({ event }) => event.metadata?.outcome !== "interrupted");
    expect(pieces).toEqual(whole);
  });
});
