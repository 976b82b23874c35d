/**
 * Small requests of one tenant that come close together share packs: a queue message costs three operations however little is in
 * it, so one event a request costs $1.57 a million alone and a quarter of that in company. Called by accept-events.
 * A request is delayed by 25 ms at most, and only while its tenant is busy in this isolate; each still waits until its own events
 * are durable before it answers.
 */
import { IdentitySet } from "../../schema/identity-set.ts";
import { SHARED_FLIGHT_MS } from "../../schema/limits.ts";
import type { Waiter } from "../shared/single-flight.ts";
import type { EnrichedEvent } from "./enrich.ts";

/** Requests with more events than this fill a pack well enough alone. */
export const MAX_SMALL_REQUEST = 20;
/** How long the first of a group waits for company; also how close two requests must be for the tenant to count as busy. */
export const COALESCE_MS = 25;
/** A group this large leaves at once. */
const MAX_GROUP_EVENTS = 500;
/** Tenants remembered; a forgotten one's next request goes alone. */
const MAX_TENANTS = 2_000;

/** Makes events durable. Rejects when it cannot. */
export type DeliverEvents = (events: readonly EnrichedEvent[]) => Promise<void>;

interface Group {
  events: EnrichedEvent[];
  /** Lets the group leave before its time. */
  leave: () => void;
  sent: Promise<void>;
}

interface Entry {
  lastAt: number;
  group: Group | undefined;
}

/** One per isolate. */
export class Coalescer {
  readonly #entries = new Map<string, Entry>();

  /**
   * Resolves when the events are durable. `key`: tenant and storage region; everyone under one key passes an equal `deliver`.
   * Rejects as `deliver` does. A request whose group does not answer within 2 s (its leader was cancelled) delivers by itself:
   * identity makes the repeat harmless.
   */
  async add(
    key: string,
    waiter: Waiter,
    events: readonly EnrichedEvent[],
    now: number,
    deliver: DeliverEvents,
  ): Promise<void> {
    const entry = this.#entryOf(key);
    const busy = now - entry.lastAt <= COALESCE_MS;
    entry.lastAt = now;
    if (events.length > MAX_SMALL_REQUEST || (!busy && entry.group === undefined)) return await deliver(events);
    const group = entry.group ?? this.#open(entry, waiter, deliver);
    group.events.push(...events);
    if (group.events.length >= MAX_GROUP_EVENTS) group.leave();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), SHARED_FLIGHT_MS);
    });
    const result = await Promise.race([group.sent, late]).finally(() => clearTimeout(timer));
    if (result === "late") await deliver(events);
  }

  #open(entry: Entry, waiter: Waiter, deliver: DeliverEvents): Group {
    const events: EnrichedEvent[] = [];
    let leave = (): void => {};
    const gone = new Promise<void>((resolve) => {
      leave = resolve;
      setTimeout(resolve, COALESCE_MS);
    });
    const send = async (): Promise<void> => {
      await gone;
      if (entry.group === group) entry.group = undefined;
      await deliver(withoutRepeats(events));
    };
    const group: Group = {
      events,
      leave: () => {
        entry.group = undefined;
        leave();
      },
      sent: send(),
    };
    entry.group = group;
    waiter.waitUntil(group.sent.catch(() => undefined));
    return group;
  }

  #entryOf(key: string): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= MAX_TENANTS) this.#entries.clear();
      entry = { lastAt: Number.NEGATIVE_INFINITY, group: undefined };
      this.#entries.set(key, entry);
    }
    return entry;
  }
}

/** A client's retry may join the group of its first try. */
function withoutRepeats(events: readonly EnrichedEvent[]): EnrichedEvent[] {
  const seen = new IdentitySet(events.length);
  return events.filter(({ hashHi, hashLo }) => seen.add(hashHi, hashLo));
}
