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
  /** Distances between the labels of an axis, smallest first; default: powers of ten, doubled and halved. */
  steps?: readonly number[];
}

/** Digits that a double holds for certain; what follows them would be made up. */
const CERTAIN_DIGITS = 15;
const NANO_DIGITS = 9;
/** From here on a number is written with an exponent. */
const LARGEST_PLAIN = 1e21;

function nano(usd: number): bigint {
  const size = Math.abs(usd);
  if (!(size < LARGEST_PLAIN)) return BigInt(Math.round(usd)) * 10n ** BigInt(NANO_DIGITS);
  const whole = size < 1 ? 0 : Math.floor(Math.log10(size)) + 1;
  const decimals = Math.min(NANO_DIGITS, Math.max(0, CERTAIN_DIGITS - whole));
  return BigInt(usd.toFixed(decimals).replace(".", "")) * 10n ** BigInt(NANO_DIGITS - decimals);
}

const MONEY: UnitFormat = {
  short: (usd) => formatUsd(nano(usd)),
  exact: (usd) => formatUsdExact(nano(usd)),
  whole: false,
  least: 0.01,
};
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30];
/** Distances that people count time in. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...CLOCK_STEPS.map((step) => step * SECOND),
  ...CLOCK_STEPS.map((step) => step * MINUTE),
  ...[1, 2, 3, 6, 12].map((step) => step * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000].map((step) => step * DAY),
];

const TIME: UnitFormat = {
  short: formatDuration,
  exact: (ms) => `${formatExact(Math.round(ms))} ms`,
  whole: false,
  least: SECOND,
  steps: TIME_STEPS,
};
const COUNT: UnitFormat = { short: formatCount, exact: formatExact, whole: true, least: 5 };

/** How values of a unit are written. */
export function unitFormat(unit: Unit): UnitFormat {
  if (unit === "nano_usd") return MONEY;
  return unit === "ms" ? TIME : COUNT;
}
