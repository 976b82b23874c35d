/** An answer over time as a chart of one of its measures. Used by Explore's preview and by dashboards. */
import { type ReactElement, useState } from "react";
import { type TimeseriesAnswer, TimeseriesAnswerSchema } from "../../../schema/api/metrics.ts";
import type { QueryAnswer } from "../../../schema/api/query.ts";
import { useApi } from "../api/query.ts";
import type { View } from "../app/use-view.ts";
import { ChartPanel, type ChartPanelProps } from "../chart/chart-panel.tsx";
import { formatExact } from "../format/number.ts";
import type { Asked } from "../ui/states.tsx";
import { answerChart, chartable, MAX_SERIES } from "./answer-chart.ts";
import { unitWords } from "./answer-values.ts";

/** Nothing where no measure of the answer has a scale. */
export function AnswerOverTime({
  view,
  query,
  onZoom,
  title,
  ...rest
}: {
  view: View;
  query: Asked<QueryAnswer>;
  onZoom(from: number, to: number): void;
} & Pick<ChartPanelProps<unknown>, "title" | "height" | "actions" | "compact">): ReactElement | null {
  const [chosen, setChosen] = useState(0);
  const answer = query.data;
  // The steps as the API cuts them: an answer names only those that have events.
  const steps = useApi(
    "/api/v1/metrics/timeseries",
    { ...view.params, metric: "events", interval: answer?.interval ?? "auto", timezone: view.timezone },
    TimeseriesAnswerSchema,
    { enabled: answer?.interval !== undefined && answer.interval !== null },
  );
  const measures = answer === undefined ? [] : chartable(answer);
  if (answer !== undefined && measures.length === 0) return null;
  const measure = measures.find(({ index }) => index === chosen) ?? measures[0] ?? { name: "", index: 0 };
  const unit = answer?.measures[measure.index]?.unit ?? "none";
  const words = unitWords(unit);
  const both: Asked<readonly [QueryAnswer, TimeseriesAnswer | undefined, number]> = {
    data: answer === undefined ? undefined : [answer, steps.data, measure.index],
    error: query.error,
    refetch: query.refetch,
    isPlaceholderData: query.isPlaceholderData,
  };
  const groups = answer === undefined ? 0 : answerChart(answer, measure.index, []).groups;
  return (
    <ChartPanel
      // The panel makes new data for a new answer only; these make a new chart of the same answer.
      key={`${measure.index} ${steps.data?.times.length ?? 0}`}
      {...rest}
      title={title}
      note={groups > MAX_SERIES ? `the largest ${MAX_SERIES} of ${formatExact(groups)} groups` : undefined}
      query={both}
      toData={([one, cut, index]) => answerChart(one, index, cut?.interval === one.interval ? cut.times : []).data}
      kind="line"
      format={words.short}
      formatExact={words.exact}
      whole={words.whole}
      least={words.least}
      steps={words.steps}
      onZoom={onZoom}
      controls={
        measures.length < 2 ? null : (
          <select
            className="select min-w-0 border-line-strong max-sm:max-w-28"
            aria-label={`${title}: measure in the chart`}
            value={measure.index}
            onChange={(event) => setChosen(Number(event.target.value))}
          >
            {measures.map(({ name, index }) => (
              <option key={index} value={index}>
                {name}
              </option>
            ))}
          </select>
        )
      }
    />
  );
}
