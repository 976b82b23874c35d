/** How a record is reported by what it became: used by normalisers whose records become none, one or several events. */
import { isStandardType } from "../../../../schema/event.ts";
import type { Collector } from "./collector.ts";
import type { NormalisedEvent } from "./contract.ts";

/** Mapped when any event is of our own vocabulary, kept when all are custom, ignored when there is none. */
export function report(out: Collector, events: readonly NormalisedEvent[]): void {
  if (events.length === 0) out.ignored();
  else if (events.some((made) => isStandardType(made.event.event_type))) out.mapped(...events);
  else out.kept(...events);
}
