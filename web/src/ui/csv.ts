/**
 * A table as CSV text (RFC 4180). Pure; called by ui/download.ts. Written here because every view offers it and a library for it weighs more
 * than most views.
 */
export type CsvCell = string | number | null;

/** Lines end with \n; a cell that a spreadsheet would run as a formula is made text. */
export function csvOf(columns: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(cellText).join(",")}\n`).join("");
}

/** What spreadsheets take for the start of a formula, also in the wide forms of East Asian keyboards. */
const FORMULA_START = /^[=+@\t\r\uFF1D\uFF0B\uFF0D\uFF20-]/;
const NEEDS_QUOTES = /[",\r\n]/;

function cellText(cell: CsvCell): string {
  if (cell === null) return "";
  // A negative number is a number.
  if (typeof cell === "number") return String(cell);
  const text = FORMULA_START.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
