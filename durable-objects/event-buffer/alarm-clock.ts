/**
 * The object's one alarm, remembered in memory so that an append costs no read and sets it only when it must: every
 * `setAlarm` is a row written. Used by the object's shell; decides no times.
 */
import { ALARM_LATE_MS, ALARM_LOST_MS } from "./limits.ts";

export interface AlarmStorage {
  getAlarm(): Promise<number | null>;
  setAlarm(at: number): Promise<void>;
  deleteAlarm(): Promise<void>;
}

export class AlarmClock {
  readonly #storage: AlarmStorage;
  /** ms; null: none is set; undefined: not read yet. */
  #at: number | null | undefined;

  constructor(storage: AlarmStorage) {
    this.#storage = storage;
  }

  /** Reads the alarm once per object life; to be awaited before `want`. */
  async load(): Promise<void> {
    if (this.#at !== undefined) return;
    const at = await this.#storage.getAlarm();
    if (this.#at === undefined) this.#at = at;
  }

  /** The alarm has just gone off. */
  fired(): void {
    this.#at = null;
  }

  /** The alarm should have gone off by now. */
  late(now: number): boolean {
    return typeof this.#at === "number" && now > this.#at + ALARM_LATE_MS;
  }

  /**
   * Makes sure the alarm goes off at `at` (ms) or before; null: that there is none. The write starts at once, in the
   * same transaction as what was written before it. An earlier alarm is left: it finds nothing due and sets the next.
   */
  async want(at: number | null, now: number): Promise<void> {
    const known = this.#at ?? null;
    if (at === null) {
      if (known === null) return;
      this.#at = null;
      await this.#storage.deleteAlarm();
    } else if (known === null || at < known || now > known + ALARM_LOST_MS) {
      this.#at = at;
      await this.#storage.setAlarm(at);
    }
  }
}
