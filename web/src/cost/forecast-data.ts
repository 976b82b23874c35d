/** The range a forecast asks for, and its course as a chart. Pure. */
import type { TimeData, TimeSeries } from "../chart/time-data.ts";
import type { Forecast } from "./forecast.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** From before the month and the days looked back on: 31, and some more. */
const BACK_MS = 45 * DAY_MS;
/** To the end of the longest month. */
const AHEAD_MS = 32 * DAY_MS;
/** So long everyone asks the same question. */
const STEP_MS = HOUR_MS / 4;

/** Parameters of the daily series, as of `now`. */
export function forecastRange(now: number): { from: string; to: string } {
  const at = Math.floor(now / STEP_MS) * STEP_MS;
  return { from: new Date(at - BACK_MS).toISOString(), to: new Date(at + AHEAD_MS).toISOString() };
}

/** The cost since the month began, day by day: spent, and expected from today on. */
export function courseData(forecast: Forecast): TimeData {
  const { course, monthToDate } = forecast;
  const usd = (nano: bigint | null): number | null => (nano === null ? null : Number(nano) / 1e9);
  const spent: TimeSeries = {
    key: "spent",
    label: "Spent",
    token: "--series-1",
    values: course.map((day) => usd(day.spent)),
    total: usd(monthToDate),
  };
  const expected: TimeSeries[] =
    forecast.kind === "too-little"
      ? []
      : [
          {
            key: "expected",
            label: "Expected",
            token: "--series-before",
            values: course.map((day) => usd(day.expected)),
            total: usd(forecast.expected),
            before: true,
          },
        ];
  return {
    starts: course.map(({ start }) => start),
    end: (course.at(-1)?.start ?? 0) + DAY_MS,
    series: [spent, ...expected],
  };
}
