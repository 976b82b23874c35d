/**
 * The event as agents send it: the only source of the ingest contract; types are inferred.
 * Used by ingest (compiled), the SDK and importers (types), and the OpenAPI document.
 * What a schema cannot say (bytes, depth, clock, identity) is checked in workers/ingest.
 */
import { z } from "zod";
import {
  MAX_COST_USD,
  MAX_DURATION_MS,
  MAX_ENVIRONMENT_LENGTH,
  MAX_ID_LENGTH,
  MAX_LINES,
  MAX_STATUS_CODE,
  MAX_TOKENS,
  MAX_UINT32,
} from "./limits.ts";

export const EVENT_TYPES = [
  "session_start",
  "session_end",
  "code_generated",
  "pr_created",
  "error",
  "security_alert",
  "cost_incurred",
] as const;
export type StandardEventType = (typeof EVENT_TYPES)[number];

export const EVENT_CATEGORIES = ["usage", "performance", "security", "cost"] as const;
export type EventCategory = (typeof EVENT_CATEGORIES)[number];

/** `custom.` and a name of lower-case words: bounded, so that it can be a dictionary entry everywhere. */
export const CUSTOM_EVENT_TYPE = /^custom\.[a-z0-9][a-z0-9_.-]{0,99}$/;

const wellFormed = (value: string): boolean => value.isWellFormed();
const text = (max: number) => z.string().max(max).refine(wellFormed, "has a lone surrogate");
const id = z.string().min(1).max(MAX_ID_LENGTH).refine(wellFormed, "has a lone surrogate");
const label = text(MAX_ID_LENGTH).nullish();
const int = (max: number) => z.number().int().min(0).max(max).nullish();

/** Metadata of each standard type. Extra keys are kept; these are checked because columns are made of them. */
export const METADATA_SCHEMAS = {
  session_start: z.looseObject({ agent: label, model: label, repo: label, branch: label, entrypoint: label }),
  session_end: z.looseObject({ duration_ms: int(MAX_DURATION_MS), outcome: label }),
  code_generated: z.looseObject({
    language: label,
    lines_added: int(MAX_LINES),
    lines_removed: int(MAX_LINES),
    accepted: z.boolean().nullish(),
    tool_name: label,
  }),
  pr_created: z.looseObject({
    repo: label,
    number: int(MAX_UINT32),
    url: text(2_048).nullish(),
    title: text(4_096).nullish(),
  }),
  error: z.looseObject({
    code: label,
    message: text(16_384).nullish(),
    status_code: int(MAX_STATUS_CODE),
    fatal: z.boolean().nullish(),
    tool_name: label,
  }),
  security_alert: z.looseObject({
    rule: label,
    severity: z.enum(["info", "low", "medium", "high", "critical"]).nullish(),
    detail: z.unknown().optional(),
  }),
  cost_incurred: z.looseObject({
    model: label,
    input_tokens: int(MAX_TOKENS),
    output_tokens: int(MAX_TOKENS),
    cache_read_tokens: int(MAX_TOKENS),
    cache_write_tokens: int(MAX_TOKENS),
    reasoning_tokens: int(MAX_TOKENS),
    cost_usd: z.number().min(0).max(MAX_COST_USD).nullish(),
    request_id: label,
  }),
} as const satisfies Record<StandardEventType, z.ZodType>;

/** Metadata of `custom.*` events, and the common part of all. */
export const MetadataSchema = z.looseObject({ agent: label, model: label, repo: label, branch: label });

const EVENT_FIELDS = {
  event_id: z.guid().nullish().describe("UUID, version 7 advised; part of the event's identity"),
  org_id: z.string().max(MAX_ID_LENGTH).nullish().describe("optional; must be the key's own organisation"),
  user_id: id.describe("user within the tenant, asserted by the sender"),
  session_id: id.describe("the agent's session"),
  team_id: label.describe("a label; access control uses the directory, never this"),
  event_category: z.enum(EVENT_CATEGORIES).nullish().describe("derived from the type when absent"),
  timestamp: z.iso.datetime({ offset: true }).describe("ISO 8601; milliseconds count"),
  seq: int(MAX_UINT32).describe("order within a session when timestamps tie"),
  environment: text(MAX_ENVIRONMENT_LENGTH).nullish().describe("default production"),
  agent: label,
  agent_version: label,
  model: label,
  repo: label,
  branch: label,
};

const standard = <T extends StandardEventType>(type: T) =>
  z.looseObject({ ...EVENT_FIELDS, event_type: z.literal(type), metadata: METADATA_SCHEMAS[type].nullish() });

/** One event: the standard types with their typed metadata, or a custom type. Unknown top-level fields move into metadata. */
export const EventSchema = z.union([
  z.discriminatedUnion("event_type", [
    standard("session_start"),
    standard("session_end"),
    standard("code_generated"),
    standard("pr_created"),
    standard("error"),
    standard("security_alert"),
    standard("cost_incurred"),
  ]),
  z.looseObject({
    ...EVENT_FIELDS,
    event_type: z.string().regex(CUSTOM_EVENT_TYPE),
    metadata: MetadataSchema.nullish(),
  }),
]);
export type EventInput = z.input<typeof EventSchema>;

/** The fields every event shares, whatever its type; `metadata` is checked by type on its own. */
export const EnvelopeSchema = z.looseObject({
  ...EVENT_FIELDS,
  event_type: z.union([z.enum(EVENT_TYPES), z.string().regex(CUSTOM_EVENT_TYPE)]),
  metadata: z.looseObject({}).nullish(),
});
export type Envelope = z.output<typeof EnvelopeSchema>;

/** Top-level names that are ours: never moved into metadata, client values ignored where the edge owns them. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...Object.keys(EVENT_FIELDS),
  "event_type",
  "metadata",
  "received_at",
  "region",
  "_partition_key",
  "_processing_time",
]);

const CATEGORY_OF: Record<StandardEventType, EventCategory> = {
  session_start: "usage",
  session_end: "usage",
  code_generated: "usage",
  pr_created: "usage",
  error: "performance",
  security_alert: "security",
  cost_incurred: "cost",
};

/** Category of a type when the client gives none; custom types are usage. */
export function categoryOf(eventType: string): EventCategory {
  return Object.hasOwn(CATEGORY_OF, eventType) ? CATEGORY_OF[eventType as StandardEventType] : "usage";
}

/** True for one of the seven standard types. */
export function isStandardType(eventType: string): eventType is StandardEventType {
  return Object.hasOwn(CATEGORY_OF, eventType);
}

/** The answer of POST /v1/events. */
export const IngestAnswerSchema = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int().describe("repeats inside this request"),
  rejected: z.array(
    z.object({
      index: z.number().int(),
      event_id: z.string().optional(),
      code: z.string(),
      path: z.string().optional(),
      message: z.string(),
    }),
  ),
});
export type IngestAnswer = z.infer<typeof IngestAnswerSchema>;
