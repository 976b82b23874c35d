/** The columns of the table of ingest keys. Used by the keys page. */
import type { ReactElement } from "react";
import type { Key } from "../../../schema/api/keys.ts";
import { OLD_KEY_DAYS } from "../../../schema/compliance.ts";
import { NO_VALUE } from "../format/number.ts";
import { formatAge, formatDay, formatMoment, type Zone } from "../format/time.ts";
import { ActionMenu } from "../ui/action-menu.tsx";
import type { TableColumn } from "../ui/data-table.tsx";
import { Name } from "../ui/text.tsx";
import { isOld, type KeyTone, keyState } from "./keys.ts";

const TONES: Record<KeyTone, string> = { good: "text-good", warn: "text-warn", ended: "text-faint" };

interface Choices {
  now: number;
  zone: Zone;
  onRotate?: (key: Key) => void;
  onRevoke?: (key: Key) => void;
}

export function keyColumns({ now, zone, onRotate, onRevoke }: Choices): readonly TableColumn<Key>[] {
  return [
    { key: "name", title: "Name", track: "", cell: (key) => <Title of={key} /> },
    {
      key: "status",
      title: "Status",
      track: "",
      numeric: true,
      cell: (key) => {
        const { word, tone } = keyState(key, now);
        return <span className={TONES[tone]}>{word}</span>;
      },
    },
    { key: "class", title: "Class", track: "", numeric: true, cell: ({ class: kind }) => kind },
    { key: "region", title: "Stored in", track: "", numeric: true, cell: ({ region }) => region.toUpperCase() },
    {
      key: "created",
      title: "Created",
      track: "",
      numeric: true,
      cell: (key) => (
        <span className={isOld(key, now) ? "text-warn" : ""}>
          <Ago at={key.created_at} now={now} zone={zone} />
          {isOld(key, now) ? (
            <span
              className="tag tag-warn ms-2"
              title={`Active for more than ${OLD_KEY_DAYS} days: it takes points off the compliance score`}
            >
              old
            </span>
          ) : null}
        </span>
      ),
    },
    {
      key: "used",
      title: "Last used",
      track: "",
      numeric: true,
      cell: ({ last_used_at: at }) => <Ago at={at} now={now} zone={zone} none="never" />,
    },
    {
      key: "expires",
      title: "Expires",
      track: "",
      numeric: true,
      cell: ({ expires_at: at }) =>
        at === null ? (
          <span className="text-muted">never</span>
        ) : (
          <time dateTime={at} title={formatMoment(Date.parse(at), zone)}>
            {formatDay(Date.parse(at), zone)}
          </time>
        ),
    },
    ...(onRotate === undefined || onRevoke === undefined
      ? []
      : [
          {
            key: "actions",
            title: "Actions",
            hideTitle: true,
            track: "",
            numeric: true,
            cell: (key: Key) =>
              key.status === "active" ? (
                <ActionMenu
                  label={`${key.name}: more`}
                  items={[
                    { label: "Rotate…", onSelect: () => onRotate(key), disabled: key.replaced_by !== null },
                    { label: "Revoke…", onSelect: () => onRevoke(key) },
                  ]}
                />
              ) : null,
          },
        ]),
  ];
}

function Title({ of: key }: { of: Key }): ReactElement {
  const limits = [
    ...(key.allowed_ips.length === 0 ? [] : [`from ${key.allowed_ips.join(", ")}`]),
    ...(key.allowed_origins.length === 0 ? [] : [`by pages of ${key.allowed_origins.join(", ")}`]),
  ];
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Name value={key.name} className={key.status === "active" ? "font-medium" : "text-muted"} />
      <code className="flex-none text-faint" title={`Key id ${key.key_id}`}>
        {key.key_id.slice(0, 8)}
      </code>
      {limits.length === 0 ? null : (
        <span className="tag" title={`Only ${limits.join("; ")}`}>
          limited
        </span>
      )}
    </span>
  );
}

/** How long ago, exact on hover. */
export function Ago({
  at,
  now,
  zone,
  none = NO_VALUE,
}: {
  at: string | null;
  now: number;
  zone: Zone;
  none?: string;
}): ReactElement {
  if (at === null) return <span className="text-muted">{none}</span>;
  return (
    <time dateTime={at} title={formatMoment(Date.parse(at), zone)} className="whitespace-nowrap">
      {formatAge(now - Date.parse(at))}
    </time>
  );
}
