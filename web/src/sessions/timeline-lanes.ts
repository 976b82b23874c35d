/**
 * The events of a session as bars and marks in lanes: turns, model calls, tools, edits, troubles, the rest. What overlaps in a lane goes
 * into rows of its own. Works in time, not pixels, so that zooming moves nothing to another row. Called by the timeline. Pure.
 */
import type { TimelineEvent } from "../../../schema/api/sessions.ts";
import { factsOf } from "./event-facts.ts";
import { eventKey } from "./merge-pages.ts";

export const LANES = [
  { key: "turns", label: "Turns" },
  { key: "model", label: "Model" },
  { key: "tools", label: "Tools" },
  { key: "edits", label: "Edits" },
  { key: "errors", label: "Errors" },
  { key: "other", label: "Other" },
] as const;
export type LaneKey = (typeof LANES)[number]["key"];

/** Rows of one lane; what overlaps more often shares the last one. */
export const MAX_LANE_ROWS = 4;
/** What is drawn is at least this long, in ms: a session of one event is no stretch of time. */
const MIN_LENGTH = 1_000;
/** A duration that is longer than this before the session's first event is not believed to be a bar. */
const MAX_LEAD_MS = 3_600_000;

export interface TimelineItem {
  key: string;
  event: TimelineEvent;
  lane: LaneKey;
  /** ms; equal for what has no known length. */
  from: number;
  to: number;
  row: number;
}

export interface Timeline {
  /** In the order of the events. */
  items: readonly TimelineItem[];
  /** Rows that each lane needs; 0: the lane is empty. */
  rows: Readonly<Record<LaneKey, number>>;
  from: number;
  to: number;
  /** Running sum of cost after each event that has one, nano-USD. */
  cost: readonly { at: number; total: bigint }[];
}

export function laneOf(event: Pick<TimelineEvent, "event_type" | "tool_name" | "metadata">): LaneKey {
  const type = event.event_type;
  if (type === "cost_incurred") return "model";
  if (type === "code_generated") return "edits";
  if (type === "error" || type === "security_alert") return "errors";
  if (!type.startsWith("custom.")) return "other";
  const name = type.slice(type.lastIndexOf(".") + 1);
  if (name === "turn" || name === "user_prompt" || name === "turn_start") return "turns";
  return name.startsWith("tool_") || name === "hunk" || event.tool_name !== "" ? "tools" : "other";
}

/** `events` in order of time. */
export function timelineOf(events: readonly TimelineEvent[]): Timeline {
  const ends = events.map(({ timestamp }) => Date.parse(timestamp));
  const first = ends[0] ?? 0;
  const last = ends.at(-1) ?? first;
  const items = events.map((event, i): TimelineItem => {
    const at = ends[i] ?? first;
    const lane = laneOf(event);
    return { key: eventKey(event), event, lane, from: startOf(event, lane, at, first), to: at, row: 0 };
  });
  closeTurns(items, last);
  return {
    items,
    rows: pack(items),
    from: items.reduce((least, { from }) => Math.min(least, from), first),
    to: Math.max(last, first + MIN_LENGTH),
    cost: costOf(events, ends),
  };
}

/** Agents report calls when they end: the bar leads up to the event. */
function startOf(event: TimelineEvent, lane: LaneKey, at: number, first: number): number {
  if (lane !== "model" && lane !== "tools") return at;
  const { duration_ms } = factsOf(event);
  if (duration_ms === null) return at;
  const start = at - duration_ms;
  return start < first - MAX_LEAD_MS ? at : start;
}

/** A turn goes on until the next one begins, or until nothing more happens. */
function closeTurns(items: TimelineItem[], last: number): void {
  let end = last;
  for (const item of items.toReversed()) {
    if (item.lane !== "turns") continue;
    item.to = Math.max(item.to, end);
    end = item.from;
  }
}

/** Gives every item the first row of its lane that is free when it begins. */
function pack(items: readonly TimelineItem[]): Record<LaneKey, number> {
  const rows = { turns: 0, model: 0, tools: 0, edits: 0, errors: 0, other: 0 };
  const busyUntil = new Map<LaneKey, number[]>();
  for (const item of [...items].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const lane = busyUntil.get(item.lane) ?? [];
    busyUntil.set(item.lane, lane);
    const free = lane.findIndex((end) => end <= item.from);
    item.row = free >= 0 ? free : Math.min(lane.length, MAX_LANE_ROWS - 1);
    // Two moments at the same time stand beside each other, a bar that begins where one ends follows it.
    lane[item.row] = Math.max(lane[item.row] ?? 0, item.to, item.from + 1);
    rows[item.lane] = lane.length;
  }
  return rows;
}

function costOf(events: readonly TimelineEvent[], ends: readonly number[]): Timeline["cost"] {
  const steps: { at: number; total: bigint }[] = [];
  let total = 0n;
  events.forEach((event, i) => {
    if (event.cost_nano_usd === null) return;
    total += BigInt(event.cost_nano_usd);
    steps.push({ at: ends[i] ?? 0, total });
  });
  return steps;
}
