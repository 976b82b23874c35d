import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../schema/limits.ts";
import {
  CLAIM_MS,
  type DayState,
  dueOf,
  generationOf,
  type HourState,
  isDayDue,
  isDirty,
  MARGIN_MS,
  nextTry,
  planJobs,
  slicesOf,
} from "../../../workers/shared/rollup-plan.ts";
import { planDays } from "../../../workflows/rollup/days.ts";

const HOUR = 480_000 * HOUR_MS;
const END = HOUR + HOUR_MS;
const hourOf = (fields: Partial<HourState> = {}): HourState => ({
  orgId: "org",
  hour: HOUR,
  touchedAt: HOUR + 30 * MINUTE_MS,
  done: "0",
  watermark: 0,
  sessionsDone: "0",
  runningSince: 0,
  failures: 0,
  failedAt: 0,
  error: "",
  ...fields,
});
const doneAt = (start: number, fields: Partial<HourState> = {}): HourState =>
  hourOf({ done: "7", sessionsDone: "7", watermark: start - MARGIN_MS, ...fields });

describe("an hour", () => {
  it("is first due two minutes after its end, or a minute after its last events, or ten minutes after its end at the latest", () => {
    expect(dueOf(hourOf(), END + 119 * SECOND_MS)).toBe("later");
    expect(dueOf(hourOf(), END + 120 * SECOND_MS)).toBe("hour");
    const late = hourOf({ touchedAt: END + 119 * SECOND_MS });
    expect(dueOf(late, END + 120 * SECOND_MS)).toBe("later");
    expect(dueOf(late, END + 179 * SECOND_MS)).toBe("hour");
    const now = END + 10 * MINUTE_MS;
    expect(dueOf(hourOf({ touchedAt: now - 1 }), now)).toBe("hour");
  });

  it("is clean when what it saw began a margin after the last events, and dirty again by later ones", () => {
    const touchedAt = END;
    expect(isDirty(doneAt(touchedAt + MARGIN_MS, { touchedAt }))).toBe(false);
    expect(isDirty(doneAt(touchedAt + MARGIN_MS - 1, { touchedAt }))).toBe(true);
    expect(isDirty(hourOf())).toBe(true);
  });

  it("that never gets quiet is recomputed every 10 min while younger than 3 h, then every 30", () => {
    const young = END + HOUR_MS;
    const old = END + 4 * HOUR_MS;
    const busy = (start: number, now: number) => dueOf(doneAt(start, { touchedAt: now - 1 }), now);
    expect(busy(young - 10 * MINUTE_MS + 1, young)).toBe("later");
    expect(busy(young - 10 * MINUTE_MS, young)).toBe("hour");
    expect(busy(old - 29 * MINUTE_MS, old)).toBe("later");
    expect(busy(old - 30 * MINUTE_MS, old)).toBe("hour");
    expect(dueOf(doneAt(old - 5 * MINUTE_MS, { touchedAt: old - 2 * MINUTE_MS }), old)).toBe("hour");
  });

  it("is left alone while another computes it, and not for ever", () => {
    const now = END + DAY_MS;
    expect(dueOf(hourOf({ runningSince: now - CLAIM_MS + 1 }), now)).toBe("later");
    expect(dueOf(hourOf({ runningSince: now - CLAIM_MS }), now)).toBe("hour");
  });

  it("that failed is tried again after 1, 2, 4, ... minutes, at most an hour", () => {
    const minutes = [1, 2, 3, 4, 7, 20].map((failures) => nextTry({ failures, failedAt: 0 }) / MINUTE_MS);
    expect(minutes).toEqual([1, 2, 4, 8, 60, 60]);
    const now = END + DAY_MS;
    expect(dueOf(hourOf({ failures: 2, failedAt: now - 2 * MINUTE_MS + 1 }), now)).toBe("later");
    expect(dueOf(hourOf({ failures: 2, failedAt: now - 2 * MINUTE_MS }), now)).toBe("hour");
  });

  it("whose sessions are behind needs only those", () => {
    const now = END + DAY_MS;
    expect(dueOf(doneAt(now - HOUR_MS, { sessionsDone: "6" }), now)).toBe("sessions");
    expect(dueOf(doneAt(now - HOUR_MS), now)).toBe("later");
  });
});

