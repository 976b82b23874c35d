/**
 * The verdict on one candidate event. zod is the only source of the contract: the schemas are compiled at module scope
 * (workerd forbids `new Function` in requests) and asked for a yes; only a no pays for reasons.
 * Called by the events route. Pure: the clock comes in.
 */
import { z } from "zod";
import {
  type Envelope,
  EnvelopeSchema,
  isStandardType,
  KNOWN_FIELDS,
  METADATA_SCHEMAS,
  MetadataSchema,
  type StandardEventType,
} from "../../schema/event.ts";
import { MAX_FUTURE_MS, RETENTION_MS } from "../../schema/limits.ts";
import { serialiseMetadata } from "./metadata.ts";
import { timestampMs } from "./timestamp.ts";
import type { Verdict } from "./verdict.ts";

/** A valid event: its envelope as sent, time as a number, metadata both ways. */
export interface ValidEvent {
  envelope: Envelope;
  timestampMs: number;
  metadata: Record<string, unknown>;
  metadataText: string;
}

/** A schema that cannot be compiled fails the start, instead of becoming 14 times slower unnoticed. */
const STRICT = { strict: true };
const envelopeCheck = z.compile(EnvelopeSchema, STRICT);
const customMetadataCheck = z.compile(MetadataSchema, STRICT);
const metadataChecks: Record<StandardEventType, z.ZodType> = {
  session_start: z.compile(METADATA_SCHEMAS.session_start, STRICT),
  session_end: z.compile(METADATA_SCHEMAS.session_end, STRICT),
  code_generated: z.compile(METADATA_SCHEMAS.code_generated, STRICT),
  pr_created: z.compile(METADATA_SCHEMAS.pr_created, STRICT),
  error: z.compile(METADATA_SCHEMAS.error, STRICT),
  security_alert: z.compile(METADATA_SCHEMAS.security_alert, STRICT),
  cost_incurred: z.compile(METADATA_SCHEMAS.cost_incurred, STRICT),
};

const EMPTY = Object.freeze({});
const MAX_MESSAGE = 300;

/** The schema's verdict alone: equal to `EventSchema.safeParse(value).success` (property-tested). */
export function checkSchema(value: unknown): Verdict | undefined {
  if (!envelopeCheck.validate(value)) return reasonOf(EnvelopeSchema, value, "");
  const envelope = value as Envelope;
  if (envelope.metadata === undefined || envelope.metadata === null) return undefined;
  const type = envelope.event_type;
  const check = isStandardType(type) ? metadataChecks[type] : customMetadataCheck;
  if (check.validate(envelope.metadata)) return undefined;
  return reasonOf(isStandardType(type) ? METADATA_SCHEMAS[type] : MetadataSchema, envelope.metadata, "metadata.");
}

/** Checks one candidate against the contract; `now` in ms. */
export function validateEvent(value: unknown, now: number): ValidEvent | Verdict {
  const fault = checkSchema(value);
  if (fault !== undefined) return fault;
  const envelope = value as Envelope;
  const at = timestampMs(envelope.timestamp);
  if (!(at <= now + MAX_FUTURE_MS)) {
    return { code: "timestamp_in_future", path: "timestamp", message: "more than 24 h ahead of our clock" };
  }
  if (at < now - RETENTION_MS) {
    return { code: "timestamp_too_old", path: "timestamp", message: "older than the 13 months that are kept" };
  }
  const metadata = withUnknownFields(envelope);
  const metadataText = metadata === EMPTY ? "{}" : serialiseMetadata(metadata);
  if (typeof metadataText !== "string") return metadataText;
  return { envelope, timestampMs: at, metadata, metadataText };
}

/** Metadata with the event's unknown top-level fields; on a clash metadata's own wins and the field becomes `_<name>`. */
function withUnknownFields(envelope: Envelope): Record<string, unknown> {
  const own: Record<string, unknown> | typeof EMPTY = envelope.metadata ?? EMPTY;
  let merged: Record<string, unknown> | undefined;
  for (const name in envelope) {
    if (KNOWN_FIELDS.has(name)) continue;
    merged ??= Object.assign(Object.create(null) as Record<string, unknown>, own);
    merged[Object.hasOwn(own, name) ? `_${name}` : name] = envelope[name];
  }
  return merged ?? own;
}

function reasonOf(schema: z.ZodType, value: unknown, prefix: string): Verdict {
  const issue = schema.safeParse(value).error?.issues[0];
  const path = prefix + (issue?.path.join(".") ?? "");
  const verdict: Verdict = { code: "invalid_event", message: (issue?.message ?? "invalid").slice(0, MAX_MESSAGE) };
  if (path !== "" && path !== "metadata.") verdict.path = path.slice(0, MAX_MESSAGE);
  return verdict;
}
