/**
 * The buffer's SQLite: packs in rows, and the state in one row. Synchronous, loaded in the constructor.
 * Called by the object's shell, FlushPump and Spill. Decides nothing: what to flush and when is the planner's.
 *
 * Sequence numbers of packs have no gaps and are never given twice: the next one is above every row and every cursor.
 */
import { joinPacks, splitPacks } from "../../workers/shared/stored-packs.ts";
import { migrate } from "./migrations.ts";
import type { RowInfo } from "./planner.ts";
import { type SqlDatabase, type SqlValue, toBytes, toNumber, toText } from "./sql.ts";
import { type BufferState, BufferStateSchema, initialState, passedByAll, SINKS } from "./state.ts";

/** A pack as it waits: `seq` is its place in the order of arrival. */
export interface StoredPack {
  seq: number;
  bytes: Uint8Array;
}

/** Bytes that a pack takes in a row: `joinPacks` puts a u32 before it. */
export function sizeInRow(pack: Uint8Array): number {
  return 4 + pack.length;
}

export class PackStore {
  readonly #db: SqlDatabase;
  #state: BufferState;
  #saved: BufferState;
  /** Bytes of every row ever stored here, and of those that are deleted. */
  #total: number;
  #gone: number;
  #lastSeq: number;

  constructor(db: SqlDatabase) {
    this.#db = db;
    db.transactionSync(() => migrate(db.sql));
    this.#state = this.#load();
    this.#saved = this.#state;
    const newest = this.#first("SELECT last, total FROM packs ORDER BY last DESC LIMIT 1");
    this.#total = toNumber(newest?.total ?? null);
    const cursors = SINKS.map((name) => this.#state.sinks[name].cursor);
    this.#lastSeq = Math.max(toNumber(newest?.last ?? null), ...cursors);
    this.#gone = this.#totalBeforeOldest();
  }

  get state(): BufferState {
    return this.#state;
  }

  /** The state as a restart would find it. */
  get saved(): BufferState {
    return this.#saved;
  }

  /** Bundle bytes of all waiting rows. */
  get bytes(): number {
    return this.#total - this.#gone;
  }

  /** Packs that some sink still has to take. */
  get waiting(): number {
    return this.#lastSeq - passedByAll(this.#state);
  }

  /** Sequence number of the newest pack; 0 before the first. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Replaces the state in memory only: free, and lost with the object. */
  set(state: BufferState): void {
    this.#state = state;
  }

  /** Writes the state: one row. */
  save(): void {
    this.#db.sql.exec(
      "INSERT INTO state (id, json) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
      JSON.stringify(this.#state),
    );
    this.#saved = this.#state;
  }

  /** Stores packs as one row; returns the sequence number of the last. The caller keeps rows inside MAX_ROW_BYTES. */
  append(packs: readonly Uint8Array[], events: number, now: number): number {
    const last = this.#lastSeq + packs.length;
    const bundle = joinPacks(packs);
    this.#db.sql.exec(
      "INSERT INTO packs (last, count, events, size, total, appended_at, bundle) VALUES (?, ?, ?, ?, ?, ?, ?)",
      last,
      packs.length,
      events,
      bundle.length,
      this.#total + bundle.length,
      now,
      bundle,
    );
    this.#lastSeq = last;
    this.#total += bundle.length;
    return last;
  }

  /** Rows with a pack after `cursor`, oldest first, without their bundles; read as far as the caller iterates. */
  *rowsAfter(cursor: number): Generator<RowInfo> {
    const query = "SELECT last, count, events, size, appended_at FROM packs WHERE last > ? ORDER BY last";
    for (const row of this.#db.sql.exec(query, cursor)) yield rowInfo(row);
  }

  /** The oldest row with a pack after `cursor`. */
  oldestAfter(cursor: number): RowInfo | undefined {
    const query = "SELECT last, count, events, size, appended_at FROM packs WHERE last > ? ORDER BY last LIMIT 1";
    const row = this.#first(query, cursor);
    return row === undefined ? undefined : rowInfo(row);
  }

  /** The packs after `cursor` up to `to`, in order; views into their rows. */
  read(cursor: number, to: number): StoredPack[] {
    const packs: StoredPack[] = [];
    const query = "SELECT last, count, bundle FROM packs WHERE last > ? AND last <= ? ORDER BY last";
    for (const row of this.#db.sql.exec(query, cursor, to)) {
      const first = toNumber(row.last) - toNumber(row.count) + 1;
      for (const [index, bytes] of splitPacks(toBytes(row.bundle)).entries()) {
        if (first + index > cursor) packs.push({ seq: first + index, bytes });
      }
    }
    return packs;
  }

  /** Deletes what has passed every sink, and saves the state with it; writes nothing when there is nothing to delete. */
  discardPassed(): void {
    const passed = passedByAll(this.#state);
    const oldest = this.oldestAfter(0);
    if (oldest === undefined || oldest.last > passed) return;
    this.#db.transactionSync(() => {
      this.#db.sql.exec("DELETE FROM packs WHERE last <= ?", passed);
      this.save();
    });
    this.#gone = this.#totalBeforeOldest();
  }

  #totalBeforeOldest(): number {
    const oldest = this.#first("SELECT size, total FROM packs ORDER BY last LIMIT 1");
    return oldest === undefined ? this.#total : toNumber(oldest.total) - toNumber(oldest.size);
  }

  #load(): BufferState {
    const row = this.#first("SELECT json FROM state");
    return row === undefined ? initialState() : BufferStateSchema.parse(JSON.parse(toText(row.json)));
  }

  #first(query: string, ...bindings: SqlValue[]): Record<string, SqlValue> | undefined {
    const [row] = [...this.#db.sql.exec(query, ...bindings)];
    return row;
  }
}

function rowInfo(row: Record<string, SqlValue>): RowInfo {
  return {
    last: toNumber(row.last),
    count: toNumber(row.count),
    events: toNumber(row.events),
    size: toNumber(row.size),
    appendedAt: toNumber(row.appended_at),
  };
}
