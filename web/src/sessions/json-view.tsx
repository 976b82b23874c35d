/** Any JSON value as a tree that opens and closes, with a copy of the whole. Used by the details of an event. */
import { type ReactElement, useMemo, useState } from "react";
import { type JsonRow, jsonRows } from "./json-tree.ts";

/** CSS pixels a level; deep ones stop moving, or nothing would be left to read. */
const INDENT = 14;
const MAX_INDENT = 10;

export function JsonView({ value, label }: { value: unknown; label: string }): ReactElement {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => jsonRows(value, toggled), [value, toggled]);
  const toggle = (path: string): void => {
    const next = new Set(toggled);
    if (!next.delete(path)) next.add(path);
    setToggled(next);
  };
  if (rows.length === 0) return <p className="text-muted">No metadata</p>;
  return (
    <ul className="mono grid gap-px" aria-label={label}>
      {rows.map((row) => (
        <li key={row.path} style={{ paddingInlineStart: Math.min(row.depth, MAX_INDENT) * INDENT }}>
          {row.expandable ? (
            <button
              type="button"
              className="flex w-full cursor-pointer gap-1 rounded-md text-start hover:bg-hover"
              aria-expanded={row.open}
              onClick={() => toggle(row.path)}
            >
              <span className="w-3 flex-none text-muted" aria-hidden="true">
                {row.open ? "▾" : "▸"}
              </span>
              <RowText row={row} />
            </button>
          ) : (
            <span className="flex gap-1 ps-4">
              <RowText row={row} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

const TONE: Record<JsonRow["kind"], string> = {
  object: "text-muted",
  array: "text-muted",
  string: "",
  number: "text-accent-text",
  boolean: "text-accent-text",
  null: "text-muted",
  more: "text-muted italic",
};

function RowText({ row }: { row: JsonRow }): ReactElement {
  return (
    <>
      {row.name === null ? null : (
        <bdi className="max-w-1/2 flex-none break-words text-muted">{row.name === "" ? '""' : row.name}:</bdi>
      )}
      <bdi className={`min-w-0 whitespace-pre-wrap wrap-anywhere ${TONE[row.kind]}`}>
        {row.kind === "string" && row.text === "" ? '""' : row.text}
      </bdi>
    </>
  );
}
