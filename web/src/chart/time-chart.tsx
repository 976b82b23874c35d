/**
 * A chart over a range: keeps one uPlot as long as its series stay the same and feeds it with setData. Used by chart-panel.tsx, which
 * adds legend, table and states; the table is its accessible alternative.
 */
import {
  type KeyboardEvent,
  type ReactElement,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import uPlot from "uplot";
import type { Zone } from "../format/time.ts";
import { type ChartSpec, decide } from "./decide.ts";
import { bucketMs, type ChartKind, plotData, type TimeData, visibleSeries } from "./time-data.ts";
import { type TimePainter, timeChartOptions } from "./time-options.ts";
import { TimeTooltip } from "./time-tooltip.tsx";

export interface TimeChartProps {
  data: TimeData;
  kind: ChartKind;
  isolated: string | null;
  zone: Zone;
  theme: string;
  /** What the chart shows, for people who do not see it. */
  label: string;
  format(value: number): string;
  formatExact(value: number): string;
  whole: boolean;
  least: number;
  steps?: readonly number[] | undefined;
  sync?: string | undefined;
  onZoom?: ((from: number, to: number) => void) | undefined;
  /** Receives the drawing surface, for the PNG. */
  canvas?: RefObject<HTMLDivElement | null> | undefined;
}

interface Live {
  props: TimeChartProps;
  colors: Map<string, string>;
}

export function TimeChart(props: TimeChartProps): ReactElement {
  const { data, kind, isolated, zone, theme, label, sync, least, whole, steps } = props;
  const ownHost = useRef<HTMLDivElement>(null);
  const host = props.canvas ?? ownHost;
  const chart = useRef<{ plot: uPlot; spec: ChartSpec } | null>(null);
  const live = useRef<Live>({ props, colors: new Map() });
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const shown = visibleSeries(data, isolated);

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const measure = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [host]);

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null || size === null || size.width === 0) return;
    const spec: ChartSpec = {
      series: [kind, ...shown.map(({ key }) => key)],
      data: data,
      ...size,
      paint: `${theme} ${zone}`,
    };
    const repaint = chart.current?.spec.paint !== spec.paint;
    live.current = { props, colors: repaint ? new Map() : live.current.colors };
    const decision = decide(chart.current?.spec ?? null, spec);
    const drawn = () => plotData(data, shown, kind);
    if (decision.kind === "create") {
      chart.current?.plot.destroy();
      const painter = makePainter(element, live, setHover);
      const options = timeChartOptions(painter, { kind, shown, ...size, sync, least, whole, steps });
      chart.current = { plot: new uPlot(options, drawn(), element), spec };
      return;
    }
    const plot = chart.current?.plot;
    if (decision.kind === "keep" || plot === undefined) return;
    plot.batch(() => {
      if (decision.size) plot.setSize(size);
      if (decision.data) plot.setData(drawn());
      if (decision.paint) plot.redraw(false, true);
    });
    chart.current = { plot, spec };
  });

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
    if (at === undefined || at === null) plot.setCursor({ left: -10, top: -10 });
    else plot.setCursor({ left: plot.valToPos(at, "x"), top: 0 });
  };
  const last = data.starts.length - 1;
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = keyTarget(event.key, hover ?? last + 1, last);
    if (target === undefined) return;
    event.preventDefault();
    moveTo(target);
  };
  const plot = chart.current?.plot;
  const at = hover === null ? undefined : plot?.data[0]?.[hover];
  const left = at === undefined || at === null ? 0 : (plot?.valToPos(at, "x") ?? 0);
  const spoken = hover ?? last;
  return (
    <div className="chart">
      <div
        ref={host}
        className="chart-canvas"
        role="slider"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={Math.max(0, spoken)}
        aria-valuetext={valueText(props, spoken)}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => moveTo(null)}
      />
      {hover !== null && data.starts[hover] !== undefined ? (
        <TimeTooltip
          data={data}
          shown={shown}
          index={hover}
          zone={zone}
          format={props.formatExact}
          left={left + (plot?.over.offsetLeft ?? 0)}
          width={size?.width ?? 0}
        />
      ) : null}
    </div>
  );
}

function keyTarget(key: string, from: number, last: number): number | null | undefined {
  const clamp = (index: number): number => Math.min(last, Math.max(0, index));
  const targets: Record<string, number | null> = {
    ArrowLeft: clamp(from - 1),
    ArrowRight: clamp(from + 1),
    PageDown: clamp(from - 6),
    PageUp: clamp(from + 6),
    Home: 0,
    End: last,
    Escape: null,
  };
  return Object.hasOwn(targets, key) ? targets[key] : undefined;
}

function valueText({ data, isolated, formatExact }: TimeChartProps, index: number): string {
  const start = data.starts[index];
  if (start === undefined) return "no data";
  const parts = visibleSeries(data, isolated).map(({ label, values }) => {
    const value = values[index];
    return `${label}: ${value === null || value === undefined ? "no data" : formatExact(value)}`;
  });
  return `${new Date(start).toISOString()}, ${bucketMs(data, index) / 60_000} minutes. ${parts.join(", ")}`;
}

function makePainter(
  element: HTMLElement,
  live: { current: Live },
  onHover: (index: number | null) => void,
): TimePainter {
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
    zone: () => live.current.props.zone,
    font: () => `11px ${getComputedStyle(element).fontFamily}`,
    data: () => live.current.props.data,
    format: (value) => live.current.props.format(value),
    onHover,
    onZoom: (from, to) => live.current.props.onZoom?.(from, to),
  };
}
