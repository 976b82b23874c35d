/**
 * The state of one tenant's live object: windows, dedup memory, sessions, and the fold of frames into them.
 * Called by the object's shell and by the replay of its journal. No clock (an argument), no storage (two readers passed in),
 * so applying the same frames at the same times to the same state gives the same state.
 */
import { type LiveFrame, MEASURES, type SessionEntry } from "../../schema/frame.ts";
import { DedupMemory, type LoadIdentities } from "./dedup.ts";
import { LiveWindow } from "./live-window.ts";
import type { SessionRegistry } from "./registry.ts";
import { type Labels, labelsOf, type SessionRecord } from "./session-record.ts";
import { firstFine, firstOpen, firstUnsealed, isSkewed, SKEW_MS, type WindowId, windowOf } from "./windows.ts";

/** Fine cells of all windows together, about 140 bytes each (measured): 28 MB. Above it the oldest windows are rolled early. */
export const MAX_FINE_CELLS = 200_000;

/** Reads a stored window, of either grain. */
export type LoadWindow = (window: WindowId) => LiveWindow | undefined;

export interface FoldCounts {
  applied: number;
  duplicates: number;
  late: number;
  skewed: number;
}

const COST = MEASURES.indexOf("cost_nano_usd");

export class LiveState {
  readonly registry: SessionRegistry;
  readonly dedup: DedupMemory;
  /** Fine windows, and coarse ones that changed since the last flush. */
  readonly windows: Map<WindowId, LiveWindow>;
  /** Windows that storage does not have as they are. */
  readonly dirty = new Set<WindowId>();
  registryDirty = false;
  seq: number;
  /** Windows below it are kept coarse. */
  fineFrom: WindowId;
  /** Windows below it take no event. Never moves back, whatever the clock does. */
  unsealedFrom: WindowId;
  /** Highest `seq` of a change to a window that was coarse: a client that has not seen it needs a SNAPSHOT. */
  coarseSeq: number;
  readonly #load: LoadWindow;
  #openFrom: WindowId = 0;

  constructor(start: {
    registry: SessionRegistry;
    windows: Iterable<LiveWindow>;
    seq: number;
    fineFrom: WindowId;
    unsealedFrom: WindowId;
    coarseSeq: number;
    loadIdentities: LoadIdentities;
    loadWindow: LoadWindow;
  }) {
    this.registry = start.registry;
    this.windows = new Map([...start.windows].map((window) => [window.id, window]));
    this.seq = start.seq;
    this.fineFrom = start.fineFrom;
    this.unsealedFrom = start.unsealedFrom;
    this.coarseSeq = start.coarseSeq;
    this.dedup = new DedupMemory(start.loadIdentities);
    this.#load = start.loadWindow;
  }

  /** Moves to `now`: rolls windows that left the live range, frees memory of closed ones. Idempotent. */
  advance(now: number): void {
    const open = firstOpen(now);
    if (open <= this.#openFrom) return;
    this.#openFrom = open;
    this.unsealedFrom = Math.max(this.unsealedFrom, firstUnsealed(now));
    this.#rollBefore(firstFine(now));
    for (const window of this.windows.values()) if (window.id < open) window.cells.compact();
    this.#trimDedup(now);
    this.registry.sweep(now, this.fineFrom);
  }

  /** Folds frames in, as apply number `seq` + 1. Frames that change nothing leave `seq` as it is. */
  apply(frames: readonly LiveFrame[], now: number): { counts: FoldCounts; changed: boolean[] } {
    this.advance(now);
    const counts: FoldCounts = { applied: 0, duplicates: 0, late: 0, skewed: 0 };
    const seq = this.seq + 1;
    const changed = frames.map((frame) => {
      const before = counts.applied;
      this.#fold(frame, now, seq, counts);
      return counts.applied > before;
    });
    this.#trimDedup(now);
    if (counts.applied > 0) {
      this.seq = seq;
      this.registryDirty = true;
      this.#rollAboveBudget();
    }
    return { counts, changed };
  }

  /** Storage has everything: coarse windows leave memory, but for those that changed after apply `keepAfter`. */
  flushed(keepAfter: number): void {
    for (const window of this.windows.values()) {
      if (window.id < this.fineFrom && window.seq <= keepAfter) this.windows.delete(window.id);
    }
    this.dirty.clear();
    this.registryDirty = false;
    this.dedup.flushed();
  }

  #fold(frame: LiveFrame, now: number, seq: number, counts: FoldCounts): void {
    const current = windowOf(now);
    const places: Place[] = [];
    const cells = new Int32Array(frame.count).fill(-1);
    const homes: LiveWindow[] = [];
    const homeOf = new Uint16Array(frame.count);
    let dedupOf = Number.NaN;
    let dedup = this.dedup.window(current);
    let home: Home | undefined;
    const known = new Map<WindowId, Home>();
    for (let i = 0; i < frame.count; i++) {
      const time = frame.base + (frame.offset[i] ?? 0);
      const identityWindow = windowOf(time);
      if (identityWindow < this.unsealedFrom) {
        counts.late++;
        continue;
      }
      if (identityWindow !== dedupOf) {
        dedup = this.dedup.window(identityWindow);
        dedupOf = identityWindow;
      }
      if (!dedup.add(frame.hashHi[i] ?? 0, frame.hashLo[i] ?? 0)) {
        counts.duplicates++;
        continue;
      }
      const skewed = isSkewed(time, now);
      if (skewed) counts.skewed++;
      counts.applied++;
      const target = skewed ? current : identityWindow;
      if (home?.window.id !== target) {
        home = known.get(target) ?? this.#home(target, frame, homes, seq);
        known.set(target, home);
      }
      const s = frame.session[i] ?? 0;
      const entry = frame.sessions[s];
      const type = frame.types[frame.type[i] ?? 0];
      if (entry === undefined || type === undefined) continue;
      const place = places[s] ?? this.#place(entry, now);
      places[s] = place;
      const { slot, record } = place;
      const { window } = home;
      const cell = window.cellOf(home.type(frame.type[i] ?? 0), slot, home.model(frame.model[i] ?? 0), entry);
      window.count(cell);
      cells[i] = cell;
      homeOf[i] = home.index;
      if (record !== undefined) {
        const heard = { time, type, model: frame.models[frame.model[i] ?? 0] ?? "", labels: place.labels };
        this.registry.touch(record, slot, heard, now, window.grain === "fine" ? target : 0, seq);
      }
    }
    this.#addMeasures(frame, places, cells, homes, homeOf);
  }

