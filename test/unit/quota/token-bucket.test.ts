import { describe, expect, it } from "vitest";
import { ISOLATE_MEMORY_MS } from "../../../durable-objects/quota-lease/limits.ts";
import { TokenBucket } from "../../../durable-objects/quota-lease/token-bucket.ts";
import { QUOTA_BURST_S } from "../../../schema/limits.ts";

const RATE = 1_000;
const call = (isolate: string, left = 0, want = true, rate = RATE) => ({ isolate, left, want, rate });

describe("a quota handed out in leases", () => {
  it("starts with several seconds of quota, hands out half a second at a time and refills at its rate", () => {
    const bucket = new TokenBucket();
    let granted = 0;
    for (let n = 0; n < 2 * QUOTA_BURST_S; n++) granted += bucket.call(call("a"), 0).granted;
    expect(granted).toBe(QUOTA_BURST_S * RATE);
    expect(bucket.call(call("a"), 0)).toMatchObject({ granted: 0, retryMs: 1 });
    expect(bucket.call(call("a"), 100).granted).toBe(100);
  });

  it("shares among the isolates seen, more to those that use more, and forgets the silent", () => {
    const bucket = new TokenBucket();
    for (const id of ["a", "b", "c", "d"]) bucket.call(call(id), 0);
    expect(bucket.call(call("d", 500), 0)).toMatchObject({ granted: 125, isolates: 4 });
    // d spends all it gets, the others hand theirs in.
    bucket.call(call("a", 500), 1);
    bucket.call(call("b", 250), 1);
    bucket.call(call("c", 166), 1);
    expect(bucket.call(call("d", 0), 2).granted).toBeGreaterThan(400);
    expect(bucket.call(call("d", 0), 2 + ISOLATE_MEMORY_MS).isolates).toBe(1);
  });

  it("takes back what is left, and is in debt for what was let in on credit", () => {
    const bucket = new TokenBucket();
    const full = QUOTA_BURST_S * RATE;
    const { granted } = bucket.call(call("a"), 0);
    expect(bucket.call(call("a", granted, false), 0)).toMatchObject({ granted: 0, level: full, retryMs: 0 });
    expect(bucket.call(call("b", -full - 500), 0)).toMatchObject({ granted: 0, level: -500, retryMs: 501 });
    expect(bucket.call(call("b"), 500).granted).toBe(0);
    expect(bucket.call(call("b"), 501).granted).toBe(1);
  });

  it("never holds more than its burst, whatever comes back", () => {
    const bucket = new TokenBucket();
    bucket.call(call("a"), 0);
    expect(bucket.call(call("a", 1_000_000, false), 0).level).toBe(QUOTA_BURST_S * RATE);
  });

  it("grants at least a token of the smallest quota", () => {
    const bucket = new TokenBucket();
    expect(bucket.call(call("a", 0, true, 0.1), 0)).toMatchObject({ granted: 1 });
    expect(bucket.call(call("a", 0, true, 0.1), 9_000)).toMatchObject({ granted: 0, retryMs: 1_000 });
    expect(bucket.call(call("a", 0, true, 0.1), 10_000)).toMatchObject({ granted: 1 });
  });

  it("goes on from a restored level", () => {
    const bucket = new TokenBucket();
    bucket.restore(-500, 0);
    expect(bucket.call(call("a"), 400)).toMatchObject({ granted: 0, level: -100 });
  });
});
