import { describe, expect, it } from "vitest";
import { differences } from "../../../dev/chaos/audit.ts";
import { FAULTS, makeSchedule } from "../../../dev/chaos/schedule.ts";

const MINUTE_MS = 60_000;
const SEEDS = Array.from({ length: 50 }, (_, n) => n + 1);

describe("the schedule of a chaos run", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(makeSchedule(3, MINUTE_MS)).toEqual(makeSchedule(3, MINUTE_MS));
    expect(makeSchedule(3, MINUTE_MS)).not.toEqual(makeSchedule(4, MINUTE_MS));
  });

  it.each(SEEDS)("seed %i: every fault has its turn, in order, and the end is quiet", (seed) => {
    const schedule = makeSchedule(seed, MINUTE_MS);
    expect(new Set(schedule.map(({ name }) => name))).toEqual(new Set(FAULTS));
    const starts = schedule.map(({ at }) => at);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.at(-1)).toBeLessThanOrEqual(0.85 * MINUTE_MS);
  });

  it.each(SEEDS)("seed %i: no fault overlaps itself, and nothing overlaps a restart of the Worker", (seed) => {
    const schedule = makeSchedule(seed, 5 * MINUTE_MS);
    for (const [n, fault] of schedule.entries()) {
      const end = fault.at + fault.durationMs;
      for (const later of schedule.slice(n + 1)) {
        const alone = fault.name === later.name || fault.name === "worker-restart" || later.name === "worker-restart";
        if (alone) expect(later.at).toBeGreaterThanOrEqual(end);
      }
    }
  });

  it("has faults that overlap, or it would test one at a time", () => {
    const schedule = makeSchedule(1, MINUTE_MS);
    expect(schedule.some((fault, n) => (schedule[n + 1]?.at ?? Infinity) < fault.at + fault.durationMs)).toBe(true);
  });
});

describe("the books", () => {
  it("differ when something is missing, doubled or was never sent", () => {
    expect(differences({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([]);
    expect(differences({ a: 1, b: 2 }, { b: 3, c: 1 })).toEqual([
      "a: expected 1, found 0",
      "b: expected 2, found 3",
      "c: expected 0, found 1",
    ]);
  });
});
