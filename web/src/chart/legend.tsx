/** Names, colours and totals of a chart's series; pressing one shows it alone. Used by chart-panel.tsx. */
import type { ReactElement } from "react";
import { Swatch } from "./swatch.tsx";
import { type TimeData, totalOf } from "./time-data.ts";

export function Legend({
  data,
  isolated,
  onIsolate,
  format,
  formatExact,
}: {
  data: TimeData;
  isolated: string | null;
  onIsolate(key: string | null): void;
  format(value: number): string;
  formatExact(value: number): string;
}): ReactElement {
  return (
    <ul className="legend" aria-label="Series; press to show one only">
      {data.series.map((series) => {
        const total = totalOf(series);
        const body = (
          <>
            <Swatch token={series.token} dashed={series.before === true} />
            <bdi className="cut" title={series.label}>
              {series.label}
            </bdi>
            <span className="legend-sum" title={total === null ? undefined : formatExact(total)}>
              {total === null ? "" : format(total)}
            </span>
          </>
        );
        const dimmed = isolated !== null && isolated !== series.key;
        const className = dimmed ? "legend-item legend-dimmed" : "legend-item";
        return (
          <li key={series.key}>
            {series.before === true || data.series.length === 1 ? (
              <span className={className}>{body}</span>
            ) : (
              <button
                type="button"
                className={className}
                aria-pressed={isolated === series.key}
                onClick={() => onIsolate(isolated === series.key ? null : series.key)}
              >
                {body}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
