/**
 * Where the lanes and bars of a timeline lie in pixels, what is under the pointer, and how keys and drags move through time. Called by
 * the timeline's drawing and its controls. Pure.
 */
import type { Span } from "./search.ts";
import { LANES, type LaneKey, type Timeline, type TimelineItem } from "./timeline-lanes.ts";

/** CSS pixels. */
export const GUTTER = 60;
const RIGHT = 12;
export const AXIS_HEIGHT = 24;
export const COST_HEIGHT = 40;
const ROW = 12;
const LANE_PADDING = 6;
/** A bar is never thinner, so that what took no time is seen. */
export const MIN_BAR = 3;
/** How near the pointer must be. */
const REACH = 8;
/** A drag that is shorter is a click. */
export const MIN_DRAG = 6;
/** Zooming in ends here, in ms. */
const MIN_SPAN = 20;

export interface LaneBox {
  key: LaneKey;
  label: string;
  top: number;
  height: number;
}

export interface TimelineLayout {
  width: number;
  height: number;
  lanes: readonly LaneBox[];
  costTop: number;
  view: Span;
  timeline: Timeline;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Every lane keeps its place even when it is empty: a session that runs fills them without moving anything but rows. */
export function layoutOf(timeline: Timeline, zoom: Span | null, width: number): TimelineLayout {
  let top = AXIS_HEIGHT;
  const lanes = LANES.map(({ key, label }) => {
    const height = Math.max(1, timeline.rows[key]) * ROW + 2 * LANE_PADDING;
    const lane = { key, label, top, height };
    top += height;
    return lane;
  });
  return { width, height: top + COST_HEIGHT, lanes, costTop: top, view: viewOf(timeline, zoom), timeline };
}

/** What is in sight: the zoom as far as it is of use, or the whole session with a little air at its end. */
export function viewOf(timeline: Timeline, zoom: Span | null): Span {
  if (zoom !== null && zoom.to - zoom.from >= 1) return zoom;
  const air = Math.max(1, (timeline.to - timeline.from) * 0.01);
  return { from: timeline.from - air, to: timeline.to + air };
}

const plotWidth = (width: number): number => Math.max(1, width - GUTTER - RIGHT);

export function xOf({ view, width }: Pick<TimelineLayout, "view" | "width">, at: number): number {
  return GUTTER + ((at - view.from) / (view.to - view.from)) * plotWidth(width);
}

export function timeAt({ view, width }: Pick<TimelineLayout, "view" | "width">, x: number): number {
  const share = Math.min(1, Math.max(0, (x - GUTTER) / plotWidth(width)));
  return view.from + share * (view.to - view.from);
}

/** The bar of an item; null when it is out of sight. */
export function boxOf(layout: TimelineLayout, item: TimelineItem): Box | null {
  if (item.to < layout.view.from || item.from > layout.view.to) return null;
  const lane = layout.lanes.find(({ key }) => key === item.lane);
  if (lane === undefined) return null;
  const left = Math.max(GUTTER, xOf(layout, item.from));
  const right = Math.min(layout.width - RIGHT + MIN_BAR, xOf(layout, item.to));
  const width = Math.max(MIN_BAR, right - left);
  return { x: left, y: lane.top + LANE_PADDING + item.row * ROW + 1, width, height: ROW - 2 };
}

/** The item under a point, or the nearest one in reach; of several the one drawn last. */
export function itemAt(layout: TimelineLayout, x: number, y: number): number | null {
  let found: number | null = null;
  let nearest = REACH;
  layout.timeline.items.forEach((item, i) => {
    const box = boxOf(layout, item);
    if (box === null || y < box.y - 2 || y > box.y + box.height + 2) return;
    const away = Math.max(box.x - x, x - box.x - box.width, 0);
    if (away <= nearest) {
      nearest = away;
      found = i;
    }
  });
  return found;
}

/** Where a key leads from the event at `from` (null: none yet) among `count`; null: no such key. */
export function keyTarget(key: string, from: number | null, count: number): number | null {
  if (count === 0) return null;
  const last = count - 1;
  const at = (index: number): number => Math.min(last, Math.max(0, index));
  const targets: Record<string, number> = {
    ArrowLeft: at((from ?? count) - 1),
    ArrowUp: at((from ?? count) - 1),
    ArrowRight: at((from ?? -1) + 1),
    ArrowDown: at((from ?? -1) + 1),
    PageUp: at((from ?? count) - 10),
    PageDown: at((from ?? -1) + 10),
    Home: 0,
    End: last,
  };
  return Object.hasOwn(targets, key) ? (targets[key] ?? null) : null;
}

/** A view that is `factor` as long, with `around` at the same place; null: the whole session again. */
export function zoomBy(layout: TimelineLayout, factor: number, around: number): Span | null {
  const { view, timeline } = layout;
  const whole = viewOf(timeline, null);
  const length = Math.max(MIN_SPAN, (view.to - view.from) * factor);
  if (length >= whole.to - whole.from) return null;
  const center = Math.min(whole.to, Math.max(whole.from, around));
  const share = Math.min(1, Math.max(0, (center - view.from) / (view.to - view.from)));
  const from = Math.min(whole.to - length, Math.max(whole.from, center - share * length));
  return { from, to: from + length };
}

/** A view of the same length that shows `at`; the same view when it already does. */
export function panTo(view: Span, at: number): Span {
  if (at >= view.from && at <= view.to) return view;
  const length = view.to - view.from;
  return { from: at - length / 2, to: at + length / 2 };
}

/** The stretch between two pixels, in either direction; null when it was but a click. */
export function dragSpan(layout: TimelineLayout, a: number, b: number): Span | null {
  if (Math.abs(a - b) < MIN_DRAG) return null;
  const from = timeAt(layout, Math.min(a, b));
  return { from, to: Math.max(from + MIN_SPAN, timeAt(layout, Math.max(a, b))) };
}

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
] as const;
/** CSS pixels between two labels of the axis, at least. */
const LABEL_WIDTH = 84;

/** Labels of the axis: round distances from the session's start. */
export function ticksOf(layout: Pick<TimelineLayout, "view" | "width">, start: number): number[] {
  const { view, width } = layout;
  const wanted = ((view.to - view.from) / plotWidth(width)) * LABEL_WIDTH;
  const day = STEPS[STEPS.length - 1] ?? 1;
  const step = STEPS.find((length) => length >= wanted) ?? Math.ceil(wanted / day) * day;
  const ticks: number[] = [];
  for (let at = start + Math.ceil((view.from - start) / step) * step; at <= view.to; at += step) ticks.push(at);
  return ticks;
}
