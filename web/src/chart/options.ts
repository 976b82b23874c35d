/**
 * uPlot's options for the window chart: stacked bars, hatched gaps, a quiet grid. Used by window-chart.tsx alone.
 * Colours and the time zone are read when drawing, so that changing them repaints and never rebuilds.
 */
import uPlot from "uplot";
import { formatCount } from "../format/number.ts";
import { formatMinute, type Zone } from "../format/time.ts";
import { drawBars } from "./bars.ts";
import { LAYERS } from "./palette.ts";
import { type ChartData, gaps, niceCeiling } from "./series.ts";

/** CSS pixels between labels of the time axis, and of the count axis. */
const TIME_SPACE = 72;
const COUNT_SPACE = 36;
const COUNT_AXIS_WIDTH = 48;
const TIME_AXIS_HEIGHT = 28;
const HATCH_STEP = 7;

export interface Painter {
  /** Value of a CSS custom property. */
  color(token: string): string;
  zone(): Zone;
  data(): ChartData;
  font(): string;
  onHover(index: number | null): void;
}

export function windowChartOptions(painter: Painter, width: number, height: number): uPlot.Options {
  const axis = {
    stroke: () => painter.color("--text-muted"),
    font: painter.font(),
    ticks: { show: false },
    gap: 6,
  };
  return {
    width,
    height,
    padding: [12, 24, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: false, y: false, setScale: false },
    },
    scales: {
      x: { time: true, range: () => spanOf(painter.data()) },
      y: { range: (_u, _min, max) => [0, niceCeiling(max ?? 0)] },
    },
    axes: [
      {
        ...axis,
        size: TIME_AXIS_HEIGHT,
        space: TIME_SPACE,
        incrs: [60, 120, 180, 300, 900],
        grid: { show: false },
        values: (_u, splits) => splits.map((at) => formatMinute(at * 1_000, painter.zone())),
      },
      {
        ...axis,
        size: COUNT_AXIS_WIDTH,
        space: COUNT_SPACE,
        incrs: COUNT_STEPS,
        grid: { stroke: () => painter.color("--chart-grid"), width: 1 },
        values: (_u, splits) => splits.map((count) => formatCount(count)),
      },
    ],
    series: [
      {},
      ...[...LAYERS].reverse().map((layer) => ({
        label: layer.label,
        paths: () => null,
        fill: () => painter.color(layer.token),
        width: 0,
        points: { show: false },
      })),
    ],
    hooks: {
      drawClear: [(u) => hatchGaps(u, painter)],
      drawSeries: [(u, series) => drawBars(u, series, uPlot.pxRatio)],
      setCursor: [(u) => painter.onHover(u.cursor.idx ?? null)],
    },
  };
}

/** Whole counts only: half an event does not exist. */
const COUNT_STEPS = Array.from({ length: 15 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

/** The x axis in seconds: exactly the windows of the span, so that it moves one window at a time. */
function spanOf(data: ChartData): [number, number] {
  const first = data.starts[0] ?? 0;
  const last = data.starts.at(-1) ?? first;
  const step = (data.starts[1] ?? first) - first;
  return [first / 1_000, (last + step) / 1_000];
}

function hatchGaps(u: uPlot, painter: Painter): void {
  const runs = gaps(painter.data());
  if (runs.length === 0) return;
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.strokeStyle = painter.color("--chart-gap");
  ctx.lineWidth = ratio;
  for (const [start, end] of runs) {
    const left = Math.max(bbox.left, u.valToPos(start / 1_000, "x", true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(end / 1_000, "x", true));
    if (right <= left) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.beginPath();
    // Lines start on a grid of the canvas, not of the run, so that the hatch stands still while a run grows.
    const step = HATCH_STEP * ratio;
    const from = Math.floor((left - bbox.height) / step) * step;
    for (let x = from; x < right; x += step) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
  }
  ctx.restore();
}
