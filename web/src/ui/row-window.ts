/**
 * Which rows of a long list of equally high rows are in the page, and where to scroll for one. Pure; used by use-row-window.ts. Rows stand below
 * a head that stays in sight.
 */

/** What is in sight: CSS pixels scrolled, and the height of the part below the head. */
export interface Sight {
  top: number;
  height: number;
}

/** Rows above and below what is in sight, so that scrolling shows no gap before the next frame. */
const OVERSCAN = 8;
/** The window moves by so many rows at once: most frames of slow scrolling then change nothing in the page. */
const STEP = 4;

/** The first row in the page, and how many fit: what changes when scrolling has to be answered. */
export interface RowPlace {
  at: number;
  fits: number;
}

export function placeOf({ top, height }: Sight, rowHeight: number): RowPlace {
  const first = Math.max(0, Math.floor(top / rowHeight));
  return { at: first - (first % STEP), fits: Math.max(0, Math.ceil(height / rowHeight)) };
}

/** Half-open; also right when there are fewer rows now than when was scrolled. */
export function rowWindow({ at, fits }: RowPlace, count: number): { first: number; end: number } {
  const shown = Math.min(at, Math.max(0, count - fits));
  return { first: Math.max(0, shown - OVERSCAN), end: Math.min(count, shown + fits + STEP + OVERSCAN) };
}

/** Where to scroll so that a row is in sight; null: it is. */
export function scrollTopFor(index: number, { top, height }: Sight, rowHeight: number): number | null {
  const start = index * rowHeight;
  if (start < top) return start;
  return start + rowHeight > top + height ? start + rowHeight - height : null;
}
