/**
 * Query and answer of GET /api/v1/reports/daily: each day's totals and its compliance score with every term. Used by workers/api, the
 * OpenAPI document and the page.
 */
import { z } from "zod";
import { COUNTED_SEVERITIES, OLD_KEY_DAYS, OPEN_ALERT_DAYS, VIOLATION_RULES } from "../compliance.ts";
import { MomentSchema, NanoUsdSchema, ORG_QUERY } from "./filters.ts";

/** Days in one answer. */
export const MAX_REPORT_DAYS = 366;

const edge = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

export const DailyReportsQuerySchema = z.strictObject({
  ...ORG_QUERY,
  from: edge.optional().describe("first UTC day; default: 30 days before `to`"),
  to: edge.optional().describe("day after the last one; default: now"),
});

const count = z.number().int();
const points = z.number().describe("taken off 100");

export const ComplianceSchema = z.object({
  score: z.number().describe("0 to 100: 100 less the points of the terms"),
  alerts: z
    .object({ open: count, points })
    .describe(
      `${COUNTED_SEVERITIES.join(" and ")} security alerts of ${OPEN_ALERT_DAYS} days: 5 points each, at most 40`,
    ),
  violations: z
    .object({ count, sessions: count, per_100_sessions: z.number(), points })
    .describe(
      `of the day: security alerts of rule ${VIOLATION_RULES.join(", ")}, and suggestions that were not accepted; 2 points for each per 100 sessions, at most 30`,
    ),
  keys: z
    .object({ active: count, old: count, share: z.number(), points })
    .describe(`share of active ingest keys older than ${OLD_KEY_DAYS} days at the day's end: 20 points when all are`),
  telemetry: z
    .object({ completeness: z.number(), points })
    .describe("10 points when nothing arrives; 1 until it is measured"),
});

export const DailyReportSchema = z.object({
  day: z.iso.date().describe("UTC"),
  created_at: MomentSchema,
  events: count,
  sessions: count,
  users: count,
  errors: count,
  security_alerts: count,
  pull_requests: count,
  cost_nano_usd: NanoUsdSchema,
  tokens: z.number(),
  unpriced_tokens: z.number(),
  lines_added: z.number(),
  lines_removed: z.number(),
  accepted: count,
  rejected: count,
  compliance: ComplianceSchema,
});
export type DailyReport = z.infer<typeof DailyReportSchema>;

export const DailyReportsAnswerSchema = z.object({
  org_id: z.string(),
  from: z.iso.date(),
  to: z.iso.date(),
  reports: z
    .array(DailyReportSchema)
    .describe("oldest first; days without events, and days that are not over or not rolled up yet, are left out"),
});
