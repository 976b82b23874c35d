/**
 * Counts and rates as people read them (1.2 K) and as they check them (1,234). Used by every view; pure.
 * Locale is fixed, so that a number in a screenshot means the same to everyone.
 */

/** What stands for "there is no value": never 0, which is a value. */
export const NO_VALUE = "—";
/** Joins a number and its unit without a line break. */
export const NBSP = "\u00a0";

const UNITS = ["", "K", "M", "B", "T"] as const;
const STEP = 1_000;
/** Above this no unit is left; scientific notation is honest. */
const LARGEST = 1e18;
const exactFormat = new Intl.NumberFormat("en-US", { maximumFractionDigits: 20 });

/** A short count: 950, 1.2 K, 12.3 M. Null, undefined, NaN and infinities are NO_VALUE. */
export function formatCount(value: number | bigint | null | undefined): string {
  const number = usable(value);
  if (number === null) return NO_VALUE;
  if (Math.abs(number) < STEP) return trim(number, Number.isInteger(number) ? 0 : 1);
  return short(number);
}

/** A short rate: like a count, with one decimal below 100 (0.3, 12.4, 1.2 K). */
export function formatRate(value: number | null | undefined): string {
  const number = usable(value);
  if (number === null) return NO_VALUE;
  const size = Math.abs(number);
  if (size >= STEP) return short(number);
  if (size > 0 && size < 0.1) return number < 0 ? `>${NBSP}−0.1` : `<${NBSP}0.1`;
  return trim(number, size < 100 ? 1 : 0);
}

/** Every digit, grouped: 1,234,567. */
export function formatExact(value: number | bigint | null | undefined): string {
  if (typeof value === "bigint") return minus(exactFormat.format(value));
  const number = usable(value);
  return number === null ? NO_VALUE : minus(exactFormat.format(number === 0 ? 0 : number));
}

function usable(value: number | bigint | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function short(number: number): string {
  if (Math.abs(number) >= LARGEST) return minus(number.toExponential(1).replace("e+", "e"));
  let scaled = number;
  let unit = 0;
  while (Math.abs(scaled) >= STEP && unit < UNITS.length - 1) {
    scaled /= STEP;
    unit++;
  }
  // Rounding may carry into the next unit: 999,950 is 1 M, not 1000 K.
  if (Math.abs(Number(scaled.toFixed(Math.abs(scaled) < 100 ? 1 : 0))) >= STEP && unit < UNITS.length - 1) {
    scaled /= STEP;
    unit++;
  }
  return `${trim(scaled, Math.abs(scaled) < 100 ? 1 : 0)}${NBSP}${UNITS[unit] ?? ""}`;
}

function trim(number: number, decimals: number): string {
  const text = number.toFixed(decimals).replace(/\.0$/, "");
  return text === "-0" ? "0" : minus(text);
}

function minus(text: string): string {
  return text.replace(/^-/, "−");
}
