/** A table of few rows, all of them in the page; the columns are those of data-table.tsx, so CSV works the same. Used by panels. */
import type { ReactElement } from "react";
import type { TableColumn } from "./data-table.tsx";

export function PlainTable<Row>({
  label,
  rows,
  columns,
  keyOf,
}: {
  label: string;
  rows: readonly Row[];
  columns: readonly TableColumn<Row>[];
  keyOf(row: Row): string;
}): ReactElement {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="relative max-h-96 overflow-auto" tabIndex={0} aria-label={`${label}, table`}>
      <table className="w-full border-collapse">
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {columns.map(({ key, title, numeric, hideTitle }, index) => (
              <th
                key={key}
                scope="col"
                className={`sticky top-0 z-1 h-8 border-b border-line bg-surface text-2 font-medium whitespace-nowrap text-muted ${alignOf(numeric)} ${padOf(index, columns.length)}`}
              >
                {hideTitle === true ? <span className="visually-hidden">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} data-row={keyOf(row)} className="border-b border-line last:border-0 hover:bg-hover">
              {columns.map(({ key, numeric, cell }, index) => {
                const width =
                  numeric === true ? "whitespace-nowrap" : index === 0 ? "max-w-0 min-w-28" : "max-w-64 min-w-28";
                const className = `h-9 ${width} ${alignOf(numeric)} ${padOf(index, columns.length)}`;
                return index === 0 ? (
                  <th key={key} scope="row" className={`font-normal ${className} w-full`}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={key} className={className}>
                    {cell(row)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const alignOf = (numeric: boolean | undefined): string => (numeric === true ? "text-end" : "text-start");
/** The outer columns line up with the panel's head. */
const padOf = (index: number, count: number): string =>
  `${index === 0 ? "ps-4" : "ps-2"} ${index === count - 1 ? "pe-4" : "pe-2"}`;
