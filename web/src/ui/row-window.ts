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
/** The window moves by so many rows at once: what a change costs hardly depends on how many rows it is about. */
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

/** Rows a frame that are too many to be read: they are only outlined while it lasts. */
const READABLE_ROWS = 2;
/** ms between two scroll events of one movement. */
const ONE_MOVEMENT_MS = 100;

/** A scroll event: which row was at the top, and when. */
export interface ScrollEventPlace {
  at: number;
  time: number;
  /** It moved further than can be read. */
  far: boolean;
}

/** A scroll event after `before`. One leap alone (a key, a press on the bar) is not yet a movement. */
export function scrolled(before: ScrollEventPlace, at: number, time: number): ScrollEventPlace & { fast: boolean } {
  const far = Math.abs(at - before.at) > READABLE_ROWS;
  return { at, time, far, fast: far && before.far && time - before.time < ONE_MOVEMENT_MS };
}
