/** The session registry: states by silence and end, never by a clock that is ahead. */
import { describe, expect, it } from "vitest";
import { IDLE_AFTER_MS, SessionRegistry, sessionState } from "../../../durable-objects/tenant-live/registry.ts";
import type { SessionEntry } from "../../../schema/frame.ts";

const entry: SessionEntry = ["s", "ada", "red", "codex", "web", "main", "production"];
const NOW = 1_000_000_000;

function touched(...events: [time: number, type: string][]) {
  const registry = new SessionRegistry();
  const slot = registry.slotOf(entry, NOW, 0);
  for (const [time, type] of events) registry.touch(slot, time, NOW, type, 1, 1);
  const record = registry.record(slot);
  if (record === undefined) throw new Error("no record");
  return { registry, record };
}

describe("a session", () => {
  it("runs, falls idle after 5 min of silence, and ends with its end event", () => {
    const { record } = touched([NOW, "session_start"]);
    expect(sessionState(record, NOW + IDLE_AFTER_MS - 1)).toBe("running");
    expect(sessionState(record, NOW + IDLE_AFTER_MS)).toBe("idle");
    expect(sessionState(touched([NOW - 5, "error"], [NOW, "session_end"]).record, NOW)).toBe("ended");
  });

  it("runs again when it says something after its end, and stays ended when an older event comes late", () => {
    expect(sessionState(touched([NOW - 9, "session_end"], [NOW, "error"]).record, NOW)).toBe("running");
    expect(sessionState(touched([NOW, "session_end"], [NOW - 9, "error"]).record, NOW)).toBe("ended");
  });

  it("is not kept running by an event dated ahead", () => {
    const { record } = touched([NOW + 80_000_000, "error"]);
    expect([record.last_at, record.started_at]).toEqual([NOW, NOW]);
  });

  it("is one slot per branch, and leaves only when no fine window shows it", () => {
    const { registry, record } = touched([NOW, "session_end"]);
    expect(registry.slotOf([...entry.slice(0, 5), "other", "production"] as SessionEntry, NOW, 0)).not.toBe(
      record.slot,
    );
    registry.sweep(NOW, 1);
    expect(registry.record(record.slot)).toBe(record);
    registry.sweep(NOW, 2);
    expect(registry.record(record.slot)).toBeUndefined();
  });
});
