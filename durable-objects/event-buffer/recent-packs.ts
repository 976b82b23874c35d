/**
 * pack_ids that wait, as far as this object life remembers: drops a duplicate before it costs a row.
 * An optimisation only; identity deduplicates downstream.
 */
import { MAX_REMEMBERED_PACKS } from "./limits.ts";

export class RecentPacks {
  /** pack_id -> sequence number, in order of arrival. */
  readonly #seqs = new Map<string, number>();

  /** The packs that are not known to wait, each once. */
  unknown<T extends { packId: string }>(packs: readonly T[]): T[] {
    const seen = new Set<string>();
    return packs.filter(({ packId }) => {
      const known = this.#seqs.has(packId) || seen.has(packId);
      seen.add(packId);
      return !known;
    });
  }

  remember(packId: string, seq: number): void {
    if (this.#seqs.size >= MAX_REMEMBERED_PACKS) this.forget(this.#oldest());
    this.#seqs.set(packId, seq);
  }

  /** Drops every pack up to `seq`: all sinks have passed it. */
  forget(seq: number): void {
    for (const [packId, known] of this.#seqs) {
      if (known > seq) return;
      this.#seqs.delete(packId);
    }
  }

  #oldest(): number {
    const [seq = 0] = this.#seqs.values();
    return seq;
  }
}
