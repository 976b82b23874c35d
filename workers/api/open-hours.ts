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
/** Sessions of a range are looked for in open hours this far around it: no session runs longer without a rolled-up hour. */
const AROUND_MS = 7 * DAY_MS;

/** Open hours of a region around `range`, or ever; the running hour and what follows always is one. */
export async function openHours(asking: Asking, region: StorageRegion, range: Range | undefined, now: number) {
  const around = {
    from: range === undefined ? 0 : range.from - AROUND_MS,
    to: range === undefined ? now : Math.min(now, range.to + AROUND_MS),
  };
  const running = Math.floor(now / HOUR_MS) * HOUR_MS;
  const rows =
    around.from < around.to ? await asking.read(region, openHoursQuery, asking.access, { range: around }) : [];
  const hours = rows.map(({ at }) => Number(at) * SECOND_MS).filter((hour) => hour < running);
  return rangesOfHours([...hours, running], running + 2 * DAY_MS);
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
