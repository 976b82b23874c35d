/**
 * QuotaLease: the quotas and usage counters of one tenant. Isolates lease tokens here (events/s, API requests/min) and
 * bring what they have counted; an EU tenant's object is in the EU. Called through tenant-namespace.ts.
 *
 * Counts are kept in memory and written every few seconds: a crash loses what was counted since, here and in isolates.
 * ClickHouse is the ledger of events; this decides who may send now, and tells an admin how much a day has seen.
 */
import { DurableObject } from "cloudflare:workers";
import { DAY_MS } from "../schema/limits.ts";
import {
  type LeaseAnswer,
  type LeaseRequest,
  type Meter,
  NO_USAGE,
  type QuotaLeaseRpc,
  RPC_VERSION,
  USAGE_NAMES,
  type UsageDay,
} from "../schema/rpc.ts";
import type { Env } from "../workers/shared/env.ts";
import { errorText, log } from "../workers/shared/log.ts";
import { PRODUCTION, type Tuning, USAGE_DAYS } from "./quota-lease/limits.ts";
import { TokenBucket } from "./quota-lease/token-bucket.ts";
import { UsageStore } from "./quota-lease/usage-store.ts";

/** The UTC day of a time, as YYYY-MM-DD. */
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export class QuotaLease extends DurableObject<Env> implements QuotaLeaseRpc {
  readonly #tuning: Tuning;
  readonly #store: UsageStore;
  readonly #buckets: Record<Meter, TokenBucket> = { events: new TokenBucket(), api: new TokenBucket() };
  #today: UsageDay;
  /** Something was counted that is not written yet; a write is due within seconds. */
  #dirty = false;

  constructor(ctx: DurableObjectState, env: Env, tuning: Tuning = PRODUCTION) {
    super(ctx, env);
    this.#tuning = tuning;
    this.#store = new UsageStore(ctx.storage.sql);
    const latest = this.#store.latest();
    this.#today = latest?.usage ?? { day: dayOf(tuning.now()), ...NO_USAGE };
    for (const meter of ["events", "api"] as const) {
      const level = latest?.levels[meter] ?? null;
      if (latest !== undefined && level !== null) this.#buckets[meter].restore(level, latest.writtenAt);
    }
  }

  /** Takes back what is left, adds up what was counted, and grants what the quota has. */
  async lease(request: LeaseRequest): Promise<LeaseAnswer> {
    const now = this.#tuning.now();
    this.#startDay(now);
    for (const name of USAGE_NAMES) this.#today[name] += request.usage[name];
    this.#flushSoon();
    const bucket = this.#buckets[request.meter];
    const spent = request.want && request.per_day !== null && this.#today.events >= request.per_day;
    const answer = bucket.call({ ...request, want: request.want && !spent }, now);
    const refused = request.want && answer.granted === 0;
    return {
      v: RPC_VERSION,
      granted: answer.granted,
      level: answer.level,
      isolates: answer.isolates,
      retry_ms: spent ? DAY_MS - (now % DAY_MS) : answer.retryMs,
      reason: spent ? "day" : refused ? "rate" : null,
    };
  }

  async usage(days: number): Promise<UsageDay[]> {
    const now = this.#tuning.now();
    this.#startDay(now);
    this.#flush();
    return this.#store.since(dayOf(now - (days - 1) * DAY_MS));
  }

  /** At midnight UTC the old day is written for the last time. */
  #startDay(now: number): void {
    const day = dayOf(now);
    if (day === this.#today.day) return;
    this.#flush();
    this.#store.forgetBefore(dayOf(now - USAGE_DAYS * DAY_MS));
    this.#today = { day, ...NO_USAGE };
  }

  #flushSoon(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    setTimeout(() => {
      try {
        this.#flush();
      } catch (error) {
        log.error("usage_flush_failed", { cause: errorText(error) });
      }
    }, this.#tuning.flushMs);
  }

  #flush(): void {
    if (!this.#dirty) return;
    const levels = { events: this.#buckets.events.level ?? null, api: this.#buckets.api.level ?? null };
    this.#store.put({ usage: this.#today, levels, writtenAt: this.#tuning.now() });
    this.#dirty = false;
  }
}
