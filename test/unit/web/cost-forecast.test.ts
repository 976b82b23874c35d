/** The month-end forecast: what it takes for known, the weekday pattern, how wide its range is, months, days and zones of every kind. */
import { describe, expect, it } from "vitest";
import { BASIS_DAYS, forecastMonth, LEAST_DAYS } from "../../../web/src/cost/forecast.ts";
import { courseData, forecastRange } from "../../../web/src/cost/forecast-data.ts";

const DAY = 86_400_000;
const USD = 1_000_000_000;
const NOW = Date.parse("2026-11-22T15:00:00Z");
const WEEKEND = [0, 6];

/** UTC days from `first` on; `cost` in whole USD by day, nothing after `now`. */
function daily(first: string, days: number, cost: (weekday: number, index: number) => number, now = NOW) {
  const start = Date.parse(`${first}T00:00:00Z`);
  const times = Array.from({ length: days }, (_, i) => new Date(start + i * DAY).toISOString());
  const values = times.map((time, i) => {
    const at = Date.parse(time);
    return at > now ? "0" : String(Math.round(cost(new Date(at).getUTCDay(), i) * USD));
  });
  return { times, values };
}
const usd = (amount: bigint): number => Number(amount) / USD;
function forecastOf(...asked: Parameters<typeof forecastMonth>) {
  const forecast = forecastMonth(...asked);
  if (forecast?.kind !== "forecast") throw new Error(`a forecast, not ${forecast?.kind}`);
  return forecast;
}

