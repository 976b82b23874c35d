/**
 * A queue message ends in exactly one outcome, and this file alone maps outcomes to ack() and retry().
 * Used by every consumer here.
 */

/** ok and dead (already written to dead letters) are acked; retry comes back after a growing delay. */
export type Outcome = { kind: "ok" } | { kind: "dead"; reason: string } | { kind: "retry"; reason: string };

export const OK: Outcome = { kind: "ok" };

/** Delay of the first retry and the longest one, seconds; 100 retries then outlast a day of outage. */
const MIN_DELAY_S = 1;
const MAX_DELAY_S = 600;

/** Seconds before attempt number `attempts` + 1: doubling, up to 10 min, with up to a quarter of jitter (`random` in [0, 1)). */
export function retryDelay(attempts: number, random: number): number {
  const delay = Math.min(MAX_DELAY_S, MIN_DELAY_S * 2 ** Math.min(attempts - 1, 20));
  return Math.max(MIN_DELAY_S, Math.round(delay * (1 - random / 4)));
}

/** What settling needs of a message. */
export interface Settles {
  readonly attempts: number;
  ack(): void;
  retry(options?: { delaySeconds?: number }): void;
}

/** Acks or retries the message. */
export function settle(message: Settles, outcome: Outcome, random: number = Math.random()): void {
  if (outcome.kind === "retry") message.retry({ delaySeconds: retryDelay(message.attempts, random) });
  else message.ack();
}
