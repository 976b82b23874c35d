/**
 * One live window: its cells with the dictionaries they point into, its caps, and its roll-up to the coarse grain.
 * Used by the fold, the views and the store. No clock, no storage.
 *
 * fine: a cell is (type, session slot, model); above the caps (type, group, model). coarse: a cell is (type, group).
 * A group is (team, agent, environment); what no cap lets in is summed under `other` and the window says `truncated`.
 */
import type { SessionEntry } from "../../schema/frame.ts";
import { CellTable } from "./cells.ts";
import type { WindowId } from "./windows.ts";

/** Event types of one window. */
export const MAX_TYPES = 100;
/** Models of one window; people use a dozen. */
export const MAX_MODELS = 100;
/** (team, agent, environment) triples of one window. */
export const MAX_GROUPS = 2_000;
/** Cells by session of one window: 3 MB. */
export const MAX_SESSION_CELLS = 20_000;
/** Cells of one window in all; above it only (type, other). */
export const MAX_CELLS = 30_000;
export const OTHER = "other";

export type Group = [team: string, agent: string, environment: string];
const OTHER_GROUP: Group = [OTHER, OTHER, OTHER];

/** Set in a cell's ref when it names a group of the window instead of a session slot. */
const GROUP_BIT = 0x8000_0000;

export const isGroupRef = (ref: number): boolean => ref >= GROUP_BIT;
export const groupOfRef = (ref: number): number => ref - GROUP_BIT;

export type Grain = "fine" | "coarse";

/** Strings to small numbers, up to `max`; above it everything is the one entry `overflow`. */
class Dictionary<T> {
  readonly entries: T[];
  readonly #index = new Map<string, number>();
  readonly #max: number;
  readonly #overflow: T;
  readonly #keyOf: (entry: T) => string;

  constructor(entries: T[], max: number, overflow: T, keyOf: (entry: T) => string) {
    this.entries = entries;
    this.#max = max;
    this.#overflow = overflow;
    this.#keyOf = keyOf;
    entries.forEach((entry, i) => {
      this.#index.set(keyOf(entry), i);
    });
  }

  /** Index of the entry; `capped` when it became the overflow entry. */
  put(entry: T): { index: number; capped: boolean } {
    const index = this.#index.get(this.#keyOf(entry));
    if (index !== undefined) return { index, capped: false };
    if (this.entries.length < this.#max) return { index: this.#add(entry), capped: false };
    return { index: this.#index.get(this.#keyOf(this.#overflow)) ?? this.#add(this.#overflow), capped: true };
  }

  #add(entry: T): number {
    this.#index.set(this.#keyOf(entry), this.entries.length);
    return this.entries.push(entry) - 1;
  }
}

const self = (text: string): string => text;
const groupKey = (group: Group): string => group.join("\u0000");

/** What is kept of a window besides its columns. */
export interface WindowHead {
  id: WindowId;
  grain: Grain;
  /** Apply counter of the last change. */
  seq: number;
  events: number;
  truncated: boolean;
  types: string[];
  models: string[];
  groups: Group[];
}

export class LiveWindow {
  readonly id: WindowId;
  readonly grain: Grain;
  seq: number;
  events: number;
  truncated: boolean;
  readonly cells: CellTable;
  readonly #types: Dictionary<string>;
  readonly #models: Dictionary<string>;
  readonly #groups: Dictionary<Group>;

  constructor(head: WindowHead, cells = new CellTable()) {
    this.id = head.id;
    this.grain = head.grain;
    this.seq = head.seq;
    this.events = head.events;
    this.truncated = head.truncated;
    this.cells = cells;
    this.#types = new Dictionary(head.types, MAX_TYPES, OTHER, self);
    this.#models = new Dictionary(head.models, MAX_MODELS, OTHER, self);
    this.#groups = new Dictionary(head.groups, MAX_GROUPS, OTHER_GROUP, groupKey);
  }

  static empty(id: WindowId, grain: Grain): LiveWindow {
    const fresh: Group[] = [];
    return new LiveWindow({ id, grain, seq: 0, events: 0, truncated: false, types: [], models: [], groups: fresh });
  }

  get types(): readonly string[] {
    return this.#types.entries;
  }
  get models(): readonly string[] {
    return this.#models.entries;
  }
  get groups(): readonly Group[] {
    return this.#groups.entries;
  }

  head(): WindowHead {
    const { id, grain, seq, events, truncated } = this;
    const lists = { types: [...this.types], models: [...this.models], groups: [...this.groups] };
    return { id, grain, seq, events, truncated, ...lists };
  }

  typeIndex(type: string): number {
    return this.#indexOf(this.#types.put(type));
  }

  modelIndex(model: string): number {
    return this.grain === "coarse" ? 0 : this.#indexOf(this.#models.put(model));
  }

  groupRef(entry: SessionEntry): number {
    return GROUP_BIT + this.#indexOf(this.#groups.put([entry[2], entry[3], entry[6]]));
  }

  /** The cell of an event. `slot`: the session's, or -1 when the registry is full. */
  cellOf(type: number, slot: number, model: number, entry: SessionEntry): number {
    const { cells } = this;
    if (this.grain === "fine" && slot >= 0) {
      const known = cells.find(type, slot, model);
      if (known >= 0) return known;
      if (cells.size < MAX_SESSION_CELLS) return cells.cell(type, slot, model);
    }
    if (this.grain === "fine") this.truncated = true;
    const ref = this.groupRef(entry);
    const known = cells.find(type, ref, model);
    if (known >= 0) return known;
    if (cells.size < MAX_CELLS) return cells.cell(type, ref, model);
    this.truncated = true;
    return cells.cell(type, this.groupRef(["", "", OTHER, OTHER, "", "", OTHER]), 0);
  }

  /** Counts one event into a cell. */
  count(cell: number): void {
    this.cells.add(cell, 1);
    this.events++;
  }

  /** The same sums by (type, team, agent, environment). `entryOf`: a session slot's entry. */
  rolled(entryOf: (slot: number) => SessionEntry): LiveWindow {
    const coarse = LiveWindow.empty(this.id, "coarse");
    coarse.seq = this.seq;
    coarse.events = this.events;
    coarse.truncated = this.truncated;
    for (let from = 0; from < this.cells.size; from++) {
      const ref = this.cells.ref[from] ?? 0;
      const group = this.groups[groupOfRef(ref)] ?? OTHER_GROUP;
      const entry: SessionEntry = isGroupRef(ref) ? ["", "", group[0], group[1], "", "", group[2]] : entryOf(ref);
      const type = coarse.typeIndex(this.types[this.cells.type[from] ?? 0] ?? OTHER);
      coarse.cells.merge(coarse.cellOf(type, -1, 0, entry), this.cells, from);
    }
    coarse.cells.compact();
    return coarse;
  }

  #indexOf(put: { index: number; capped: boolean }): number {
    if (put.capped) this.truncated = true;
    return put.index;
  }
}
