import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dueAt, earliest, groupRows, planFlush, type RowInfo } from "../../../durable-objects/event-buffer/planner.ts";
import { advanced, failed, initialState, passedByAll, withSink } from "../../../durable-objects/event-buffer/state.ts";

const IDLE = initialState().sinks.live;
const row = (last: number, size = 10, events = 1): RowInfo => ({ last, count: 1, size, events, appendedAt: 1_000 });

describe("a flush", () => {
  const bounds = { flushBytes: 100, flushEvents: 50 };

  test("takes whole rows, in order, up to its bounds", () => {
    expect(planFlush([row(1, 40), row(2, 40), row(3, 40)], bounds)).toBe(2);
    expect(planFlush([row(1, 1, 30), row(2, 1, 20), row(3, 1, 1)], bounds)).toBe(2);
  });

  test("takes one row however large, and nothing of nothing", () => {
    expect(planFlush([row(7, 500, 500), row(8)], bounds)).toBe(7);
    expect(planFlush([], bounds)).toBeUndefined();
  });

  test("reads no further than it must", () => {
    let read = 0;
    function* rows(): Generator<RowInfo> {
      for (let last = 1; ; last++) {
        read++;
        yield row(last, 40);
      }
    }
    planFlush(rows(), bounds);
    expect(read).toBe(3);
  });
});

describe("a sink is due", () => {
  test("some time after its oldest row came, live sooner than the others; never when nothing waits", () => {
    expect(dueAt("live", IDLE, row(1))).toBe(1_200);
    expect(dueAt("clickhouse", IDLE, row(1))).toBe(2_000);
    expect(dueAt("live", IDLE, undefined)).toBeNull();
  });

  test("not before its retry", () => {
    expect(dueAt("live", failed(IDLE, 5_000, "down", 0), row(1))).toBe(6_000);
  });
});

describe("a sink's state", () => {
  const planned = { ...IDLE, cursor: 3, plan: { to: 9, at: 1 } };

  test("keeps the recorded composition until all of it is done", () => {
    expect(advanced(planned, 5, 0)).toMatchObject({ cursor: 5, plan: { to: 9 } });
    expect(advanced(planned, 9, 2)).toMatchObject({ cursor: 9, plan: null, skipped: 2 });
    expect(failed(planned, 0, "down", 0)).toMatchObject({ cursor: 3, plan: { to: 9 }, failures: 1 });
  });

  test("keeps a short error text, and none after a good flush", () => {
    const broken = failed(planned, 0, "x".repeat(1_000), 0);
    expect(broken.error?.length).toBe(200);
    expect(advanced(broken, 9, 0)).toMatchObject({ error: null, failures: 0, retry_at: 0 });
  });

  test("lets a pack go only when the slowest sink has passed it", () => {
    let state = initialState();
    state = withSink(state, "live", { ...IDLE, cursor: 9 });
    state = withSink(state, "archive", { ...IDLE, cursor: 8 });
    state = withSink(state, "clickhouse", { ...IDLE, cursor: 4 });
    expect(passedByAll(state)).toBe(4);
  });

  test("retries between one second and five minutes, whatever the failures and the jitter", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const wait = failed({ ...IDLE, failures }, 0, "", random).retry_at;
          expect(wait).toBeGreaterThanOrEqual(1_000);
          expect(wait).toBeLessThanOrEqual(300_000);
        },
      ),
    );
  });
});

test("rows hold every pack once, in order, inside both bounds unless one pack alone exceeds them", () => {
  const pack = fc.record({ size: fc.integer({ min: 1, max: 120 }), events: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(fc.array(pack), (packs) => {
      const rows = groupRows(packs, 100, 30);
      expect(rows.flat()).toEqual(packs);
      for (const row of rows.filter(({ length }) => length > 1)) {
        expect(row.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(100);
        expect(row.reduce((sum, { events }) => sum + events, 0)).toBeLessThanOrEqual(30);
      }
    }),
  );
});

test("the earliest of some times leaves out what has none", () => {
  expect(earliest(null, 5, 3, null)).toBe(3);
  expect(earliest(null)).toBeNull();
});
