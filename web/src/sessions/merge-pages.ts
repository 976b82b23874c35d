/**
 * A session's events out of its pages: each once, in the order of time. Pages overlap when the last one was asked again, and an event
 * that came late belongs between others. Used by use-session.ts. Pure.
 */
import type { TimelineEvent } from "../../../schema/api/sessions.ts";

type Identified = Pick<TimelineEvent, "event_id" | "event_type" | "timestamp">;

const keys = new WeakMap<Identified, string>();

/** The identity of an event within a session: an id alone may name two. Made once per event. */
export function eventKey(event: Identified): string {
  let key = keys.get(event);
  if (key === undefined) {
    key = `${event.event_id} ${event.event_type} ${event.timestamp}`;
    keys.set(event, key);
  }
  return key;
}

/** Later pages win; `before` is given back when nothing changed, so that what is drawn from it stays. */
export function mergeEvents(
  pages: readonly { events: readonly TimelineEvent[] }[],
  before: readonly TimelineEvent[] = [],
): readonly TimelineEvent[] {
  const known = new Map<string, TimelineEvent>();
  for (const { events } of pages) for (const event of events) known.set(eventKey(event), event);
  const merged = [...known.values()].sort(byTime);
  const same = merged.length === before.length && merged.every((event, i) => isSame(event, before[i]));
  return same ? before : merged;
}

function byTime(a: TimelineEvent, b: TimelineEvent): number {
  if (a.timestamp !== b.timestamp) return Date.parse(a.timestamp) - Date.parse(b.timestamp);
  return (a.seq ?? -1) - (b.seq ?? -1) || (a.event_id < b.event_id ? -1 : 1);
}

/** Only these change after an event was received: it is priced anew. */
function isSame(a: TimelineEvent, b: TimelineEvent | undefined): boolean {
  return b !== undefined && eventKey(a) === eventKey(b) && a.cost_nano_usd === b.cost_nano_usd;
}
