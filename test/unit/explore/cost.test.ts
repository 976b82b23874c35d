/** What a question would read: counted once, in days, and refused above the plan's limit. */
import { describe, expect, it } from "vitest";
import { PLANS } from "../../../schema/api/settings.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../schema/limits.ts";
import { checkCost, HourCounts, MAX_EVENTS_READ, METADATA_WEIGHT } from "../../../workers/api/explore/cost.ts";
import type { Range } from "../../../workers/api/range.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const day = (n: number): number => Date.UTC(2026, 10, n);

/** Counts 100 events in every hour, and remembers what it was asked. */
function counter() {
  const asked: Range[] = [];
  const count = async (days: Range) => {
    asked.push({ ...days });
    const hours: { hour: number; events: number }[] = [];
    for (let hour = days.from; hour < days.to; hour += HOUR_MS) hours.push({ hour, events: 100 });
    return hours;
  };
  return { asked, count };
}

describe("events of a range", () => {
  it("are those of its hours, of an hour in part that part", async () => {
    const { count } = counter();
    const counts = new HourCounts();
    const ranges = [
      { from: day(3) + 90 * MINUTE_MS, to: day(3) + 4 * HOUR_MS },
      { from: day(5), to: day(6) },
    ];
    expect(await counts.eventsIn("o us", ranges, count, NOW)).toBe(250 + 2_400);
    expect(await counts.eventsIn("o us", [], count, NOW)).toBe(0);
  });

  it("are counted once for days that are over, again after a minute for today, and never for another tenant", async () => {
    const { asked, count } = counter();
    const counts = new HourCounts();
    const week = [{ from: day(16), to: day(23) }];
    await counts.eventsIn("o us", week, count, NOW);
    await counts.eventsIn("o us", week, count, NOW + MINUTE_MS - 1);
    expect(asked).toEqual([{ from: day(16), to: day(23) }]);
    await counts.eventsIn("o us", week, count, NOW + MINUTE_MS);
    expect(asked.slice(1)).toEqual([{ from: day(20), to: day(23) }]);
    await counts.eventsIn("o eu", week, count, NOW);
    expect(asked).toHaveLength(3);
  });

  it("are counted in pieces that one answer can hold", async () => {
    const { asked, count } = counter();
    const from = NOW - (NOW % DAY_MS) - 400 * DAY_MS;
    expect(await new HourCounts().eventsIn("o us", [{ from, to: from + 300 * DAY_MS }], count, NOW)).toBe(720_000);
    expect(asked.map(({ from: a, to: b }) => (b - a) / DAY_MS)).toEqual([120, 120, 60]);
  });
});

describe("the limit", () => {
  it.each(PLANS)("of %s is taken, one more is refused with estimate and limit", (plan) => {
    const limit = MAX_EVENTS_READ[plan];
    expect(() => checkCost(limit, false, plan)).not.toThrow();
    expect(() => checkCost(limit + 1, false, plan)).toThrow(
      expect.objectContaining({
        code: "query_too_expensive",
        details: expect.objectContaining({ limit, plan, estimated_events: expect.any(Number) }),
      }),
    );
  });

  it("counts an event whose metadata is read as many", () => {
    const limit = MAX_EVENTS_READ.starter;
    expect(() => checkCost(limit / METADATA_WEIGHT, true, "starter")).not.toThrow();
    expect(() => checkCost(limit / METADATA_WEIGHT + 1, true, "starter")).toThrow();
  });
});
