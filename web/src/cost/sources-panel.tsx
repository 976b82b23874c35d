/** Where costs come from, and what agents reported against what their tokens cost by the price list. Used by Cost. */
import type { ReactElement } from "react";
import { useQuestion } from "../app/use-question.ts";
import type { View } from "../app/use-view.ts";
import { formatChange, formatShare } from "../format/change.ts";
import { formatUsd, formatUsdExact } from "../format/money.ts";
import { formatCount, formatExact } from "../format/number.ts";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { Answer } from "../ui/states.tsx";
import { Name } from "../ui/text.tsx";
import { SOURCES_QUESTION, type Source, type SourceRow, sourcesOf, type Variance } from "./sources.ts";

const LABELS: Record<Source, { name: string; title: string }> = {
  reported: { name: "Reported", title: "the agent said what it cost" },
  computed: { name: "Computed", title: "tokens times the price list" },
  unpriced: { name: "Unpriced", title: "no reported cost, and no price for the model" },
};

const SOURCE_COLUMNS: readonly TableColumn<SourceRow>[] = [
  {
    key: "source",
    title: "Source",
    track: "1fr",
    cell: ({ source }) => <span title={LABELS[source].title}>{LABELS[source].name}</span>,
    text: ({ source }) => source,
  },
  {
    key: "events",
    title: "Events",
    track: "96px",
    numeric: true,
    cell: ({ events }) => <span title={formatExact(events)}>{formatCount(events)}</span>,
    text: ({ events }) => events,
  },
  {
    key: "tokens",
    title: "Tokens",
    track: "96px",
    numeric: true,
    cell: ({ tokens }) => <span title={formatExact(tokens)}>{formatCount(tokens)}</span>,
    text: ({ tokens }) => tokens,
  },
  {
    key: "cost_nano_usd",
    title: "Cost",
    track: "96px",
    numeric: true,
    cell: ({ cost }) => <Money nano={cost} />,
    text: ({ cost }) => (cost === null ? null : String(cost)),
  },
  {
    key: "share",
    title: "Share",
    track: "72px",
    numeric: true,
    cell: ({ share }) => formatShare(share),
    text: ({ share }) => share,
  },
];

const MODEL_COLUMNS: readonly TableColumn<Variance>[] = [
  {
    key: "model",
    title: "Model",
    track: "1fr",
    cell: ({ model }) => (model === null ? <b>All models</b> : <Name value={model} />),
    text: ({ model }) => model,
  },
  {
    key: "reported_nano_usd",
    title: "Reported",
    track: "96px",
    numeric: true,
    cell: ({ reported }) => <Money nano={reported} />,
    text: ({ reported }) => String(reported),
  },
  {
    key: "computed_nano_usd",
    title: "Computed",
    track: "96px",
    numeric: true,
    cell: ({ computed }) => <Money nano={computed} />,
    text: ({ computed }) => String(computed),
  },
  {
    key: "difference_nano_usd",
    title: "Difference",
    track: "120px",
    numeric: true,
    cell: ({ difference, relative, events }) => (
      <span title={`${formatUsdExact(difference)} over ${formatExact(events)} events that say both`}>
        {formatUsd(difference)} <span className="text-muted">({formatChange(relative)})</span>
      </span>
    ),
    text: ({ difference }) => String(difference),
  },
];

export function SourcesPanels({ view }: { view: View }): ReactElement {
  const query = useQuestion(view, SOURCES_QUESTION);
  const sources = query.data === undefined ? undefined : sourcesOf(query.data);
  const models = sources === undefined || sources.variance === null ? [] : [sources.variance, ...sources.models];
  return (
    <>
      <Panel
        title="Where costs come from"
        className="min-h-56"
        busy={query.isPlaceholderData}
        controls={<CsvMenu title="Cost by source" table={csvTable(SOURCE_COLUMNS, sources?.rows)} />}
      >
        <Answer query={query} what="the sources of costs" isEmpty={() => sources?.rows.length === 0}>
          {() => (
            <PlainTable
              label="Where costs come from"
              rows={sources?.rows ?? []}
              columns={SOURCE_COLUMNS}
              keyOf={({ source }) => source}
            />
          )}
        </Answer>
      </Panel>
      <Panel
        title="Reported against computed"
        className="min-h-56"
        busy={query.isPlaceholderData}
        controls={<CsvMenu title="Reported against computed" table={csvTable(MODEL_COLUMNS, sources?.models)} />}
      >
        <Answer
          query={query}
          what="reported against computed costs"
          isEmpty={() => models.length === 0}
          empty={
            <p className="grid h-full place-items-center p-6 text-center text-muted">
              No event in this range has both: a cost its agent reported, and a price for its model.
            </p>
          }
        >
          {() => (
            <PlainTable
              label="Reported against computed, by model"
              rows={models}
              columns={MODEL_COLUMNS}
              keyOf={({ model }) => (model === null ? "all" : `model ${model}`)}
            />
          )}
        </Answer>
      </Panel>
    </>
  );
}

function Money({ nano }: { nano: bigint | null }): ReactElement {
  return <span title={formatUsdExact(nano)}>{formatUsd(nano)}</span>;
}
