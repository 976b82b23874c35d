/** The columns of the error groups' table. Used by the errors panel. */
import type { ReactElement } from "react";
import { formatCount, formatExact } from "../format/number.ts";
import { formatAge, formatMoment, type Zone } from "../format/time.ts";
import type { TableColumn } from "../ui/data-table.tsx";
import type { ErrorGroup } from "./error-sessions.ts";

const count = (key: "count" | "users" | "sessions", title: string): TableColumn<ErrorGroup> => ({
  key,
  title,
  track: "72px",
  numeric: true,
  cell: (group) => <span title={formatExact(group[key])}>{formatCount(group[key])}</span>,
  text: (group) => group[key],
});

const seen = (key: "first_seen" | "last_seen", title: string, now: number, zone: Zone): TableColumn<ErrorGroup> => ({
  key,
  title,
  track: "96px",
  numeric: true,
  cell: (group) => (
    <time dateTime={group[key]} title={formatMoment(Date.parse(group[key]), zone)}>
      {formatAge(now - Date.parse(group[key]))}
    </time>
  ),
  text: (group) => group[key],
});

/** `open`: the fingerprint of the group that is open. */
export function errorColumns(open: string | undefined, now: number, zone: Zone): readonly TableColumn<ErrorGroup>[] {
  return [
    {
      key: "error",
      title: "Error",
      track: "minmax(240px, 1fr)",
      cell: (group) => <What group={group} open={group.fingerprint === open} />,
      text: ({ code }) => code,
    },
    { key: "tool", title: "tool", track: "0", cell: () => null, text: ({ tool }) => tool },
    { key: "message", title: "message", track: "0", cell: () => null, text: ({ shape }) => shape },
    { key: "fingerprint", title: "fingerprint", track: "0", cell: () => null, text: ({ fingerprint }) => fingerprint },
    count("count", "Count"),
    count("users", "Users"),
    count("sessions", "Sessions"),
    seen("first_seen", "First seen", now, zone),
    seen("last_seen", "Last seen", now, zone),
  ];
}

/** Those that are only for the file have no width. */
export const shownColumns = (columns: readonly TableColumn<ErrorGroup>[]): readonly TableColumn<ErrorGroup>[] =>
  columns.filter(({ track }) => track !== "0");

function What({ group, open }: { group: ErrorGroup; open: boolean }): ReactElement {
  const { code, tool, shape, example } = group;
  return (
    <span className="flex min-w-0 items-center gap-2 overflow-hidden" title={example === "" ? shape : example}>
      <bdi className={`max-w-48 flex-none truncate font-medium ${open ? "text-accent-text" : ""}`}>
        {code === "" ? "error" : code}
      </bdi>
      {tool === "" ? null : <bdi className="tag max-w-32 flex-none truncate">{tool}</bdi>}
      <bdi className="min-w-0 truncate text-muted">{shape}</bdi>
    </span>
  );
}
