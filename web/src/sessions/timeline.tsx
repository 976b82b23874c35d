/**
 * The timeline of a session: a canvas with lanes, walked by arrow keys, zoomed by dragging, with exact values on hover. Used by the
 * timeline panel. The table of events below it is its accessible alternative.
 */
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
} from "react";
import { formatUsd } from "../format/money.ts";
import { formatDuration, type Zone } from "../format/time.ts";
import { usePaintedTheme } from "../ui/preferences.tsx";
import { summaryOf, typeName } from "./event-facts.ts";
import type { Span } from "./search.ts";
import { formatElapsed } from "./session-times.ts";
import type { Timeline, TimelineItem } from "./timeline-lanes.ts";
import {
  boxOf,
  COST_HEIGHT,
  dragSpan,
  GUTTER,
  itemAt,
  keyTarget,
  layoutOf,
  panTo,
  type TimelineLayout,
  ticksOf,
  xOf,
  zoomBy,
} from "./timeline-layout.ts";
import { paintTimeline } from "./timeline-paint.ts";
import { TimelineTooltip } from "./timeline-tooltip.tsx";

export interface TimelineProps {
  timeline: Timeline;
  /** ms of the session's first event. */
  start: number;
  zoom: Span | null;
  /** Index of the chosen event. */
  chosen: number | null;
  zone: Zone;
  host: RefObject<HTMLDivElement | null>;
  onZoom(zoom: Span | null): void;
  onChoose(index: number): void;
}

/** Each press of + or − . */
const ZOOM_IN = 0.5;
const ZOOM_OUT = 2;
/** CSS pixels of half a label of the axis: none is cut at the right edge. */
const LABEL_HALF = 28;

export function TimelineChart(props: TimelineProps): ReactElement {
  const { timeline, start, zoom, chosen, zone, host, onZoom, onChoose } = props;
  const width = useWidth(host);
  const theme = usePaintedTheme();
  const layout = useMemo(() => layoutOf(timeline, zoom, width), [timeline, zoom, width]);
  const ticks = useMemo(() => ticksOf(layout, start), [layout, start]);
  const [hover, setHover] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  usePainting(host, layout, ticks, theme);

  const choose = (index: number): void => {
    const item = timeline.items[index];
    if (item === undefined) return;
    onChoose(index);
    const seen = panTo(layout.view, item.to);
    if (zoom !== null && seen !== layout.view) onZoom(seen);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const item = chosen === null ? undefined : timeline.items[chosen];
    const center = item?.to ?? (layout.view.from + layout.view.to) / 2;
    const target = keyTarget(event.key, chosen, timeline.items.length);
    if (target !== null) choose(target);
    else if (event.key === "+" || event.key === "=") onZoom(zoomBy(layout, ZOOM_IN, center));
    else if (event.key === "-") onZoom(zoomBy(layout, ZOOM_OUT, center));
    else if (event.key === "0" || (event.key === "Escape" && zoom !== null)) onZoom(null);
    else return;
    event.preventDefault();
  };
  const pointAt = (event: PointerEvent): { x: number; y: number } => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const onPointerMove = (event: PointerEvent): void => {
    const { x, y } = pointAt(event);
    if (drag !== null) setDrag({ ...drag, to: x });
    else setHover(itemAt(layout, x, y));
  };
  const onPointerUp = (event: PointerEvent): void => {
    if (drag === null) return;
    const { x, y } = pointAt(event);
    const span = dragSpan(layout, drag.from, x);
    setDrag(null);
    const index = span === null ? itemAt(layout, x, y) : null;
    if (span !== null) onZoom(span);
    else if (index !== null) onChoose(index);
  };
  const told = drag !== null ? null : (hover ?? (focused ? chosen : null));
  const item = told === null ? undefined : timeline.items[told];
  return (
    <div className="relative" style={{ height: layout.height }}>
      <div
        ref={host}
        className="absolute inset-0 cursor-crosshair touch-pan-y rounded-md -outline-offset-2"
        role="slider"
        tabIndex={0}
        aria-label="Timeline of events. Arrow keys move through the events, plus and minus zoom, 0 shows the whole session."
        aria-valuemin={0}
        aria-valuemax={Math.max(0, timeline.items.length - 1)}
        aria-valuenow={chosen ?? 0}
        aria-valuetext={valueText(timeline, chosen, start)}
        onKeyDown={onKeyDown}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setHover(null);
          const { x } = pointAt(event);
          setDrag({ from: x, to: x });
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setHover(null)}
      >
        <canvas className="size-full" />
      </div>
      <Labels layout={layout} ticks={ticks} start={start} />
      {drag === null || Math.abs(drag.to - drag.from) < 2 ? null : (
        <div
          className="pointer-events-none absolute inset-y-0 border-x border-accent bg-accent-soft opacity-60"
          style={{ left: Math.max(GUTTER, Math.min(drag.from, drag.to)), width: Math.abs(drag.to - drag.from) }}
        />
      )}
      <Mark item={chosen === null ? undefined : timeline.items[chosen]} layout={layout} />
      {item === undefined ? null : <Told item={item} layout={layout} zone={zone} />}
    </div>
  );
}

