/**
 * Dedup memory: the identities each window has seen. An event's window is that of its identity time, wherever it is summed.
 * Used by the fold. Sets of open windows stay in RAM; others are read back when a late or skewed event needs them, and
 * kept within a budget. What was added since the last flush is kept aside, to be appended to storage.
 */
import { IdentitySet } from "../../schema/identity-set.ts";
import type { WindowId } from "./windows.ts";

/** RAM for sets of windows that are not open: late and skewed events come in runs, and read each set back once a run. */
export const MAX_IDLE_SET_BYTES = 8_000_000;

/** Reads the stored identities of a window: parts of (hi, lo) pairs. */
export type LoadIdentities = (window: WindowId) => Iterable<Uint32Array>;

const MIN_PENDING = 64;

class Pending {
  words = new Uint32Array(MIN_PENDING);
  length = 0;

  push(hi: number, lo: number): void {
    if (this.length === this.words.length) {
      const next = new Uint32Array(this.length * 2);
      next.set(this.words);
      this.words = next;
    }
    this.words[this.length++] = hi;
    this.words[this.length++] = lo;
  }

  view(): Uint32Array {
    return this.words.subarray(0, this.length);
  }
}

export class DedupMemory {
  readonly #load: LoadIdentities;
  /** In order of last use: the first is the first to go. */
  readonly #sets = new Map<WindowId, IdentitySet>();
  readonly #pending = new Map<WindowId, Pending>();
  #pendingCount = 0;

  constructor(load: LoadIdentities) {
    this.#load = load;
  }

  /** Identities not yet in storage. */
  get pendingCount(): number {
    return this.#pendingCount;
  }

  get bytes(): number {
    let bytes = 0;
    for (const set of this.#sets.values()) bytes += set.bytes;
    for (const pending of this.#pending.values()) bytes += pending.words.byteLength;
    return bytes;
  }

  /** A handle on one window, so that a run of events of it costs one look-up. */
  window(window: WindowId): { add(hi: number, lo: number): boolean } {
    const set = this.#set(window);
    return {
      add: (hi, lo) => {
        if (!set.add(hi, lo)) return false;
        let pending = this.#pending.get(window);
        if (pending === undefined) {
          pending = new Pending();
          this.#pending.set(window, pending);
        }
        pending.push(hi, lo);
        this.#pendingCount++;
        return true;
      },
    };
  }

  /** What must be appended to storage, by window. Call `flushed` once it is. */
  pending(): [WindowId, Uint32Array][] {
    return [...this.#pending].map(([window, pending]) => [window, pending.view()]);
  }

  flushed(): void {
    this.#pending.clear();
    this.#pendingCount = 0;
  }

  /** Drops sets below `firstUnsealed` for good, and of those outside [from, to] the least used above the budget. */
  trim(firstUnsealed: WindowId, from: WindowId, to: WindowId): void {
    let idle = 0;
    for (const [window, set] of this.#sets) {
      if (window < firstUnsealed) this.#sets.delete(window);
      else if (window < from || window > to) idle += set.bytes;
    }
    for (const window of this.#pending.keys()) {
      if (window >= firstUnsealed) continue;
      this.#pendingCount -= (this.#pending.get(window)?.length ?? 0) / 2;
      this.#pending.delete(window);
    }
    for (const [window, set] of this.#sets) {
      if (idle <= MAX_IDLE_SET_BYTES) break;
      if (window >= from && window <= to) continue;
      this.#sets.delete(window);
      idle -= set.bytes;
    }
  }

  #set(window: WindowId): IdentitySet {
    const known = this.#sets.get(window);
    if (known !== undefined) {
      this.#sets.delete(window);
      this.#sets.set(window, known);
      return known;
    }
    const parts = [...this.#load(window)];
    const pending = this.#pending.get(window);
    if (pending !== undefined) parts.push(pending.view());
    const set = new IdentitySet(parts.reduce((sum, part) => sum + part.length / 2, 0));
    for (const part of parts) for (let i = 0; i < part.length; i += 2) set.add(part[i] ?? 0, part[i + 1] ?? 0);
    this.#sets.set(window, set);
    return set;
  }
}
