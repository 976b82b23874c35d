/**
 * Money as people read it. Amounts are nano-USD (1e-9 USD) as decimal strings or bigints, because a month of a large
 * tenant does not fit a double exactly. Used by every view; pure.
 */
import { formatCount, NO_VALUE } from "./number.ts";

const NANO = 1_000_000_000n;
const NANO_DIGITS = 9;
const CENT = NANO / 100n;
/** From here on dollars are shortened (1.2 K). */
const SHORT_FROM = 10_000n * NANO;
/** Below a cent this many significant digits are shown. */
const SIGNIFICANT = 2;

/** Reads a nano-USD amount. Null when there is none or it is no integer. */
export function parseNanoUsd(value: string | number | bigint | null | undefined): bigint | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isFinite(value) ? BigInt(Math.round(value)) : null;
  return /^-?\d{1,40}$/.test(value) ? BigInt(value) : null;
}

/** A short amount: $0.00, $0.0042, $12.34, $12.3 K. No amount (unpriced) is NO_VALUE, never $0. */
export function formatUsd(value: string | number | bigint | null | undefined): string {
  const nano = parseNanoUsd(value);
  if (nano === null) return NO_VALUE;
  const size = nano < 0n ? -nano : nano;
  const sign = nano < 0n ? "−" : "";
  if (size === 0n) return "$0.00";
  if (size >= SHORT_FROM) return `${sign}$${formatCount(Number(size) / Number(NANO))}`;
  if (size < CENT) return `${sign}$${smallAmount(size)}`;
  const cents = (size + CENT / 2n) / CENT;
  return `${sign}$${group(cents / 100n)}.${String(cents % 100n).padStart(2, "0")}`;
}

/** Every digit there is, at least two decimals: $1,234.0000042. */
export function formatUsdExact(value: string | number | bigint | null | undefined): string {
  const nano = parseNanoUsd(value);
  if (nano === null) return NO_VALUE;
  const size = nano < 0n ? -nano : nano;
  const fraction = String(size % NANO)
    .padStart(NANO_DIGITS, "0")
    .replace(/0{1,7}$/, "");
  return `${nano < 0n ? "−" : ""}$${group(size / NANO)}.${fraction}`;
}

/** 0 < size < one cent, rounded to SIGNIFICANT digits; rounding up to a cent gives 0.01. */
function smallAmount(size: bigint): string {
  const digits = String(size);
  const drop = BigInt(Math.max(0, digits.length - SIGNIFICANT));
  const unit = 10n ** drop;
  const rounded = ((size + unit / 2n) / unit) * unit;
  return `0.${String(rounded).padStart(NANO_DIGITS, "0").replace(/0+$/, "")}`;
}

function group(dollars: bigint): string {
  return dollars.toLocaleString("en-US");
}
