/** Names of lanes and moments as text over a timeline's canvas. Used by timeline.tsx; decorative, the timeline itself speaks. */
import type { ReactElement } from "react";
import { formatUsd } from "../format/money.ts";
import { formatElapsed } from "./session-times.ts";
import { COST_HEIGHT, GUTTER, type TimelineLayout, xOf } from "./timeline-layout.ts";

/** CSS pixels of half a label of the axis: none is cut at the right edge. */
const LABEL_HALF = 28;

export function TimelineLabels({
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
