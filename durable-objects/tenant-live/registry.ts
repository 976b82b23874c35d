/**
 * The session registry: who is running, idle or ended, and the slots that fine cells point to.
 * Used by the fold (slotOf, touch), the views (read) and the store (records). No clock: times are arguments.
 *
 * A slot is one session entry (session, user, team, agent, repo, branch, environment): a session that changes its branch
 * has two, so that a filter never moves numbers between them; it stays one session. A slot is given away only when no
 * fine window points to it, and a session leaves with its last slot, so slots bound the sessions too.
 */
import type { SessionEntry } from "../../schema/frame.ts";
import { HOUR_MS } from "../../schema/limits.ts";
import {
  type Heard,
  hear,
  labelsOf,
  newSession,
  pointAt,
  type SessionRecord,
  type Slot,
  sessionState,
} from "./session-record.ts";
import { type WindowId, windowStart } from "./windows.ts";

/** Slots, and so live sessions, of a tenant; above it events are summed by team, agent and environment only. */
export const MAX_SESSIONS = 20_000;
/** Users of those sessions. */
export const MAX_USERS = 10_000;
/** A silent session leaves the registry; so does a slot of a session that goes on under other labels. */
const FORGET_AFTER_MS = 2 * HOUR_MS;
/** When the registry is full, slots that could be given away are looked for at most this often. */
const RECLAIM_EVERY_MS = 10_000;

const sessionKey = (session: string, user: string): string => `${session}\u0000${user}`;
const slotKey = (record: SessionRecord, slot: Slot): string =>
  [record.session, record.user, ...slot.labels].join("\u0000");
const NO_ENTRY: SessionEntry = ["", "", "", "", "", "", ""];

/** A slot and the session it belongs to. */
export interface Held {
  slot: Slot;
  record: SessionRecord;
}

export class SessionRegistry {
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #held: (Held | undefined)[] = [];
  readonly #slots = new Map<string, number>();
  readonly #users = new Map<string, number>();
  readonly #free: number[] = [];
  #reclaimedAt = 0;
  /** A cap was reached since the object was loaded. */
  truncated = false;

  /** `records`: as they were stored, a session maybe in several pieces. */
  constructor(records: readonly SessionRecord[] = []) {
    for (const piece of records) {
      const known = this.#sessions.get(sessionKey(piece.session, piece.user));
      known?.slots.push(...piece.slots);
      const record = known ?? this.#keep(piece);
      for (const slot of piece.slots) this.#hold({ slot, record });
    }
    for (let slot = 0; slot < this.#held.length; slot++) if (this.#held[slot] === undefined) this.#free.push(slot);
  }

  /** Sessions. */
  get size(): number {
    return this.#sessions.size;
  }

  records(): Iterable<SessionRecord> {
    return this.#sessions.values();
  }

  /** What a slot number stands for now; the same object as long as it does. */
  held(slot: number): Held | undefined {
    return this.#held[slot];
  }

  entry(slot: number): SessionEntry {
    const held = this.#held[slot];
    return held === undefined ? NO_ENTRY : [held.record.session, held.record.user, ...held.slot.labels];
  }

  /** The session of an entry, if it has one. */
  sessionOf(entry: SessionEntry): SessionRecord | undefined {
    return this.#sessions.get(sessionKey(entry[0], entry[1]));
  }

  /**
   * The slot of a session entry, made when there is room; -1 when there is none. `fineFrom`: the oldest fine window.
   * A slot that was asked for counts as used by that window, so that it is not given away before it is touched.
   */
  slotOf(entry: SessionEntry, now: number, fineFrom: WindowId): number {
    const known = this.#held[this.#slots.get(entry.join("\u0000")) ?? -1];
    if (known !== undefined) {
      pointAt(known.slot, fineFrom);
      return known.slot.slot;
    }
    if (!this.#hasRoom(entry[1]) && this.#mayReclaim(now)) this.#drop(now, fineFrom, reclaimable);
    if (!this.#hasRoom(entry[1])) {
      this.truncated = true;
      return -1;
    }
    const record = this.sessionOf(entry) ?? this.#keep(newSession(entry[0], entry[1]));
    const slot = { slot: this.#free.pop() ?? this.#held.length, labels: labelsOf(entry), last_window: fineFrom };
    record.slots.push(slot);
    this.#hold({ slot, record });
    return slot.slot;
  }

  /** Notes one event of a session, and which fine window points to its slot (0: none; slot -1: it has no slot). */
  touch(record: SessionRecord, slot: number, event: Heard, now: number, window: WindowId, seq: number): void {
    hear(record, event, now, seq);
    const held = this.#held[slot];
    if (held !== undefined) pointAt(held.slot, window);
  }

  /** Forgets sessions that were silent for 2 h, or ended, and slots not used for 2 h, once no fine window points there. */
  sweep(now: number, fineFrom: WindowId): void {
    this.#drop(now, fineFrom, forgettable);
  }

  #hasRoom(user: string): boolean {
    return this.#slots.size < MAX_SESSIONS && (this.#users.size < MAX_USERS || this.#users.has(user));
  }

  #mayReclaim(now: number): boolean {
    if (now - this.#reclaimedAt < RECLAIM_EVERY_MS) return false;
    this.#reclaimedAt = now;
    return true;
  }

  #drop(now: number, fineFrom: WindowId, may: (held: Held, now: number) => boolean): void {
    for (const held of this.#held) {
      if (held !== undefined && held.slot.last_window < fineFrom && may(held, now)) this.#release(held);
    }
  }

  #keep(record: SessionRecord): SessionRecord {
    this.#sessions.set(sessionKey(record.session, record.user), record);
    this.#users.set(record.user, (this.#users.get(record.user) ?? 0) + 1);
    return record;
  }

  #hold(held: Held): void {
    const { slot, record } = held;
    while (this.#held.length < slot.slot) this.#held.push(undefined);
    this.#held[slot.slot] = held;
    this.#slots.set(slotKey(record, slot), slot.slot);
  }

  #release({ slot, record }: Held): void {
    this.#held[slot.slot] = undefined;
    this.#slots.delete(slotKey(record, slot));
    this.#free.push(slot.slot);
    record.slots.splice(record.slots.indexOf(slot), 1);
    if (record.slots.length > 0) return;
    this.#sessions.delete(sessionKey(record.session, record.user));
    const left = (this.#users.get(record.user) ?? 1) - 1;
    if (left === 0) this.#users.delete(record.user);
    else this.#users.set(record.user, left);
  }
}

/** A session that goes on keeps one slot at least: without it the registry would forget that it runs. */
function forgettable({ slot, record }: Held, now: number): boolean {
  if (sessionState(record, now) === "ended" || now - record.last_at >= FORGET_AFTER_MS) return true;
  return record.slots.length > 1 && now - windowStart(slot.last_window) >= FORGET_AFTER_MS;
}

function reclaimable({ record }: Held, now: number): boolean {
  return record.slots.length > 1 || sessionState(record, now) !== "running";
}
