/**
 * Tells the rebuild that the tenant's live object misses events: a mark in the EU bucket, once ClickHouse has them, because
 * a rebuild can only add what it finds there. Called by EventBuffer beside the pump, which notes what was missed.
 */
import { SECOND_MS } from "../../schema/limits.ts";
import { putStaleMark } from "../../workers/shared/live-stale.ts";
import { errorText, log } from "../../workers/shared/log.ts";
import { withDeadline } from "./deadline.ts";
import { CALL_TIMEOUT_MS, type Tuning } from "./limits.ts";
import type { PackStore } from "./pack-store.ts";
import { retryDelay } from "./state.ts";

/** An object that started afresh says so with every flush until it is rebuilt: a mark each is too many. */
const MARK_EVERY_MS = 15 * SECOND_MS;

export class Stale {
  readonly #bucket: Pick<R2Bucket, "put">;
  readonly #store: PackStore;
  readonly #tuning: Tuning;
  #notBefore = 0;
  #failures = 0;
  #marking = false;

  constructor(bucket: Pick<R2Bucket, "put">, store: PackStore, tuning: Tuning) {
    this.#bucket = bucket;
    this.#store = store;
    this.#tuning = tuning;
  }

  /** When to mark (ms, maybe past); null: nothing is missed, ClickHouse does not have it yet, or a mark is under way. */
  nextDue(): number | null {
    const { missed_to: missed, sinks } = this.#store.state;
    return missed === null || sinks.clickhouse.cursor < missed || this.#marking ? null : this.#notBefore;
  }

  /** Marks if it is due. Never rejects. */
  async run(): Promise<void> {
    const due = this.nextDue();
    const { org_id: orgId, missed_to: missed } = this.#store.state;
    if (due === null || due > this.#tuning.now() || orgId === null) return;
    this.#marking = true;
    try {
      const mark = { orgId, jurisdiction: "eu", residency: "eu" } as const;
      await withDeadline(putStaleMark(this.#bucket, mark, this.#tuning.now()), CALL_TIMEOUT_MS);
      log.warn("live_stale", { org_id: orgId, cause: "the live object misses events" });
      this.#failures = 0;
      this.#notBefore = this.#tuning.now() + MARK_EVERY_MS;
      if (this.#store.state.missed_to !== missed) return;
      this.#store.set({ ...this.#store.state, missed_to: null });
      this.#store.save();
    } catch (error) {
      this.#failures++;
      this.#notBefore = this.#tuning.now() + retryDelay(this.#failures, this.#tuning.random());
      log.warn("live_stale_mark_failed", { org_id: orgId, cause: errorText(error) });
    } finally {
      this.#marking = false;
    }
  }
}
