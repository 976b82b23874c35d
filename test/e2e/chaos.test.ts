import { describe, expect, it } from "vitest";
import { runChaos } from "../../dev/chaos/run.ts";
import { FAULTS, makeSchedule } from "../../dev/chaos/schedule.ts";

/** A seed whose schedule has every fault within the run, those of inserts at their worst. */
const SEED = 350;
const RUN_MS = 25_000;

describe("chaos", () => {
  it("keeps the books exact, and live equal to history, through every fault there is", async () => {
    const planned = new Set(makeSchedule(SEED, RUN_MS).map(({ name }) => name));
    expect([...planned].sort()).toEqual([...FAULTS].sort());
    const { events, seen, faults, proxy, ledger, live } = await runChaos({
      seed: SEED,
      durationMs: RUN_MS,
      log: () => {},
    });
    expect(seen.unexpected).toEqual([]);
    expect(ledger).toEqual([]);
    expect(live).toEqual([]);
    expect(events).toBeGreaterThan(2_000);
    expect(seen.cuts).toBeGreaterThan(0);
    expect(Object.values(faults).every((n) => n > 0)).toBe(true);
    expect(proxy.refused + proxy.lost).toBeGreaterThan(0);
  });
});
