/**
 * A table as a CSV file. Called by the menu when it is chosen there: the library is part of what is loaded with the menu, so that no first view
 * waits for it and no click finds it missing.
 */
import { stringify } from "csv-stringify/browser/esm/sync";
import { download, fileName } from "./download.ts";

export interface CsvTable {
  titles: readonly string[];
  cells: readonly (readonly (string | number | null)[])[];
}

/** RFC 4180 with \n; a cell that a spreadsheet would run as a formula is made text. */
export function csvOf({ titles, cells }: CsvTable): string {
  return stringify([titles, ...cells] as unknown[][], { escape_formulas: true });
}

export function saveCsv(name: string, table: CsvTable): void {
  // The mark tells spreadsheets that it is UTF-8.
  download(`${fileName(name)}.csv`, "text/csv;charset=utf-8", `\uFEFF${csvOf(table)}`);
}
