/**
 * The live bar chart: keeps one uPlot for as long as the view is shown and feeds it with setData.
 * Used by the window panel. The table beside it is its accessible alternative.
 */
import { type KeyboardEvent, type ReactElement, useEffect, useLayoutEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { formatClock, type Zone } from "../format/time.ts";
import { type ChartSpec, decide } from "./decide.ts";
import { type Painter, windowChartOptions } from "./options.ts";
import { LAYERS } from "./palette.ts";
import { type ChartData, stack } from "./series.ts";
import { WindowTooltip } from "./window-tooltip.tsx";

const SERIES = LAYERS.map((layer) => layer.key);
const PAGE_STEP = 6;

export function WindowChart({
  data,
  zone,
  theme,
  label,
}: {
  data: ChartData;
  zone: Zone;
  theme: string;
  label: string;
}): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<{ plot: uPlot; spec: ChartSpec } | null>(null);
  const live = useRef({ data, zone, colors: new Map<string, string>() });
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [hover, setHover] = useState<number | null>(null);

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const measure = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null || size === null || size.width === 0) return;
    const before = live.current;
    const spec: ChartSpec = { series: SERIES, data, ...size, paint: `${theme} ${zone}` };
    const repaint = chart.current?.spec.paint !== spec.paint;
    live.current = { data, zone, colors: repaint ? new Map() : before.colors };
    const decision = decide(chart.current?.spec ?? null, spec);
    if (decision.kind === "create") {
      chart.current?.plot.destroy();
      const painter = makePainter(element, live, setHover);
      const plot = new uPlot(windowChartOptions(painter, size.width, size.height), stack(data), element);
      chart.current = { plot, spec };
      return;
    }
    const plot = chart.current?.plot;
    if (decision.kind === "keep" || plot === undefined) return;
    plot.batch(() => {
      if (decision.size) plot.setSize(size);
      if (decision.data) plot.setData(stack(data));
      if (decision.paint) plot.redraw(false, true);
    });
    chart.current = { plot, spec };
  }, [data, zone, theme, size]);

  useEffect(
    () => () => {
      chart.current?.plot.destroy();
      chart.current = null;
    },
    [],
  );

  const moveTo = (index: number | null): void => {
    const plot = chart.current?.plot;
    const at = index === null ? undefined : plot?.data[0]?.[index];
    if (plot === undefined) return;
    if (index === null || at === undefined || at === null) plot.setCursor({ left: -10, top: -10 });
    else plot.setCursor({ left: plot.valToPos(at, "x"), top: 0 });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = data.starts.length - 1;
    const from = hover ?? last + 1;
    const target = keyTarget(event.key, from, last);
    if (target === undefined) return;
    event.preventDefault();
    moveTo(target);
  };
  const plot = chart.current?.plot;
  const hoverLeft = hover === null ? 0 : (plot?.valToPos(((data.starts[hover] ?? 0) + 5_000) / 1_000, "x") ?? 0);
  return (
    <div className="chart">
      <div
        ref={host}
        className="chart-canvas"
        role="slider"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={data.starts.length - 1}
        aria-valuenow={hover ?? data.starts.length - 1}
        aria-valuetext={valueText(data, hover, zone)}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => moveTo(null)}
      />
      {hover !== null && data.starts[hover] !== undefined ? (
        <WindowTooltip
          data={data}
          index={hover}
          zone={zone}
          left={hoverLeft + (plot?.over.offsetLeft ?? 0)}
          width={size?.width ?? 0}
        />
      ) : null}
    </div>
  );
}

function keyTarget(key: string, from: number, last: number): number | null | undefined {
  const clamp = (index: number): number => Math.min(last, Math.max(0, index));
  switch (key) {
    case "ArrowLeft":
      return clamp(from - 1);
    case "ArrowRight":
      return clamp(from + 1);
    case "PageDown":
      return clamp(from - PAGE_STEP);
    case "PageUp":
      return clamp(from + PAGE_STEP);
    case "Home":
      return 0;
    case "End":
      return last;
    case "Escape":
      return null;
    default:
      return undefined;
  }
}

function valueText(data: ChartData, hover: number | null, zone: Zone): string {
  const index = hover ?? data.starts.length - 1;
  const total = data.totals[index];
  const at = formatClock(data.starts[index] ?? 0, zone);
  return `${at}: ${total === null || total === undefined ? "no data" : `${total} events`}`;
}

function makePainter(
  element: HTMLElement,
  live: { current: { data: ChartData; zone: Zone; colors: Map<string, string> } },
  onHover: (index: number | null) => void,
): Painter {
  return {
    color: (token) => {
      const { colors } = live.current;
      let color = colors.get(token);
      if (color === undefined) {
        color = getComputedStyle(element).getPropertyValue(token).trim();
        colors.set(token, color);
      }
      return color;
    },
    zone: () => live.current.zone,
    data: () => live.current.data,
    font: () => `11px ${getComputedStyle(element).fontFamily}`,
    onHover,
  };
}
