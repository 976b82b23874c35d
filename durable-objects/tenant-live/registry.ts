/**
 * The session registry: who is running, idle or ended, and the slots that fine cells point to.
 * Used by the fold (touch), the views (read) and the store (entries). No clock: times are arguments.
 *
 * A slot is one session entry (session, user, team, agent, repo, branch, environment): a session that changes its branch
 * has two, so that a filter never moves numbers between them. A slot is given away only when no fine window points to it.
 */
import { z } from "zod";
import type { SessionEntry } from "../../schema/frame.ts";
import { HOUR_MS, MINUTE_MS } from "../../schema/limits.ts";
import type { SessionView, SessionViewSchema } from "../../schema/live.ts";
import type { WindowId } from "./windows.ts";

/** Live sessions of a tenant; above it events are summed by team, agent and environment only. */
export const MAX_SESSIONS = 20_000;
/** Users of those sessions. */
export const MAX_USERS = 10_000;
/** A running session is called idle after this silence; agents think for minutes, people leave for longer. */
export const IDLE_AFTER_MS = 5 * MINUTE_MS;
/** A silent session leaves the registry. */
const FORGET_AFTER_MS = 2 * HOUR_MS;
/** When the registry is full, slots that could be given away are looked for at most this often. */
const RECLAIM_EVERY_MS = 10_000;

export const SessionRecordSchema = z.object({
  slot: z.number().int(),
  entry: z.tuple([z.string(), z.string(), z.string(), z.string(), z.string(), z.string(), z.string()]),
  started_at: z.number(),
  last_at: z.number(),
  ended_at: z.number(),
  events: z.number(),
  cost_nano_usd: z.number(),
  seq: z.number(),
  last_window: z.number(),
});
export type SessionRecord = z.infer<typeof SessionRecordSchema>;

export type SessionState = SessionView["state"];

export function sessionState(record: SessionRecord, now: number): SessionState {
  if (record.ended_at > 0 && record.ended_at >= record.last_at) return "ended";
  return now - record.last_at >= IDLE_AFTER_MS ? "idle" : "running";
}

export function sessionView(record: SessionRecord, now: number): SessionView {
  const [session, user, team, agent, repo, branch, environment] = record.entry;
  const { started_at, last_at, events, cost_nano_usd } = record;
  const names = { session, user, team, agent, repo, branch, environment };
  return { ...names, state: sessionState(record, now), started_at, last_at, events, cost_nano_usd } satisfies z.infer<
    typeof SessionViewSchema
  >;
}

const keyOf = (entry: SessionEntry): string => entry.join("\u0000");
const NO_ENTRY: SessionEntry = ["", "", "", "", "", "", ""];

export class SessionRegistry {
  readonly #records: (SessionRecord | undefined)[] = [];
  readonly #slots = new Map<string, number>();
  readonly #users = new Map<string, number>();
  readonly #free: number[] = [];
  #reclaimedAt = 0;
  /** A cap was reached since the object was loaded. */
  truncated = false;

  constructor(records: readonly SessionRecord[] = []) {
    for (const record of records) this.#put(record);
    for (let slot = 0; slot < this.#records.length; slot++)
      if (this.#records[slot] === undefined) this.#free.push(slot);
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Slots are below this number. */
  get capacity(): number {
    return this.#records.length;
  }

  *records(): Generator<SessionRecord> {
    for (const record of this.#records) if (record !== undefined) yield record;
  }

  record(slot: number): SessionRecord | undefined {
    return this.#records[slot];
  }

  entry(slot: number): SessionEntry {
    return this.#records[slot]?.entry ?? NO_ENTRY;
  }

  /** The slot of a session entry, made when there is room; -1 when there is none. `fineFrom`: the oldest fine window. */
  slotOf(entry: SessionEntry, now: number, fineFrom: WindowId): number {
    const key = keyOf(entry);
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const user = entry[1];
    const full = this.#slots.size >= MAX_SESSIONS || (this.#users.size >= MAX_USERS && !this.#users.has(user));
    if (full && !this.#reclaim(now, fineFrom)) return this.#refuse();
    if (this.#slots.size >= MAX_SESSIONS) return this.#refuse();
    if (this.#users.size >= MAX_USERS && !this.#users.has(user)) return this.#refuse();
    const slot = this.#free.pop() ?? this.#records.length;
    const times = { started_at: 0, last_at: 0, ended_at: 0 };
    this.#put({ slot, entry, ...times, events: 0, cost_nano_usd: 0, seq: 0, last_window: 0 });
    return slot;
  }

  /** Notes one event of a session. A time ahead of the clock counts as now. */
  touch(slot: number, timeMs: number, now: number, type: string, window: WindowId, seq: number): void {
    const record = this.#records[slot];
    if (record === undefined) return;
    const time = Math.min(timeMs, now);
    if (record.events === 0 || time < record.started_at) record.started_at = time;
    if (time > record.last_at) record.last_at = time;
    if (type === "session_end" && time > record.ended_at) record.ended_at = time;
    if (window > record.last_window) record.last_window = window;
    record.events++;
    record.seq = seq;
  }

  addCost(slot: number, nanoUsd: number): void {
    const record = this.#records[slot];
    if (record !== undefined) record.cost_nano_usd += nanoUsd;
  }

  /** Forgets sessions that were silent for 2 h, or ended, once no fine window points to them. */
  sweep(now: number, fineFrom: WindowId): void {
    for (const record of this.#records) {
      if (record === undefined || record.last_window >= fineFrom) continue;
      const state = sessionState(record, now);
      if (state === "ended" || now - record.last_at >= FORGET_AFTER_MS) this.#remove(record);
    }
  }

  /** Makes room: forgets everything that no fine window points to and that is not running. */
  #reclaim(now: number, fineFrom: WindowId): boolean {
    if (now - this.#reclaimedAt < RECLAIM_EVERY_MS) return false;
    this.#reclaimedAt = now;
    for (const record of this.#records) {
      if (record === undefined || record.last_window >= fineFrom) continue;
      if (sessionState(record, now) !== "running") this.#remove(record);
    }
    return true;
  }

  #refuse(): number {
    this.truncated = true;
    return -1;
  }

  #put(record: SessionRecord): void {
    while (this.#records.length < record.slot) this.#records.push(undefined);
    this.#records[record.slot] = record;
    this.#slots.set(keyOf(record.entry), record.slot);
    this.#users.set(record.entry[1], (this.#users.get(record.entry[1]) ?? 0) + 1);
  }

  #remove(record: SessionRecord): void {
    this.#records[record.slot] = undefined;
    this.#slots.delete(keyOf(record.entry));
    const left = (this.#users.get(record.entry[1]) ?? 1) - 1;
    if (left === 0) this.#users.delete(record.entry[1]);
    else this.#users.set(record.entry[1], left);
    this.#free.push(record.slot);
  }
}
