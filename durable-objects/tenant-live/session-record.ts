/**
 * One session of the live view: what is known of it, its state, and how it is shown. Used by the registry, the views and
 * the store. Pure; times are arguments.
 *
 * A session is one (session, user). Its events may name team, agent, repo, branch and environment differently, or leave
 * some out: `labels` is the last that each was named, and every distinct set of labels has a slot, because fine cells
 * are summed by what each event said.
 */
import { z } from "zod";
import type { SessionEntry } from "../../schema/frame.ts";
import { MINUTE_MS } from "../../schema/limits.ts";
import type { SessionView } from "../../schema/live.ts";
import type { WindowId } from "./windows.ts";

/** A running session is called idle after this silence; agents think for minutes, people leave for longer. */
export const IDLE_AFTER_MS = 5 * MINUTE_MS;
/** Models remembered of one session, for filters; people switch between two or three. */
const MAX_MODELS = 8;

const LabelsSchema = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()]);
/** team, agent, repo, branch, environment, as in a session entry. */
export type Labels = z.infer<typeof LabelsSchema>;

const SlotSchema = z.object({
  slot: z.number().int(),
  labels: LabelsSchema,
  /** The last fine window that points to it. */
  last_window: z.number(),
});
export type Slot = z.infer<typeof SlotSchema>;

export const SessionRecordSchema = z.object({
  session: z.string(),
  user: z.string(),
  labels: LabelsSchema,
  /** Models it used, the newest last. */
  models: z.array(z.string()),
  started_at: z.number(),
  last_at: z.number(),
  ended_at: z.number(),
  events: z.number(),
  cost_nano_usd: z.number(),
  seq: z.number(),
  slots: z.array(SlotSchema),
});
export type SessionRecord = z.infer<typeof SessionRecordSchema>;

export type SessionState = SessionView["state"];

export function labelsOf(entry: SessionEntry): Labels {
  return [entry[2], entry[3], entry[4], entry[5], entry[6]];
}

/** A session of which nothing was heard yet. */
export function newSession(session: string, user: string): SessionRecord {
  const times = { started_at: 0, last_at: 0, ended_at: 0 };
  const labels: Labels = ["", "", "", "", ""];
  return { session, user, labels, models: [], ...times, events: 0, cost_nano_usd: 0, seq: 0, slots: [] };
}

export function sessionState(record: SessionRecord, now: number): SessionState {
  if (record.ended_at > 0 && record.ended_at >= record.last_at) return "ended";
  return now - record.last_at >= IDLE_AFTER_MS ? "idle" : "running";
}

export function sessionView(record: SessionRecord, now: number): SessionView {
  const { session, user, started_at, last_at, events, cost_nano_usd } = record;
  const [team, agent, repo, branch, environment] = record.labels;
  const model = record.models.at(-1) ?? "";
  const names = { session, user, team, agent, repo, branch, environment, model };
  return { ...names, state: sessionState(record, now), started_at, last_at, events, cost_nano_usd };
}

/** What one event says of its session. */
export interface Heard {
  /** ms; one ahead of the clock counts as now. */
  time: number;
  type: string;
  model: string;
  labels: Labels;
}

/** Notes one event. The newest event's names win; an older one only fills what nobody named. */
export function hear(record: SessionRecord, event: Heard, now: number, seq: number): void {
  const time = Math.min(event.time, now);
  const newest = time >= record.last_at;
  if (record.events === 0 || time < record.started_at) record.started_at = time;
  if (newest) record.last_at = time;
  if (event.type === "session_end" && time > record.ended_at) record.ended_at = time;
  name(record.labels, event.labels, newest);
  if (event.model !== "" && record.models.at(-1) !== event.model) noteModel(record.models, event.model, newest);
  record.events++;
  record.seq = seq;
}

function name(known: Labels, said: Labels, newest: boolean): void {
  for (let i = 0; i < known.length; i++) {
    const text = said[i];
    if (text !== undefined && text !== "" && (newest || known[i] === "")) known[i] = text;
  }
}

function noteModel(models: string[], model: string, newest: boolean): void {
  const at = models.indexOf(model);
  if (at >= 0 && !newest) return;
  if (at >= 0) models.splice(at, 1);
  if (newest) models.push(model);
  else models.unshift(model);
  if (models.length > MAX_MODELS) models.shift();
}

/** Adds what another record says of the same session; `into` has both records' slots then. Models stay as they are. */
export function joinSessions(into: SessionRecord, other: SessionRecord): void {
  name(into.labels, other.labels, other.last_at >= into.last_at);
  into.started_at = Math.min(into.started_at, other.started_at);
  into.last_at = Math.max(into.last_at, other.last_at);
  into.ended_at = Math.max(into.ended_at, other.ended_at);
  into.events += other.events;
  into.cost_nano_usd += other.cost_nano_usd;
  into.seq = Math.max(into.seq, other.seq);
  into.slots.push(...other.slots);
}

/** Notes that a fine window points to the slot. */
export function pointAt(slot: Slot, window: WindowId): void {
  if (window > slot.last_window) slot.last_window = window;
}
