/**
 * uPlot's options for charts over a range: lines or stacked bars, hatched nowhere, zoom by dragging, a crosshair that charts of one page
 * share. Used by time-chart.tsx alone. Colours and the zone are read when drawing, so that changing them repaints and never rebuilds.
 */
import uPlot from "uplot";
import { formatAxisTime, type Zone } from "../format/time.ts";
import { drawBars } from "./bars.ts";
import { axisTop, type ChartKind, greatest, lonely, type TimeData, type TimeSeries } from "./time-data.ts";

/** CSS pixels between labels. */
const TIME_SPACE = 80;
const VALUE_SPACE = 36;
/** What charts have in common, so that their axes stand below each other; longer labels get the width they need. */
const VALUE_AXIS_WIDTH = 60;
const LABEL_CHARACTER_PX = 6.5;
const LABEL_MARGIN_PX = 12;
const TIME_AXIS_HEIGHT = 28;
/** Half of a label at the very end of the time axis. */
const LAST_LABEL_PX = 28;
/** A drag shorter than this is a click. */
const MIN_DRAG_PX = 8;
const LINE_PX = 1.75;
const LONE_POINT_PX = 4;
const DASH = [4, 4];

export interface TimePainter {
  color(token: string): string;
  zone(): Zone;
  font(): string;
  data(): TimeData;
  format(value: number): string;
  onHover(index: number | null): void;
  /** ms, aligned to nothing. */
  onZoom(from: number, to: number): void;
}

export interface TimeOptions {
  kind: ChartKind;
  shown: readonly TimeSeries[];
  width: number;
  height: number;
  /** Charts with the same key share their crosshair. */
  sync: string | undefined;
  /** Top of the value axis when everything is nothing. */
  least: number;
  /** Only whole values exist. */
  whole: boolean;
  /** Distances between labels of the value axis, where powers of ten are not what people count in. */
  steps?: readonly number[] | undefined;
}

export function timeChartOptions(painter: TimePainter, options: TimeOptions): uPlot.Options {
  const { kind, shown, width, height, sync, least, whole, steps } = options;
  const axis = {
    stroke: () => painter.color("--text-muted"),
    font: painter.font(),
    ticks: { show: false },
    gap: 6,
  };
  const drawn = kind === "bars" ? [...shown].reverse() : shown;
  return {
    width,
    height,
    padding: [12, LAST_LABEL_PX, 0, 0],
    // Labels stand at whole hours and midnights of the zone that is shown.
    tzDate: (seconds) => {
      const at = new Date(seconds * 1_000);
      return painter.zone() === "utc" ? uPlot.tzDate(at, "Etc/UTC") : at;
    },
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: MIN_DRAG_PX },
      ...(sync === undefined ? {} : { sync: { key: sync, setSeries: false } }),
    },
    scales: {
      x: { time: true, range: () => spanOf(painter.data()) },
      y: { range: (u) => [0, axisTop(greatest(u.data.slice(1) as (number | null)[][]), least, steps)] },
    },
    axes: [
      {
        ...axis,
        size: TIME_AXIS_HEIGHT,
        space: TIME_SPACE,
        grid: { show: false },
        values: (_u, splits, _axis, _space, step) =>
          splits.map((at) => formatAxisTime(at * 1_000, step * 1_000, painter.zone())),
      },
      {
        ...axis,
        size: (_u, labels) => {
          const longest = Math.max(0, ...(labels ?? []).map(({ length }) => length));
          return Math.max(VALUE_AXIS_WIDTH, Math.ceil(longest * LABEL_CHARACTER_PX + LABEL_MARGIN_PX));
        },
        space: VALUE_SPACE,
        grid: { stroke: () => painter.color("--chart-grid"), width: 1 },
        ...(steps !== undefined ? { incrs: [...steps] } : whole ? { incrs: WHOLE_STEPS } : {}),
        values: (_u, splits) => splits.map((value) => painter.format(value)),
      },
    ],
    series: [
      {},
      ...drawn.map(({ label, token, before }) => {
        const asBar = kind === "bars" && before !== true;
        return {
          label,
          points: asBar ? { show: false } : lonePoints(() => painter.color(token)),
          spanGaps: false,
          ...(asBar
            ? { paths: () => null, fill: () => painter.color(token), width: 0 }
            : { stroke: () => painter.color(token), width: LINE_PX, ...(before === true ? { dash: DASH } : {}) }),
        };
      }),
    ],
    hooks: {
      drawSeries: [(u, i) => kind === "bars" && drawn[i - 1]?.before !== true && drawBars(u, i, uPlot.pxRatio)],
      setCursor: [(u) => painter.onHover(u.cursor.idx ?? null)],
      setSelect: [
        (u) => {
          const { left, width: wide } = u.select;
          if (wide < MIN_DRAG_PX) return;
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          painter.onZoom(u.posToVal(left, "x") * 1_000, u.posToVal(left + wide, "x") * 1_000);
        },
      ],
    },
  };
}

/** A value between two gaps has no line: a dot shows it. */
function lonePoints(color: () => string): uPlot.Series.Points {
  return {
    show: true,
    filter: (u, series) => lonely((u.data[series] ?? []) as (number | null)[]),
    size: LONE_POINT_PX,
    width: 0,
    fill: color,
  };
}

const WHOLE_STEPS = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

function spanOf({ starts, end }: TimeData): [number, number] {
  const first = starts[0] ?? 0;
  return [first / 1_000, Math.max(end, first + 1) / 1_000];
}