describe("a plan", () => {
  const now = END + 10 * DAY_MS;

  it("takes the newest hours first, those of a tenant and day together, and no more than it may", () => {
    const states = Array.from({ length: 30 }, (_, n) => hourOf({ hour: HOUR + n * HOUR_MS, touchedAt: HOUR }));
    const jobs = planJobs([...states, hourOf({ orgId: "other", hour: HOUR })], now, 20);
    expect(jobs.flatMap(({ hours }) => hours)).toHaveLength(20);
    for (const { hours } of jobs) {
      expect(new Set(hours.map((hour) => Math.floor(hour / DAY_MS))).size).toBe(1);
      expect(hours).toEqual([...hours].sort((a, b) => a - b));
    }
    expect(Math.max(...(jobs[0]?.hours ?? []))).toBe(HOUR + 29 * HOUR_MS);
    expect(jobs.some(({ orgId }) => orgId === "other")).toBe(false);
  });

  it("leaves an hour that failed by itself", () => {
    const states = [0, 1, 2].map((n) =>
      hourOf({ hour: HOUR + n * HOUR_MS, touchedAt: HOUR, ...(n === 1 ? { failures: 1, failedAt: 1 } : {}) }),
    );
    expect(
      planJobs(states, now)
        .map(({ hours }) => hours.length)
        .sort(),
    ).toEqual([1, 2]);
  });
});

describe("slices", () => {
  it("cover each hour's events once, with no window of 10 s in two of them, each small enough if it can be", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 24 }), (rows) => {
        const hours = rows.map((_, n) => HOUR + n * HOUR_MS);
        const rowsOf = (hour: number): number => rows[(hour - HOUR) / HOUR_MS] ?? 0;
        const slices = slicesOf(hours, rowsOf, 100);
        const minutes = slices.flatMap(({ from, to, hours: inside }) => {
          expect(from % MINUTE_MS).toBe(0);
          const all = Array.from({ length: (to - from) / MINUTE_MS }, (_, n) => from + n * MINUTE_MS);
          return all.filter((at) => inside.includes(Math.floor(at / HOUR_MS) * HOUR_MS));
        });
        expect(minutes.sort((a, b) => a - b)).toEqual(
          hours.flatMap((hour) => Array.from({ length: 60 }, (_, n) => hour + n * MINUTE_MS)),
        );
        for (const { from, to, hours: inside } of slices) {
          const share =
            inside.reduce((sum, hour) => sum + rowsOf(hour), 0) * (inside.length === 1 ? (to - from) / HOUR_MS : 1);
          expect(share).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});

describe("a generation", () => {
  it("is greater than any drawn a millisecond before, and fits UInt64 for centuries", () => {
    expect(BigInt(generationOf(1_001, 0))).toBeGreaterThan(BigInt(generationOf(1_000, 0.999_999_999)));
    expect(BigInt(generationOf(Date.UTC(2400, 0, 1), 0.999))).toBeLessThan(2n ** 64n);
    expect(generationOf(5, 0.25)).not.toBe(generationOf(5, 0.5));
  });
});

describe("a day", () => {
  const DAY = 20_000 * DAY_MS;
  const dayOf = (fields: Partial<DayState> = {}): DayState => ({
    orgId: "org",
    day: DAY,
    dirtyHours: 0,
    runningHours: 0,
    hoursDone: "9",
    done: "0",
    watermark: 0,
    failures: 0,
    failedAt: 0,
    error: "",
    ...fields,
  });
  const end = DAY + DAY_MS;

  it("is due once it is over and an hour is newer than it, and none is being computed", () => {
    expect(isDayDue(dayOf(), end - 1)).toBe(false);
    expect(isDayDue(dayOf(), end)).toBe(true);
    expect(isDayDue(dayOf({ runningHours: 1 }), end)).toBe(false);
    expect(isDayDue(dayOf({ done: "9" }), end)).toBe(false);
  });

  it("waits for its dirty hours, half an hour at most", () => {
    expect(isDayDue(dayOf({ dirtyHours: 1 }), end + 30 * MINUTE_MS)).toBe(false);
    expect(isDayDue(dayOf({ dirtyHours: 1 }), end + 30 * MINUTE_MS + 1)).toBe(true);
  });

  it("goes with others of its tenant, 31 at most, alone when it failed", () => {
    const days = Array.from({ length: 40 }, (_, n) =>
      dayOf({ day: DAY - n * DAY_MS, ...(n === 3 ? { failures: 1, failedAt: 1 } : {}) }),
    );
    const jobs = planDays(days, end);
    expect(jobs.map(({ days: list }) => list.length).sort((a, b) => a - b)).toEqual([1, 8, 31]);
  });
});
