import { describe, expect, it } from "vitest";
import { Coalescer, MAX_SMALL_REQUEST } from "../../../workers/ingest/coalesce.ts";
import type { EnrichedEvent } from "../../../workers/ingest/enrich.ts";

let counter = 0;
const event = (n: number = ++counter): EnrichedEvent => ({ eventId: String(n), hashHi: n, hashLo: n }) as EnrichedEvent;
const some = (n: number): EnrichedEvent[] => Array.from({ length: n }, () => event());

/** A coalescer whose deliveries are recorded, and fail or hang when told to. */
function world() {
  const deliveries: string[][] = [];
  const state = { fail: false, hang: false };
  const coalescer = new Coalescer();
  const deliver = async (events: readonly EnrichedEvent[]): Promise<void> => {
    deliveries.push(events.map(({ eventId }) => eventId));
    if (state.hang) await new Promise(() => {});
    if (state.fail) throw new Error("nothing durable");
  };
  const waiter = { waitUntil: () => {} };
  const add = (events: EnrichedEvent[], now = 1_000, key = "org/us") =>
    coalescer.add(key, waiter, events, now, deliver);
  return { deliveries, state, add };
}

describe("small requests", () => {
  it("go alone, at once, while nobody else of the tenant is near", async () => {
    const { deliveries, add } = world();
    await add(some(1), 1_000);
    await add(some(1), 2_000);
    await add(some(1), 2_000, "other/us");
    expect(deliveries.map((each) => each.length)).toEqual([1, 1, 1]);
  });

  it("share a delivery with those that come close, and all wait for it", async () => {
    const { deliveries, add } = world();
    const first = event();
    await add([first]);
    const others = some(50);
    await Promise.all(others.map((each) => add([each])));
    expect(deliveries[0]).toEqual([first.eventId]);
    expect(deliveries).toHaveLength(2);
    expect(deliveries[1]?.sort()).toEqual(others.map(({ eventId }) => eventId).sort());
  });

  it("leave early when a group is large, and lose nothing", async () => {
    const { deliveries, add } = world();
    const requests = Array.from({ length: 100 }, () => some(MAX_SMALL_REQUEST));
    await Promise.all(requests.map((each) => add(each)));
    expect(new Set(deliveries.flat()).size).toBe(100 * MAX_SMALL_REQUEST);
    expect(deliveries.flat()).toHaveLength(100 * MAX_SMALL_REQUEST);
    for (const each of deliveries) expect(each.length).toBeLessThanOrEqual(500 + MAX_SMALL_REQUEST);
  });

  it("deliver an event once that two of them carry", async () => {
    const { deliveries, add } = world();
    await add(some(1));
    await Promise.all([add([event(7)]), add([event(7)])]);
    expect(deliveries[1]).toEqual(["7"]);
  });

  it("all fail when their delivery fails, so that each client retries", async () => {
    const { state, add } = world();
    await add(some(1));
    state.fail = true;
    const results = await Promise.allSettled([add(some(1)), add(some(1))]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("deliver by themselves when the request that leads them is gone", async () => {
    const { deliveries, state, add } = world();
    await add(some(1));
    state.hang = true;
    const mine = event();
    const waiting = add([mine]);
    await expect.poll(() => deliveries.length, { timeout: 1_000 }).toBe(2);
    state.hang = false;
    await waiting;
    expect(deliveries[2]).toEqual([mine.eventId]);
  });
});

describe("requests that fill a pack", () => {
  it("never wait", async () => {
    const { deliveries, add } = world();
    await Promise.all([add(some(100)), add(some(100))]);
    expect(deliveries.map((each) => each.length)).toEqual([100, 100]);
  });
});
