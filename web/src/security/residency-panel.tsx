/** Where the organisation's data is, who guarantees it, and the sealed receipts of each day. Used by Security. */
import type { ReactElement } from "react";
import { type DataPlace, type Guarantee, type Receipt, ResidencyAnswerSchema } from "../../../schema/api/residency.ts";
import { useApi } from "../api/query.ts";
import { formatBytes } from "../format/bytes.ts";
import { formatCount, formatExact } from "../format/number.ts";
import { useOrg } from "../settings/use-org.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import type { TableColumn } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { Answer } from "../ui/states.tsx";
import { Name } from "../ui/text.tsx";

const TAGS: Record<Guarantee, { className: string; words: string }> = {
  platform: { className: "tag text-good", words: "pinned by the platform" },
  operator: { className: "tag", words: "chosen by the operator" },
  emulated: { className: "tag tag-warn", words: "emulated: one machine" },
  none: { className: "tag tag-warn", words: "not pinned" },
};

export function ResidencyPanel(): ReactElement {
  const { params } = useOrg();
  const query = useApi("/api/v1/settings/residency", params, ResidencyAnswerSchema);
  const receipts = query.data?.receipts.toReversed();
  return (
    <>
      <Panel
        title="Residency"
        note={
          query.data === undefined
            ? undefined
            : `${query.data.residency.toUpperCase()}; the live view is in ${query.data.primary_region.toUpperCase()}`
        }
        className="min-h-80"
        controls={<CsvMenu title="Residency" table={csvTable(PLACES, query.data?.places)} />}
      >
        <Answer query={query} what="where data is">
          {({ places, residency }) => (
            <ul>
              {places.map((place) => (
                <Place key={place.data} place={place} strict={residency === "eu"} />
              ))}
            </ul>
          )}
        </Answer>
      </Panel>
      <Panel
        title="Receipts"
        note="what was stored each day, chained by their hashes"
        className="min-h-24"
        controls={<CsvMenu title="Receipts" table={csvTable(RECEIPTS, receipts)} />}
      >
        <Answer
          query={{ data: receipts, error: query.error, refetch: query.refetch }}
          what="the receipts"
          isEmpty={(list) => list.length === 0}
          empty={
            <p className="px-4 pb-4 text-muted">
              No receipt yet: the first is sealed after midnight UTC, when a day is over.
            </p>
          }
        >
          {(list) => (
            <PlainTable
              label="Receipts"
              rows={list}
              columns={RECEIPTS}
              keyOf={({ place, day, subject }) => `${place} ${subject} ${day}`}
            />
          )}
        </Answer>
      </Panel>
    </>
  );
}

/** `strict`: the organisation was promised that its data stays, so a place that nothing pins is a warning. */
function Place({ place, strict }: { place: DataPlace; strict: boolean }): ReactElement {
  const { className, words } = TAGS[place.guarantee];
  return (
    <li
      className="grid gap-x-4 gap-y-1 border-t border-line px-4 py-2 sm:grid-cols-[160px_minmax(0,1fr)_minmax(0,1fr)_160px]"
      data-place={place.data}
    >
      <span className="font-medium first-letter:uppercase">{place.data}</span>
      <span className="min-w-0 break-words">
        {place.stored === "not stored" ? null : <span className="text-2 text-muted">stored </span>}
        {place.stored}
      </span>
      <span className="min-w-0 break-words">
        <span className="text-2 text-muted">processed </span>
        {place.processed}
      </span>
      <span>
        <span className={strict || place.guarantee !== "none" ? className : "tag"}>{words}</span>
      </span>
      <span className="text-2 text-muted sm:col-start-2 sm:col-end-[-1]">{place.guaranteed_by}</span>
    </li>
  );
}

const PLACES: readonly TableColumn<DataPlace>[] = (
  ["data", "stored", "processed", "guarantee", "guaranteed_by"] as const
).map((key) => ({
  key,
  title: key,
  track: "",
  cell: () => null,
  text: (place: DataPlace) => place[key],
}));

const number = (key: "objects" | "packs", title: string): TableColumn<Receipt> => ({
  key,
  title,
  track: "",
  numeric: true,
  cell: (receipt) => <span title={formatExact(receipt[key])}>{formatCount(receipt[key])}</span>,
  text: (receipt) => receipt[key],
});

const RECEIPTS: readonly TableColumn<Receipt>[] = [
  { key: "place", title: "Place", track: "", cell: ({ place }) => <Name value={place} />, text: ({ place }) => place },
  { key: "day", title: "Day (UTC)", track: "", numeric: true, cell: ({ day }) => day, text: ({ day }) => day },
  number("objects", "Objects"),
  number("packs", "Packs"),
  {
    key: "bytes",
    title: "Size",
    track: "",
    numeric: true,
    cell: ({ bytes }) => <span title={`${formatExact(bytes)} bytes`}>{formatBytes(bytes)}</span>,
    text: ({ bytes }) => bytes,
  },
  {
    key: "redacted",
    title: "Taken out",
    track: "",
    numeric: true,
    cell: ({ redacted }) =>
      redacted === undefined ? (
        "—"
      ) : (
        <span
          title={`dropped ${formatExact(redacted.dropped)}, hashed ${formatExact(redacted.hashed)}, secrets ${formatExact(redacted.secrets)}`}
        >
          {formatCount(redacted.dropped + redacted.hashed + redacted.secrets)}
        </span>
      ),
    text: ({ redacted }) => (redacted === undefined ? null : redacted.dropped + redacted.hashed + redacted.secrets),
  },
  {
    key: "sha256",
    title: "SHA-256",
    track: "",
    numeric: true,
    cell: ({ sha256, day }) => (
      <span className="inline-flex items-center gap-2">
        <code title={sha256}>{sha256.slice(0, 12)}</code>
        <CopyButton text={sha256} what={`the hash of ${day}`} />
      </span>
    ),
    text: ({ sha256 }) => sha256,
  },
];
