/**
 * One figure from the parts that regions gave: sums are added; distinct values and durations are put together from their states,
 * by ClickHouse, which alone can read them. Called by the metric and insight handlers.
 */
import type { SeriesMetric } from "../../schema/api/metrics.ts";
import { addDecimals } from "./merge.ts";
import { isDuration, isState } from "./queries/measures.ts";
import type { Asking } from "./queries/status.ts";
import { unitedQuery } from "./queries/timeseries.ts";

/** A figure as one region gave it; `state` in hex, empty when there is only one region to ask. */
export interface Part {
  value: string;
  state: string;
}

/** Hex digits of states sent with one query: ClickHouse takes 4 MB of parameters. */
const MAX_STATE_DIGITS = 2_000_000;

/** One value per cell of parts, in order. A cell without parts is "0", for a duration "". */
export async function uniteParts(asking: Asking, metric: SeriesMetric, cells: readonly Part[][]): Promise<string[]> {
  if (!isState(metric)) return cells.map((parts) => addDecimals(parts.map(({ value }) => value)));
  const pairs = cells.flatMap((parts, cell) => {
    const [a, b] = parts;
    return a === undefined || b === undefined ? [] : [{ cell, states: [a.state, b.state] }];
  });
  const values = cells.map(([first]) => first?.value ?? (isDuration(metric) ? "" : "0"));
  for (const batch of batches(pairs)) {
    const rows = await readUnited(
      asking,
      metric,
      batch.flatMap(({ states }) => states),
    );
    for (const [i, { cell }] of batch.entries()) values[cell] = rows[i]?.value ?? "0";
  }
  return values;
}

async function readUnited({ read, regions, access }: Asking, metric: SeriesMetric, states: string[]) {
  const [region] = regions;
  return region === undefined ? [] : await read(region, unitedQuery, access, { metric, states });
}

function batches<T extends { states: string[] }>(pairs: readonly T[]): T[][] {
  const all: T[][] = [];
  let digits = Number.POSITIVE_INFINITY;
  for (const pair of pairs) {
    const size = pair.states.reduce((sum, { length }) => sum + length, 0);
    if (digits + size > MAX_STATE_DIGITS) {
      all.push([]);
      digits = 0;
    }
    all.at(-1)?.push(pair);
    digits += size;
  }
  return all;
}
