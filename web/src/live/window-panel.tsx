/** Events by type in 10 s windows of the last 15 minutes: chart or table, with a legend that filters. */
import { type ReactElement, type ReactNode, useDeferredValue, useMemo } from "react";
import { LAYERS, type LayerKey, layerOf } from "../chart/palette.ts";
import { type ChartData, chartData } from "../chart/series.ts";
import { WindowChart } from "../chart/window-chart.tsx";
import { formatCount, formatExact } from "../format/number.ts";
import type { Zone } from "../format/time.ts";
import type { LiveState } from "./reducer.ts";
import { windowStart } from "./summary.ts";
import { WindowTable } from "./window-table.tsx";

export function WindowPanel({
  state,
  now,
  knownUntil,
  zone,
  theme,
  table,
  onTable,
  type,
  onType,
  loading,
  stale,
  empty,
}: {
  state: LiveState;
  /** Server ms. */
  now: number;
  /** Server ms up to which nothing can be missing. */
  knownUntil: number;
  zone: Zone;
  theme: string;
  table: boolean;
  onTable(table: boolean): void;
  type: string | undefined;
  onType(type: string | undefined): void;
  loading: boolean;
  /** What is shown was asked for with other filters. */
  stale: boolean;
  /** Shown over the chart when there is nothing to draw. */
  empty: ReactNode;
}): ReactElement {
  // The switch answers at once; 90 rows take longer.
  const shownTable = useDeferredValue(table);
  const currentWindow = windowStart(now);
  const untilWindow = windowStart(knownUntil);
  // New numbers or a new window make new data; a passing second does not.
  const data = useMemo(
    () =>
      chartData(
        [...state.windows.values()].map((stamped) => stamped.value),
        currentWindow,
        { from: state.from, until: untilWindow },
      ),
    [state.windows, state.from, currentWindow, untilWindow],
  );
  const total = Object.values(data.sums).reduce((sum, count) => sum + count, 0);
  return (
    <section className="panel window-panel" aria-labelledby="windows-title" data-stale={stale}>
      <div className="panel-head">
        <h2 id="windows-title">Events by type</h2>
        <span className="panel-note">10 s windows, last 15 min</span>
        <span className="header-space" />
        <fieldset className="segments">
          <legend className="visually-hidden">Show as</legend>
          {[false, true].map((value) => (
            <label key={String(value)} className="segment">
              <input type="radio" name="view" checked={table === value} onChange={() => onTable(value)} />
              <span>{value ? "Table" : "Chart"}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <div className="window-body">
        {loading ? (
          <div className="skeleton skeleton-chart">
            <span className="visually-hidden">Loading the chart</span>
          </div>
        ) : shownTable ? (
          <WindowTable data={data} zone={zone} />
        ) : (
          <WindowChart
            data={data}
            zone={zone}
            theme={theme}
            label={`Events by type, last 15 minutes: ${formatExact(total)} events. Arrow keys move through the windows.`}
          />
        )}
        {loading || shownTable || empty === null ? null : <div className="window-empty">{empty}</div>}
      </div>
      <Legend data={data} type={type} onType={onType} loading={loading} />
    </section>
  );
}

function Legend({
  data,
  type,
  onType,
  loading,
}: {
  data: ChartData;
  type: string | undefined;
  onType(type: string | undefined): void;
  loading: boolean;
}): ReactElement {
  const chosen = type === undefined ? null : layerOf(type);
  return (
    <ul className="legend" aria-label="Event types; press to show one only">
      {LAYERS.map((layer) => (
        <li key={layer.key}>
          <LegendItem
            layer={layer.key}
            label={layer.key === "custom" && type !== undefined && chosen === "custom" ? type : layer.label}
            sum={loading ? null : data.sums[layer.key]}
            pressed={chosen === layer.key}
            dimmed={chosen !== null && chosen !== layer.key}
            // "Custom" is many types; one of them is chosen in the filter bar.
            onPress={
              layer.key === "custom" && chosen !== "custom"
                ? null
                : () => onType(chosen === layer.key ? undefined : layer.key)
            }
          />
        </li>
      ))}
    </ul>
  );
}

function LegendItem({
  layer,
  label,
  sum,
  pressed,
  dimmed,
  onPress,
}: {
  layer: LayerKey;
  label: string;
  sum: number | null;
  pressed: boolean;
  dimmed: boolean;
  onPress: (() => void) | null;
}): ReactElement {
  const body = (
    <>
      <span className={`swatch swatch-${layer}`} />
      <span className="cut">{label}</span>
      <span className="legend-sum" title={formatExact(sum)}>
        {formatCount(sum)}
      </span>
    </>
  );
  const className = dimmed ? "legend-item legend-dimmed" : "legend-item";
  return onPress === null ? (
    <span className={className}>{body}</span>
  ) : (
    <button type="button" className={className} aria-pressed={pressed} onClick={onPress}>
      {body}
    </button>
  );
}
