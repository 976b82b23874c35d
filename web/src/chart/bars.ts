/**
 * Bars of a stacked chart, drawn rectangle by rectangle on whole pixels. Used by options.ts and time-options.ts in place of uPlot's own, which
 * make one path with soft edges of each series: without a graphics card such a path takes a hundred times longer to fill.
 */
import type uPlot from "uplot";

/** Canvas pixels from the left edge. */
export interface Bar {
  left: number;
  width: number;
}

/** Share of a column that its bar takes; the rest separates it from its neighbour. */
const BAR_SHARE = 0.82;
/** CSS pixels. */
const MAX_BAR_PX = 64;

/**
 * Where the bars of columns at `centers` stand (canvas pixels, ascending). Columns of equal length are `column` wide. Where no whole
 * pixel is left between two bars they touch, so that no pattern appears that is not in the data.
 */
export function barsAt(centers: readonly number[], column: number, ratio: number): Bar[] {
  const gap = column * (1 - BAR_SHARE);
  if (gap < 1) {
    return centers.map((center) => {
      const left = Math.round(center - column / 2);
      return { left, width: Math.max(1, Math.round(center + column / 2) - left) };
    });
  }
  const width = Math.max(1, Math.round(Math.min(column - gap, MAX_BAR_PX * ratio)));
  return centers.map((center) => ({ left: Math.round(center - width / 2), width }));
}

/** Draws one series of cumulative values down to the axis; smaller ones drawn later cover its foot. */
export function drawBars(u: uPlot, series: number, ratio: number): void {
  const [times] = u.data;
  const values = u.data[series];
  const { x, y } = u.scales;
  const { min: from, max: to } = x ?? {};
  const { min: bottom, max: top } = y ?? {};
  if (values === undefined || from == null || to == null || bottom == null || top == null) return;
  const { bbox, ctx } = u;
  const perSecond = bbox.width / (to - from);
  const centers = Array.from(times, (time) => bbox.left + (time - from) * perSecond);
  const bars = barsAt(centers, columnOf(centers, bbox.width), ratio);
  const foot = Math.round(bbox.top + bbox.height);
  const perUnit = bbox.height / (top - bottom);
  const fill = u.series[series]?.fill;
  ctx.fillStyle = typeof fill === "function" ? fill(u, series) : (fill ?? "");
  for (const [i, bar] of bars.entries()) {
    const value = values[i];
    if (value === null || value === undefined || value <= bottom) continue;
    const height = Math.round((value - bottom) * perUnit);
    if (height > 0) ctx.fillRect(bar.left, foot - height, bar.width, height);
  }
}

/** The narrowest column: days of a zone differ. One column has all the room. */
function columnOf(centers: readonly number[], room: number): number {
  let narrowest = room;
  for (let i = 1; i < centers.length; i++) {
    narrowest = Math.min(narrowest, (centers[i] ?? 0) - (centers[i - 1] ?? 0));
  }
  return narrowest;
}
