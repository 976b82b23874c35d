/**
 * EventBuffer: the durable intake of one EU tenant (one shard of it), in the EU. Ingest appends packs; an alarm carries
 * them to TenantLive, ClickHouse EU and the EU bucket. Called through tenant-namespace.ts.
 *
 * A thin shell: it wires storage, sinks and the alarm. It never opens a pack's rows and talks to nothing outside the EU.
 * The alarm's rule: whatever happened, it ends with an alarm set while anything waits, and with none when nothing does.
 */
import { DurableObject } from "cloudflare:workers";
import { type AppendRequest, type AppendResult, type EventBufferRpc, RPC_VERSION } from "../schema/rpc.ts";
import { clickHouseInsert } from "../workers/shared/clickhouse-insert.ts";
import { type Env, readConfig } from "../workers/shared/env.ts";
import { errorText, log } from "../workers/shared/log.ts";
import { type Admitted, admit } from "./event-buffer/admission.ts";
import { AlarmClock } from "./event-buffer/alarm-clock.ts";
import { atMost } from "./event-buffer/deadline.ts";
import { FlushPump, type Sinks } from "./event-buffer/flush-pump.ts";
import {
  ALARM_WAIT_MS,
  GUARD_MS,
  MAX_FLUSH_EVENTS,
  MAX_ROW_BYTES,
  PRODUCTION,
  type Tuning,
} from "./event-buffer/limits.ts";
import { PackStore } from "./event-buffer/pack-store.ts";
import { earliest, groupRows } from "./event-buffer/planner.ts";
import { RecentPacks } from "./event-buffer/recent-packs.ts";
import { archiveSink, clickHouseSink, liveSink } from "./event-buffer/sinks.ts";
import { Spill } from "./event-buffer/spill.ts";
import { Stale } from "./event-buffer/stale.ts";
import { passedByAll } from "./event-buffer/state.ts";
import { bufferStats, type EventBufferStats } from "./event-buffer/stats.ts";
import { tenantLive } from "./tenant-namespace.ts";

export class EventBuffer extends DurableObject<Env> implements EventBufferRpc {
  readonly #tuning: Tuning;
  readonly #store: PackStore;
  readonly #pump: FlushPump;
  readonly #spill: Spill;
  readonly #stale: Stale;
  readonly #alarm: AlarmClock;
  readonly #recent = new RecentPacks();

  constructor(ctx: DurableObjectState, env: Env, tuning: Tuning = PRODUCTION) {
    super(ctx, env);
    this.#tuning = tuning;
    this.#store = new PackStore(ctx.storage);
    this.#pump = new FlushPump(this.#store, realSinks(env, ctx.id.toString(), tuning), tuning);
    this.#spill = new Spill(env.BUCKET_EU, this.#store, tuning);
    this.#stale = new Stale(env.BUCKET_EU, this.#store, tuning);
    this.#alarm = new AlarmClock(ctx.storage);
  }

  /**
   * Makes packs durable: in SQLite, or beyond the cap in the EU bucket. The answer leaves when they are (output gate).
   * `stored` counts every pack of the request, duplicates of waiting packs included. Rejects with AppendRefused for what
   * is not this org's packs (nothing is stored then), with another error when nothing durable could be written.
   */
  async append(request: AppendRequest): Promise<AppendResult> {
    await this.#alarm.load();
    const { orgId, packs } = admit(request, this.#store.state.org_id);
    const now = this.#tuning.now();
    const fresh = this.#recent.unknown(packs);
    if (this.#store.state.org_id === null) {
      this.#store.set({ ...this.#store.state, org_id: orgId });
      this.#store.save();
    }
    const overflow = this.#storeRows(fresh, this.#tuning.capBytes, now);
    const alarm = this.#schedule();
    if (this.#alarm.late(now)) this.ctx.waitUntil(this.#work());
    await alarm;
    if (overflow.length > 0) await this.#spillOver(orgId, overflow);
    return { v: RPC_VERSION, stored: packs.length };
  }

  /** What waits, for whom, and why. */
  async stats(): Promise<EventBufferStats> {
    await this.#alarm.load();
    await this.#schedule();
    return bufferStats(this.#store, this.#spill.error, this.#tuning.now());
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    await atMost(this.#work(), ALARM_WAIT_MS);
    await this.#schedule();
  }

  /** Starts whatever is due, waits for it and sets the next alarm. Never rejects. */
  async #work(): Promise<void> {
    try {
      await Promise.all([this.#pump.run(), this.#spill.run()]);
      await this.#stale.run();
      this.#recent.forget(passedByAll(this.#store.state));
    } catch (error) {
      log.error("event_buffer_work_failed", { cause: errorText(error) });
    }
    await this.#schedule();
  }

  /** Sets the alarm for what is due next, or deletes it. Never rejects. */
  async #schedule(): Promise<void> {
    try {
      const now = this.#tuning.now();
      const guard = this.#pump.busy ? now + GUARD_MS : null;
      const due = earliest(this.#pump.nextDue(), this.#spill.nextDue(), this.#stale.nextDue(), guard);
      await this.#alarm.want(due === null ? null : Math.max(due, now), now);
    } catch (error) {
      log.error("event_buffer_alarm_failed", { cause: errorText(error) });
    }
  }

  /** Stores packs as few rows while there is room; returns those that found none. */
  #storeRows(packs: readonly Admitted[], capBytes: number, now: number): Admitted[] {
    const overflow: Admitted[] = [];
    for (const row of groupRows(packs, MAX_ROW_BYTES, MAX_FLUSH_EVENTS)) {
      const size = row.reduce((sum, pack) => sum + pack.size, 0);
      if (this.#store.bytes + size > capBytes) {
        overflow.push(...row);
        continue;
      }
      const events = row.reduce((sum, pack) => sum + pack.events, 0);
      const bytes = row.map((pack) => pack.bytes);
      const last = this.#store.append(bytes, events, now);
      for (const [index, pack] of row.entries()) this.#recent.remember(pack.packId, last - row.length + 1 + index);
    }
    return overflow;
  }

  /** To the bucket; when that fails, SQLite takes packs up to the hard cap rather than refuse them. */
  async #spillOver(orgId: string, packs: readonly Admitted[]): Promise<void> {
    try {
      await this.#spill.write(orgId, packs);
    } catch (error) {
      log.warn("event_buffer_spill_failed", { packs: packs.length, cause: errorText(error) });
      if (this.#storeRows(packs, this.#tuning.hardCapBytes, this.#tuning.now()).length > 0) throw error;
    }
    await this.#schedule();
  }
}

/** The sinks over the real bindings; configuration is read at each call, so that a bad one fails a flush, not the object. */
function realSinks(env: Env, bufferId: string, { now }: Tuning): Sinks {
  return {
    live: async (flush) => {
      const live = tenantLive(env, { orgId: flush.orgId, jurisdiction: "eu" });
      return await liveSink((request) => live.apply(request), now)(flush);
    },
    clickhouse: async (flush) => {
      const insert = clickHouseInsert(readConfig(env).clickhouse.eu);
      return await clickHouseSink(insert, putDeadLetter, bufferId, now)(flush);
    },
    archive: archiveSink((key, body, customMetadata) => env.BUCKET_EU.put(key, body, { customMetadata }), bufferId),
  };

  async function putDeadLetter({
    key,
    body,
    customMetadata,
  }: {
    key: string;
    body: Uint8Array;
    customMetadata: Record<string, string>;
  }): Promise<void> {
    await env.BUCKET_EU.put(key, body, { customMetadata });
  }
}
