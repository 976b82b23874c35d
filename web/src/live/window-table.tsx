/** The chart as a table, newest window first: exact values for everyone, and the alternative for screen readers. */
import type { ReactElement } from "react";
import { WINDOW_MS } from "../../../schema/live.ts";
import { LAYERS } from "../chart/palette.ts";
import type { ChartData } from "../chart/series.ts";
import { formatExact } from "../format/number.ts";
import { formatClock, formatMoment, type Zone } from "../format/time.ts";

export function WindowTable({ data, zone }: { data: ChartData; zone: Zone }): ReactElement {
  const rows = data.starts.map((start, index) => ({ start, index })).reverse();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="window-table" tabIndex={0} aria-label="Events by type, table">
      <table>
        <caption className="visually-hidden">Events by type in 10 s windows, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Window</th>
            {LAYERS.map((layer) => (
              <th scope="col" key={layer.key}>
                {layer.label}
              </th>
            ))}
            <th scope="col">All</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ start, index }) => {
            const total = data.totals[index];
            return (
              <tr key={start}>
                <th scope="row" title={`${formatMoment(start, zone)}, ${WINDOW_MS / 1_000} s`}>
                  {formatClock(start, zone)}
                </th>
                {total === null || total === undefined ? (
                  <td colSpan={LAYERS.length + 1} className="window-gap">
                    no data
                  </td>
                ) : (
                  <>
                    {LAYERS.map((layer, i) => {
                      const count = data.exact[i]?.[index] ?? 0;
                      return (
                        <td key={layer.key} className={count === 0 ? "faint" : undefined}>
                          {formatExact(count)}
                        </td>
                      );
                    })}
                    <td className="window-total">{formatExact(total)}</td>
                  </>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
