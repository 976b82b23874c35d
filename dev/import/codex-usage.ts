/**
 * Token use of one Codex answer out of running totals. Used by codex.ts. Pure.
 */
import type { Totals } from "./codex-schema.ts";

const FIELDS = [
  "input_tokens",
  "cached_input_tokens",
  "cache_write_input_tokens",
  "output_tokens",
  "reasoning_output_tokens",
] as const;

function minus(a: Totals, b: Totals): Totals {
  const out = { ...a };
  for (const field of FIELDS) out[field] = a[field] - b[field];
  return out;
}

/** True when nothing was used: Codex repeats the totals whenever its rate limits change. */
export function isNothing(usage: Totals): boolean {
  return usage.input_tokens === 0 && usage.output_tokens === 0;
}

/**
 * What was used since `previous`. Totals that went down were counted anew: then, and for the first totals of a log (which
 * may go on from another one), the answer's own figure holds if there is one.
 */
export function usedSince(previous: Totals | undefined, total: Totals, last: Totals | undefined): Totals {
  if (previous === undefined) return last ?? total;
  const used = minus(total, previous);
  return FIELDS.some((field) => used[field] < 0) ? (last ?? total) : used;
}

/** Our buckets: disjoint on the input side; reasoning stays inside output. */
export function buckets(usage: Totals): {
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
} {
  const read = Math.min(usage.cached_input_tokens, usage.input_tokens);
  const written = Math.min(usage.cache_write_input_tokens, usage.input_tokens - read);
  return {
    input_tokens: usage.input_tokens - read - written,
    output_tokens: usage.output_tokens,
    cache_read_tokens: read,
    cache_write_tokens: written,
    reasoning_tokens: usage.reasoning_output_tokens,
  };
}
