/** Models whose tokens have no price, and what to do about it. Used by Cost. */
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useQuestion } from "../app/use-question.ts";
import type { View } from "../app/use-view.ts";
import { formatShare } from "../format/change.ts";
import { formatCount, formatExact } from "../format/number.ts";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { Answer, Empty } from "../ui/states.tsx";
import { Name } from "../ui/text.tsx";
import { hasTokens, UNPRICED_QUESTION, type UnpricedRow, unpricedModels } from "./unpriced.ts";

const COLUMNS: readonly TableColumn<UnpricedRow>[] = [
  {
    key: "model",
    title: "Model",
    track: "1fr",
    cell: ({ model }) => <Name value={model} />,
    text: ({ model }) => model,
  },
  {
    key: "unpriced_tokens",
    title: "Unpriced tokens",
    track: "120px",
    numeric: true,
    cell: ({ unpriced }) => <span title={formatExact(unpriced)}>{formatCount(unpriced)}</span>,
    text: ({ unpriced }) => unpriced,
  },
  {
    key: "of_model",
    title: "Of its tokens",
    track: "104px",
    numeric: true,
    cell: ({ ofModel }) => formatShare(ofModel),
    text: ({ ofModel }) => ofModel,
  },
  {
    key: "share",
    title: "Of all unpriced",
    track: "112px",
    numeric: true,
    cell: ({ share }) => formatShare(share),
    text: ({ share }) => share,
  },
];

export function UnpricedPanel({ view }: { view: View }): ReactElement {
  const query = useQuestion(view, UNPRICED_QUESTION);
  const rows = query.data === undefined ? undefined : unpricedModels(query.data);
  return (
    <Panel
      title="Unpriced models"
      className="min-h-56"
      busy={query.isPlaceholderData}
      controls={<CsvMenu title="Unpriced models" table={csvTable(COLUMNS, rows)} />}
    >
      <Answer
        query={query}
        what="the unpriced models"
        isEmpty={() => rows?.length === 0}
        empty={
          query.data !== undefined && hasTokens(query.data) ? (
            <Empty title="Every token in this range has a price">
              <p>Costs are complete.</p>
            </Empty>
          ) : undefined
        }
      >
        {() => (
          <>
            <p className="px-4 pb-2 text-2 text-muted">
              These tokens are in no cost figure. Set a price under{" "}
              <Link to="/settings/prices" search={({ org }) => ({ org })} className="text-accent-text underline">
                Settings, Prices
              </Link>
              : events that arrive from then on are priced with it.
            </p>
            <PlainTable
              label="Unpriced models"
              rows={rows ?? []}
              columns={COLUMNS}
              keyOf={({ model }) => `model ${model}`}
            />
          </>
        )}
      </Answer>
    </Panel>
  );
}
