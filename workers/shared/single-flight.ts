/**
 * One flight per key: callers that ask for the same thing at the same time share one promise.
 * The flight is held by `waitUntil`, and followers wait 2 s at most unless told otherwise: if the request that started it is
 * cancelled, its I/O never settles, and they would hang. On timeout a follower does its own.
 */
import { SHARED_FLIGHT_MS } from "../../schema/limits.ts";

export interface Waiter {
  waitUntil(promise: Promise<unknown>): void;
}

const TIMED_OUT = Symbol("timed out");

/** A map of flights; make one per kind of thing and isolate. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<T>>();
  readonly #waitMs: number;

  /** `waitMs`: how long a follower waits for another's flight. */
  constructor(waitMs: number = SHARED_FLIGHT_MS) {
    this.#waitMs = waitMs;
  }

  /** Runs `load` unless a flight for `key` is under way, and awaits the result. Rejects as `load` does. */
  async run(key: string, waiter: Waiter, load: () => Promise<T>): Promise<T> {
    const flight = this.#flights.get(key);
    if (flight === undefined) return await this.start(key, waiter, load);
    const result = await within(flight, this.#waitMs);
    return result === TIMED_OUT ? await this.start(key, waiter, load) : result;
  }

  /** Starts a flight without waiting for anyone else's; used for refreshes in the background. */
  start(key: string, waiter: Waiter, load: () => Promise<T>): Promise<T> {
    const flight = load().finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    waiter.waitUntil(flight.catch(() => undefined));
    return flight;
  }

  has(key: string): boolean {
    return this.#flights.has(key);
  }
}

async function within<T>(flight: Promise<T>, ms: number): Promise<T | typeof TIMED_OUT> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<typeof TIMED_OUT>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), ms);
  });
  try {
    return await Promise.race([flight, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
