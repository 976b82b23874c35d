import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FORGET_AFTER_MS, MAX_PENDING, SIGHTING_MS } from "../../../durable-objects/metric-series/limits.ts";
import { SeriesStore } from "../../../durable-objects/metric-series/series-store.ts";
import type { SeriesInterval, SeriesPoint } from "../../../schema/rpc.ts";
import { sqlite } from "../event-buffer/sqlite.ts";

/** The intervals of a point that can be counted. */
function gain(store: SeriesStore, sent: SeriesPoint): SeriesInterval[] {
  const gained = store.advance(sent);
  if (typeof gained === "string") throw new Error(gained);
  return gained;
}

const world = (maxSeries = 100) => {
  const clock = { now: 0 };
  const database = sqlite();
  const open = () => new SeriesStore(database.sql, { now: () => clock.now, maxSeries });
  return { clock, database, open, store: open() };
};
const point = (value: number, time = "1", start = "0", series = "a"): SeriesPoint => ({ series, start, time, value });

/** Unique events, as ClickHouse's sorting key keeps them, and their sum per start. */
class Ledger {
  readonly #events = new Map<string, SeriesInterval>();

  add(interval: SeriesInterval): void {
    this.#events.set(JSON.stringify(interval), interval);
  }

  sum(start: string): number {
    let sum = 0;
    for (const interval of this.#events.values()) if (interval.start === start) sum += interval.to - interval.from;
    return sum;
  }
}

describe("a cumulative series", () => {
  it("gains what a point is above the highest before it", () => {
    const { store } = world();
    const bounds = (value: number, time: string) =>
      gain(store, point(value, time)).map((interval) => {
        store.confirm([interval]);
        return [interval.from, interval.to, interval.time];
      });
    expect(bounds(10, "1")).toEqual([[0, 10, "1"]]);
    expect(bounds(25, "3")).toEqual([[10, 25, "3"]]);
    expect(bounds(12, "2")).toEqual([]);
    expect(bounds(25, "4")).toEqual([]);
    expect(bounds(0, "5")).toEqual([]);
  });

  it("gives a point its interval again until that is confirmed, with the same bounds and time", () => {
    const { store, open } = world();
    const first = gain(store, point(10, "1"));
    expect(store.advance(point(10, "1"))).toEqual(first);
    expect(open().advance(point(10, "9"))).toEqual(first);
    expect(open().advance(point(30, "2"))).toEqual([
      ...first,
      { series: "a", start: "0", from: 10, to: 30, time: "2" },
    ]);
    store.confirm(first);
    expect(store.advance(point(30, "2"))).toHaveLength(1);
    store.confirm(gain(store, point(30, "2")));
    expect(store.advance(point(30, "2"))).toEqual([]);
  });

  it("starts from nothing at a reset, and after it was forgotten", () => {
    const { store, clock } = world();
    store.confirm(gain(store, point(10)));
    expect(store.advance(point(4, "2", "1"))).toMatchObject([{ start: "1", from: 0, to: 4 }]);
    expect(store.total).toBe(2);
    clock.now = FORGET_AFTER_MS - 1;
    store.advance(point(10));
    clock.now = FORGET_AFTER_MS + 1;
    store.forget();
    expect(store.total).toBe(1);
    expect(store.advance(point(10))).toEqual([]);
  });

  it("is counted up to so many series and waiting intervals, then refused until there is room", () => {
    const { store } = world(2);
    store.advance(point(1, "1", "0", "a"));
    store.advance(point(1, "1", "0", "b"));
    expect(store.advance(point(1, "1", "0", "c"))).toBe("full");
    for (let value = 2; value <= MAX_PENDING; value++) expect(store.advance(point(value))).toHaveLength(value);
    expect(store.advance(point(MAX_PENDING + 1))).toBe("behind");
    store.confirm(gain(store, point(MAX_PENDING)));
    expect(store.advance(point(MAX_PENDING + 1))).toMatchObject([{ from: MAX_PENDING, to: MAX_PENDING + 1 }]);
  });

  it("costs no write while it stands still", () => {
    const { store, database, clock } = world();
    store.confirm(gain(store, point(10)));
    const written = database.rowsWritten();
    for (let i = 1; i <= 100; i++) store.advance(point(10, String(i)));
    expect(database.rowsWritten()).toBe(written);
    clock.now = SIGHTING_MS;
    store.advance(point(10, "101"));
    expect(database.rowsWritten()).toBe(written + 1);
  });

  it("sums to the true total however its points are shuffled, repeated, replayed and reset, and whatever fails on the way", () => {
    const fates = [
      "stored",
      "lost before it was durable",
      "half durable",
      "durable but not confirmed",
      "restarted",
    ] as const;
    const sending = fc.record({ pick: fc.nat(), fate: fc.constantFrom(...fates) });
    const starts = fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(starts, fc.array(sending, { maxLength: 60 }), (increments, sendings) => {
        const { open } = world();
        let store = open();
        const ledger = new Ledger();
        const points = increments.flatMap((steps, start) => {
          let value = 0;
          return steps.map((step, at) => {
            value += step;
            return point(value, String(at), String(start));
          });
        });
        const send = (sent: SeriesPoint, fate: (typeof fates)[number]): boolean => {
          if (fate === "restarted") store = open();
          const gained = gain(store, sent);
          if (fate === "lost before it was durable") return false;
          const durable = fate === "half durable" ? gained.slice(0, gained.length >> 1) : gained;
          for (const interval of durable) ledger.add(interval);
          if (fate === "half durable" || fate === "durable but not confirmed") return false;
          store.confirm(gained);
          return true;
        };
        const acknowledged = new Map<string, number>();
        for (const { pick, fate } of sendings) {
          const sent = points[pick % points.length];
          if (sent === undefined || !send(sent, fate)) continue;
          acknowledged.set(sent.start, Math.max(acknowledged.get(sent.start) ?? 0, sent.value));
          // What was acknowledged is in the ledger from then on.
          expect(ledger.sum(sent.start)).toBeGreaterThanOrEqual(acknowledged.get(sent.start) ?? 0);
        }
        for (const sent of points.toReversed()) send(sent, "stored");
        for (const start of increments.keys()) {
          const total = Math.max(...points.filter((one) => one.start === String(start)).map(({ value }) => value));
          expect(ledger.sum(String(start))).toBe(total);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
