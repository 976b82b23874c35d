/** How many suggestions are accepted, by language, model or agent. Used by Quality. */
import type { ReactElement } from "react";
import { useQuestion } from "../app/use-question.ts";
import type { View } from "../app/use-view.ts";
import { formatShare } from "../format/change.ts";
import { formatCount, formatExact } from "../format/number.ts";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { Segments } from "../ui/segments.tsx";
import { Answer } from "../ui/states.tsx";
import { Name } from "../ui/text.tsx";
import { type AcceptanceRow, acceptanceQuestion, acceptanceRows } from "./acceptance.ts";
import type { AcceptanceBy } from "./search.ts";

const OPTIONS: readonly { value: AcceptanceBy; label: string }[] = [
  { value: "language", label: "Language" },
  { value: "model", label: "Model" },
  { value: "agent", label: "Agent" },
];

const count = (key: "accepted" | "rejected" | "lines", title: string): TableColumn<AcceptanceRow> => ({
  key,
  title,
  track: "88px",
  numeric: true,
  cell: (row) => <span title={formatExact(row[key])}>{formatCount(row[key])}</span>,
  text: (row) => row[key],
});

function columnsOf(by: AcceptanceBy): readonly TableColumn<AcceptanceRow>[] {
  return [
    {
      key: by,
      title: OPTIONS.find(({ value }) => value === by)?.label ?? by,
      track: "1fr",
      cell: ({ name }) => <Name value={name} />,
      text: ({ name }) => name,
    },
    {
      key: "rate",
      title: "Accepted",
      track: "140px",
      numeric: true,
      cell: (row) => <Rate row={row} />,
      text: ({ rate }) => rate,
    },
    count("accepted", "Yes"),
    count("rejected", "No"),
    count("lines", "Lines kept"),
  ];
}

export function AcceptancePanel({
  view,
  by,
  onBy,
}: {
  view: View;
  by: AcceptanceBy;
  onBy(by: AcceptanceBy): void;
}): ReactElement {
  const query = useQuestion(view, acceptanceQuestion(by));
  const rows = query.data === undefined ? undefined : acceptanceRows(query.data);
  const columns = columnsOf(by);
  return (
    <Panel
      title="Acceptance"
      className="min-h-72"
      busy={query.isPlaceholderData}
      controls={
        <>
          <Segments label="Acceptance by" value={by} options={OPTIONS} onChange={onBy} />
          <CsvMenu title={`Acceptance by ${by}`} table={csvTable(columns, rows)} />
        </>
      }
    >
      <Answer
        query={query}
        what="the acceptance rates"
        isEmpty={() => rows?.length === 0}
        empty={
          <p className="grid h-full place-items-center p-6 text-center text-muted">
            No suggestion in this range was accepted or rejected.
          </p>
        }
      >
        {() => (
          <PlainTable
            label={`Acceptance by ${by}`}
            rows={rows ?? []}
            columns={columns}
            keyOf={({ name }) => `name ${name}`}
          />
        )}
      </Answer>
    </Panel>
  );
}

function Rate({ row: { rate, accepted, decided } }: { row: AcceptanceRow }): ReactElement {
  return (
    <span
      className="inline-flex items-center gap-2"
      title={`${formatExact(accepted)} of ${formatExact(decided)} that were decided on`}
    >
      <span className="h-2 w-16 overflow-hidden rounded-md bg-sunken max-sm:hidden" aria-hidden="true">
        <span className="block h-2 bg-accent" style={{ width: `${(rate ?? 0) * 100}%` }} />
      </span>
      <span className="w-12 font-medium">{formatShare(rate)}</span>
    </span>
  );
}
