/**
 * Putting answers of regions together, and figures against the period before. Pure; called by the metric and session handlers.
 * Sums add up; distinct values do not, the same person may have worked in both regions: those are unite.ts.
 */

import type { StorageRegion } from "../../schema/pack.ts";
import type { ReadTenant, TenantAccess, TenantQuery } from "../shared/clickhouse-read.ts";

/** Runs a query in every region of the tenant at the same time. One that fails fails the whole: half an answer is none. */
export async function readRegions<Input, Row>(
  read: ReadTenant,
  regions: readonly StorageRegion[],
  query: TenantQuery<Input, Row>,
  access: TenantAccess,
  input: Input,
): Promise<Row[][]> {
  return await Promise.all(regions.map((region) => read(region, query, access, input)));
}

/** The sum of decimal integers, as one. */
export function addDecimals(values: readonly string[]): string {
  const [first = "0"] = values;
  return values.length < 2 ? first : values.reduce((sum, value) => sum + BigInt(value), 0n).toString();
}

/** Hex digits of one distinct key. */
const KEY_DIGITS = 16;

/** How many distinct keys there are in one or two packed, sorted lists of keys. */
export function countDistinctKeys(lists: readonly string[]): number {
  const [a = "", b = ""] = lists;
  let i = 0;
  let j = 0;
  let count = 0;
  while (i < a.length && j < b.length) {
    const left = a.slice(i, i + KEY_DIGITS);
    const right = b.slice(j, j + KEY_DIGITS);
    if (left <= right) i += KEY_DIGITS;
    if (right <= left) j += KEY_DIGITS;
    count++;
  }
  return count + (a.length - i + b.length - j) / KEY_DIGITS;
}

export interface Figure {
  value: number;
  previous: number;
  change: number | null;
}

/** A count against the one before. */
export function figure(value: string, previous: string): Figure {
  return { value: Number(value), previous: Number(previous), change: changeOf(value, previous) };
}

/** Money against the money before; stays in decimal strings, only the ratio is a float. */
export function moneyFigure(
  value: string,
  previous: string,
): { value: string; previous: string; change: number | null } {
  return { value, previous, change: changeOf(value, previous) };
}

/** A ratio is shown to a hundredth of a percent. */
const RATIO_SCALE = 10_000;

/** The change as a ratio; null when there was nothing before. */
export function changeOf(value: string, previous: string): number | null {
  const before = Number(previous);
  return before === 0 ? null : Math.round(((Number(value) - before) / before) * RATIO_SCALE) / RATIO_SCALE;
}
