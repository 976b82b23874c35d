/**
 * The present of one organisation: lanes that run one session after another from a given start, pulled up to a clock.
 * Used by agents.ts. Pure: the clock is an argument, nothing is generated before it is asked for, so a sender that falls
 * behind holds no backlog, only lanes.
 */
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../schema/limits.ts";
import { HOUR_WEIGHTS, isWeekend } from "./history.ts";
import type { DemoDeveloper, OrgPlan } from "./org-plan.ts";
import { between, pickWeighted, type Random, randomFrom, uuidV7 } from "./random.ts";
import { type DemoEvent, simulateSession } from "./session.ts";

/** Events a second of one lane, averaged over sessions and the gaps between them (a test measures it). */
export const LANE_EVENTS_PER_SECOND = 0.117;
/** Lanes open within this time, so that a dashboard moves at once without everybody starting in the same second. */
const RAMP_MS = 20 * SECOND_MS;
/** Somebody always works, also on a Sunday night: an empty demo explains nothing. */
const OFF_HOURS_WEIGHT = 0.03;

interface Lane {
  key: string;
  random: Random;
  sessions: number;
  events: Generator<DemoEvent, void>;
  next: DemoEvent;
}

export interface LiveOptions {
  seed: string;
  plan: OrgPlan;
  /** ms since the epoch; part of every id, so two runs never share an event. */
  startMs: number;
  eventsPerSecond: number;
}

/** Who starts a session now: the local hour decides, habit weighs. */
function developerAt(random: Random, plan: OrgPlan, atMs: number): DemoDeveloper {
  return pickWeighted(random, plan.developers, (developer) => {
    const local = atMs + developer.team.offsetHours * HOUR_MS;
    const hour = Math.floor((((local % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS);
    const share = isWeekend(local) ? 0 : (HOUR_WEIGHTS[hour] ?? 0);
    return developer.sessionsPerDay * (share + OFF_HOURS_WEIGHT);
  });
}

/** A stream of events up to a moving clock. */
export class LiveOrg {
  /** Binary heap by time of each lane's next event. */
  readonly #lanes: Lane[] = [];
  readonly #plan: OrgPlan;

  constructor({ seed, plan, startMs, eventsPerSecond }: LiveOptions) {
    this.#plan = plan;
    const lanes = Math.max(1, Math.round(eventsPerSecond / LANE_EVENTS_PER_SECOND));
    for (let i = 0; i < lanes; i++) {
      const key = `${seed}|${plan.org_id}|live|${startMs}|${i}`;
      const random = randomFrom(key);
      const opened = this.#open(key, random, 0, startMs + Math.round(between(random, 0, RAMP_MS)));
      this.#lanes.push(opened);
      this.#siftUp(this.#lanes.length - 1);
    }
  }

  /** Up to `max` events with a time <= `nowMs`, ordered by time. Empty: nothing is due yet. */
  take(nowMs: number, max: number): DemoEvent[] {
    const out: DemoEvent[] = [];
    for (let lane = this.#lanes[0]; lane !== undefined && out.length < max; lane = this.#lanes[0]) {
      if (lane.next.at > nowMs) break;
      out.push(lane.next);
      const step = lane.events.next();
      if (step.done === true) {
        const start = lane.next.at + Math.round(between(lane.random, 5, 60) * SECOND_MS);
        this.#lanes[0] = this.#open(lane.key, lane.random, lane.sessions + 1, start);
      } else {
        lane.next = step.value;
      }
      this.#siftDown();
    }
    return out;
  }

  /**
   * The session_end of every session that has started by `nowMs`, at `nowMs`: what agents send when they are stopped.
   * Take everything due first; the stream is at its end afterwards.
   */
  interrupt(nowMs: number): DemoEvent[] {
    const open = this.#lanes.splice(0).filter(({ next }) => (next.event.seq ?? 0) > 0);
    return open.map((lane) => {
      const { event_id: _id, metadata: _metadata, model: _model, ...common } = lane.next.event;
      return {
        at: nowMs,
        event: {
          ...common,
          event_id: uuidV7(lane.random, nowMs),
          event_type: "session_end",
          timestamp: new Date(nowMs).toISOString(),
          metadata: { outcome: "interrupted" },
        },
      };
    });
  }

  #open(key: string, random: Random, sessions: number, startMs: number): Lane {
    const developer = developerAt(random, this.#plan, startMs);
    const events = simulateSession(`${key}|${sessions}`, developer, startMs);
    const first = events.next();
    if (first.done === true) throw new Error("a session has at least its start");
    return { key, random, sessions, events, next: first.value };
  }

  #siftUp(from: number): void {
    for (let i = from; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#swapIfEarlier(i, parent)) return;
      i = parent;
    }
  }

  #siftDown(): void {
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const right = left + 1;
      const child =
        (this.#time(right) ?? Number.POSITIVE_INFINITY) < (this.#time(left) ?? Number.POSITIVE_INFINITY) ? right : left;
      if (!this.#swapIfEarlier(child, i)) return;
      i = child;
    }
  }

  #time(i: number): number | undefined {
    return this.#lanes[i]?.next.at;
  }

  /** Exchanges the two when `child` is due before `parent`. */
  #swapIfEarlier(child: number, parent: number): boolean {
    const a = this.#lanes[child];
    const b = this.#lanes[parent];
    if (a === undefined || b === undefined || a.next.at >= b.next.at) return false;
    this.#lanes[child] = b;
    this.#lanes[parent] = a;
    return true;
  }
}
