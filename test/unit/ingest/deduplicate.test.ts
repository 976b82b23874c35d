import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deduplicateEvents, EventDeduplicator, type Identified } from "../../../workers/ingest/deduplicate.ts";

const event = (identity: number, id: number, timestampMs = 0): Identified & { n: string } => ({
  timestampMs,
  hashHi: identity,
  hashLo: identity,
  idHi: id,
  idLo: id,
  n: `${identity}/${id}/${timestampMs}`,
});

describe("inside a request", () => {
  it("keeps the first occurrence, in order", () => {
    const events = [event(3, 3, 30), event(1, 1, 10), event(3, 3, 30), event(2, 2, 20), event(1, 1, 10)];
    const result = deduplicateEvents(events);
    expect(result.events.map(({ n }) => n)).toEqual(["3/3/30", "1/1/10", "2/2/20"]);
    expect(result.duplicates).toHaveLength(2);
    expect(result.events[0]).toBe(events[0]);
  });

  it("calls one event_id under two identities a conflict", () => {
    const result = deduplicateEvents([event(1, 1), event(2, 1)]);
    expect(result.events).toHaveLength(1);
    expect(result.conflicts.map(({ n }) => n)).toEqual(["2/1/0"]);
  });

  it("sorts by time only when asked, ties in arrival order", () => {
    const events = [event(1, 1, 5), event(2, 2, 3), event(3, 3, 5)];
    expect(deduplicateEvents(events, { sortByTimestamp: true }).events.map(({ n }) => n)).toEqual([
      "2/2/3",
      "1/1/5",
      "3/3/5",
    ]);
  });

  it("loses and invents nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }))), (pairs) => {
        const events = pairs.map(([identity, id]) => event(identity, id));
        const { events: kept, duplicates, conflicts } = deduplicateEvents(events);
        expect(new Set([...kept, ...duplicates, ...conflicts])).toEqual(new Set(events));
        expect(kept.length + duplicates.length + conflicts.length).toBe(events.length);
      }),
    );
  });
});

describe("within a window", () => {
  it("allows an id again after its window, and not before", () => {
    const dedup = new EventDeduplicator({ windowSize: 1_000, maxIds: 10 });
    expect(dedup.add("a", 0)).toBe(true);
    expect(dedup.add("a", 999)).toBe(false);
    expect(dedup.add("a", 1_000)).toBe(true);
  });

  it("holds at most maxIds, the oldest go first", () => {
    const dedup = new EventDeduplicator({ windowSize: 1_000, maxIds: 3 });
    for (const [at, id] of ["a", "b", "c", "d"].entries()) dedup.add(id, at);
    expect(dedup.size).toBe(3);
    expect(dedup.has("a", 4)).toBe(false);
    expect(dedup.has("d", 4)).toBe(true);
  });

  it("forgets what is past its window", () => {
    const dedup = new EventDeduplicator({ windowSize: 10, maxIds: 1_000 });
    for (let i = 0; i < 100; i++) dedup.add(`id-${i}`, i);
    expect(dedup.size).toBeLessThanOrEqual(11);
  });
});
