/**
 * Data points as facts: a delta is one at once, a cumulative one becomes one when its caller knows the point before. Used by
 * every normaliser that takes facts from metrics. Pure.
 */
import type { DataPoint } from "../model.ts";
import type { Collector } from "./collector.ts";
import type { NormalisedEvent } from "./contract.ts";
import { eventId, seriesKey } from "./ids.ts";
import { timeOfPoint } from "./times.ts";

/** Events made of one counter's point: `pull_request.count = 1e9` must not become a billion events. */
const MAX_EVENTS_PER_POINT = 1_000;
/** Events of a request above which each point makes one: 50,000 points of 1,000 must not either. */
const MAX_EVENTS = 50_000;

/** Builds the event of `amount` at `at` (ms), under an id that the point decides. */
export type EventOf = (amount: number, at: number, id: string) => NormalisedEvent;

/** Reports one point of a counter or histogram (its sum): nothing was added when its value is 0. */
export function addFact(
  out: Collector,
  as: "mapped" | "kept",
  agent: string,
  point: DataPoint,
  eventOf: EventOf,
): void {
  const at = timeOfPoint(point);
  if (at === undefined || point.value === null || !(point.value > 0 && Number.isFinite(point.value))) {
    out.ignored();
    return;
  }
  const { startTimeUnixNano, timeUnixNano, value, metric } = point;
  const series = seriesKey(point);
  if (point.temporality !== "cumulative") {
    out[as](eventOf(value, at, eventId(agent, metric, series, startTimeUnixNano, timeUnixNano)));
    return;
  }
  out.cumulative(as, {
    series,
    startTimeUnixNano,
    timeUnixNano,
    value,
    toEvent: (from, amount) =>
      eventOf(amount, at, eventId(agent, metric, series, startTimeUnixNano, from, from + amount)),
  });
}

/** As addFact, but an event for each one counted: for facts that are counted by their events. */
export function addEach(
  out: Collector,
  as: "mapped" | "kept",
  agent: string,
  point: DataPoint,
  eventOf: EventOf,
): void {
  const at = timeOfPoint(point);
  const value = point.value ?? 0;
  const full = out.result.events.length + out.result.cumulative.length >= MAX_EVENTS;
  const count = Math.min(Math.floor(value), full ? 1 : MAX_EVENTS_PER_POINT);
  if (at === undefined || !(count > 0 && Number.isFinite(value))) {
    out.ignored();
    return;
  }
  const { startTimeUnixNano, timeUnixNano, metric } = point;
  const series = seriesKey(point);
  const ordinals = Array.from({ length: count }, (_, index) => index);
  if (point.temporality !== "cumulative") {
    const ids = ordinals.map((nth) => eventId(agent, metric, series, startTimeUnixNano, timeUnixNano, nth));
    out[as](...ids.map((id) => eventOf(1, at, id)));
    return;
  }
  // Each one counted is a counter of its own that went from 0 to 1, so that every one becomes an event exactly once.
  const facts = ordinals.map((nth) => ({
    series: `${series}/${nth}`,
    startTimeUnixNano,
    timeUnixNano,
    value: 1,
    toEvent: () => eventOf(1, at, eventId(agent, metric, series, startTimeUnixNano, nth)),
  }));
  out.cumulative(as, ...facts);
}
