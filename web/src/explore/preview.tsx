/** The answer to the question in the builder: a chart when time is a dimension, a table with CSV, or why there is none. Used by explore-page.tsx. */
import { type ReactElement, useState } from "react";
import { type TimeseriesAnswer, TimeseriesAnswerSchema } from "../../../schema/api/metrics.ts";
import type { QueryAnswer, Question } from "../../../schema/api/query.ts";
import { failureOf, useApi } from "../api/query.ts";
import { useQuestion } from "../app/use-question.ts";
import type { View } from "../app/use-view.ts";
import { ChartPanel } from "../chart/chart-panel.tsx";
import { formatExact } from "../format/number.ts";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import { DataTable, ROW_HEIGHT } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer, type Asked, Empty, PartFailure } from "../ui/states.tsx";
import { answerChart, chartable, MAX_SERIES } from "./answer-chart.ts";
import { type AnswerRow, answerColumns, answerRowsOf } from "./answer-columns.tsx";
import { unitWords } from "./answer-values.ts";
import { adviceOn } from "./refusal.ts";

const TABLE_HEAD = 32;
/** CSS pixels; a longer table scrolls. */
const MAX_TABLE = 480;

export function Preview({
  view,
  question,
  onZoom,
}: {
  view: View;
  question: Question;
  onZoom(from: number, to: number): void;
}): ReactElement {
  const { timezone: _, ...asked } = question;
  const query = useQuestion(view, asked);
  if (query.error !== null && query.data === undefined) return <NoAnswer query={query} />;
  return (
    <div className="grid min-w-0 content-start gap-4">
      {question.dimensions.includes("time") ? <Chart view={view} query={query} onZoom={onZoom} /> : null}
      <Table query={query} />
    </div>
  );
}

function NoAnswer({ query }: { query: Asked<QueryAnswer> }): ReactElement | null {
  if (query.error === null) return null;
  const failure = failureOf(query.error);
  const advice = failure === null ? null : adviceOn(failure);
  return (
    <Panel title="No answer">
      <div className="min-h-64">
        <PartFailure error={query.error} onRetry={() => void query.refetch()} />
        {advice === null ? null : <p className="px-6 pb-6 text-center text-muted">{advice}</p>}
      </div>
    </Panel>
  );
}

function Chart({
  view,
  query,
  onZoom,
}: {
  view: View;
  query: Asked<QueryAnswer>;
  onZoom(from: number, to: number): void;
}): ReactElement | null {
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
      title="Over time"
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
            aria-label="Measure in the chart"
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

function Table({ query }: { query: Asked<QueryAnswer> }): ReactElement {
  const zone = useZone();
  const answer = query.data;
  const rows = answer === undefined ? undefined : answerRowsOf(answer);
  const columns = answer === undefined ? [] : answerColumns(answer, zone);
  return (
    <Panel
      title="Answer"
      busy={query.isPlaceholderData}
      note={answer === undefined || rows === undefined ? undefined : noteOf(answer)}
      controls={<CsvMenu title="Explore" table={csvTable<AnswerRow>(columns, rows)} />}
    >
      <div className="min-h-48">
        <Answer
          query={query}
          what="the answer"
          isEmpty={(value) => value.rows.length === 0}
          empty={
            <Empty title="No event fits">
              <p>Choose a longer range, or remove a condition or a filter.</p>
            </Empty>
          }
        >
          {() => (
            <DataTable
              label="Rows of the answer"
              rows={rows ?? []}
              columns={columns}
              keyOf={({ key }) => key}
              height={`${Math.min(MAX_TABLE, TABLE_HEAD + (rows?.length ?? 0) * ROW_HEIGHT)}px`}
            />
          )}
        </Answer>
      </div>
    </Panel>
  );
}

const SCOPES: Record<QueryAnswer["scope"], string> = {
  own: "your events",
  team: "your team's events",
  org: "all events",
};

function noteOf({ rows, next_cursor, scope }: QueryAnswer): string {
  const count = `${formatExact(rows.length)} ${rows.length === 1 ? "row" : "rows"}`;
  return `${next_cursor === null ? count : `the first ${count}; there are more`}, of ${SCOPES[scope]}`;
}