  /** Without room for its slot a known session is still heard, or one that ends under another name would run on. */
  #place(entry: SessionEntry, now: number): Place {
    const slot = this.registry.slotOf(entry, now, this.fineFrom);
    return { slot, record: this.registry.sessionOf(entry), labels: labelsOf(entry) };
  }

  #addMeasures(
    frame: LiveFrame,
    places: readonly Place[],
    cells: Int32Array,
    homes: LiveWindow[],
    homeOf: Uint16Array,
  ): void {
    for (const column of frame.measures) {
      const measure = MEASURES.indexOf(column.measure);
      for (let k = 0; k < column.index.length; k++) {
        const i = column.index[k] ?? 0;
        const cell = cells[i] ?? -1;
        const value = column.values[k] ?? 0;
        if (cell < 0 || value === 0) continue;
        homes[homeOf[i] ?? 0]?.cells.addMeasure(cell, measure, value);
        const record = places[frame.session[i] ?? 0]?.record;
        if (measure === COST && record !== undefined) record.cost_nano_usd += value;
      }
    }
  }

  /** A window to sum into, with the frame's dictionaries translated to its own as they are met. */
  #home(id: WindowId, frame: LiveFrame, homes: LiveWindow[], seq: number): Home {
    const window = this.#window(id);
    window.seq = seq;
    this.dirty.add(id);
    if (window.grain === "coarse") this.coarseSeq = seq;
    const types = new Int32Array(frame.types.length).fill(UNKNOWN);
    const models = new Int32Array(frame.models.length).fill(UNKNOWN);
    const index = homes.push(window) - 1;
    return {
      window,
      index,
      type: (i) => translated(types, i, () => window.typeIndex(frame.types[i] ?? "")),
      model: (i) => translated(models, i, () => window.modelIndex(frame.models[i] ?? "")),
    };
  }

  #window(id: WindowId): LiveWindow {
    const known = this.windows.get(id);
    if (known !== undefined) return known;
    const grain = id < this.fineFrom ? "coarse" : "fine";
    const stored = this.#load(id) ?? LiveWindow.empty(id, grain);
    const window = stored.grain === "fine" && grain === "coarse" ? this.#roll(stored) : stored;
    this.windows.set(id, window);
    return window;
  }

  #rollBefore(fineFrom: WindowId): void {
    if (fineFrom <= this.fineFrom) return;
    this.fineFrom = fineFrom;
    for (const window of this.windows.values()) {
      if (window.grain === "fine" && window.id < fineFrom) this.windows.set(window.id, this.#roll(window));
    }
  }

  /** Sets of windows from the first open one to the last that is not skewed stay, others within their budget. */
  #trimDedup(now: number): void {
    this.dedup.trim(this.unsealedFrom, this.#openFrom, windowOf(now + SKEW_MS));
  }

  /** Rolls the oldest fine windows until the cells fit; the current ones always stay. */
  #rollAboveBudget(): void {
    let cells = 0;
    for (const window of this.windows.values()) if (window.grain === "fine") cells += window.cells.size;
    if (cells <= MAX_FINE_CELLS) return;
    const oldest = [...this.windows.values()].filter((window) => window.grain === "fine").sort((a, b) => a.id - b.id);
    for (const window of oldest.slice(0, -2)) {
      if (cells <= MAX_FINE_CELLS) return;
      cells -= window.cells.size;
      this.#rollBefore(window.id + 1);
    }
  }

  #roll(window: LiveWindow): LiveWindow {
    const coarse = window.rolled((slot) => this.registry.entry(slot));
    this.dirty.add(window.id);
    this.coarseSeq = Math.max(this.coarseSeq, coarse.seq);
    return coarse;
  }
}

const UNKNOWN = -2;

/** Where the events of one session entry of a frame go. */
interface Place {
  slot: number;
  record: SessionRecord | undefined;
  labels: Labels;
}

interface Home {
  window: LiveWindow;
  index: number;
  type: (frameIndex: number) => number;
  model: (frameIndex: number) => number;
}

function translated(table: Int32Array, i: number, translate: () => number): number {
  const known = table[i] ?? UNKNOWN;
  if (known !== UNKNOWN) return known;
  const index = translate();
  table[i] = index;
  return index;
}
