/** The session registry: states by silence and end, one session however its events name it, bounded and kept. */
import { describe, expect, it } from "vitest";
import { MAX_SESSIONS, SessionRegistry } from "../../../durable-objects/tenant-live/registry.ts";
import { readRegistryRow, registryRows } from "../../../durable-objects/tenant-live/registry-codec.ts";
import {
  IDLE_AFTER_MS,
  labelsOf,
  type SessionRecord,
  sessionState,
  sessionView,
} from "../../../durable-objects/tenant-live/session-record.ts";
import { View } from "../../../durable-objects/tenant-live/view.ts";
import type { SessionEntry } from "../../../schema/frame.ts";
import { HOUR_MS } from "../../../schema/limits.ts";
import type { LiveFilter } from "../../../schema/live.ts";

const entry: SessionEntry = ["s", "ada", "red", "codex", "web", "main", "production"];
const bare: SessionEntry = ["s", "ada", "", "codex", "", "", "production"];
const NOW = 1_000_000_000;

interface Said {
  at?: number;
  type?: string;
  entry?: SessionEntry;
  model?: string;
  window?: number;
}

function say(
  registry: SessionRegistry,
  { at = NOW, type = "error", entry: said = entry, model = "", window = 1 }: Said,
) {
  const slot = registry.slotOf(said, NOW, 0);
  const record = registry.sessionOf(said);
  if (record !== undefined) {
    registry.touch(record, slot, { time: at, type, model, labels: labelsOf(said) }, NOW, window, 1);
  }
  return slot;
}

function heard(...events: Said[]): { registry: SessionRegistry; record: SessionRecord } {
  const registry = new SessionRegistry();
  for (const event of events) say(registry, event);
  const record = registry.sessionOf(entry);
  if (record === undefined) throw new Error("no record");
  return { registry, record };
}

const seen = (registry: SessionRegistry, filter: LiveFilter, now = NOW) =>
  new View({ kind: "org" }, filter).sessions(registry, registry.records(), 10, now);

describe("a session", () => {
  it("runs, falls idle after 5 min of silence, and ends with its end event", () => {
    const { record } = heard({ type: "session_start" });
    expect(sessionState(record, NOW + IDLE_AFTER_MS - 1)).toBe("running");
    expect(sessionState(record, NOW + IDLE_AFTER_MS)).toBe("idle");
    expect(sessionState(heard({ at: NOW - 5 }, { type: "session_end" }).record, NOW)).toBe("ended");
  });

  it("runs again when it says something after its end, and stays ended when an older event comes late", () => {
    expect(sessionState(heard({ at: NOW - 9, type: "session_end" }, {}).record, NOW)).toBe("running");
    expect(sessionState(heard({ type: "session_end" }, { at: NOW - 9 }).record, NOW)).toBe("ended");
  });

  it("is not kept running by an event dated ahead", () => {
    const { record } = heard({ at: NOW + 80_000_000 });
    expect([record.last_at, record.started_at]).toEqual([NOW, NOW]);
  });

  it("is one, and ends as one, when later events leave out what the first named", () => {
    const { registry } = heard({ at: NOW - 9 }, { at: NOW - 5, entry: bare });
    expect(seen(registry, {})).toMatchObject({ running: 1, idle: 0, ended: 0, list: [{ repo: "web", events: 2 }] });
    say(registry, { type: "session_end", entry: bare });
    for (const filter of [{}, { repo: "web" }, { team: "red", repo: "web" }]) {
      expect(seen(registry, filter)).toMatchObject({ running: 0, ended: 1, list: [{ repo: "web", state: "ended" }] });
    }
  });

  it("is shown with the names and the model that its newest event gave, and older ones fill the gaps", () => {
    const other: SessionEntry = ["s", "ada", "", "codex", "api", "", "staging"];
    const { record, registry } = heard({ entry: other, model: "opus" }, { at: NOW - 60, model: "haiku" });
    expect(sessionView(record, NOW)).toMatchObject({
      team: "red",
      agent: "codex",
      repo: "api",
      branch: "main",
      environment: "staging",
      model: "opus",
      started_at: NOW - 60,
    });
    say(registry, { model: "" });
    expect(sessionView(record, NOW).model).toBe("opus");
  });

  it("is listed by a filter on anything it was named or used, and by no other", () => {
    const { registry } = heard(
      { at: NOW - 5, model: "opus" },
      { entry: [...bare.slice(0, 4), "api", "", "production"] as SessionEntry, model: "haiku" },
    );
    const running = (filter: LiveFilter) => seen(registry, filter).running;
    expect([{ repo: "web" }, { repo: "api" }, { model: "opus" }, { model: "haiku" }].map(running)).toEqual([
      1, 1, 1, 1,
    ]);
    expect([{ repo: "docs" }, { model: "gpt" }, { team: "blue" }].map(running)).toEqual([0, 0, 0]);
    expect(
      new View({ kind: "users", scope: "own", users: ["eve"] }, {}).sessions(registry, registry.records(), 9, NOW)
        .running,
    ).toBe(0);
  });
});

