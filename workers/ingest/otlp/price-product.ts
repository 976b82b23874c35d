/**
 * Tokens times rates times factors, exact, in nano-USD. Called by price.ts. Whole numbers in doubles while every intermediate
 * result fits 2^53 (all real requests), BigInt above; both give the same. Pure.
 */
import { FACTOR_ONE } from "../../../schema/prices/table.ts";
import type { Pico } from "./price-index.ts";

const PICO_PER_NANO = 1_000;

/**
 * Nano-USD, rounded half to even once at the end; undefined when a bucket has tokens and no rate. `factors` are ten-thousandths.
 * A result above 2^53 is rounded to a double, which only a caller that refuses such costs may see.
 */
export function productOf(tokens: readonly number[], rates: Pico, factors: readonly number[]): number | undefined {
  let sum = 0;
  for (let i = 0; i < tokens.length; i++) {
    const count = tokens[i] ?? 0;
    if (count === 0) continue;
    const rate = rates[i];
    if (rate === null || rate === undefined) return undefined;
    sum += count * rate;
  }
  let divisor = PICO_PER_NANO;
  for (const factor of factors) {
    sum *= factor;
    divisor *= FACTOR_ONE;
  }
  // Rounding never takes a product that does not fit below this bound, so a sum below it was exact all the way.
  return sum <= Number.MAX_SAFE_INTEGER && divisor <= Number.MAX_SAFE_INTEGER
    ? halfToEven(sum, divisor)
    : exactProduct(tokens, rates, factors);
}

function halfToEven(value: number, divisor: number): number {
  const rest = value % divisor;
  const whole = (value - rest) / divisor;
  const twice = rest * 2;
  if (twice < divisor || (twice === divisor && whole % 2 === 0)) return whole;
  return whole + 1;
}

function exactProduct(tokens: readonly number[], rates: Pico, factors: readonly number[]): number {
  let sum = 0n;
  for (const [i, count] of tokens.entries()) sum += BigInt(count) * BigInt(rates[i] ?? 0);
  let divisor = BigInt(PICO_PER_NANO);
  for (const factor of factors) {
    sum *= BigInt(factor);
    divisor *= BigInt(FACTOR_ONE);
  }
  const whole = sum / divisor;
  const twice = (sum % divisor) * 2n;
  return Number(twice < divisor || (twice === divisor && whole % 2n === 0n) ? whole : whole + 1n);
}
