/** The menu of a panel whose table can be downloaded. Used by panels with tables and lists. */
import type { ReactElement } from "react";
import { ActionMenu } from "./action-menu.tsx";
import type { CsvTable } from "./csv.ts";
import { csvRows, type TableColumn } from "./data-table.tsx";

/** `table`: called when it is chosen; undefined: there is nothing yet. */
export function CsvMenu({ title, table }: { title: string; table: (() => CsvTable) | undefined }): ReactElement {
  return <ActionMenu label={`${title}: more`} items={[{ label: "Download CSV", file: title, csv: table }]} />;
}

/** A table's rows, or undefined while there are none. */
export function csvTable<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[] | undefined,
): (() => CsvTable) | undefined {
  return rows === undefined ? undefined : () => csvRows(columns, rows);
}