describe("a slot", () => {
  it("is one per set of names, and leaves only when no fine window shows it", () => {
    const { registry } = heard({ type: "session_end", window: 1 });
    const slot = registry.slotOf(entry, NOW, 1);
    const other = registry.slotOf([...entry.slice(0, 5), "other", "production"] as SessionEntry, NOW, 1);
    expect(other).not.toBe(slot);
    registry.sweep(NOW, 1);
    expect(registry.entry(slot)).toEqual(entry);
    registry.sweep(NOW, 2);
    expect(registry.held(slot)).toBeUndefined();
    expect(registry.size).toBe(0);
  });

  it("of names that a running session left 2 h ago goes; its last one stays as long as it runs", () => {
    const later = NOW + 3 * HOUR_MS;
    const { registry, record } = heard({ entry: bare, window: NOW / 10_000 }, { window: NOW / 10_000 });
    record.last_at = later;
    registry.sweep(later, later / 10_000);
    expect(record.slots.map(({ labels }) => labels)).toEqual([labelsOf(entry)]);
    expect(registry.size).toBe(1);
  });

  it("is refused when all are taken, and the session is still heard", () => {
    const registry = new SessionRegistry();
    for (let i = 0; i < MAX_SESSIONS; i++) say(registry, { entry: [`s${i}`, "ada", "", "", "web", "", ""] });
    expect(say(registry, { entry: ["s7", "ada", "", "", "", "", ""], type: "session_end" })).toBe(-1);
    expect(registry.truncated).toBe(true);
    expect(seen(registry, {})).toMatchObject({ running: MAX_SESSIONS - 1, ended: 1 });
    expect(say(registry, { entry: ["new", "ada", "", "", "", "", ""] })).toBe(-1);
    expect(registry.size).toBe(MAX_SESSIONS);
  });
});

describe("what is stored", () => {
  it("gives the same registry back, also of a session with more names than fit one row", () => {
    const registry = new SessionRegistry();
    const long = (i: number): string => `${i}`.padStart(256, "x");
    for (let i = 0; i < 3_000; i++) {
      say(registry, { entry: ["s", "ada", long(i), long(i), long(i), long(i), "production"], model: "opus" });
    }
    say(registry, { entry: ["t", "eve", "", "", "", "", ""], at: NOW - 1 });
    const rows = [...registryRows(registry.records())];
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThan(700_000);
    const again = new SessionRegistry(rows.flatMap(readRegistryRow));
    expect([...again.records()]).toEqual([...registry.records()]);
    expect(again.slotOf(["s", "ada", long(9), long(9), long(9), long(9), "production"], NOW, 0)).toBe(9);
    expect(again.size).toBe(2);
  });
});
