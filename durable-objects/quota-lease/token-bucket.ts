/**
 * One quota of one tenant as a token bucket that is handed out in leases. Pure: its caller passes the clock.
 * Used by QuotaLease, once per meter, and by the simulation that measures over-admission and waste.
 *
 * What an isolate has let in on credit is taken from the bucket, which then may be in debt: nobody gets tokens before that
 * is paid. A lease is the larger of an even share of half a second's quota and, by recent use, a share of a whole second's:
 * with even shares alone one busy isolate among idle ones waits for a call after every few requests.
 */
import { QUOTA_BURST_S, SECOND_MS } from "../../schema/limits.ts";
import { EVEN_LEASE_S, ISOLATE_MEMORY_MS, MAX_ISOLATES, USE_HALF_LIFE_MS, USED_LEASE_S } from "./limits.ts";

interface Isolate {
  seenAt: number;
  /** Tokens it was told it has, when it was last told. */
  held: number;
  /** Tokens spent, halved every second. */
  spent: number;
}

export interface BucketCall {
  isolate: string;
  /** Tokens a second. */
  rate: number;
  /** Tokens given back; negative: spent on credit. */
  left: number;
  want: boolean;
}

export interface BucketAnswer {
  granted: number;
  level: number;
  isolates: number;
  /** ms until there is a token again; 0 when something was granted or nothing was wanted. */
  retryMs: number;
}

export class TokenBucket {
  #level: number | undefined;
  #at = 0;
  #prunedAt = 0;
  readonly #isolates = new Map<string, Isolate>();

  /** The level last known, to go on from after a restart. */
  restore(level: number, at: number): void {
    this.#level = level;
    this.#at = at;
  }

  /** Tokens at the last call; undefined when there was none. */
  get level(): number | undefined {
    return this.#level;
  }

  call(call: BucketCall, now: number): BucketAnswer {
    const capacity = Math.max(1, call.rate * QUOTA_BURST_S);
    const refilled = this.#refilled(call.rate, capacity, now);
    this.#level = Math.min(capacity, refilled + call.left);
    this.#at = now;
    const isolate = this.#isolateOf(call.isolate, now);
    isolate.spent += Math.max(0, isolate.held - call.left);
    isolate.held = 0;
    const isolates = this.#isolates.size;
    if (!call.want) return { granted: 0, level: this.#level, isolates, retryMs: 0 };
    const size = Math.max(1, Math.floor(call.rate * this.#secondsFor(isolate)));
    const granted = Math.max(0, Math.floor(Math.min(size, this.#level)));
    isolate.held = granted;
    this.#level -= granted;
    const retryMs = granted > 0 ? 0 : Math.ceil(((1 - this.#level) / call.rate) * SECOND_MS);
    return { granted, level: this.#level, isolates, retryMs };
  }

  #refilled(rate: number, capacity: number, now: number): number {
    if (this.#level === undefined) return capacity;
    return Math.min(capacity, this.#level + (Math.max(0, now - this.#at) / SECOND_MS) * rate);
  }

  /** Seconds of the quota in this isolate's lease. */
  #secondsFor(isolate: Isolate): number {
    let spent = 0;
    for (const other of this.#isolates.values()) spent += other.spent;
    const even = EVEN_LEASE_S / this.#isolates.size;
    return spent > 0 ? Math.max(even, (USED_LEASE_S * isolate.spent) / spent) : even;
  }

  /** The isolate's entry. Once a second all are aged and the silent ones forgotten; shares need no finer clock. */
  #isolateOf(id: string, now: number): Isolate {
    const since = now - this.#prunedAt;
    if (since >= USE_HALF_LIFE_MS) {
      this.#prunedAt = now;
      for (const [other, entry] of this.#isolates) {
        entry.spent *= 0.5 ** (since / USE_HALF_LIFE_MS);
        if (other !== id && now - entry.seenAt >= ISOLATE_MEMORY_MS) this.#isolates.delete(other);
      }
    }
    let isolate = this.#isolates.get(id);
    if (isolate === undefined) {
      if (this.#isolates.size >= MAX_ISOLATES) this.#isolates.clear();
      isolate = { seenAt: now, held: 0, spent: 0 };
      this.#isolates.set(id, isolate);
    }
    isolate.seenAt = now;
    return isolate;
  }
}
