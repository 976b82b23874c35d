/**
 * MetricSeries: what one tenant's cumulative metrics have counted so far, so that each export becomes what was added since the one
 * before. Asked by ingest for requests with cumulative facts, and told when their events are durable; an EU tenant's object is in
 * the EU. Called through tenant-namespace.ts. Holds numbers and hashes of series: no attribute, no person, no session.
 */
import { DurableObject } from "cloudflare:workers";
import {
  type AdvanceAnswer,
  type AdvanceRequest,
  type ConfirmRequest,
  type MetricSeriesRpc,
  RPC_VERSION,
  type SeriesInterval,
} from "../schema/rpc.ts";
import type { Env } from "../workers/shared/env.ts";
import { PRODUCTION, SWEEP_MS, type Tuning } from "./metric-series/limits.ts";
import { SeriesStore } from "./metric-series/series-store.ts";

export class MetricSeries extends DurableObject<Env> implements MetricSeriesRpc {
  readonly #tuning: Tuning;
  #store: SeriesStore;
  #sweeping = false;

  constructor(ctx: DurableObjectState, env: Env, tuning: Tuning = PRODUCTION) {
    super(ctx, env);
    this.#tuning = tuning;
    this.#store = new SeriesStore(ctx.storage.sql, tuning);
  }

  /** What the points add, in order. The answer leaves when it is on record (output gate). */
  async advance({ points }: AdvanceRequest): Promise<AdvanceAnswer> {
    const intervals: SeriesInterval[] = [];
    const seen = new Set<string>();
    const not = { full: 0, behind: 0 };
    this.#transaction(() => {
      for (const point of points) {
        const some = this.#store.advance(point);
        if (typeof some === "string") {
          not[some] += 1;
          continue;
        }
        for (const interval of some) {
          const key = `${interval.from} ${interval.to} ${interval.start} ${interval.series}`;
          if (seen.has(key)) continue;
          seen.add(key);
          intervals.push(interval);
        }
      }
    });
    await this.#sweepLater();
    return { v: RPC_VERSION, intervals, ...not };
  }

  async confirm({ intervals }: ConfirmRequest): Promise<void> {
    this.#transaction(() => this.#store.confirm(intervals));
  }

  override async alarm(): Promise<void> {
    this.#sweeping = false;
    this.#transaction(() => this.#store.forget());
    if (this.#store.total > 0) await this.#sweepLater();
  }

  /** The store counts its rows in memory: after an undone transaction it is read again. */
  #transaction(work: () => void): void {
    try {
      this.ctx.storage.transactionSync(work);
    } catch (error) {
      this.#store = new SeriesStore(this.ctx.storage.sql, this.#tuning);
      throw error;
    }
  }

  async #sweepLater(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(this.#tuning.now() + SWEEP_MS);
  }
}
