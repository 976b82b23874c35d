/**
 * Dragging a tile or its corner with a pointer: the layout while it lasts, and the new one when it ends. Escape, or a pointer that the browser
 * takes away, ends it without a change. Used by grid.tsx; what a distance means is layout.ts.
 */
import { type PointerEvent as ReactPointerEvent, type RefObject, useEffect, useState } from "react";
import type { Tile } from "../../../schema/api/dashboards.ts";
import { offsetOf, type Point, pitchOf } from "./geometry.ts";
import { moved, resized } from "./layout.ts";

export type GestureKind = "move" | "size";

/** CSS pixels that a pointer moves before it drags: a press is none. */
const THRESHOLD = 4;
/** CSS pixels from the edge of the window within which the page scrolls along, and how far at each move. */
const EDGE = 56;
const SCROLL = 16;

interface Gesture {
  kind: GestureKind;
  tile: Tile;
  /** The layout it began with; every step starts from it. */
  start: readonly Tile[];
  /** Where the pointer was on the page. */
  origin: Point;
  delta: Point;
  pitch: Point;
  isDragging: boolean;
}

export interface Dragged {
  kind: GestureKind;
  id: string;
  layout: readonly Tile[];
  /** How far the tile is from the cell it would fall into. */
  offset: Point;
}

function layoutOf({ kind, tile, start, delta, pitch }: Gesture): Tile[] {
  const [columns, rows] = [delta.x / pitch.x, delta.y / pitch.y];
  return kind === "move"
    ? moved(start, tile.metric_id, { x: tile.x + columns, y: tile.y + rows })
    : resized(start, tile.metric_id, { w: tile.w + columns, h: tile.h + rows });
}

export function useGesture(
  grid: RefObject<HTMLElement | null>,
  tiles: readonly Tile[],
  onEnd: (next: readonly Tile[], id: string) => void,
): { dragged: Dragged | null; begin(kind: GestureKind, tile: Tile, event: ReactPointerEvent): void } {
  const [gesture, setGesture] = useState<Gesture | null>(null);
  const begin = (kind: GestureKind, tile: Tile, event: ReactPointerEvent): void => {
    const width = grid.current?.clientWidth ?? 0;
    if (event.button !== 0 || !event.isPrimary || width === 0) return;
    const origin = { x: event.pageX, y: event.pageY };
    setGesture({ kind, tile, start: tiles, origin, delta: { x: 0, y: 0 }, pitch: pitchOf(width), isDragging: false });
  };
  useEffect(() => {
    if (gesture === null) return;
    const onMove = (event: PointerEvent): void => {
      if (!event.isPrimary) return;
      const delta = { x: event.pageX - gesture.origin.x, y: event.pageY - gesture.origin.y };
      if (!gesture.isDragging && Math.hypot(delta.x, delta.y) < THRESHOLD) return;
      if (event.clientY > innerHeight - EDGE) scrollBy(0, SCROLL);
      else if (event.clientY < EDGE) scrollBy(0, -SCROLL);
      setGesture({ ...gesture, delta, isDragging: true });
    };
    const onUp = (): void => {
      setGesture(null);
      if (gesture.isDragging) onEnd(layoutOf(gesture), gesture.tile.metric_id);
    };
    const cancel = (): void => setGesture(null);
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") cancel();
    };
    addEventListener("pointermove", onMove);
    addEventListener("pointerup", onUp);
    addEventListener("pointercancel", cancel);
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("pointermove", onMove);
      removeEventListener("pointerup", onUp);
      removeEventListener("pointercancel", cancel);
      removeEventListener("keydown", onKey);
    };
  }, [gesture, onEnd]);
  if (gesture === null || !gesture.isDragging) return { dragged: null, begin };
  const { kind, tile, delta, pitch } = gesture;
  const layout = layoutOf(gesture);
  const shown = layout.find(({ metric_id }) => metric_id === tile.metric_id) ?? tile;
  const offset = kind === "move" ? offsetOf(delta, tile, shown, pitch) : { x: 0, y: 0 };
  return { dragged: { kind, id: tile.metric_id, layout, offset }, begin };
}
