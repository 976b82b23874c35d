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

const HEX = /^[0-9A-Fa-f]$/;
/** By character code; a table is several times faster than the pattern of `z.guid()`, and this runs for every event. */
const IS_HEX = Uint8Array.from({ length: 128 }, (_, code) => Number(HEX.test(String.fromCharCode(code))));

/** Any UUID as text: 8-4-4-4-12 hexadecimal digits in either case, of any version. */
function isUuid(value: string): boolean {
  if (value.length !== 36) return false;
  for (let i = 0; i < 36; i++) {
    const code = value.charCodeAt(i);
    if (i === 8 || i === 13 || i === 18 || i === 23 ? code !== 45 : IS_HEX[code] !== 1) return false;
  }
  return true;
}
const uuid = z.string().refine(isUuid, "is not a UUID").meta({ format: "uuid" });

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

const EVENT_FIELDS = {
  event_id: uuid.nullish().describe("UUID, version 7 advised; part of the event's identity"),
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
export const EnvelopeSchema = z.object({
  ...EVENT_FIELDS,
  event_type: z.union([z.enum(EVENT_TYPES), z.string().regex(CUSTOM_EVENT_TYPE)]),
  metadata: z.custom<Record<string, unknown>>(isObject, "is not an object").nullish(),
});
/** A checked event with whatever else the client sent. */
export type Envelope = z.output<typeof EnvelopeSchema> & Record<string, unknown>;

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
