/** The answer to the question in the builder: a chart when time is a dimension, a table with CSV, or why there is none. Used by explore-page.tsx. */
import type { ReactElement } from "react";
import type { QueryAnswer, Question } from "../../../schema/api/query.ts";
import { failureOf } from "../api/query.ts";
import { useQuestion } from "../app/use-question.ts";
import type { View } from "../app/use-view.ts";
import { formatExact } from "../format/number.ts";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import { DataTable, ROW_HEIGHT } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer, type Asked, Empty, PartFailure } from "../ui/states.tsx";
import { type AnswerRow, answerColumns, answerRowsOf } from "./answer-columns.tsx";
import { AnswerOverTime } from "./answer-over-time.tsx";
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
      {question.dimensions.includes("time") ? (
        <AnswerOverTime title="Over time" view={view} query={query} onZoom={onZoom} />
      ) : null}
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
