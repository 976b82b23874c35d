/**
 * How many questions over single events one tenant may have running: 4, the fifth waits a little and is then refused. Called by
 * run.ts. Counts per isolate.
 *
 * Per isolate is enough because it is not the only wall: every question passes the cost guard and ends after 10 s, a tenant's
 * requests a minute are leased over all isolates, and the reader's profile in ClickHouse bounds what runs there in all. What this
 * adds is that one person's open tabs, which share an isolate, do not queue up in front of everyone else's.
 */
import { PublicError } from "../../../schema/errors.ts";
import { SECOND_MS } from "../../../schema/limits.ts";

/** Questions over single events of one tenant at a time. */
export const MAX_RUNNING = 4;
/** How long one waits for its turn. */
export const MAX_WAIT_MS = 2 * SECOND_MS;
/** A turn is looked for this often; a promise of another request would never settle if that request is cancelled. */
const LOOK_MS = 25;
/** A slot held longer belongs to a request that is gone: no question takes longer than 12 s. */
const SLOT_MAX_MS = 15 * SECOND_MS;
const RETRY_AFTER_S = 2;

export class QuerySlots {
  /** Tenant -> when each running question must be over. */
  readonly #running = new Map<string, Set<{ until: number }>>();
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;

  constructor(now: () => number = Date.now, wait: (ms: number) => Promise<void> = sleep) {
    this.#now = now;
    this.#wait = wait;
  }

  /** Runs `work` when fewer than four run. Throws PublicError `rate_limited` after two seconds without a turn. */
  async run<T>(tenant: string, work: () => Promise<T>): Promise<T> {
    const deadline = this.#now() + MAX_WAIT_MS;
    let slot = this.#take(tenant);
    while (slot === undefined) {
      if (this.#now() >= deadline) {
        const message = `your organisation already runs ${MAX_RUNNING} queries over single events, please retry`;
        throw new PublicError("rate_limited", message, { retryAfter: RETRY_AFTER_S });
      }
      await this.#wait(LOOK_MS);
      slot = this.#take(tenant);
    }
    try {
      return await work();
    } finally {
      this.#give(tenant, slot);
    }
  }

  #take(tenant: string): { until: number } | undefined {
    const now = this.#now();
    const running = this.#running.get(tenant) ?? new Set<{ until: number }>();
    for (const slot of running) if (slot.until <= now) running.delete(slot);
    if (running.size >= MAX_RUNNING) return undefined;
    const slot = { until: now + SLOT_MAX_MS };
    running.add(slot);
    this.#running.set(tenant, running);
    return slot;
  }

  #give(tenant: string, slot: { until: number }): void {
    const running = this.#running.get(tenant);
    running?.delete(slot);
    if (running?.size === 0) this.#running.delete(tenant);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
