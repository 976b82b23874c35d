/**
 * Which packs a queue took and no consumer has acknowledged yet. Used by the harness's Worker (wrapped-env.ts, worker.ts), for
 * the local queue's own backlog leaves out what is being delivered and what waits for its next try.
 * Counts by pack, never in sum: a message acknowledged twice, or taken without its sender hearing of it, hides no other pack.
 */
import { readPack } from "../../schema/pack.ts";

function keyOf(bytes: Uint8Array): string {
  const { org_id, region, pack_id } = readPack(bytes).header;
  return `${org_id}/${region}/${pack_id}`;
}

/** One Worker process's, like its queues. Throws PackError on bytes that are no pack: nothing else is ever queued. */
export class OwedPacks {
  /** Copies taken less copies acknowledged; below 0 where the sender did not hear that its copy was taken. */
  readonly #copies = new Map<string, number>();

  /** A queue took these bytes. */
  taken(bytes: Uint8Array): void {
    this.#add(keyOf(bytes), 1);
  }

  /** A consumer acknowledged them. */
  acknowledged(bytes: Uint8Array): void {
    this.#add(keyOf(bytes), -1);
  }

  /** Packs with a copy that is still to be acknowledged. */
  get count(): number {
    return [...this.#copies.values()].filter((copies) => copies > 0).length;
  }

  #add(key: string, copies: number): void {
    const now = (this.#copies.get(key) ?? 0) + copies;
    if (now === 0) this.#copies.delete(key);
    else this.#copies.set(key, now);
  }
}
