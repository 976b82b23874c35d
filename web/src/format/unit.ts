/** A value in its unit, short and exact: what axes, tooltips and tables use. Pure. Money comes as USD (drawable). */
import type { Unit } from "../../../schema/api/metrics.ts";
import { formatUsd, formatUsdExact } from "./money.ts";
import { formatCount, formatExact } from "./number.ts";
import { formatDuration } from "./time.ts";

export interface UnitFormat {
  short(value: number): string;
  exact(value: number): string;
  /** Only whole values exist. */
  whole: boolean;
  /** Top of an axis when there is nothing. */
  least: number;
}

const nano = (usd: number): bigint => BigInt(Math.round(usd * 1e9));

const MONEY: UnitFormat = {
  short: (usd) => formatUsd(nano(usd)),
  exact: (usd) => formatUsdExact(nano(usd)),
  whole: false,
  least: 0.01,
};
const TIME: UnitFormat = {
  short: formatDuration,
  exact: (ms) => `${formatExact(Math.round(ms))} ms`,
  whole: false,
  least: 1_000,
};
const COUNT: UnitFormat = { short: formatCount, exact: formatExact, whole: true, least: 5 };

/** How values of a unit are written. */
export function unitFormat(unit: Unit): UnitFormat {
  if (unit === "nano_usd") return MONEY;
  return unit === "ms" ? TIME : COUNT;
}
