import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketNumber, bucketsOf } from "../../../workers/api/buckets.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const iso = (ms: number): string => new Date(ms).toISOString();
const range = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to) });
const startsOf = (from: string, to: string, interval: "1d" | "1w" | "1mo", zone: string): string[] =>
  bucketsOf(range(from, to), interval, zone, false).starts.map(iso);

describe("local days", () => {
  it("have 23 hours in spring and 25 in autumn", () => {
    expect(startsOf("2026-03-28T23:00:00Z", "2026-03-30T22:00:00Z", "1d", "Europe/Berlin")).toEqual([
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
    ]);
    expect(startsOf("2026-10-24T22:00:00Z", "2026-10-27T00:00:00Z", "1d", "Europe/Berlin")).toEqual([
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
      "2026-10-26T23:00:00.000Z",
    ]);
    expect(startsOf("2026-03-08T05:00:00Z", "2026-03-09T05:00:00Z", "1d", "America/New_York")).toEqual([
      "2026-03-08T05:00:00.000Z",
      "2026-03-09T04:00:00.000Z",
    ]);
  });

  it("begin where the clock jumps when midnight does not exist", () => {
    expect(startsOf("2026-03-28T21:00:00Z", "2026-03-30T00:00:00Z", "1d", "Asia/Beirut")).toEqual([
      "2026-03-27T22:00:00.000Z",
      "2026-03-28T22:00:00.000Z",
      "2026-03-29T21:00:00.000Z",
    ]);
  });

  it("may begin inside an hour; weeks begin on Monday, months on the first", () => {
    expect(startsOf("2026-05-01T00:00:00Z", "2026-05-01T20:00:00Z", "1d", "Asia/Kolkata")).toEqual([
      "2026-04-30T18:30:00.000Z",
      "2026-05-01T18:30:00.000Z",
    ]);
    expect(startsOf("2026-11-20T00:00:00Z", "2026-11-24T00:00:00Z", "1w", "UTC")).toEqual([
      "2026-11-16T00:00:00.000Z",
      "2026-11-23T00:00:00.000Z",
    ]);
    expect(startsOf("2026-01-31T22:59:59Z", "2026-04-01T00:00:00Z", "1mo", "Europe/Berlin")).toEqual([
      "2025-12-31T23:00:00.000Z",
      "2026-01-31T23:00:00.000Z",
      "2026-02-28T23:00:00.000Z",
      "2026-03-31T22:00:00.000Z",
    ]);
  });

  it("of a zone that nobody knows are refused, whatever the interval", () => {
    expect(() => bucketsOf({ from: 0, to: HOUR }, "1h", "Mars/Olympus", false)).toThrow("not valid");
  });

  it("hold exactly the moments that the zone's own calendar gives them", () => {
    const zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland"];
    const formats = new Map(
      zones.map((timeZone) => [timeZone, new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" })]),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2027, 0, 1) }),
        fc.integer({ min: 1, max: 60 * DAY }),
        fc.integer({ min: 0, max: 1_000 }),
        (zone, from, length, share) => {
          const buckets = bucketsOf({ from, to: from + length }, "1d", zone, false);
          const at = from + Math.floor((length * share) / 1_001);
          const index = bucketNumber(at, "1d", buckets.rule.pieces) - buckets.first;
          const start = buckets.starts[index] ?? 0;
          const end = buckets.starts[index + 1] ?? Number.POSITIVE_INFINITY;
          const format = formats.get(zone);
          expect(start <= at && at < end).toBe(true);
          expect(format?.format(start)).toBe(format?.format(at));
          expect(format?.format(start - 1)).not.toBe(format?.format(at));
        },
      ),
    );
  });
});

describe("the compared period", () => {
  it("is as many whole days, weeks or months when the range is whole ones, whatever the clock did", () => {
    const march = range("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z");
    expect(bucketsOf(march, "1mo", "Europe/Berlin", true).previous).toEqual(
      range("2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z"),
    );
    const days = range("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    const { previous, rule } = bucketsOf(days, "1d", "Europe/Berlin", true);
    expect(previous).toEqual(range("2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"));
    expect(rule.compared).toEqual({ before: days.from, moveMs: 0, moveBuckets: 1 });
  });

  it("is as long as the range otherwise, and its buckets are those of the range, moved", () => {
    const of = range("2026-03-01T10:30:00Z", "2026-03-01T13:00:00Z");
    const { previous, rule, cuts } = bucketsOf(of, "1h", "UTC", true);
    expect(previous).toEqual(range("2026-03-01T08:00:00Z", "2026-03-01T10:30:00Z"));
    expect(rule.compared?.moveMs).toBe(2.5 * HOUR);
    expect(cuts.map(iso)).toContain("2026-03-01T08:30:00.000Z");
  });
});
