/**
 * Bounded sharing: a fixed set of items, each used by one request at a time, first come first served. Called by engine.ts.
 */

import { refuse } from "./errors.ts";

/** Requests waiting for one kind of slot; beyond this a server too would refuse rather than queue. */
const MAX_WAITING = 1000;

export class Slots<T> {
  readonly #free: T[];
  readonly #waiting: { give: (item: T) => void; signal: AbortSignal }[] = [];

  constructor(items: readonly T[]) {
    this.#free = [...items];
  }

  /** Undefined when the signal fired first: the caller has gone. */
  take(signal: AbortSignal): Promise<T | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const item = this.#free.pop();
    if (item !== undefined) return Promise.resolve(item);
    if (this.#waiting.length >= MAX_WAITING) {
      const message = `Too many simultaneous queries. Waiting: ${MAX_WAITING}`;
      return Promise.reject(refuse("TOO_MANY_SIMULTANEOUS_QUERIES", message));
    }
    return new Promise((resolve) => {
      const entry = { give: resolve, signal };
      this.#waiting.push(entry);
      signal.addEventListener(
        "abort",
        () => {
          const at = this.#waiting.indexOf(entry);
          if (at === -1) return;
          this.#waiting.splice(at, 1);
          resolve(undefined);
        },
        { once: true },
      );
    });
  }

  give(item: T): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(item);
    else next.give(item);
  }
}
