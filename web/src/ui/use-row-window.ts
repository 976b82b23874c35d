/**
 * The rows of a long list that are in the page, following its scrolling. Used by data-table.tsx. Rows are equally high, so nothing is measured
 * but the scrolling part itself.
 */
import { type RefObject, useLayoutEffect, useState } from "react";
import { flushSync } from "react-dom";
import { placeOf, type RowPlace, rowWindow, type Sight, scrollTopFor } from "./row-window.ts";

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
  scrollTo(index: number): void;
} {
  const [place, setPlace] = useState<RowPlace>({ at: 0, fits: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = (): void => {
      const next = placeOf(sightOf(element, headHeight), rowHeight);
      setPlace((before) => (before.at === next.at && before.fits === next.fits ? before : next));
    };
    // In the same frame as the scrolling, or the rows would come one frame late.
    const onScroll = (): void => flushSync(look);
    const observer = new ResizeObserver(look);
    element.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(element);
    look();
    return () => {
      element.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [scroller, rowHeight, headHeight]);
  const scrollTo = (index: number): void => {
    const element = scroller.current;
    if (element === null) return;
    const top = scrollTopFor(index, sightOf(element, headHeight), rowHeight);
    if (top !== null) element.scrollTop = top;
  };
  return { ...rowWindow(place, count), scrollTo };
}

function sightOf(element: HTMLElement, headHeight: number): Sight {
  return { top: element.scrollTop, height: element.clientHeight - headHeight };
}
