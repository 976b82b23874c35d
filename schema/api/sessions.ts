/**
 * Queries and answers of /api/v1/sessions. Used by workers/api, the OpenAPI document and the page.
 */
import { z } from "zod";
import { MAX_ID_LENGTH } from "../limits.ts";
import { FILTER_QUERY, MomentSchema, NanoUsdSchema, ORG_QUERY, RANGE_QUERY } from "./filters.ts";
import { CompletenessSchema } from "./integrations.ts";

/** Sessions on one page. */
export const MAX_SESSIONS_PAGE = 200;
/** Events on one page of a timeline: 32 KB of metadata each, and an isolate has 128 MB. */
export const MAX_TIMELINE_PAGE = 200;

const cursor = z.string().max(2_048).optional().describe("`next_cursor` of the page before");
const limit = (max: number, usual: number) => z.coerce.number().int().min(1).max(max).default(usual);

export const SessionsQuerySchema = z.strictObject({
  ...ORG_QUERY,
  ...RANGE_QUERY,
  ...FILTER_QUERY,
  q: z
    .string()
    .trim()
    .max(MAX_ID_LENGTH)
    .optional()
    .describe("sessions whose id begins with this, or whose user or repo holds it in any case"),
  limit: limit(MAX_SESSIONS_PAGE, 50),
  cursor,
});

/** A session's figures. */
export const SessionSchema = z.object({
  session_id: z.string(),
  user_id: z.string().describe("of its first event; asserted by the sender"),
  team: z.string(),
  agent: z.string(),
  models: z.array(z.string()),
  repo: z.string(),
  branch: z.string(),
  environment: z.string(),
  started_at: MomentSchema.describe("its first event"),
  last_event_at: MomentSchema,
  ended: z.boolean().describe("a session_end was received"),
  outcome: z.string().describe("of its session_end; empty when unknown"),
  events: z.number().int(),
  errors: z.number().int(),
  security_alerts: z.number().int(),
  pull_requests: z.number().int(),
  tokens: z.number(),
  unpriced_tokens: z.number(),
  cost_nano_usd: NanoUsdSchema,
  lines_added: z.number(),
  lines_removed: z.number(),
});
export type Session = z.infer<typeof SessionSchema>;

export const SessionsAnswerSchema = z.object({
  org_id: z.string(),
  scope: z.enum(["own", "team", "org"]),
  from: MomentSchema,
  to: MomentSchema,
  sessions: z
    .array(SessionSchema)
    .describe(
      "whose time from first to last event overlaps the range, last started first; figures are of the whole session; each filter is met by some event of it",
    ),
  next_cursor: z.string().nullable().describe("null on the last page; a page may be shorter than `limit` before that"),
});
export type SessionsAnswer = z.infer<typeof SessionsAnswerSchema>;

export const SessionParamsSchema = z.object({ id: z.string().min(1).max(MAX_ID_LENGTH) });

export const SessionQuerySchema = z.strictObject({ ...ORG_QUERY, limit: limit(MAX_TIMELINE_PAGE, 100), cursor });

/** One event of a timeline. Absent numbers and flags are null: zero has a meaning of its own. */
export const TimelineEventSchema = z.object({
  event_id: z.string(),
  event_type: z.string(),
  event_category: z.string(),
  timestamp: MomentSchema,
  received_at: MomentSchema,
  seq: z.number().int().nullable(),
  user_id: z.string(),
  team: z.string(),
  environment: z.string(),
  agent: z.string(),
  agent_version: z.string(),
  model: z.string(),
  repo: z.string(),
  branch: z.string(),
  tool_name: z.string(),
  cost_nano_usd: NanoUsdSchema.nullable(),
  cost_source: z.string(),
  metadata: z.record(z.string(), z.unknown()),
});
export type TimelineEvent = z.infer<typeof TimelineEventSchema>;

export const SessionAnswerSchema = z.object({
  org_id: z.string(),
  scope: z.enum(["own", "team", "org"]),
  session: SessionSchema.describe("figures of the whole session"),
  completeness: CompletenessSchema.nullable().describe("how much of what the agent sent is here; null: nothing tells"),
  events: z.array(TimelineEventSchema).describe("oldest first; seq decides between equal times"),
  next_cursor: z.string().nullable(),
});
export type SessionAnswer = z.infer<typeof SessionAnswerSchema>;
