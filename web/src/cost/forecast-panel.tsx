/** Where this month's cost is going, whatever range the page shows: figures with their method, and the course. Used by Cost. */
import { type ReactElement, useMemo } from "react";
import { TimeseriesAnswerSchema } from "../../../schema/api/metrics.ts";
import { useApi } from "../api/query.ts";
import type { View } from "../app/use-view.ts";
import { ChartPanel } from "../chart/chart-panel.tsx";
import { formatUsd, formatUsdExact } from "../format/money.ts";
import { formatDay } from "../format/time.ts";
import { unitFormat } from "../format/unit.ts";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer } from "../ui/states.tsx";
import { useNow } from "../ui/use-now.ts";
import { type Forecast, forecastMonth, LEAST_DAYS } from "./forecast.ts";
import { courseData, forecastRange } from "./forecast-data.ts";

const MINUTE_MS = 60_000;
const MONEY = unitFormat("nano_usd");

export function ForecastPanels({ view }: { view: View }): ReactElement {
  // Nothing here changes within a minute.
  const now = Math.floor(useNow(MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  const daily = useApi(
    "/api/v1/metrics/timeseries",
    { ...view.params, ...forecastRange(now), metric: "cost_nano_usd", interval: "1d", timezone: view.timezone },
    TimeseriesAnswerSchema,
  );
  const answer = daily.data;
  const forecast = useMemo(
    () =>
      answer === undefined
        ? undefined
        : forecastMonth({ times: answer.times, values: answer.series[0]?.values ?? [] }, now, answer.timezone),
    [answer, now],
  );
  const course = { ...daily, data: forecast };
  return (
    <div className="grid grid-cols-1 gap-4 md:grid-cols-[minmax(0,2fr)_minmax(0,5fr)]">
      <Panel title="Month-end forecast" className="min-h-72" busy={daily.isPlaceholderData}>
        <Answer query={daily} what="the forecast">
          {() => (forecast === undefined ? null : <Figures forecast={forecast} />)}
        </Answer>
      </Panel>
      <ChartPanel
        title="This month"
        note="cost since the 1st"
        query={course}
        toData={courseData}
        kind="line"
        format={MONEY.short}
        formatExact={MONEY.exact}
        whole={MONEY.whole}
        least={MONEY.least}
      />
    </div>
  );
}

function Figures({ forecast }: { forecast: Forecast }): ReactElement {
  const zone = useZone();
  const { days, monthToDate, course } = forecast;
  const lastDay = course.at(-1)?.start ?? 0;
  return (
    <div className="grid gap-4 px-4 pb-4">
      {forecast.kind === "forecast" ? (
        <dl data-forecast="expected">
          <dt className="text-2 text-muted">Expected by the end of {formatDay(lastDay, zone)}</dt>
          <dd>
            <span className="tile-value" title={formatUsdExact(forecast.expected)}>
              {formatUsd(forecast.expected)}
            </span>
            <span
              className="text-2 text-muted"
              title={`${formatUsdExact(forecast.low)} to ${formatUsdExact(forecast.high)}`}
            >
              80 % range: {formatUsd(forecast.low)} to {formatUsd(forecast.high)}
            </span>
          </dd>
        </dl>
      ) : (
        <div data-forecast="too-little">
          <h3 className="text-4 font-semibold">Too little data for a forecast</h3>
          <p className="text-2 text-muted">
            It takes {LEAST_DAYS} whole days since the first cost; there {days === 1 ? "is 1" : `are ${days}`} so far.
          </p>
        </div>
      )}
      <dl>
        <dt className="text-2 text-muted">Spent this month</dt>
        <dd className="text-5 font-semibold" title={formatUsdExact(monthToDate)}>
          {formatUsd(monthToDate)}
        </dd>
      </dl>
      {forecast.kind === "forecast" ? (
        <p className="text-2 text-muted">
          Weekday average: each day to come is taken to cost the average of its weekday over the last {days} whole days;
          the range is made of how far those days fell from that average. Filters apply; unpriced tokens are in no
          figure.
        </p>
      ) : null}
    </div>
  );
}
