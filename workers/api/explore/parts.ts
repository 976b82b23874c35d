/**
 * Parts of measures as ClickHouse answers them, texts: putting those of two regions together, and what a histogram and a division
 * of whole numbers give. Pure; called by measures.ts and answer.ts.
 */
import { z } from "zod";
import { countDistinctKeys } from "../merge.ts";

/**
 * sum: whole numbers added; float: doubles added; min, max: of whole numbers; float_min, float_max: of doubles; keys: distinct
 * values united; histogram: bins added; only: comes from one region, because two cannot be put together.
 */
export type PartKind = "sum" | "float" | "min" | "max" | "float_min" | "float_max" | "keys" | "histogram" | "only";

/** The part of all regions together; keys become their number. Null where no region has a value. */
export function mergeParts(kind: PartKind, texts: readonly (string | null)[]): string | null {
  const given = texts.filter((text) => text !== null);
  if (kind === "keys") return String(countDistinctKeys(given));
  const [first, ...others] = given;
  if (first === undefined) return null;
  return others.reduce((merged, text) => MERGE[kind](merged, text), first);
}

const MERGE: Record<Exclude<PartKind, "keys">, (a: string, b: string) => string> = {
  sum: (a, b) => (BigInt(a) + BigInt(b)).toString(),
  float: (a, b) => String(Number(a) + Number(b)),
  min: (a, b) => (BigInt(a) <= BigInt(b) ? a : b),
  max: (a, b) => (BigInt(a) >= BigInt(b) ? a : b),
  float_min: (a, b) => (Number(a) <= Number(b) ? a : b),
  float_max: (a, b) => (Number(a) >= Number(b) ? a : b),
  histogram: (a, b) => {
    const bins = histogramOf(a);
    for (const [bin, count] of histogramOf(b)) bins.set(bin, (bins.get(bin) ?? 0) + count);
    return JSON.stringify(Object.fromEntries(bins));
  },
  only: () => {
    throw new TypeError("this part comes from one region");
  },
};

const BinsSchema = z.record(z.string().regex(/^\d{1,5}$/), z.union([z.number(), z.string().regex(/^\d+$/)]));

function histogramOf(text: string): Map<number, number> {
  return new Map(Object.entries(BinsSchema.parse(JSON.parse(text))).map(([bin, n]) => [Number(bin), Number(n)]));
}

/** The smallest value that the share `level` of all values does not exceed; null of nothing. */
export function histogramQuantile(text: string, level: number): number | null {
  const bins = [...histogramOf(text)].map(([bin, count]) => ({ value: floatOf(bin), count }));
  bins.sort((a, b) => a.value - b.value);
  const size = bins.reduce((sum, { count }) => sum + count, 0);
  const threshold = Math.ceil(size * level);
  let seen = 0;
  for (const { value, count } of bins) {
    seen += count;
    if (seen >= threshold) return value;
  }
  return null;
}

const cell = new DataView(new ArrayBuffer(4));

/** The number whose upper 16 bits of a 32-bit float are these. */
function floatOf(bin: number): number {
  cell.setUint32(0, bin * 2 ** 16);
  return cell.getFloat32(0);
}

/** A quotient of whole numbers as a whole number, rounded half away from zero. */
export function rational(a: bigint, b: bigint): string {
  const [top, bottom] = b < 0n ? [-a, -b] : [a, b];
  const half = bottom / 2n;
  return (top < 0n ? -((half - top) / bottom) : (top + half) / bottom).toString();
}

/** A double as a decimal integer; null when it is none. */
export function wholeOrNull(value: number): string | null {
  return Number.isFinite(value) ? BigInt(Math.round(value)).toString() : null;
}
