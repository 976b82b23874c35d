/**
 * What a question would read, before it is asked: events per hour of a tenant and region, remembered, and the limit of the plan.
 * Called by run.ts. Counts by the same planner and tables as every answer, so that past hours cost nothing to count.
 */
import type { Plan } from "../../../schema/api/settings.ts";
import { PublicError } from "../../../schema/errors.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../schema/limits.ts";
import type { Range } from "../range.ts";

/** Events one question may read one by one. ClickHouse reads 5 to 50 million a second and ends a query after 10 s. */
export const MAX_EVENTS_READ: Record<Plan, number> = {
  starter: 20_000_000,
  professional: 100_000_000,
  enterprise: 400_000_000,
};
/** An event whose metadata is parsed counts as this many: 2 M events with 280 B of it took 1.4 s, and 0.12 s by columns alone. */
export const METADATA_WEIGHT = 12;

const HOURS = DAY_MS / HOUR_MS;
/** Events of a day that is over for longer than this hardly change: late events are few. */
const SETTLED_MS = 2 * DAY_MS;
const SETTLED_KEPT_MS = 60 * MINUTE_MS;
const RECENT_KEPT_MS = MINUTE_MS;
/** Days remembered per isolate, of all tenants: 24 numbers each. */
const MAX_DAYS = 20_000;
/** Days counted by one query: an answer has at most 3,000 hours. */
const DAYS_PER_COUNT = 120;

/** Events of each hour of these UTC days. Hours without events may be absent. */
export type CountHours = (days: Range) => Promise<readonly { hour: number; events: number }[]>;

interface KnownDay {
  events: Float64Array;
  until: number;
}

/** Events per hour, as one isolate remembers them. */
export class HourCounts {
  readonly #days = new Map<string, KnownDay>();

  /** Events in these ranges; of an hour that is touched in part, that part. `source`: whose, as `org region`. */
  async eventsIn(source: string, ranges: readonly Range[], count: CountHours, now: number): Promise<number> {
    const days = [...new Set(ranges.flatMap(daysOf))].sort((a, b) => a - b);
    const missing = days.filter((day) => (this.#days.get(`${source} ${day}`)?.until ?? 0) <= now);
    for (const span of spansOf(missing)) this.#remember(source, span, await count(span), now);
    return ranges.reduce((sum, range) => sum + this.#inRange(source, range), 0);
  }

  #remember(source: string, span: Range, hours: readonly { hour: number; events: number }[], now: number): void {
    for (let day = span.from; day < span.to; day += DAY_MS) {
      const key = `${source} ${day}`;
      const kept = now - day > SETTLED_MS + DAY_MS ? SETTLED_KEPT_MS : RECENT_KEPT_MS;
      this.#days.delete(key);
      if (this.#days.size >= MAX_DAYS) {
        const oldest = this.#days.keys().next().value;
        if (oldest !== undefined) this.#days.delete(oldest);
      }
      this.#days.set(key, { events: new Float64Array(HOURS), until: now + kept });
    }
    for (const { hour, events } of hours) {
      const day = Math.floor(hour / DAY_MS) * DAY_MS;
      const known = this.#days.get(`${source} ${day}`);
      if (known !== undefined) known.events[(hour - day) / HOUR_MS] = events;
    }
  }

  #inRange(source: string, range: Range): number {
    let sum = 0;
    for (let hour = Math.floor(range.from / HOUR_MS) * HOUR_MS; hour < range.to; hour += HOUR_MS) {
      const day = Math.floor(hour / DAY_MS) * DAY_MS;
      const events = this.#days.get(`${source} ${day}`)?.events[(hour - day) / HOUR_MS] ?? 0;
      const inside = Math.min(hour + HOUR_MS, range.to) - Math.max(hour, range.from);
      sum += events * (inside / HOUR_MS);
    }
    return Math.round(sum);
  }
}

function daysOf({ from, to }: Range): number[] {
  const days: number[] = [];
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day < to; day += DAY_MS) days.push(day);
  return days;
}

/** Days that follow each other as spans, none longer than one count may be. */
function spansOf(days: readonly number[]): Range[] {
  const spans: Range[] = [];
  for (const day of days) {
    const last = spans.at(-1);
    const isNext = last !== undefined && last.to === day && day - last.from < DAYS_PER_COUNT * DAY_MS;
    if (isNext) last.to = day + DAY_MS;
    else spans.push({ from: day, to: day + DAY_MS });
  }
  return spans;
}

/** Throws PublicError `query_too_expensive` when a question would read more than its plan allows. */
export function checkCost(events: number, readsMetadata: boolean, plan: Plan): void {
  const estimate = events * (readsMetadata ? METADATA_WEIGHT : 1);
  const limit = MAX_EVENTS_READ[plan];
  if (estimate <= limit) return;
  throw new PublicError("query_too_expensive", "the query reads too many events; narrow the range", {
    details: {
      estimated_events: roughly(estimate),
      limit,
      plan,
      ...(readsMetadata ? { metadata_weight: METADATA_WEIGHT } : {}),
    },
  });
}

/** To two digits, upwards: it is an estimate, and people with a narrower scope need not know the organisation's exact volume. */
function roughly(value: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / step) * step;
}
