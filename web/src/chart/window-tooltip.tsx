/**
 * Exact values of the window under the pointer. Used by window-chart.tsx; decorative for screen readers, which get the
 * same from the chart's value text and the table.
 */
import type { ReactElement } from "react";
import { WINDOW_MS } from "../../../schema/live.ts";
import { formatExact } from "../format/number.ts";
import { formatClock, type Zone } from "../format/time.ts";

import { LAYERS } from "./palette.ts";
import type { ChartData } from "./series.ts";

/** CSS pixels; the stylesheet gives the tooltip this width. */
const WIDTH = 224;
const OFFSET = 12;

export function WindowTooltip({
  data,
  index,
  zone,
  left,
  width,
}: {
  data: ChartData;
  index: number;
  zone: Zone;
  left: number;
  width: number;
}): ReactElement {
  const start = data.starts[index] ?? 0;
  const total = data.totals[index];
  const flip = left + OFFSET + WIDTH > width;
  const x = Math.max(0, flip ? left - OFFSET - WIDTH : left + OFFSET);
  return (
    <div className="tooltip" aria-hidden="true" style={{ transform: `translateX(${Math.round(x)}px)` }}>
      <div className="tooltip-title">
        {formatClock(start, zone)} – {formatClock(start + WINDOW_MS, zone)}
      </div>
      {total === null || total === undefined ? (
        <div className="tooltip-note">No data for this window</div>
      ) : (
        <dl className="tooltip-rows">
          {[...LAYERS].reverse().map((layer) => {
            const count = data.exact[LAYERS.indexOf(layer)]?.[index] ?? 0;
            return count === 0 ? null : (
              <div key={layer.key}>
                <dt>
                  <span className={`swatch swatch-${layer.key}`} />
                  {layer.label}
                </dt>
                <dd>{formatExact(count)}</dd>
              </div>
            );
          })}
          <div className="tooltip-total">
            <dt>Events</dt>
            <dd>{formatExact(total)}</dd>
          </div>
        </dl>
      )}
    </div>
  );
}
