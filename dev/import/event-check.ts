/**
 * Checks one event before it is sent, so that a fault is told with its line; gives an id to events that have none.
 * Used by ndjson.ts and csv.ts. The server has the last word (clock, sizes, depth).
 */
import type { z } from "zod";
import { EnvelopeSchema, EventSchema, isStandardType, METADATA_SCHEMAS, MetadataSchema } from "../../schema/event.ts";
import { eventIdOf } from "./event-id.ts";
import type { Found } from "./found.ts";

const sayIssue = (issue: z.core.$ZodIssue | undefined, prefix: string): string | undefined =>
  issue === undefined ? undefined : `${[prefix, ...issue.path].filter(Boolean).join(".") || "event"}: ${issue.message}`;

/** The first field at fault: the event's schema is a union, whose own error names none. */
function faultOf(value: unknown): string {
  const envelope = EnvelopeSchema.safeParse(value);
  if (!envelope.success) return sayIssue(envelope.error.issues[0], "") ?? "not an event";
  const { event_type, metadata } = envelope.data;
  const schema = isStandardType(event_type) ? METADATA_SCHEMAS[event_type] : MetadataSchema;
  return sayIssue(schema.safeParse(metadata ?? {}).error?.issues[0], "metadata") ?? "not an event";
}

/**
 * The event as it will be sent, or the problem. An event without an id gets one from its content and its line: the same
 * file imported again is the same events, and two equal lines stay two events.
 */
export function checkedEvent(value: unknown, line: number): Found {
  const result = EventSchema.safeParse(value);
  if (!result.success) return { kind: "problem", line, reason: faultOf(value) };
  const event = result.data;
  return {
    kind: "event",
    line,
    event: { ...event, event_id: event.event_id ?? eventIdOf("line", line, JSON.stringify(event)) },
  };
}
