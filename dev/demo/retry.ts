/**
 * When to try a request again, and how long to wait: plain decisions, no clock, no network.
 * Used by ingest-client.ts.
 */
import { MINUTE_MS, SECOND_MS } from "../../schema/limits.ts";

/** First wait without a Retry-After; doubles with every attempt. */
const FIRST_WAIT_MS = 250;
/** Longest wait of our own choice: a local system that was restarted should be found quickly. */
export const MAX_WAIT_MS = 30 * SECOND_MS;
/** Longest wait a server may ask for; beyond it a header is taken for a mistake. */
export const MAX_ASKED_WAIT_MS = 10 * MINUTE_MS;

/** True when the same bytes may succeed later: the request was too early or the server could not store it. */
export function isRetryable(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** A Retry-After header (seconds or an HTTP date) as ms from `nowMs`; undefined when absent or not understood. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * SECOND_MS;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/**
 * ms to wait before attempt `attempt` + 1 (attempts count from 1). `jitter` in [0, 1): senders that failed together come
 * back apart, and never before the server's own wish.
 */
export function waitBeforeRetry(attempt: number, askedMs: number | undefined, jitter: number): number {
  const backoff = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 10), MAX_WAIT_MS);
  if (askedMs === undefined) return Math.round(backoff * (0.5 + jitter / 2));
  return Math.round(Math.min(askedMs, MAX_ASKED_WAIT_MS) + jitter * FIRST_WAIT_MS);
}
