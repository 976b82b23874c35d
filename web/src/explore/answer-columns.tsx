/** The columns of an answer's table: its dimensions, its measures, and the period before where it was asked for. Used by preview.tsx. */

import type { Interval } from "../../../schema/api/metrics.ts";
import type { QueryAnswer } from "../../../schema/api/query.ts";
import { formatBucket, formatMoment, type Zone } from "../format/time.ts";
import type { TableColumn } from "../ui/data-table.tsx";
import { Name } from "../ui/text.tsx";
import { csvTitle, csvValue, labelText, valueText } from "./answer-values.ts";

export interface AnswerRow {
  key: string;
  row: QueryAnswer["rows"][number];
}

export function answerRowsOf(answer: QueryAnswer): AnswerRow[] {
  return answer.rows.map((row) => ({ key: JSON.stringify(row.dimensions), row }));
}

/** Steps whose length is always the same, ms; others are shown by their first day. */
const STEP_MS: Partial<Record<Interval, number>> = { "10s": 10_000, "1m": 60_000, "1h": 3_600_000, "1d": 86_400_000 };

export function answerColumns(answer: QueryAnswer, zone: Zone): TableColumn<AnswerRow>[] {
  const { interval } = answer;
  const dimensions = answer.dimensions.map(({ name, kind }, i): TableColumn<AnswerRow> => {
    const isTime = kind === "time";
    return {
      key: `d${i}`,
      title: isTime ? "Time" : name,
      track: isTime ? "minmax(156px, 1fr)" : "minmax(112px, 1fr)",
      cell: ({ row }) => {
        const text = labelText(row.dimensions[i]);
        if (!isTime) return <Name value={text} />;
        const start = Date.parse(text);
        return (
          <span className="whitespace-nowrap" title={formatMoment(start, zone)}>
            {formatBucket(start, STEP_MS[interval ?? "1d"] ?? STEP_MS["1d"] ?? 0, zone)}
          </span>
        );
      },
      text: ({ row }) => labelText(row.dimensions[i]),
    };
  });
  const measures = answer.measures.flatMap((measure, i): TableColumn<AnswerRow>[] => {
    const column = (before: boolean): TableColumn<AnswerRow> => {
      const at = ({ row }: AnswerRow) => (before ? row.previous?.[i] : row.values[i]);
      return {
        key: `${before ? "p" : "m"}${i}`,
        title: before ? `${csvTitle(measure)}, before` : csvTitle(measure),
        track: measure.unit === "time" ? "minmax(216px, auto)" : "minmax(88px, 0.5fr)",
        numeric: true,
        cell: (row) => {
          const { short, exact } = valueText(at(row), measure.unit, zone);
          return (
            <span className={`whitespace-nowrap tabular-nums ${before ? "text-muted" : ""}`} title={exact}>
              {short}
            </span>
          );
        },
        text: (row) => csvValue(at(row), measure.unit),
      };
    };
    return answer.previous_from === null ? [column(false)] : [column(false), column(true)];
  });
  return [...dimensions, ...measures];
}
