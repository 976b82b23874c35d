/**
 * The timeline of a session: a canvas with lanes, walked by arrow keys, zoomed by dragging, with exact values on hover. Used by the
 * timeline panel. The table of events below it is its accessible alternative.
 */
import { type KeyboardEvent, type PointerEvent, type ReactElement, type RefObject, useMemo, useState } from "react";
import { formatDuration, type Zone } from "../format/time.ts";
import { summaryOf, typeName } from "./event-facts.ts";
import type { Span } from "./search.ts";
import { formatElapsed } from "./session-times.ts";
import { TimelineLabels } from "./timeline-labels.tsx";
import type { Timeline, TimelineItem } from "./timeline-lanes.ts";
import {
  boxOf,
  dragSpan,
  GUTTER,
  itemAt,
  keyTarget,
  layoutOf,
  panTo,
  type TimelineLayout,
  ticksOf,
  zoomBy,
} from "./timeline-layout.ts";
import { TimelineTooltip } from "./timeline-tooltip.tsx";
import { usePainting, useWidth } from "./use-timeline-canvas.ts";

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

export function TimelineChart(props: TimelineProps): ReactElement {
  const { timeline, start, zoom, chosen, zone, host, onZoom, onChoose } = props;
  const width = useWidth(host);
  const layout = useMemo(() => layoutOf(timeline, zoom, width), [timeline, zoom, width]);
  const ticks = useMemo(() => ticksOf(layout, start), [layout, start]);
  const [hover, setHover] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  usePainting(host, layout, ticks);

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
      <TimelineLabels layout={layout} ticks={ticks} start={start} />
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

function valueText(timeline: Timeline, chosen: number | null, start: number): string {
  const item = chosen === null ? undefined : timeline.items[chosen];
  if (item === undefined) return `${timeline.items.length} events, none chosen`;
  const took = item.to > item.from ? `, ${formatDuration(item.to - item.from)}` : "";
  const name = `${typeName(item.event.event_type)} ${summaryOf(item.event)}`.trim();
  return `${name}, at ${formatElapsed(Date.parse(item.event.timestamp) - start)}${took}`;
}
