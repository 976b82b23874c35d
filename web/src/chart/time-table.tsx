/** A chart as a table, newest bucket first: exact values for everyone, and the alternative for screen readers. */
import type { ReactElement } from "react";
import { NO_VALUE } from "../format/number.ts";
import { formatBucket, formatMoment, type Zone } from "../format/time.ts";
import { bucketMs, type TimeData } from "./time-data.ts";

export function TimeTable({
  data,
  zone,
  label,
  format,
  height,
}: {
  data: TimeData;
  zone: Zone;
  label: string;
  format(value: number): string;
  height: number;
}): ReactElement {
  const rows = data.starts.map((start, index) => ({ start, index })).reverse();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="window-table" style={{ height }} tabIndex={0} aria-label={`${label}, table`}>
      <table>
        <caption className="visually-hidden">{label}, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {data.series.map((series) => (
              <th scope="col" key={series.key}>
                <bdi className="cut max-w-48" title={series.label}>
                  {series.label}
                </bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ start, index }) => (
            <tr key={start}>
              <th scope="row" title={formatMoment(start, zone)}>
                {formatBucket(start, bucketMs(data, index), zone)}
              </th>
              {data.series.map(({ key, values }) => {
                const value = values[index] ?? null;
                return (
                  <td key={key} className={value === 0 || value === null ? "faint" : undefined}>
                    {value === null ? NO_VALUE : format(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
