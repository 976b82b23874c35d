/** The canvas of a timeline: its size, and its painting when something that is on it changed. Used by timeline.tsx. */
import { type RefObject, useEffect, useLayoutEffect, useState } from "react";
import { usePaintedTheme } from "../ui/preferences.tsx";
import type { TimelineLayout } from "./timeline-layout.ts";
import { paintTimeline } from "./timeline-paint.ts";

/** CSS pixels of the element, as it changes. */
export function useWidth(host: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const measure = (): void => setWidth(element.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [host]);
  return width;
}

/** Paints after every change of the layout or the theme, as sharp as the screen is. */
export function usePainting(
  host: RefObject<HTMLDivElement | null>,
  layout: TimelineLayout,
  ticks: readonly number[],
): void {
  const theme = usePaintedTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the theme that is painted
  useEffect(() => {
    const canvas = host.current?.querySelector("canvas");
    const surface = canvas?.getContext("2d") ?? null;
    if (canvas === null || canvas === undefined || surface === null || layout.width === 0) return;
    const scale = devicePixelRatio;
    canvas.width = Math.round(layout.width * scale);
    canvas.height = Math.round(layout.height * scale);
    surface.setTransform(scale, 0, 0, scale, 0, 0);
    const style = getComputedStyle(canvas);
    const colors = new Map<string, string>();
    const colorOf = (token: string): string => {
      let color = colors.get(token);
      if (color === undefined) {
        color = style.getPropertyValue(token).trim();
        colors.set(token, color);
      }
      return color;
    };
    paintTimeline(surface, layout, colorOf, ticks);
  }, [host, layout, ticks, theme]);
}
