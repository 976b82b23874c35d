/** Four questions of a tenant at a time: the fifth waits two seconds, others do not notice. */
import { describe, expect, it } from "vitest";
import { MAX_RUNNING, MAX_WAIT_MS, QuerySlots } from "../../../workers/api/explore/slots.ts";

/** Slots under a clock that moves only while somebody waits. */
function clocked() {
  let now = 1_000;
  const slots = new QuerySlots(
    () => now,
    async (ms) => {
      now += ms;
    },
  );
  const pass = (ms: number): void => {
    now += ms;
  };
  return { slots, now: () => now, pass };
}

/** Work that ends when it is told to. */
function held() {
  let end = (): void => {};
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: () => done, end };
}

describe("slots", () => {
  it("let four run, refuse the fifth after two seconds, and say when to come back", async () => {
    const { slots, now } = clocked();
    const running = Array.from({ length: MAX_RUNNING }, held);
    const results = running.map(({ work }) => slots.run("a", work));
    await expect(slots.run("a", async () => 5)).rejects.toMatchObject({ code: "rate_limited", retryAfter: 2 });
    expect(now() - 1_000).toBeGreaterThanOrEqual(MAX_WAIT_MS);
    expect(await slots.run("b", async () => "another tenant's")).toBe("another tenant's");
    for (const { end } of running) end();
    await Promise.all(results);
    expect(await slots.run("a", async () => 6)).toBe(6);
  });

  it("give the fifth its turn as soon as one ends, also one that fails", async () => {
    const { slots } = clocked();
    const running = Array.from({ length: MAX_RUNNING - 1 }, held);
    const results = running.map(({ work }) => slots.run("a", work));
    const failing = slots.run("a", async () => {
      throw new Error("no");
    });
    await expect(Promise.all([failing])).rejects.toThrow("no");
    expect(await slots.run("a", async () => "in")).toBe("in");
    for (const { end } of running) end();
    await Promise.all(results);
  });

  it("are taken back from requests that are gone", async () => {
    const { slots, pass } = clocked();
    const running = Array.from({ length: MAX_RUNNING }, held);
    for (const { work } of running) void slots.run("a", work);
    pass(15_001);
    expect(await slots.run("a", async () => "in")).toBe("in");
  });
});
