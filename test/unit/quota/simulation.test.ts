import { describe, expect, it } from "vitest";
import { type LeaseLoad, simulateLeases } from "../../support/lease-simulation.ts";

const QUOTA = 10_000;
const base: LeaseLoad = {
  isolates: 20,
  rate: QUOTA,
  batch: 100,
  offered: 10 * QUOTA,
  hot: 1 / 20,
  callMs: [5, 150],
  seconds: 30,
  seed: 7,
};

describe("leases over 20 simulated isolates", () => {
  it.each<[string, Partial<LeaseLoad>]>([
    ["ten times the quota, spread evenly", {}],
    ["ten times the quota, nearly all in one place", { hot: 0.95 }],
    ["batches of 1,000", { batch: 1_000 }],
    ["a far object", { callMs: [200, 400] }],
    ["a quota smaller than one batch", { rate: 10, batch: 1_000, seconds: 4_000 }],
  ])("let in no more than the bound beyond the quota: %s", (_, load) => {
    const { over, bound, admitted, allowed } = simulateLeases({ ...base, ...load });
    expect(over).toBeLessThanOrEqual(bound);
    expect(admitted).toBeGreaterThan(0.9 * allowed);
  });

  it.each<[string, Partial<LeaseLoad>]>([
    ["just the quota, evenly", { offered: QUOTA }],
    ["just the quota, nearly all in one place", { offered: QUOTA, hot: 0.95 }],
    ["ten times the quota, nearly all in one place", { hot: 0.95 }],
    ["one isolate alone", { isolates: 1, hot: 1, offered: 1.5 * QUOTA, seconds: 60 }],
  ])("leave less than 3 % of the quota unused: %s", (_, load) => {
    expect(simulateLeases({ ...base, ...load }).waste).toBeLessThan(0.03);
  });

  it("refuse nothing of what stays below the quota, and let hardly anyone wait", () => {
    const { admitted, requests, waited } = simulateLeases({ ...base, offered: 0.8 * QUOTA, hot: 0.5 });
    expect(admitted).toBe(requests * base.batch);
    expect(waited / requests).toBeLessThan(0.02);
  });

  it("let quotas smaller than one batch in, one batch at a time, at the rate of the quota", () => {
    const seconds = 6_000;
    const { admitted, bound } = simulateLeases({ ...base, rate: 10, batch: 1_000, offered: 2_000, seconds });
    expect(admitted).toBeGreaterThanOrEqual(10 * seconds);
    expect(admitted).toBeLessThanOrEqual(10 * seconds + bound);
  });
});
