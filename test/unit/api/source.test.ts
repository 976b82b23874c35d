import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  completeUntil,
  type DayStatus,
  MAX_RAW_HOURS,
  type Needs,
  planSources,
  rangesOf,
  type Segment,
  sourcesOf,
} from "../../../workers/api/queries/source.ts";
import { bucketStarts } from "../../../workers/api/range.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ALL = 0xff_ff_ff;
const T0 = Date.UTC(2026, 2, 1);
const FAR = T0 + 1_000 * DAY;
const whole: Needs = { cuts: [], rollups: true };

const clean = (day: number): DayStatus => ({ day, touched: ALL, done: ALL, dirty: 0, rolled: true });
const days = (count: number, make: (day: number, i: number) => DayStatus = clean): DayStatus[] =>
  Array.from({ length: count }, (_, i) => make(T0 + i * DAY, i));
const short = (segments: readonly Segment[]): string[] =>
  segments.map(({ source, from, to }) => `${source} ${(from - T0) / HOUR}..${(to - T0) / HOUR}`);

describe("a plan", () => {
  it("reads rolled-up days as days, and what sticks out of them as hours and raw", () => {
    const range = { from: T0 + 90 * MINUTE, to: T0 + 3 * DAY + 5 * HOUR + 1 };
    expect(short(planSources(days(4), range, whole, FAR).segments)).toEqual([
      "raw 1.5..2",
      "hourly 2..24",
      "daily 24..72",
      "hourly 72..77",
      `raw 77..${77 + 1 / HOUR}`,
    ]);
  });

  it("reads days without events as if they were rolled up, and never the running hour or what follows", () => {
    const now = T0 + DAY + 10.5 * HOUR;
    expect(short(planSources([], { from: T0, to: T0 + 3 * DAY }, whole, now).segments)).toEqual([
      "daily 0..24",
      "hourly 24..34",
      "raw 34..72",
    ]);
  });

  it("reads a dirty hour raw, and its day by hours until the day is rolled up again", () => {
    const dirty = days(3, (day, i) => (i === 1 ? { ...clean(day), dirty: 1 << 7, rolled: false } : clean(day)));
    const plan = planSources(dirty, { from: T0, to: T0 + 3 * DAY }, whole, FAR);
    expect(short(plan.segments)).toEqual([
      "daily 0..24",
      "hourly 24..31",
      "raw 31..32",
      "hourly 32..48",
      "daily 48..72",
    ]);
    expect(plan.staleHours).toEqual([]);
    expect(sourcesOf(plan)).toEqual(["daily", "hourly", "raw"]);
    expect(rangesOf(plan.segments, "raw")).toEqual([{ from: T0 + 31 * HOUR, to: T0 + 32 * HOUR }]);
    // A day run that is said to be done does not hide a dirty hour.
    const contradicting = dirty.map((day) => ({ ...day, rolled: true }));
    expect(planSources(contradicting, { from: T0, to: T0 + 3 * DAY }, whole, FAR).segments).toEqual(plan.segments);
  });

  it("takes the older run of dirty hours beyond the most that are read raw, the newest raw, and says which", () => {
    const dirty = days(2, (day) => ({ ...clean(day), dirty: ALL, rolled: false }));
    const range = { from: T0, to: T0 + 2 * DAY };
    const plan = planSources(dirty, range, whole, FAR);
    const older = 48 - MAX_RAW_HOURS;
    expect(short(plan.segments)).toEqual([`hourly 0..${older}`, `raw ${older}..48`]);
    expect(plan.staleHours).toEqual(Array.from({ length: older }, (_, i) => T0 + i * HOUR));
    expect(completeUntil([plan], range, FAR)).toBe(T0);
  });

  it("reads every hour raw that has no run at all, however many", () => {
    const fresh = days(10, (day) => ({ day, touched: ALL, done: 0, dirty: ALL, rolled: false }));
    const range = { from: T0, to: T0 + 10 * DAY };
    expect(planSources(fresh, range, whole, FAR)).toEqual({
      segments: [{ source: "raw", ...range }],
      staleHours: [],
    });
    expect(completeUntil([], range, T0 + DAY)).toBe(T0 + DAY);
  });

  it("reads all raw when something asked for is in no rollup", () => {
    const range = { from: T0, to: T0 + 10 * DAY };
    expect(planSources(days(10), range, { ...whole, rollups: false }, FAR).segments).toEqual([
      { source: "raw", ...range },
    ]);
  });

  it("lets no rollup span a cut: days by hours, hours raw", () => {
    const range = { from: T0, to: T0 + 2 * DAY };
    const cuts = [T0 + 22 * HOUR, T0 + DAY, T0 + 30.5 * HOUR];
    expect(short(planSources(days(2), range, { ...whole, cuts }, FAR).segments)).toEqual([
      "hourly 0..30",
      "raw 30..31",
      "hourly 31..48",
    ]);
  });

  it("uses windows for steps inside an hour, where they are final, aligned and still kept", () => {
    const range = { from: T0, to: T0 + 3 * HOUR + 30_000 };
    const cuts = bucketStarts(range, MINUTE);
    const windows = { stepMs: 10_000, since: T0 + HOUR };
    const status = [{ ...clean(T0), dirty: 1 << 2, rolled: false }];
    const plan = (to: number) =>
      short(planSources(status, { ...range, to }, { ...whole, cuts, windows }, FAR).segments);
    expect(plan(range.to)).toEqual(["raw 0..1", "window 1..2", "raw 2..3", `window 3..${3 + 1 / 120}`]);
    expect(plan(range.to + 1)).toEqual(["raw 0..1", "window 1..2", `raw 2..${3 + 30_001 / HOUR}`]);
  });
});

