/**
 * The rows of a long list that are in the page, following its scrolling. Used by data-table.tsx. Rows are equally high, so nothing is measured
 * but the scrolling part itself.
 */
import { type RefObject, useLayoutEffect, useState } from "react";
import { flushSync } from "react-dom";
import {
  placeOf,
  type RowPlace,
  rowWindow,
  type ScrollEventPlace,
  type Sight,
  scrolled,
  scrollTopFor,
} from "./row-window.ts";

/** Rows that were only outlined are filled in so long after the last movement, ms. */
const REST_MS = 80;

export interface RowList {
  scroller: RefObject<HTMLDivElement | null>;
  count: number;
  /** CSS pixels. */
  rowHeight: number;
  /** CSS pixels that stand over the rows. */
  headHeight: number;
}

export function useRowWindow({ scroller, count, rowHeight, headHeight }: RowList): {
  first: number;
  end: number;
  /** It is scrolled too fast to read: rows may be outlines. */
  fast: boolean;
  scrollTo(index: number): void;
} {
  const [fast, setFast] = useState(false);
  const [place, setPlace] = useState<RowPlace>({ at: 0, fits: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    setFast(false);
    const look = (): void => {
      const next = placeOf(sightOf(element, headHeight), rowHeight);
      setPlace((before) => (before.at === next.at && before.fits === next.fits ? before : next));
    };
    const rowAtTop = (): number => element.scrollTop / rowHeight;
    let last: ScrollEventPlace = { at: rowAtTop(), time: 0, far: false };
    let rest: ReturnType<typeof setTimeout> | undefined;
    const onScroll = (): void => {
      const next = scrolled(last, rowAtTop(), performance.now());
      last = next;
      if (next.fast) {
        clearTimeout(rest);
        rest = setTimeout(() => setFast(false), REST_MS);
      }
      // In the same frame as the scrolling, or the rows would come one frame late.
      flushSync(() => {
        if (next.fast) setFast(true);
        look();
      });
    };
    const observer = new ResizeObserver(look);
    element.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(element);
    look();
    return () => {
      element.removeEventListener("scroll", onScroll);
      observer.disconnect();
      clearTimeout(rest);
    };
  }, [scroller, rowHeight, headHeight]);
  const scrollTo = (index: number): void => {
    const element = scroller.current;
    if (element === null) return;
    const top = scrollTopFor(index, sightOf(element, headHeight), rowHeight);
    if (top !== null) element.scrollTop = top;
  };
  return { ...rowWindow(place, count), fast, scrollTo };
}

function sightOf(element: HTMLElement, headHeight: number): Sight {
  return { top: element.scrollTop, height: element.clientHeight - headHeight };
}
