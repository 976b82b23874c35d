/**
 * The validate bench's Worker: loops over parsed events with one validator, long enough to be timed from outside (the clock does
 * not move in synchronous code). GET /run?check=&faults=&loops= answers how many events were valid.
 */
import { EventSchema } from "../../schema/event.ts";
import { checkSchema, validateEvent } from "../../workers/ingest/validate.ts";
import { benchEvent } from "../support/events.ts";
import { checkByHand } from "../support/hand-validator.ts";

/** Events of one loop: ten batches of 100, so that caches see some variety. */
const EVENTS = 1_000;
/** One event in so many has a fault, when asked for. */
const FAULT_EVERY = 20;

type Event = Record<string, unknown>;

/** What senders get wrong, one each. */
const FAULTS: ((event: Event) => void)[] = [
  (event) => delete event.user_id,
  (event) => {
    event.timestamp = "yesterday";
  },
  (event) => {
    event.event_type = "sesion_start";
  },
  (event) => {
    event.session_id = "s".repeat(300);
  },
  (event) => {
    event.metadata = "none";
  },
  (event) => {
    event.seq = -1;
  },
];

/** Events as JSON.parse gives them. */
function eventsWith(faults: boolean): unknown[] {
  const now = Date.now();
  return Array.from({ length: EVENTS }, (_, i) => {
    const event = benchEvent(i, now - i);
    const n = Math.floor(i / FAULT_EVERY);
    // One event of each twenty, at a place that wanders: types alternate by five.
    if (faults && i % FAULT_EVERY === n % FAULT_EVERY) FAULTS[n % FAULTS.length]?.(event);
    return JSON.parse(JSON.stringify(event));
  });
}

const CHECKS: Record<string, (value: unknown, now: number) => boolean> = {
  nothing: (value) => value !== undefined,
  hand: (value) => checkByHand(value) === undefined,
  compiled: (value) => checkSchema(value) === undefined,
  zod: (value) => EventSchema.safeParse(value).success,
  ingest: (value, now) => "envelope" in validateEvent(value, now),
};

export default {
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/run") return new Response("ok");
    const check = CHECKS[searchParams.get("check") ?? ""];
    if (check === undefined) return new Response("no such check", { status: 400 });
    const events = eventsWith(searchParams.get("faults") === "1");
    const now = Date.now();
    let valid = 0;
    for (let loops = Number(searchParams.get("loops")); loops > 0; loops--) {
      for (const event of events) if (check(event, now)) valid++;
    }
    return Response.json({ valid, verdicts: events.map((event) => check(event, now)) });
  },
} satisfies ExportedHandler;
