/**
 * What one isolate knows of one tenant's quota: a balance, how long it is good for, and when it was told no.
 * Pure: its caller passes the clock and talks to the lease object. Used by QuotaGate and by the simulation of leases.
 *
 * The rule: admit while the balance is above zero, then subtract, so that the debt is one request at most. Without a
 * lease one request is let in on credit while the lease is fetched, unless the last word was a refusal.
 */
import { LEASE_MS, REFUSAL_MS, REFUSAL_RECHECK_MS, SECOND_MS } from "../../schema/limits.ts";
import type { LeaseAnswer } from "../../schema/rpc.ts";

/** `admit`: now, then call spend(). `ask`: only the object can say. `refuse`: it has said no, a moment ago. */
export type Decision = "admit" | "ask" | "refuse";

/** What clients are told in X-RateLimit headers: tokens, tokens, seconds. */
export interface QuotaState {
  limit: number;
  remaining: number;
  reset: number;
}

export class LeaseAccount {
  #balance = 0;
  #expiresAt = 0;
  #size = 0;
  /** Tokens in the tenant's bucket as last told. */
  #level: number | undefined;
  #creditUsed = false;
  /** Until when nobody need be asked, and when there will be tokens again. */
  #refusal: { until: number; resetAt: number; reason: "rate" | "day" } | undefined;
  #failedOpenAt = Number.NEGATIVE_INFINITY;
  /** The part of the balance that the isolate granted itself: never handed in. */
  #loan = 0;
  #isolates = 1;

  decide(now: number): Decision {
    if (this.#refusal !== undefined) return now < this.#refusal.until ? "refuse" : "ask";
    if (now >= this.#expiresAt) return this.#creditUsed ? "ask" : "admit";
    return this.#balance > 0 ? "admit" : "ask";
  }

  spend(tokens: number, now: number): void {
    if (now >= this.#expiresAt) this.#creditUsed = true;
    this.#balance -= tokens;
  }

  /** A lease is running. */
  live(now: number): boolean {
    return now < this.#expiresAt && this.#refusal === undefined;
  }

  /** Time to fetch the next lease: this one is over, or more than half is gone. */
  wantsLease(now: number): boolean {
    if (this.#refusal !== undefined && now < this.#refusal.until) return false;
    if (now < this.#failedOpenAt + LEASE_MS && this.#balance > 0) return false;
    return now >= this.#expiresAt || this.#balance < this.#size / 2;
  }

  /** Unspent tokens, or debt, to hand in with a call. */
  get left(): number {
    return this.#balance - this.#loan;
  }

  /** The object's answer to a call that handed in `left`; what was spent meanwhile stays spent. */
  settle(left: number, answer: Omit<LeaseAnswer, "v">, now: number): void {
    this.#balance += answer.granted - left - this.#loan;
    this.#loan = 0;
    this.#failedOpenAt = Number.NEGATIVE_INFINITY;
    this.#level = answer.level;
    this.#isolates = Math.max(1, answer.isolates);
    this.#creditUsed = false;
    this.#size = answer.granted;
    this.#expiresAt = answer.granted > 0 ? now + LEASE_MS : 0;
    const { reason, retry_ms } = answer;
    this.#refusal =
      reason === null
        ? undefined
        : {
            until: now + Math.min(Math.max(REFUSAL_MS, retry_ms), REFUSAL_RECHECK_MS),
            resetAt: now + retry_ms,
            reason,
          };
  }

  /** The object's answer to a call that only handed in `left`. A refusal stands: nothing was asked for. */
  handIn(left: number, answer: Pick<LeaseAnswer, "level" | "isolates">): void {
    this.#balance -= left + this.#loan;
    this.#loan = 0;
    this.#level = answer.level;
    this.#isolates = Math.max(1, answer.isolates);
    this.#expiresAt = 0;
  }

  /**
   * The object cannot be asked: the isolate grants itself what it would have got, once in a lease's life; between, it
   * refuses. So an outage lets in at most a request and half a second's quota a second and isolate.
   */
  failOpen(rate: number, now: number): void {
    this.#creditUsed = false;
    const next = this.#failedOpenAt + LEASE_MS;
    if (now < next) {
      if (this.#balance > 0) return;
      this.#refusal = { until: next, resetAt: next, reason: "rate" };
      return;
    }
    this.#failedOpenAt = now;
    this.#refusal = undefined;
    this.#size = Math.max(1, Math.floor(rate / (2 * this.#isolates)));
    this.#balance = Math.min(0, this.#balance) + this.#size;
    this.#loan = this.#size;
    this.#expiresAt = now + LEASE_MS;
  }

  /** What is left of `limit` tokens each `perMs`, as far as this isolate knows. */
  state(limit: number, perMs: number, now: number): QuotaState {
    const resetAt = this.#refusal?.resetAt;
    if (resetAt !== undefined && resetAt > now) {
      return { limit, remaining: 0, reset: Math.max(1, Math.ceil((resetAt - now) / SECOND_MS)) };
    }
    const known = this.#level === undefined ? limit : Math.max(0, this.#level) + this.#balance;
    const remaining = Math.max(0, Math.min(limit, Math.floor(known)));
    return { limit, remaining, reset: Math.ceil((((limit - remaining) / limit) * perMs) / SECOND_MS) };
  }

  /** What is used up, when the last word was a refusal. */
  get refusedFor(): "rate" | "day" | undefined {
    return this.#refusal?.reason;
  }
}
