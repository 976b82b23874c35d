/** What the organisation pays for tokens: own prices and discounts, and the list they stand before. Used by the route. */
import { type ReactElement, useMemo, useState } from "react";
import { type ListPrice, PricesAnswerSchema } from "../../../schema/api/prices.ts";
import { NO_PRICE_POLICY } from "../../../schema/price-policy.ts";
import { BUCKETS } from "../../../schema/prices/table.ts";
import { useApi } from "../api/query.ts";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { Answer, Empty } from "../ui/states.tsx";
import { Name } from "../ui/text.tsx";
import { Gate } from "./admins-only.tsx";
import { OwnPrices } from "./own-prices.tsx";
import { BUCKET_WORDS, matchingPrices, periodWords } from "./prices.ts";
import { useOrg } from "./use-org.ts";

export function PricesPage(): ReactElement {
  return (
    <Gate permission="settings:read" scope="org" what="Prices are">
      <Prices />
    </Gate>
  );
}

function Prices(): ReactElement {
  const { params } = useOrg();
  const query = useApi("/api/v1/settings/prices", params, PricesAnswerSchema);
  const [search, setSearch] = useState("");
  const rows = useMemo(
    () => (query.data === undefined ? undefined : matchingPrices(query.data.list_prices, search)),
    [query.data, search],
  );
  return (
    <div className="grid gap-4">
      {query.data === undefined ? null : (
        <OwnPrices policy={query.data.policy ?? NO_PRICE_POLICY} unreadable={query.data.policy === null} />
      )}
      <Panel
        title="List prices"
        note={query.data === undefined ? undefined : `version ${query.data.version}, USD per million tokens`}
        className="min-h-80"
        controls={
          <>
            <input
              type="search"
              className="input h-6 max-w-44 text-2"
              placeholder="Search models"
              aria-label="Search list prices"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
            <CsvMenu title="List prices" table={csvTable(COLUMNS, rows)} />
          </>
        }
      >
        <Answer
          query={{ data: rows, error: query.error, refetch: query.refetch }}
          what="the list prices"
          isEmpty={(list) => list.length === 0}
          empty={
            <Empty title="No list price fits this search">
              <p>What no price is known for is shown as unpriced under Cost; give it a price of your own above.</p>
            </Empty>
          }
        >
          {(list) => (
            <PlainTable
              label="List prices"
              rows={list}
              columns={COLUMNS}
              keyOf={({ provider, models, valid_from, valid_to }) =>
                JSON.stringify([provider, models, valid_from, valid_to])
              }
            />
          )}
        </Answer>
      </Panel>
    </div>
  );
}

const COLUMNS: readonly TableColumn<ListPrice>[] = [
  {
    key: "models",
    title: "Models",
    track: "",
    cell: ({ models, source }) => (
      <span title={`${models.join(", ")}. ${source}`}>
        <Name value={models.join(", ")} />
      </span>
    ),
    text: ({ models }) => models.join(" "),
  },
  {
    key: "provider",
    title: "Provider",
    track: "",
    numeric: true,
    cell: ({ provider }) => provider,
    text: ({ provider }) => provider,
  },
  { key: "period", title: "Holds", track: "", numeric: true, cell: periodWords, text: periodWords },
  ...BUCKETS.map(
    (bucket): TableColumn<ListPrice> => ({
      key: bucket,
      title: BUCKET_WORDS[bucket],
      track: "",
      numeric: true,
      cell: ({ usd_per_million: rates }) => {
        const rate = rates[bucket];
        return rate === null ? <span className="faint">—</span> : `$${rate}`;
      },
      text: ({ usd_per_million: rates }) => rates[bucket],
    }),
  ),
];
