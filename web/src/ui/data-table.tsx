// biome-ignore-all lint/a11y/useSemanticElements: rows are positioned one by one, which table elements do not take
// biome-ignore-all lint/a11y/useFocusableInteractive: cells are read by their row; what can be pressed in them is a button
/**
 * A table of many rows: only what is in sight is in the page, columns sort, and all rows go to CSV. Used by sessions, errors, alerts and
 * cost tables. Rows of equal height; the caller pages in more through `onEnd`.
 */
import { type KeyboardEvent, memo, type ReactElement, type ReactNode, useCallback, useEffect, useRef } from "react";
import { useRowWindow } from "./use-row-window.ts";

export interface TableColumn<Row> {
  key: string;
  title: string;
  /** Its title is only heard: a column of menus. Plain tables only. */
  hideTitle?: boolean;
  /** Tailwind width or grid track: `minmax(120px, 1fr)`, `96px`. */
  track: string;
  numeric?: boolean;
  cell(row: Row): ReactNode;
  /** For CSV; default: none, the column is left out. */
  text?: ((row: Row) => string | number | null) | undefined;
  sortable?: boolean;
}

export interface TableSort {
  column: string;
  descending: boolean;
}

export const ROW_HEIGHT = 36;
const HEAD_HEIGHT = 32;

export function DataTable<Row>({
  label,
  rows,
  columns,
  keyOf,
  sort,
  onSort,
  onOpen,
  onEnd,
  height,
  current,
  rowHeight = ROW_HEIGHT,
}: {
  label: string;
  rows: readonly Row[];
  columns: readonly TableColumn<Row>[];
  keyOf(row: Row): string;
  sort?: TableSort | undefined;
  onSort?: ((sort: TableSort) => void) | undefined;
  /** Enter or click on a row. */
  onOpen?: ((row: Row) => void) | undefined;
  /** The last rows come into sight. */
  onEnd?: (() => void) | undefined;
  /** CSS height of the scrolling part. */
  height: string;
  /** Key of the row that is marked; it is scrolled into sight when it changes. */
  current?: string | null | undefined;
  /** CSS pixels; for cells of two lines. */
  rowHeight?: number | undefined;
}): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const { first, end, fast, scrollTo } = useRowWindow({
    scroller,
    count: rows.length,
    rowHeight,
    headHeight: HEAD_HEIGHT,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows that come later must not move what is being read
  useEffect(() => {
    const index = current === undefined || current === null ? -1 : rows.findIndex((row) => keyOf(row) === current);
    if (index >= 0) scrollTo(index);
  }, [current]);
  const atEnd = rows.length > 0 && end >= rows.length;
  useEffect(() => {
    if (atEnd) onEnd?.();
  }, [atEnd, onEnd]);
  // One function for all the table's life: a page that is drawn each second must not make its rows anew.
  const latestOpen = useRef(onOpen);
  latestOpen.current = onOpen;
  const open = useCallback((row: Row): void => latestOpen.current?.(row), []);
  const template = columns.map(({ track }) => track).join(" ");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <div ref={scroller} className="panel-scroll" style={{ height }} tabIndex={0} role="region" aria-label={label}>
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} className="min-w-fit">
        <div
          role="row"
          aria-rowindex={1}
          className="sticky top-0 z-1 grid h-8 items-center gap-3 border-b border-line bg-surface px-4 text-2 text-muted"
          style={{ gridTemplateColumns: template }}
        >
          {columns.map((column) => (
            <HeadCell key={column.key} column={column} sort={sort} onSort={onSort} />
          ))}
        </div>
        <div className="relative" style={{ height: rows.length * rowHeight }} role="rowgroup">
          {fast ? <Outlines first={first} count={end - first} rowHeight={rowHeight} /> : null}
          {(fast ? [] : rows.slice(first, end)).map((row, i) => {
            const key = keyOf(row);
            return (
              <BodyRow
                key={key}
                id={key}
                row={row}
                index={first + i}
                template={template}
                columns={columns}
                isCurrent={key === current}
                rowHeight={rowHeight}
                onOpen={onOpen === undefined ? undefined : open}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** What stands for rows while they pass too fast to be read: one element, so that a frame is made in time. */
function Outlines({ first, count, rowHeight }: { first: number; count: number; rowHeight: number }): ReactElement {
  return (
    <div
      aria-hidden="true"
      className="row-outlines absolute inset-x-0"
      style={{
        height: count * rowHeight,
        transform: `translateY(${first * rowHeight}px)`,
        backgroundSize: `100% ${rowHeight}px`,
      }}
    />
  );
}

/** A row that is in the page already is not made again when others come into sight. */
const BodyRow = memo(PlainRow) as typeof PlainRow;

function PlainRow<Row>({
  id,
  row,
  index,
  columns,
  template,
  isCurrent,
  rowHeight,
  onOpen,
}: {
  id: string;
  row: Row;
  index: number;
  columns: readonly TableColumn<Row>[];
  template: string;
  isCurrent: boolean;
  rowHeight: number;
  onOpen: ((row: Row) => void) | undefined;
}): ReactElement {
  const opens =
    onOpen === undefined
      ? {}
      : {
          tabIndex: 0,
          onClick: () => onOpen(row),
          onKeyDown: (event: KeyboardEvent) => {
            if (event.key === "Enter" && event.target === event.currentTarget) onOpen(row);
          },
        };
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-row={id}
      aria-current={isCurrent ? "true" : undefined}
      className={`contain-strict absolute inset-x-0 grid items-center gap-3 border-b border-line px-4 aria-[current]:bg-accent-soft ${onOpen === undefined ? "" : "cursor-pointer hover:bg-hover"}`}
      style={{ gridTemplateColumns: template, height: rowHeight, transform: `translateY(${index * rowHeight}px)` }}
      {...opens}
    >
      {columns.map((column) => (
        <div key={column.key} role="cell" className={column.numeric === true ? "min-w-0 text-end" : "min-w-0"}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}

function HeadCell<Row>({
  column,
  sort,
  onSort,
}: {
  column: TableColumn<Row>;
  sort: TableSort | undefined;
  onSort: ((sort: TableSort) => void) | undefined;
}): ReactElement {
  const sorted = sort?.column === column.key;
  const align = column.numeric === true ? "text-end" : "text-start";
  const direction = sorted ? (sort.descending ? "descending" : "ascending") : undefined;
  return (
    <div role="columnheader" className={`truncate ${align}`} aria-sort={direction}>
      {column.sortable === true && onSort !== undefined ? (
        <button
          type="button"
          className={`cursor-pointer font-medium hover:text-fg ${sorted ? "text-fg" : ""}`}
          onClick={() =>
            onSort({ column: column.key, descending: sorted ? !sort.descending : column.numeric === true })
          }
        >
          {column.title}
          {sorted ? (sort.descending ? " ↓" : " ↑") : ""}
        </button>
      ) : (
        column.title
      )}
    </div>
  );
}

/** The rows of a table as CSV cells: columns that have a text. */
export function csvRows<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
): { titles: string[]; cells: (string | number | null)[][] } {
  const kept = columns.flatMap(({ title, text }) => (text === undefined ? [] : [{ title, text }]));
  return {
    titles: kept.map(({ title }) => title),
    cells: rows.map((row) => kept.map(({ text }) => text(row))),
  };
}
