/**
 * Persistence of the live state, by synchronous SQL: load in the constructor, one checkpoint write per apply burst.
 * Called by the object's shell only. Holds no rule of windows or sums.
 *
 * A burst writes its frames to the journal (a row per MB, slots are reused, so nothing is deleted). A flush writes changed
 * windows, new identities, sessions and the counters in one transaction and so empties the journal. Load = last flush +
 * replay of the journal through the same fold, with the clock of then: sums and identities can never part.
 */
import { z } from "zod";
import type { LiveFrame } from "../../schema/frame.ts";
import { MINUTE_MS } from "../../schema/limits.ts";
import { packFrames, unpackFrames } from "./journal-codec.ts";
import { LiveState } from "./live-state.ts";
import type { LiveWindow } from "./live-window.ts";
import { SessionRegistry } from "./registry.ts";
import { readRegistryRow, registryRows } from "./registry-codec.ts";
import { blob, blobParts, dropTables, integer, joined, migrate, type Sql, text } from "./tables.ts";
import { decodeWindow, encodeWindow } from "./window-codec.ts";
import { firstFine, firstKept, firstUnsealed, type WindowId } from "./windows.ts";

/** Rows of the journal; a burst that does not fit is flushed instead. */
export const JOURNAL_SLOTS = 64;
/** What is only in the journal is flushed after this long: a load replays at most so much. */
export const FLUSH_AFTER_MS = MINUTE_MS;
/** Identities held for the next flush, 8 bytes each. */
const MAX_PENDING_IDENTITIES = 200_000;

/** Keys leave room for parts: a window has at most 64 blobs, and 65,536 appends of identities. */
const WINDOW_PARTS = 64;
const IDENTITY_PARTS = 65_536;

const MetaSchema = z.object({
  epoch: z.string(),
  seq: z.number(),
  fine_from: z.number(),
  unsealed_from: z.number(),
  coarse_seq: z.number(),
  /** ms; windows that start at or after it were held from their start. */
  held_from: z.number(),
  /** Windows below it are in window_metrics, or never will be. */
  exported_before: z.number(),
  /** The last apply that sockets were told of, as of the flush: after a load they are told a little twice. */
  sent: z.number(),
  residency: z.enum(["us", "eu", "global"]).optional(),
  /** Started afresh after its storage could not be read. */
  incomplete: z.boolean().optional(),
});
export type Meta = z.infer<typeof MetaSchema>;

export type LiveStorage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

export class LiveStore {
  readonly #sql: Sql;
  readonly #transaction: <T>(closure: () => T) => T;
  readonly meta: Meta;
  readonly state: LiveState;
  /** Journal rows in use. */
  #used = 0;
  /** ms of the first change that is not flushed; 0 when there is none. */
  #oldestUnflushed = 0;
  rowsWritten = 0;

  constructor(storage: LiveStorage, now: number) {
    this.#sql = storage.sql;
    this.#transaction = (closure) => storage.transactionSync(closure);
    this.#transaction(() => migrate(this.#sql));
    this.meta = this.#readMeta(now);
    const { seq, fine_from, unsealed_from, coarse_seq } = this.meta;
    this.state = new LiveState({
      registry: this.#readRegistry(),
      windows: this.#readWindows(fine_from),
      seq,
      fineFrom: fine_from,
      unsealedFrom: unsealed_from,
      coarseSeq: coarse_seq,
      loadIdentities: (window) => this.#readIdentities(window),
      loadWindow: (window) => this.readWindow(window),
    });
    this.#replay();
  }

  /** Loads; when what is stored cannot be read, starts afresh: a view can be rebuilt, an object that never loads cannot. */
  static open(storage: LiveStorage, now: number, lost: (error: unknown) => void): LiveStore {
    try {
      return new LiveStore(storage, now);
    } catch (error) {
      lost(error);
      storage.transactionSync(() => dropTables(storage.sql));
      const store = new LiveStore(storage, now);
      store.meta.incomplete = true;
      store.writeMeta();
      return store;
    }
  }

