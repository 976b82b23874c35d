/**
 * Dedup by identity: inside one request, and within a bounded window of time. Pure modules; no clock of their own.
 * An optimisation and an honest answer to the client: across requests ClickHouse's sorting key decides.
 */
import { IdentitySet } from "../../schema/identity-set.ts";

/** What dedup needs to know of an event: the hash of its identity, and of its event_id alone. */
export interface Identified {
  timestampMs: number;
  hashHi: number;
  hashLo: number;
  idHi: number;
  idLo: number;
}

export interface Deduplicated<T> {
  events: T[];
  duplicates: T[];
  /** The same event_id with another timestamp or type: a client fault. */
  conflicts: T[];
}

/** First occurrence wins and order is kept, unless `sortByTimestamp`: then by time, ties in arrival order. */
export function deduplicateEvents<T extends Identified>(
  events: readonly T[],
  options: { sortByTimestamp?: boolean } = {},
): Deduplicated<T> {
  const identities = new IdentitySet(events.length);
  const ids = new IdentitySet(events.length);
  const result: Deduplicated<T> = { events: [], duplicates: [], conflicts: [] };
  for (const event of events) {
    const newId = ids.add(event.idHi, event.idLo);
    if (!identities.add(event.hashHi, event.hashLo)) result.duplicates.push(event);
    else if (newId) result.events.push(event);
    else result.conflicts.push(event);
  }
  if (options.sortByTimestamp === true) result.events.sort((a, b) => a.timestampMs - b.timestampMs);
  return result;
}

/**
 * Remembers ids for `windowSize` ms, at most `maxIds` of them (the oldest go first): bounded in time and memory.
 * An id is new again after its window. `maxIds` reached early means repeats may pass, never that new ids are dropped.
 */
export class EventDeduplicator {
  readonly #seen = new Map<string, number>();
  readonly #windowSize: number;
  readonly #maxIds: number;

  constructor(options: { windowSize: number; maxIds: number }) {
    this.#windowSize = options.windowSize;
    this.#maxIds = options.maxIds;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** True when `id` was remembered less than `windowSize` ms before `now`. */
  has(id: string, now: number): boolean {
    const at = this.#seen.get(id);
    return at !== undefined && now - at < this.#windowSize;
  }

  /** Remembers `id` at `now`; false when it was already remembered within its window (which then is not extended). */
  add(id: string, now: number): boolean {
    if (this.has(id, now)) return false;
    this.#seen.delete(id);
    this.#seen.set(id, now);
    for (const [oldest, at] of this.#seen) {
      if (this.#seen.size <= this.#maxIds && now - at < this.#windowSize) break;
      this.#seen.delete(oldest);
    }
    return true;
  }
}
