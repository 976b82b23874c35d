/**
 * A panel with a chart over time: states, legend that isolates, table alternative, CSV, PNG, zoom into the URL. Views give it a query and
 * how its answer becomes series.
 */
import { type ReactElement, type ReactNode, useDeferredValue, useMemo, useRef, useState } from "react";
import { formatBucket, type Zone } from "../format/time.ts";
import { ActionMenu } from "../ui/action-menu.tsx";
import type { Action } from "../ui/action-menu-open.tsx";
import type { CsvTable } from "../ui/csv.ts";
import { downloadPng } from "../ui/download.ts";
import { Panel } from "../ui/panel.tsx";
import { usePaintedTheme, useZone } from "../ui/preferences.tsx";
import { Segments } from "../ui/segments.tsx";
import { Answer, type Asked, PartFailure } from "../ui/states.tsx";
import { Legend } from "./legend.tsx";
import { TimeChart } from "./time-chart.tsx";
import { bucketMs, type ChartKind, type TimeData } from "./time-data.ts";
import { TimeTable } from "./time-table.tsx";

export interface ChartPanelProps<T> {
  title: string;
  note?: ReactNode;
  query: Asked<T>;
  /** Pure; called again only for a new answer. */
  toData(answer: T): TimeData;
  kind: ChartKind;
  format(value: number): string;
  formatExact(value: number): string;
  /** Values are whole things; default true. */
  whole?: boolean;
  /** Top of the value axis when there is nothing; default 5. */
  least?: number;
  /** Distances between labels of the value axis; default: round decimal numbers. */
  steps?: readonly number[] | undefined;
  /** Charts with one key share their crosshair. */
  sync?: string;
  onZoom?: (from: number, to: number) => void;
  empty?: ReactNode;
  controls?: ReactNode;
  height?: number;
  /** More for its menu. */
  actions?: readonly Action[] | undefined;
  /** For a narrow panel of a fixed height: the choice of chart or table is in the menu. */
  compact?: boolean;
}

/** CSS pixels of the drawing, and of a legend of one row under it. */
const HEIGHT = 240;
export const LEGEND_HEIGHT = 36;

export function ChartPanel<T>(props: ChartPanelProps<T>): ReactElement {
  const { title, note, query, toData, controls, empty, height = HEIGHT, actions = [], compact = false } = props;
  const [mode, setMode] = useState<Mode>("chart");
  // The switch answers at once; a long table takes longer.
  const shown = useDeferredValue(mode);
  const canvas = useRef<HTMLDivElement>(null);
  const zone = useZone();
  const answer = query.data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: toData is pure; only a new answer makes new data
  const data = useMemo(() => (answer === undefined ? null : toData(answer)), [answer]);
  return (
    <Panel
      title={title}
      note={note}
      busy={query.isPlaceholderData}
      controls={
        <>
          {controls}
          {compact ? null : (
            <Segments<Mode> label={`${title}: show as`} value={mode} options={MODES} onChange={setMode} />
          )}
          <ActionMenu
            label={`${title}: more`}
            items={[
              ...(compact
                ? [
                    mode === "chart"
                      ? { label: "Show as table", onSelect: () => setMode("table") }
                      : { label: "Show as chart", onSelect: () => setMode("chart") },
                  ]
                : []),
              {
                label: "Download CSV",
                file: title,
                csv: data === null ? undefined : () => csvTable(data, zone),
              },
              {
                label: "Download PNG",
                onSelect: () => canvas.current !== null && downloadPng(title, canvas.current),
                disabled: shown !== "chart" || data === null,
              },
              ...actions,
            ]}
          />
        </>
      }
    >
      {query.data === undefined && query.error !== null ? (
        <div style={{ height: height + LEGEND_HEIGHT }}>
          <PartFailure error={query.error} onRetry={() => void query.refetch()} />
        </div>
      ) : (
        <Answer
          query={query}
          what={title}
          isEmpty={() =>
            data === null || data.series.every(({ values, before }) => before === true || values.every((v) => !v))
          }
          empty={<div style={{ height }}>{empty ?? <NothingHere />}</div>}
        >
          {() =>
            data === null ? null : shown === "table" ? (
              <TimeTable
                data={data}
                zone={zone}
                label={title}
                format={props.formatExact}
                height={compact ? height + LEGEND_HEIGHT : height}
              />
            ) : (
              <ChartBody {...props} data={data} zone={zone} height={height} canvas={canvas} />
            )
          }
        </Answer>
      )}
      {query.data === undefined && query.error === null && !compact ? <div style={{ height }} /> : null}
    </Panel>
  );
}

type Mode = "chart" | "table";
const MODES: readonly { value: Mode; label: string }[] = [
  { value: "chart", label: "Chart" },
  { value: "table", label: "Table" },
];

function NothingHere(): ReactElement {
  return <p className="grid h-full place-items-center text-muted">Nothing in this range</p>;
}

function ChartBody<T>(
  props: ChartPanelProps<T> & {
    data: TimeData;
    zone: Zone;
    height: number;
    canvas: React.RefObject<HTMLDivElement | null>;
  },
): ReactElement {
  const { data, zone, height, canvas, title, kind, format, formatExact, whole = true, least = 5, sync, onZoom } = props;
  const [isolated, setIsolated] = useState<string | null>(null);
  const theme = usePaintedTheme();
  const drag = onZoom === undefined ? "" : " Drag to zoom.";
  return (
    <>
      <div className="px-2" style={{ height }}>
        <TimeChart
          data={data}
          kind={kind}
          isolated={isolated}
          zone={zone}
          theme={theme}
          label={`${title}. Arrow keys move through the buckets.${drag}`}
          format={format}
          formatExact={formatExact}
          whole={whole}
          least={least}
          steps={props.steps}
          sync={sync}
          onZoom={onZoom}
          canvas={canvas}
        />
      </div>
      <Legend data={data} isolated={isolated} onIsolate={setIsolated} format={format} formatExact={formatExact} />
    </>
  );
}

function csvTable(data: TimeData, zone: Zone): CsvTable {
  const { starts, series } = data;
  return {
    titles: ["start", "bucket", ...series.map(({ label }) => label)],
    cells: starts.map((start, i) => [
      new Date(start).toISOString(),
      formatBucket(start, bucketMs(data, i), zone),
      ...series.map(({ values }) => values[i] ?? null),
    ]),
  };
}
