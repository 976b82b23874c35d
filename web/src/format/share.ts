/** Parts of a whole, from exact amounts. Pure. A part of nothing is not known: null, never 0. */

/** Digits that a share keeps: more than any screen shows. */
const SCALE = 1_000_000_000n;

/** `part / whole` of two integers of any size. */
export function shareOf(part: bigint, whole: bigint): number | null {
  return whole === 0n ? null : Number((part * SCALE) / whole) / Number(SCALE);
}

/** `part / whole`; null when there is nothing to be a part of. */
export function rateOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** (now - before) / before, of rates; null when either is not known or there was nothing before. */
export function changeOfRate(now: number | null, before: number | null): number | null {
  return now === null || before === null || before === 0 ? null : now / before - 1;
}
