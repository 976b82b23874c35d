/**
 * A set of 64-bit hashes in two typed arrays: 8 bytes an entry at load <= 0.5, no objects.
 * Used for dedup inside a request and for the dedup memory of live windows. Grows; never shrinks; has no delete.
 */
const MIN_CAPACITY = 16;

export class IdentitySet {
  #slots: Uint32Array;
  #mask: number;
  #size = 0;
  #hasZero = false;

  /** `expected`: entries to make room for without growing. */
  constructor(expected = 0) {
    let capacity = MIN_CAPACITY;
    while (capacity < expected * 2) capacity *= 2;
    this.#slots = new Uint32Array(capacity * 2);
    this.#mask = capacity - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of memory the table occupies. */
  get bytes(): number {
    return this.#slots.byteLength;
  }

  /** Adds the hash; false when it was there already. */
  add(hi: number, lo: number): boolean {
    if (hi === 0 && lo === 0) {
      if (this.#hasZero) return false;
      this.#hasZero = true;
      this.#size++;
      return true;
    }
    const at = this.#find(this.#slots, this.#mask, hi, lo);
    if (this.#slots[at] !== 0 || this.#slots[at + 1] !== 0) return false;
    this.#slots[at] = hi;
    this.#slots[at + 1] = lo;
    this.#size++;
    if (this.#size * 2 > this.#mask + 1) this.#grow();
    return true;
  }

  has(hi: number, lo: number): boolean {
    if (hi === 0 && lo === 0) return this.#hasZero;
    const at = this.#find(this.#slots, this.#mask, hi, lo);
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0;
  }

  #find(slots: Uint32Array, mask: number, hi: number, lo: number): number {
    let slot = (lo ^ (hi >>> 7)) & mask;
    for (;;) {
      const at = slot * 2;
      const h = slots[at];
      const l = slots[at + 1];
      if ((h === hi && l === lo) || (h === 0 && l === 0)) return at;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    const next = new Uint32Array(capacity * 2);
    const old = this.#slots;
    for (let at = 0; at < old.length; at += 2) {
      const hi = old[at] ?? 0;
      const lo = old[at + 1] ?? 0;
      if (hi === 0 && lo === 0) continue;
      const to = this.#find(next, capacity - 1, hi, lo);
      next[to] = hi;
      next[to + 1] = lo;
    }
    this.#slots = next;
    this.#mask = capacity - 1;
  }
}