describe("the month-end forecast", () => {
  it("adds the average of each weekday to come to what was spent", () => {
    // Weekdays cost 10, weekends 1; 1 Nov 2026 is a Sunday.
    const forecast = forecastOf(
      daily("2026-10-08", 78, (weekday) => (WEEKEND.includes(weekday) ? 1 : 10)),
      NOW,
      "UTC",
    );
    expect(forecast.days).toBe(BASIS_DAYS);
    // 1 to 22 November: 15 weekdays and 7 days of weekends. Until the 30th: 6 weekdays and 2 days of weekends more.
    expect(usd(forecast.monthToDate)).toBe(157);
    expect(usd(forecast.expected)).toBe(157 + 62);
    // Every day is as its weekday: nothing says that it could be otherwise.
    expect([forecast.low, forecast.high]).toEqual([forecast.expected, forecast.expected]);
  });

  it("takes today for its weekday's average until today has cost more", () => {
    const usual = (today: number) => (_weekday: number, i: number) => (i === 45 ? today : 10);
    const first = "2026-10-08";
    expect(daily(first, 46, usual(3)).times.at(-1)).toBe("2026-11-22T00:00:00.000Z");
    expect(usd(forecastOf(daily(first, 78, usual(3)), NOW, "UTC").expected)).toBe(300);
    expect(usd(forecastOf(daily(first, 78, usual(30)), NOW, "UTC").expected)).toBe(320);
    expect(usd(forecastOf(daily(first, 78, usual(3)), NOW, "UTC").monthToDate)).toBe(213);
  });

  it("says that there is too little data, and what was spent, before two whole weeks", () => {
    const since = (days: number) => daily("2026-10-08", 78, (_weekday, i) => (i >= 45 - days ? 5 : 0));
    const short = forecastMonth(since(LEAST_DAYS - 1), NOW, "UTC");
    expect(short).toMatchObject({ kind: "too-little", days: LEAST_DAYS - 1, monthToDate: BigInt(14 * 5 * USD) });
    expect(short?.course.every(({ expected }) => expected === null)).toBe(true);
    expect(forecastMonth(since(LEAST_DAYS), NOW, "UTC")?.kind).toBe("forecast");
    expect(
      forecastMonth(
        daily("2026-10-08", 78, () => 0),
        NOW,
        "UTC",
      ),
    ).toMatchObject({
      kind: "too-little",
      days: 0,
      monthToDate: 0n,
    });
    expect(forecastMonth({ times: [], values: [] }, NOW, "UTC")).toBeUndefined();
  });

  it("counts days without cost once there was one, and never the part of a day it begins with", () => {
    const days = daily("2026-11-01", 60, (_weekday, i) => (i === 0 ? 1_000 : i === 1 || i > 15 ? 10 : 0));
    expect(forecastOf(days, NOW, "UTC").days).toBe(20);
  });

  it("on the last day of a month expects no more than that day", () => {
    const now = Date.parse("2026-11-30T23:00:00Z");
    const forecast = forecastOf(
      daily("2026-10-16", 78, () => 10, now),
      now,
      "UTC",
    );
    expect(usd(forecast.expected)).toBe(300);
    expect(forecast.course).toHaveLength(30);
  });

  it("never expects less than was spent, not even at the low end", () => {
    const wild = daily("2026-10-08", 78, (_weekday, i) => (i % 5 === 0 ? 100 : 0));
    const { low, high, monthToDate, expected } = forecastOf(wild, NOW, "UTC");
    expect(low >= monthToDate && low < expected && high > expected).toBe(true);
  });

  it("has the true cost in its 80 % range about four times in five", () => {
    const random = generator(7);
    let inside = 0;
    const rounds = 400;
    for (let round = 0; round < rounds; round++) {
      const cost = (weekday: number) => Math.max(0, (WEEKEND.includes(weekday) ? 20 : 100) + 15 * normal(random));
      const truth = daily("2026-10-08", 78, cost, Number.POSITIVE_INFINITY);
      const known = { ...truth, values: truth.values.map((value, i) => (i > 44 ? "0" : value)) };
      const month = truth.values.slice(24, 54).reduce((sum, value) => sum + BigInt(value), 0n);
      // At the start of the 22nd: nothing of that day is known.
      const { low, high } = forecastOf(known, Date.parse("2026-11-22T00:00:01Z"), "UTC");
      if (month >= low && month <= high) inside++;
    }
    expect(inside / rounds).toBeGreaterThan(0.74);
    expect(inside / rounds).toBeLessThan(0.86);
  });

  it("adds amounts that no double holds exactly", () => {
    const huge = "9007199254740993001";
    const days = daily("2026-10-08", 78, () => 1);
    const values = days.values.map((value) => (value === "0" ? "0" : huge));
    const { monthToDate, expected } = forecastOf({ times: days.times, values }, NOW, "UTC");
    expect(monthToDate).toBe(22n * BigInt(huge));
    expect(expected).toBe(30n * BigInt(huge));
  });

  it("cuts months and weekdays in the viewer's zone, also where days have 23 or 25 hours", () => {
    // Berlin: the clock goes back on 25 October 2026, and midnight is 22:00 UTC before and 23:00 after.
    const times: string[] = [];
    for (let day = Date.UTC(2026, 9, 8); day < Date.UTC(2026, 11, 8); day += DAY) {
      const summer = day <= Date.UTC(2026, 9, 25);
      times.push(new Date(day - (summer ? 2 : 1) * 3_600_000).toISOString());
    }
    const now = Date.parse("2026-11-22T23:30:00Z");
    const values = times.map((time) => (Date.parse(time) <= now ? String(10 * USD) : "0"));
    const forecast = forecastOf({ times, values }, now, "Europe/Berlin");
    // It is the 23rd already.
    expect(usd(forecast.monthToDate)).toBe(230);
    expect(usd(forecast.expected)).toBe(300);
    expect(forecast.course[0]?.start).toBe(Date.parse("2026-10-31T23:00:00Z"));
    expect(forecast.course).toHaveLength(30);
  });
});

describe("the forecast's picture", () => {
  it("shows what was spent until today, and from today on what is expected", () => {
    const { starts, series, end } = courseData(
      forecastOf(
        daily("2026-10-08", 78, () => 10),
        NOW,
        "UTC",
      ),
    );
    expect(starts).toHaveLength(30);
    expect(end).toBe(Date.parse("2026-12-01T00:00:00Z"));
    const [spent, expected] = series;
    expect(spent?.values.slice(20, 24)).toEqual([210, 220, null, null]);
    expect(expected?.values.slice(20, 23)).toEqual([null, 220, 230]);
    expect([spent?.total, expected?.total, expected?.before]).toEqual([220, 300, true]);
  });

  it("shows only what was spent while there is no forecast", () => {
    const forecast = forecastMonth(
      daily("2026-10-08", 78, (_weekday, i) => (i > 40 ? 5 : 0)),
      NOW,
      "UTC",
    );
    if (forecast === undefined) throw new Error("an answer");
    expect(courseData(forecast).series.map(({ label }) => label)).toEqual(["Spent"]);
  });

  it("asks from before the month to after it, the same for a quarter of an hour", () => {
    const { from, to } = forecastRange(Date.parse("2026-12-31T23:59:00Z"));
    expect(from < "2026-11-30" && to > "2027-01-01T23").toBe(true);
    expect(forecastRange(NOW + 60_000)).toEqual(forecastRange(NOW));
  });
});

/** Numbers in [0, 1), the same every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