  /** Makes a burst durable. Call after `state.apply`; throws when storage refuses, and the state must then be dropped. */
  checkpoint(frames: readonly LiveFrameBytes[], now: number): void {
    const parts = blobParts(packFrames(frames));
    const full = this.#used + parts.length > JOURNAL_SLOTS;
    const due = this.#oldestUnflushed > 0 && now - this.#oldestUnflushed >= FLUSH_AFTER_MS;
    if (full || due || this.state.dedup.pendingCount > MAX_PENDING_IDENTITIES) {
      this.flush(now);
      return;
    }
    this.#transaction(() => {
      parts.forEach((part, i) => {
        this.#write(
          "INSERT OR REPLACE INTO journal (slot, seq, part, at, body) VALUES (?, ?, ?, ?, ?)",
          this.#used + i,
          this.state.seq,
          i,
          now,
          part,
        );
      });
    });
    this.#used += parts.length;
    if (this.#oldestUnflushed === 0) this.#oldestUnflushed = now;
  }

  /** Writes everything that changed, and forgets the journal, sealed identities and windows older than the hot history. */
  flush(now: number): void {
    const { state } = this;
    state.advance(now);
    this.#transaction(() => {
      for (const id of state.dirty) {
        const window = state.windows.get(id);
        if (window !== undefined) this.#writeWindow(window);
      }
      for (const [window, words] of state.dedup.pending()) this.#appendIdentities(window, words);
      if (state.registryDirty) this.#writeRegistry();
      this.#write("DELETE FROM identities WHERE id < ?", state.unsealedFrom * IDENTITY_PARTS);
      this.#write("DELETE FROM windows WHERE id < ?", firstKept(now) * WINDOW_PARTS);
      this.writeMeta();
    });
    state.flushed(this.meta.sent);
    this.#used = 0;
    this.#oldestUnflushed = 0;
  }

  /** ms of the first change that a flush has not written; undefined when there is none. Windows that only rolled count from `now`. */
  unflushedSince(now: number): number | undefined {
    if (this.#used === 0 && this.state.dirty.size === 0) return undefined;
    if (this.#oldestUnflushed === 0) this.#oldestUnflushed = now;
    return this.#oldestUnflushed;
  }

  writeMeta(): void {
    const { state, meta } = this;
    meta.seq = state.seq;
    meta.fine_from = state.fineFrom;
    meta.unsealed_from = state.unsealedFrom;
    meta.coarse_seq = state.coarseSeq;
    this.#write("INSERT OR REPLACE INTO meta (key, value) VALUES ('state', ?)", JSON.stringify(meta));
  }

  /** A window as memory or storage has it. */
  currentWindow(id: WindowId): LiveWindow | undefined {
    return this.state.windows.get(id) ?? this.readWindow(id);
  }

  readWindow(id: WindowId): LiveWindow | undefined {
    const rows = this.#sql.exec(
      "SELECT body FROM windows WHERE id >= ? AND id < ? ORDER BY id",
      id * WINDOW_PARTS,
      (id + 1) * WINDOW_PARTS,
    );
    const parts = [...rows].map((row) => blob(row.body));
    return parts.length === 0 ? undefined : decodeWindow(joined(parts));
  }

  /** The first stored window from `from` on, and the first with stored identities. */
  firstStored(from: WindowId): { window: WindowId | undefined; identities: WindowId | undefined } {
    const first = (statement: string, parts: number): WindowId | undefined => {
      const { id } = this.#sql.exec(statement, from * parts).one();
      return id === null ? undefined : Math.floor(integer(id) / parts);
    };
    return {
      window: first("SELECT min(id) AS id FROM windows WHERE id >= ?", WINDOW_PARTS),
      identities: first("SELECT min(id) AS id FROM identities WHERE id >= ?", IDENTITY_PARTS),
    };
  }

  /** Numbers of the stored windows of [from, to), at most `limit`. */
  storedWindows(from: WindowId, to: WindowId, limit: number): WindowId[] {
    const rows = this.#sql.exec(
      "SELECT DISTINCT id / ? AS n FROM windows WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
      WINDOW_PARTS,
      from * WINDOW_PARTS,
      to * WINDOW_PARTS,
      limit,
    );
    return [...rows].map((row) => integer(row.n));
  }

  #readMeta(now: number): Meta {
    const [row] = this.#sql.exec("SELECT value FROM meta WHERE key = 'state'");
    if (row !== undefined) return MetaSchema.parse(JSON.parse(text(row.value)));
    const meta: Meta = {
      epoch: [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      seq: 0,
      fine_from: firstFine(now),
      unsealed_from: firstUnsealed(now),
      coarse_seq: 0,
      held_from: now,
      exported_before: firstUnsealed(now),
      sent: 0,
    };
    this.#write("INSERT INTO meta (key, value) VALUES ('state', ?)", JSON.stringify(meta));
    return meta;
  }

  #readRegistry(): SessionRegistry {
    const rows = this.#sql.exec("SELECT body FROM registry ORDER BY part");
    return new SessionRegistry([...rows].flatMap((row) => readRegistryRow(text(row.body))));
  }

  #readWindows(from: WindowId): LiveWindow[] {
    const ids = this.storedWindows(from, Number.MAX_SAFE_INTEGER / WINDOW_PARTS, Number.MAX_SAFE_INTEGER);
    return ids.flatMap((id) => this.readWindow(id) ?? []);
  }

  *#readIdentities(window: WindowId): Generator<Uint32Array> {
    const from = window * IDENTITY_PARTS;
    for (const row of this.#sql.exec(
      "SELECT body FROM identities WHERE id >= ? AND id < ?",
      from,
      from + IDENTITY_PARTS,
    )) {
      if (row.body instanceof ArrayBuffer) yield new Uint32Array(row.body);
    }
  }

  #appendIdentities(window: WindowId, words: Uint32Array): void {
    const from = window * IDENTITY_PARTS;
    const last = this.#sql
      .exec("SELECT max(id) AS id FROM identities WHERE id >= ? AND id < ?", from, from + IDENTITY_PARTS)
      .one().id;
    let id = last === null ? from : integer(last) + 1;
    for (const part of blobParts(new Uint8Array(words.buffer, words.byteOffset, words.byteLength))) {
      this.#write("INSERT INTO identities (id, body) VALUES (?, ?)", id++, part);
    }
  }

  #writeWindow(window: LiveWindow): void {
    let id = window.id * WINDOW_PARTS;
    for (const part of blobParts(encodeWindow(window))) {
      this.#write("INSERT OR REPLACE INTO windows (id, body) VALUES (?, ?)", id++, part);
    }
    this.#write("DELETE FROM windows WHERE id >= ? AND id < ?", id, (window.id + 1) * WINDOW_PARTS);
  }

  #writeRegistry(): void {
    let part = 0;
    for (const row of registryRows(this.state.registry.records())) {
      this.#write("INSERT OR REPLACE INTO registry (part, body) VALUES (?, ?)", part++, row);
    }
    this.#write("DELETE FROM registry WHERE part >= ?", part);
  }

  #replay(): void {
    const rows = [
      ...this.#sql.exec("SELECT seq, at, body FROM journal WHERE seq > ? ORDER BY seq, part", this.meta.seq),
    ];
    this.#used = rows.length;
    for (let i = 0; i < rows.length; ) {
      const seq = integer(rows[i]?.seq);
      const at = integer(rows[i]?.at);
      const parts: Uint8Array[] = [];
      for (; i < rows.length && rows[i]?.seq === seq; i++) parts.push(blob(rows[i]?.body));
      this.state.apply(unpackFrames(joined(parts)), at);
      if (this.state.seq !== seq) throw new Error(`replay of apply ${seq} ended at ${this.state.seq}`);
      if (this.#oldestUnflushed === 0) this.#oldestUnflushed = at;
    }
  }

  #write(statement: string, ...bindings: SqlStorageValue[]): void {
    this.rowsWritten += this.#sql.exec(statement, ...bindings).rowsWritten;
  }
}

export interface LiveFrameBytes {
  bytes: Uint8Array;
  frame: LiveFrame;
}
