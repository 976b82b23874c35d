/**
 * The hours whose events `sessions` has not seen as they are now, as few ranges. Called by routes/sessions.ts. Pure but for the read.
 */
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../schema/limits.ts";
import type { StorageRegion } from "../../schema/pack.ts";
import { openHoursQuery } from "./queries/sessions.ts";
import type { Asking } from "./queries/status.ts";
import type { Range } from "./range.ts";

/** Ranges of one statement; more are put together with what is between them, which only reads more. */
const MAX_RANGES = 50;
/** Open hours of a list that are all read, wherever they are: a month of them. There are more only while a long past is imported. */
const MAX_OPEN_HOURS = 31 * 24;
/** With more, the list has only those this far around its range, and sessions that run longer show what is rolled up of the rest. */
const AROUND_MS = 7 * DAY_MS;

/** Open hours of a region, around `range` if there are very many; the running hour and what follows always is one. */
export async function openHours(asking: Asking, region: StorageRegion, range: Range | undefined, now: number) {
  const running = Math.floor(now / HOUR_MS) * HOUR_MS;
  const rows = await asking.read(region, openHoursQuery, asking.access, { range: { from: 0, to: running } });
  const hours = rows.map(({ at }) => Number(at) * SECOND_MS);
  const isNear = (hour: number): boolean =>
    range === undefined || (hour >= range.from - AROUND_MS && hour < range.to + AROUND_MS);
  const kept = hours.length > MAX_OPEN_HOURS ? hours.filter(isNear) : hours;
  return rangesOfHours([...kept, running], running + 2 * DAY_MS);
}

/** Hours in rising order as ranges; the last one reaches to `end`. */
export function rangesOfHours(hours: readonly number[], end: number): Range[] {
  let ranges: Range[] = [];
  for (const from of hours) {
    const last = ranges.at(-1);
    if (last?.to === from) last.to = from + HOUR_MS;
    else ranges.push({ from, to: from + HOUR_MS });
  }
  const last = ranges.at(-1);
  if (last !== undefined) last.to = end;
  while (ranges.length > MAX_RANGES) {
    ranges = ranges.flatMap((range, i) =>
      i % 2 === 1 ? [] : [{ from: range.from, to: ranges[i + 1]?.to ?? range.to }],
    );
  }
  return ranges;
}
