/**
 * The cells of one window in columns: (type, ref, model) -> count and measures. No objects per cell, because a tenant may
 * have hundreds of thousands of them. Used by live-window.ts. Knows nothing of what the numbers stand for.
 */
import { MEASURES } from "../../schema/frame.ts";

const MEASURE_COUNT = MEASURES.length;
const MIN_CAPACITY = 16;
const NO_MEASURES = -1;

function grown<T extends Uint16Array | Uint32Array | Int32Array | Float64Array>(old: T, next: T): T {
  next.set(old);
  return next;
}

export class CellTable {
  size = 0;
  type = new Uint16Array(MIN_CAPACITY);
  model = new Uint16Array(MIN_CAPACITY);
  ref = new Uint32Array(MIN_CAPACITY);
  count = new Uint32Array(MIN_CAPACITY);
  /** Row of `measures` a cell has; most types have none. */
  slab = new Int32Array(MIN_CAPACITY);
  slabs = 0;
  measures = new Float64Array(0);
  /** Open addressing: cell + 1, 0 is free. Built when first needed, dropped when the window goes quiet. */
  #index: Int32Array | undefined;

  /** Bytes of memory the columns occupy. */
  get bytes(): number {
    return this.type.length * 16 + this.measures.byteLength + (this.#index?.byteLength ?? 0);
  }

  /** The cell of a key, or -1. */
  find(type: number, ref: number, model: number): number {
    const index = this.#index ?? this.#build();
    const mask = index.length - 1;
    for (let slot = hash(type, ref, model) & mask; ; slot = (slot + 1) & mask) {
      const cell = (index[slot] ?? 0) - 1;
      if (cell < 0) return -1;
      if (this.ref[cell] === ref && this.type[cell] === type && this.model[cell] === model) return cell;
    }
  }

  /** The cell of a key, made when it is new. */
  cell(type: number, ref: number, model: number): number {
    const known = this.find(type, ref, model);
    if (known >= 0) return known;
    const cell = this.size++;
    if (cell === this.type.length) this.#resize(cell * 2);
    this.type[cell] = type;
    this.ref[cell] = ref;
    this.model[cell] = model;
    this.count[cell] = 0;
    this.slab[cell] = NO_MEASURES;
    const index = this.#index;
    if (index === undefined || this.size * 2 > index.length) this.#build();
    else place(index, hash(type, ref, model), cell);
    return cell;
  }

  add(cell: number, events: number): void {
    this.count[cell] = (this.count[cell] ?? 0) + events;
  }

  addMeasure(cell: number, measure: number, value: number): void {
    let slab = this.slab[cell] ?? NO_MEASURES;
    if (slab === NO_MEASURES) {
      slab = this.slabs++;
      const needed = this.slabs * MEASURE_COUNT;
      if (needed > this.measures.length) {
        this.measures = grown(this.measures, new Float64Array(Math.max(needed * 2, MEASURE_COUNT * 4)));
      }
      this.slab[cell] = slab;
    }
    const at = slab * MEASURE_COUNT + measure;
    this.measures[at] = (this.measures[at] ?? 0) + value;
  }

  /** Adds count and measures of a cell of another table. */
  merge(cell: number, other: CellTable, from: number): void {
    this.add(cell, other.count[from] ?? 0);
    const slab = other.slab[from] ?? NO_MEASURES;
    if (slab === NO_MEASURES) return;
    for (let m = 0; m < MEASURE_COUNT; m++) {
      const value = other.measures[slab * MEASURE_COUNT + m] ?? 0;
      if (value !== 0) this.addMeasure(cell, m, value);
    }
  }

  /** Adds a cell's count and measures into `out` (1 + number of measures, at `at`). */
  addTo(cell: number, out: Float64Array, at: number): void {
    out[at] = (out[at] ?? 0) + (this.count[cell] ?? 0);
    const slab = this.slab[cell] ?? NO_MEASURES;
    if (slab === NO_MEASURES) return;
    const from = slab * MEASURE_COUNT;
    for (let m = 0; m < MEASURE_COUNT; m++) {
      out[at + 1 + m] = (out[at + 1 + m] ?? 0) + (this.measures[from + m] ?? 0);
    }
  }

  /** Gives memory back; the table stays writable. */
  compact(): void {
    this.#index = undefined;
    if (this.size < this.type.length) this.#resize(Math.max(this.size, MIN_CAPACITY));
    if (this.slabs * MEASURE_COUNT < this.measures.length) {
      this.measures = this.measures.slice(0, this.slabs * MEASURE_COUNT);
    }
  }

  #resize(capacity: number): void {
    const keep = Math.min(capacity, this.size);
    this.type = grown(this.type.subarray(0, keep), new Uint16Array(capacity));
    this.model = grown(this.model.subarray(0, keep), new Uint16Array(capacity));
    this.ref = grown(this.ref.subarray(0, keep), new Uint32Array(capacity));
    this.count = grown(this.count.subarray(0, keep), new Uint32Array(capacity));
    this.slab = grown(this.slab.subarray(0, keep), new Int32Array(capacity));
  }

  #build(): Int32Array {
    let capacity = MIN_CAPACITY * 2;
    while (capacity < this.size * 3) capacity *= 2;
    const index = new Int32Array(capacity);
    for (let cell = 0; cell < this.size; cell++) {
      place(index, hash(this.type[cell] ?? 0, this.ref[cell] ?? 0, this.model[cell] ?? 0), cell);
    }
    this.#index = index;
    return index;
  }
}

function place(index: Int32Array, at: number, cell: number): void {
  const mask = index.length - 1;
  let slot = at & mask;
  while (index[slot] !== 0) slot = (slot + 1) & mask;
  index[slot] = cell + 1;
}

function hash(type: number, ref: number, model: number): number {
  let h = Math.imul(ref + 1, 0x9e3779b1) ^ Math.imul(type + 1, 0x85ebca6b) ^ Math.imul(model + 1, 0xc2b2ae35);
  h ^= h >>> 15;
  return h >>> 0;
}
