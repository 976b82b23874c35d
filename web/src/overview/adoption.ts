/** Active users of the answer of /api/v1/metrics/active-users as chart data: by day, week and month, of all or of one team. Pure. */
import type { ActiveUsersAnswer } from "../../../schema/api/insights.ts";
import { seriesToken, type TimeData } from "../chart/time-data.ts";

const WINDOWS = [
  { key: "daily", label: "of the day" },
  { key: "weekly", label: "of 7 days" },
  { key: "monthly", label: "of 30 days" },
] as const;
export type AdoptionWindow = (typeof WINDOWS)[number]["key"];

const DAY_MS = 86_400_000;
const NOT_GIVEN = "no team";

/** With one series (no teams): its three windows. With teams: the chosen window of each team. */
export function adoptionData(
  answer: Pick<ActiveUsersAnswer, "days" | "series" | "to">,
  window: AdoptionWindow,
): TimeData {
  const starts = answer.days.map((day) => Date.parse(day));
  const end = Math.max(Date.parse(answer.to), (starts.at(-1) ?? 0) + DAY_MS);
  const [only] = answer.series;
  if (answer.series.length <= 1 && (only === undefined || only.team === null)) {
    return {
      starts,
      end,
      series: WINDOWS.map(({ key, label }, i) => ({
        key,
        label,
        token: seriesToken(i),
        values: only === undefined ? starts.map(() => 0) : only[key],
        total: only?.[key].at(-1) ?? 0,
      })),
    };
  }
  return {
    starts,
    end,
    series: answer.series.map((series, i) => ({
      key: `team ${series.team ?? ""}`,
      label: series.team === null || series.team === "" ? NOT_GIVEN : series.team,
      token: seriesToken(i),
      values: series[window],
      total: series[window].at(-1) ?? 0,
    })),
  };
}
