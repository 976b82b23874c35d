/**
 * Exact values of the event under the pointer or chosen by keys. Used by timeline.tsx; decorative for screen readers, which hear the
 * timeline's value and have the table of events.
 */
import type { ReactElement } from "react";
import { Swatch } from "../chart/swatch.tsx";
import { formatUsdExact } from "../format/money.ts";
import { formatExact } from "../format/number.ts";
import type { Zone } from "../format/time.ts";
import { factsOf, summaryOf, tokensOf, typeName } from "./event-facts.ts";
import { formatPrecise } from "./session-times.ts";
import type { TimelineItem } from "./timeline-lanes.ts";
import { tokenOf } from "./timeline-paint.ts";

/** CSS pixels. */
const WIDTH = 300;
const OFFSET = 12;

export function TimelineTooltip({
  item,
  costSoFar,
  zone,
  x,
  y,
  width,
}: {
  item: TimelineItem;
  /** nano-USD, this event's included. */
  costSoFar: bigint;
  zone: Zone;
  x: number;
  y: number;
  width: number;
}): ReactElement {
  const flip = x + OFFSET + WIDTH > width;
  const left = Math.max(0, Math.min(width - WIDTH, flip ? x - OFFSET - WIDTH : x + OFFSET));
  return (
    <div
      className="pop pointer-events-none absolute z-5 px-3 py-2 text-2"
      style={{ width: Math.min(WIDTH, width), left, top: y + 20 }}
      aria-hidden="true"
    >
      <p className="flex items-center gap-2 font-medium">
        <Swatch token={tokenOf(item)} />
        <span className="truncate">{typeName(item.event.event_type)}</span>
      </p>
      <bdi className="line-clamp-2 break-words text-muted">{summaryOf(item.event)}</bdi>
      <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
        {exactValues(item, costSoFar, zone).map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-muted">{label}</dt>
            <dd className="truncate text-end">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Label and value, every digit. */
export function exactValues(item: TimelineItem, costSoFar: bigint, zone: Zone): [string, string][] {
  const { event } = item;
  const values: [string, string][] = [["At", formatPrecise(Date.parse(event.timestamp), zone)]];
  if (item.to > item.from) values.push(["Took", `${formatExact(item.to - item.from)} ms`]);
  const { lines_added, lines_removed } = factsOf(event);
  if (lines_added !== null) values.push(["Lines added", formatExact(lines_added)]);
  if (lines_removed !== null) values.push(["Lines removed", formatExact(lines_removed)]);
  const tokens = tokensOf(event);
  if (tokens > 0) values.push(["Tokens", formatExact(tokens)]);
  if (event.cost_nano_usd !== null) values.push(["Cost", formatUsdExact(event.cost_nano_usd)]);
  if (costSoFar > 0n) values.push(["Cost so far", formatUsdExact(costSoFar)]);
  return values;
}
