/**
 * Exact values of the bucket under the pointer. Used by time-chart.tsx; decorative for screen readers, which get the same from the
 * chart's value text and the table.
 */
import type { ReactElement } from "react";
import { formatBucket, type Zone } from "../format/time.ts";
import { Swatch } from "./swatch.tsx";
import { bucketMs, type TimeData, type TimeSeries } from "./time-data.ts";

/** CSS pixels; the stylesheet gives the tooltip this width. */
const WIDTH = 224;
const OFFSET = 12;
/** Rows that fit; the rest is in the table. */
const MAX_ROWS = 10;

export function TimeTooltip({
  data,
  shown,
  index,
  zone,
  format,
  left,
  width,
}: {
  data: TimeData;
  shown: readonly TimeSeries[];
  index: number;
  zone: Zone;
  format(value: number): string;
  left: number;
  width: number;
}): ReactElement {
  const start = data.starts[index] ?? 0;
  const flip = left + OFFSET + WIDTH > width;
  const x = Math.max(0, flip ? left - OFFSET - WIDTH : left + OFFSET);
  const known = shown.filter(({ values }) => values[index] !== null && values[index] !== undefined);
  const something = known.some(({ values }) => values[index] !== 0);
  const rows = known.filter(
    ({ values, before }) => known.length <= 3 || (before === true && something) || values[index] !== 0,
  );
  return (
    <div className="tooltip" aria-hidden="true" style={{ transform: `translateX(${Math.round(x)}px)` }}>
      <div className="tooltip-title">{formatBucket(start, bucketMs(data, index), zone)}</div>
      {known.length === 0 || rows.length === 0 ? (
        <div className="tooltip-note">{known.length === 0 ? "No data" : "Nothing"}</div>
      ) : (
        <dl className="tooltip-rows">
          {rows.slice(0, MAX_ROWS).map(({ key, label, token, values, before }) => (
            <div key={key}>
              <dt className="min-w-0">
                <Swatch token={token} dashed={before === true} />
                <bdi className="cut">{label}</bdi>
              </dt>
              <dd>{format(values[index] ?? 0)}</dd>
            </div>
          ))}
          {rows.length > MAX_ROWS ? <div className="text-muted">{rows.length - MAX_ROWS} more in the table</div> : null}
        </dl>
      )}
    </div>
  );
}