/** Around the chosen event. Not on the canvas: walking through events draws nothing anew. */
function Mark({ item, layout }: { item: TimelineItem | undefined; layout: TimelineLayout }): ReactElement | null {
  const box = item === undefined ? null : boxOf(layout, item);
  if (box === null) return null;
  const { x, y, width, height } = box;
  return (
    <div
      className="pointer-events-none absolute rounded-xs border-2 border-fg"
      style={{ left: x - 2, top: y - 2, width: width + 4, height: height + 4 }}
    />
  );
}

function Told({ item, layout, zone }: { item: TimelineItem; layout: TimelineLayout; zone: Zone }): ReactElement | null {
  const box = boxOf(layout, item);
  if (box === null) return null;
  const costSoFar = layout.timeline.cost.findLast(({ at }) => at <= item.to)?.total ?? 0n;
  return (
    <TimelineTooltip
      item={item}
      costSoFar={item.lane === "turns" ? 0n : costSoFar}
      zone={zone}
      x={Math.min(box.x + box.width / 2, layout.width - 20)}
      y={box.y}
      width={layout.width}
    />
  );
}

/** Names of the lanes and of moments, as text over the canvas. */
function Labels({
  layout,
  ticks,
  start,
}: {
  layout: TimelineLayout;
  ticks: readonly number[];
  start: number;
}): ReactElement {
  const total = layout.timeline.cost.at(-1)?.total;
  const fits = (at: number): boolean => xOf(layout, at) < layout.width - LABEL_HALF;
  return (
    <div className="pointer-events-none absolute inset-0 overflow-hidden text-1 text-muted" aria-hidden="true">
      {ticks.filter(fits).map((at) => (
        <span
          key={at}
          className="absolute top-1 -translate-x-1/2 whitespace-nowrap"
          style={{ left: Math.max(GUTTER - 8, xOf(layout, at)) }}
        >
          {at === start ? "0" : formatElapsed(at - start)}
        </span>
      ))}
      {layout.lanes.map(({ key, label, top, height }) => (
        <span key={key} className="absolute left-3 flex items-center" style={{ top, height }}>
          {label}
        </span>
      ))}
      <span
        className="absolute left-3 flex flex-col justify-center"
        style={{ top: layout.costTop, height: COST_HEIGHT }}
      >
        <span>Cost</span>
        {total === undefined ? null : <span className="text-fg">{formatUsd(total)}</span>}
      </span>
    </div>
  );
}

function valueText(timeline: Timeline, chosen: number | null, start: number): string {
  const item = chosen === null ? undefined : timeline.items[chosen];
  if (item === undefined) return `${timeline.items.length} events, none chosen`;
  const took = item.to > item.from ? `, ${formatDuration(item.to - item.from)}` : "";
  const name = `${typeName(item.event.event_type)} ${summaryOf(item.event)}`.trim();
  return `${name}, at ${formatElapsed(Date.parse(item.event.timestamp) - start)}${took}`;
}

function useWidth(host: RefObject<HTMLDivElement | null>): number {
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

function usePainting(
  host: RefObject<HTMLDivElement | null>,
  layout: TimelineLayout,
  ticks: readonly number[],
  theme: string,
): void {
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
