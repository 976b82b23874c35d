/**
 * Query and answer of GET /api/v1/settings/usage: what a tenant has used per day, beside its quotas. Used by workers/api, the
 * OpenAPI document and the page.
 */
import { z } from "zod";
import { ORG_QUERY } from "./filters.ts";
import { QuotasSchema } from "./settings.ts";

/** Days in one answer; the object keeps 13 months. */
const MAX_USAGE_DAYS = 396;

export const UsageQuerySchema = z.strictObject({
  ...ORG_QUERY,
  days: z.coerce.number().int().min(1).max(MAX_USAGE_DAYS).default(30).describe("UTC days, today included"),
});

const count = z.number().int();
export const UsageDaySchema = z.object({
  day: z.iso.date().describe("UTC"),
  requests: count.describe("ingest requests let in"),
  events: count.describe("events let in, repeats included; stored events are in /metrics"),
  bytes: count.describe("of request bodies after decompression"),
  rejected: count.describe("events refused one by one"),
  rate_limited: count.describe("requests answered 429 by the organisation's quotas"),
  api_requests: count,
});

export const UsageNoticeSchema = z.object({
  quota: QuotasSchema.keyof(),
  used: count,
  limit: count,
  share: z.number().describe("0.8 and above"),
  resets_at: z.iso.datetime(),
});

export const UsageAnswerSchema = z.object({
  org_id: z.string(),
  quotas: QuotasSchema.pick({
    max_events_per_second: true,
    max_events_per_day: true,
    max_api_requests_per_minute: true,
  }),
  today: UsageDaySchema,
  days: z.array(UsageDaySchema).describe("newest first; days without any use are left out"),
  notices: z.array(UsageNoticeSchema).describe("quotas of which 80 % or more are used"),
});
