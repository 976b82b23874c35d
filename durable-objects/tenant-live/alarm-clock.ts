/**
 * The object's one alarm for its several timers. Used by the object's shell. Times come from the state (due.ts), so what is
 * remembered here may be lost at any time.
 */
import { errorText, log } from "../../workers/shared/log.ts";
import { flushDue, grantsDue, idleDue, slowTimers } from "./due.ts";
import type { LiveStore } from "./store.ts";
import { type Due, isDue, nextAlarm, type TimerKey } from "./timers.ts";

/** Work that failed is tried again after this. */
const RETRY_MS = 60_000;

export class AlarmClock {
  readonly #storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;
  readonly #store: LiveStore;
  readonly #firstExpiry: () => number | undefined;
  #slow: Due;
  #idleAt: number | undefined;
  /** The alarm as it is set; undefined until it was asked for. */
  #alarmAt: number | undefined;

  /** `firstExpiry`: ms of the first grant of a socket to expire; undefined without sockets. */
  constructor(
    storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm">,
    store: LiveStore,
    firstExpiry: () => number | undefined,
  ) {
    this.#storage = storage;
    this.#store = store;
    this.#firstExpiry = firstExpiry;
    this.#slow = slowTimers(store);
  }

  /** The alarm has rung: none is set. */
  rang(): void {
    this.#alarmAt = Number.POSITIVE_INFINITY;
  }

  /** Reads the slow timers anew; call after a flush or an export. */
  refresh(): void {
    this.#slow = slowTimers(this.#store);
  }

  /** Puts sealing off after a failure. */
  retryLater(now: number): void {
    this.#slow.seal = now + RETRY_MS;
  }

  isDue(key: TimerKey, now: number): boolean {
    return isDue(this.#due(now), key, now);
  }

  /** Sessions were told to be idle; the next to fall idle is looked for anew. */
  idleTold(): void {
    this.#idleAt = undefined;
  }

  /** Sets the alarm for the next timer, unless it is set for then or sooner. Never throws: what is applied is durable. */
  async set(): Promise<void> {
    try {
      const now = Date.now();
      const next = nextAlarm(this.#due(now), now);
      this.#alarmAt ??= (await this.#storage.getAlarm()) ?? Number.POSITIVE_INFINITY;
      if (next === undefined || (this.#alarmAt > now && this.#alarmAt <= next)) return;
      this.#alarmAt = next;
      await this.#storage.setAlarm(next);
    } catch (error) {
      log.error("live_set_alarm_failed", { cause: errorText(error) });
    }
  }

  #due(now: number): Due {
    const due: Due = { ...this.#slow };
    const flush = flushDue(this.#store, now);
    if (flush !== undefined) due.flush = flush;
    const grants = grantsDue(this.#firstExpiry());
    if (grants === undefined) return due;
    due.grants = grants;
    this.#idleAt ??= idleDue(this.#store.state.registry, now);
    if (this.#idleAt !== undefined) due.idle = this.#idleAt;
    return due;
  }
}