const mask = fc.integer({ min: 0, max: ALL });
const anyDay = fc
  .record({ i: fc.integer({ min: 0, max: 39 }), touched: mask, done: mask, late: mask, rolled: fc.boolean() })
  .map(({ i, touched, done, late, rolled }) => {
    const ran = touched & done;
    return { day: T0 + i * DAY, touched, done: ran, dirty: touched & (late | ~ran), rolled };
  });
const anyStatus = fc.uniqueArray(anyDay, { selector: ({ day }) => day, maxLength: 40 });
const anyRange = fc
  .tuple(
    fc.integer({ min: -2 * DAY, max: 40 * DAY }),
    fc.integer({ min: 1, max: 40 * DAY }),
    fc.constantFrom(1, MINUTE, HOUR, DAY),
  )
  .map(([offset, length, align]) => {
    const from = T0 + Math.floor(offset / align) * align;
    return { from, to: from + Math.max(align, Math.floor(length / align) * align) };
  });
const anyNeeds = (range: { from: number; to: number }) =>
  fc
    .record({
      step: fc.constantFrom(undefined, 10 * MINUTE, HOUR, DAY, 7 * DAY),
      zoneMs: fc.constantFrom(0, HOUR, -5 * HOUR, 5.5 * HOUR, 5.75 * HOUR),
      since: fc.option(fc.integer({ min: 0, max: 40 * DAY }), { nil: undefined }),
    })
    .map(
      ({ step, zoneMs, since }): Needs => ({
        rollups: true,
        cuts: step === undefined ? [] : bucketStarts(range, step).map((start) => start - zoneMs),
        windows: since === undefined ? undefined : { stepMs: 10_000, since: T0 + since },
      }),
    );
const anyQuestion = anyRange.chain((range) =>
  fc.record({
    range: fc.constant(range),
    needs: anyNeeds(range),
    status: anyStatus,
    now: fc.integer({ min: T0, max: T0 + 60 * DAY }),
  }),
);

describe("for random statuses, ranges, intervals, zones and clocks", () => {
  it("segments cover the range without gap or overlap, on borders that their source has", () => {
    fc.assert(
      fc.property(anyQuestion, ({ range, needs, status, now }) => {
        const { segments } = planSources(status, range, needs, now);
        expect(segments[0]?.from).toBe(range.from);
        expect(segments.at(-1)?.to).toBe(range.to);
        segments.forEach(({ source, from, to }, i) => {
          expect(from).toBeLessThan(to);
          if (i > 0) expect([segments[i - 1]?.to, segments[i - 1]?.source === source]).toEqual([from, false]);
          const step = { daily: DAY, hourly: HOUR, window: 10_000, raw: 1 }[source];
          expect([from % step, to % step]).toEqual([0, 0]);
        });
      }),
    );
  });

  it("no rollup is read across a cut, in the running hour, or where newer events are, except what is said to be stale", () => {
    fc.assert(
      fc.property(anyQuestion, ({ range, needs, status, now }) => {
        const { segments, staleHours } = planSources(status, range, needs, now);
        const stale = new Set(staleHours);
        const byDay = new Map(status.map((day) => [day.day, day]));
        const dirtyAt = (hour: number): boolean => {
          const day = Math.floor(hour / DAY) * DAY;
          return ((byDay.get(day)?.dirty ?? 0) & (1 << ((hour - day) / HOUR))) !== 0;
        };
        for (const { source, from, to } of segments) {
          if (source === "raw") continue;
          expect(to).toBeLessThanOrEqual(Math.floor(now / HOUR) * HOUR);
          const step = { daily: DAY, hourly: HOUR, window: 10_000 }[source];
          for (const cut of needs.cuts.filter((one) => from < one && one < to)) expect(cut % step).toBe(0);
          for (let hour = Math.floor(from / HOUR) * HOUR; hour < to; hour += HOUR) {
            expect([hour, dirtyAt(hour)]).toEqual([hour, stale.has(hour)]);
            if (stale.has(hour)) expect(source).toBe("hourly");
          }
        }
      }),
    );
  });
});
