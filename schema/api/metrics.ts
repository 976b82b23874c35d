/**
 * Queries and answers of /api/v1/metrics. Used by workers/api, the OpenAPI document and the page.
 */
import { z } from "zod";
import { FILTER_QUERY, MomentSchema, NanoUsdSchema, ORG_QUERY, RANGE_QUERY } from "./filters.ts";

/** Added up across rows and regions. */
export const SUM_METRICS = [
  "events",
  "errors",
  "security_alerts",
  "pull_requests",
  "cost_nano_usd",
  "unpriced_tokens",
  "tokens",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
  "lines_added",
  "lines_removed",
  "accepted",
  "rejected",
] as const;
/** Distinct values: never the sum of their parts. */
export const DISTINCT_METRICS = ["users", "sessions"] as const;
export const METRICS = [...SUM_METRICS, ...DISTINCT_METRICS] as const;
export type SumMetric = (typeof SUM_METRICS)[number];
export type DistinctMetric = (typeof DISTINCT_METRICS)[number];
export type Metric = (typeof METRICS)[number];

export const UNITS = ["count", "tokens", "lines", "nano_usd"] as const;
export type Unit = (typeof UNITS)[number];

/** What a metric's values are counted in. */
export function unitOf(metric: Metric): Unit {
  if (metric === "cost_nano_usd") return "nano_usd";
  if (metric.endsWith("tokens")) return "tokens";
  return metric.startsWith("lines_") ? "lines" : "count";
}

export const SummaryQuerySchema = z.strictObject({ ...ORG_QUERY, ...RANGE_QUERY, ...FILTER_QUERY });

const change = z.number().nullable().describe("(value - previous) / previous; null when there was nothing before");
export const FigureSchema = z.object({ value: z.number(), previous: z.number(), change });
export const MoneyFigureSchema = z.object({ value: NanoUsdSchema, previous: NanoUsdSchema, change });

const totals = {
  events: FigureSchema,
  users: FigureSchema.describe("distinct user_id"),
  sessions: FigureSchema.describe("distinct session_id"),
  errors: FigureSchema,
  security_alerts: FigureSchema,
  pull_requests: FigureSchema,
  cost_nano_usd: MoneyFigureSchema.describe("integer nano-USD; without the unpriced tokens"),
  unpriced_tokens: FigureSchema.describe("tokens whose cost is not known: they are in no cost figure"),
  tokens: FigureSchema.describe("input + output + cache read + cache write; reasoning is a part of output"),
  input_tokens: FigureSchema,
  output_tokens: FigureSchema,
  cache_read_tokens: FigureSchema,
  cache_write_tokens: FigureSchema,
  reasoning_tokens: FigureSchema,
  lines_added: FigureSchema,
  lines_removed: FigureSchema,
  accepted: FigureSchema.describe("code events whose suggestion was accepted"),
  rejected: FigureSchema.describe("code events whose suggestion was refused"),
} satisfies Record<Metric, z.ZodType>;

export const SummaryAnswerSchema = z.object({
  org_id: z.string(),
  scope: z.enum(["own", "team", "org"]).describe("whose events: yours, your team's, the organisation's"),
  from: MomentSchema,
  to: MomentSchema,
  previous_from: MomentSchema.describe("the period before, as long as the range, ends at `from`"),
  totals: z.object(totals),
  events_by_type: z.array(z.object({ type: z.string(), events: FigureSchema })).describe("most frequent first"),
});
export type SummaryAnswer = z.infer<typeof SummaryAnswerSchema>;

export const INTERVALS = ["10s", "1m", "1h", "1d", "1w", "1mo"] as const;
export type Interval = (typeof INTERVALS)[number];
export const GROUP_BY = ["type", "team", "agent", "model", "repo", "environment", "user"] as const;
export type GroupBy = (typeof GROUP_BY)[number];

/** Buckets one answer may have: a day of minutes, four months of hours; more is no chart. */
export const MAX_BUCKETS = 3_000;
/** Groups one answer may have; the rest is one series marked `other`. */
export const MAX_GROUPS = 20;

export const TimeseriesQuerySchema = z.strictObject({
  ...ORG_QUERY,
  ...RANGE_QUERY,
  ...FILTER_QUERY,
  metric: z.enum(METRICS).default("events"),
  interval: z
    .enum([...INTERVALS, "auto"])
    .default("auto")
    .describe(`auto: the finest that gives at most 360 buckets, else 1d; at most ${MAX_BUCKETS} buckets`),
  group_by: z.enum(GROUP_BY).optional(),
});

const value = z.union([z.number(), NanoUsdSchema]).describe("a decimal string when the unit is nano_usd");

export const TimeseriesAnswerSchema = z.object({
  org_id: z.string(),
  scope: z.enum(["own", "team", "org"]),
  metric: z.enum(METRICS),
  unit: z.enum(UNITS),
  from: MomentSchema,
  to: MomentSchema,
  interval: z.enum(INTERVALS),
  group_by: z.enum(GROUP_BY).nullable(),
  times: z
    .array(MomentSchema)
    .describe("start of each bucket, aligned to UTC; the first and the last hold only their part of the range"),
  series: z
    .array(
      z.object({
        group: z.string().nullable().describe("null without group_by, and for the series of all other groups"),
        other: z.boolean().describe(`everything outside the ${MAX_GROUPS} largest groups`),
        total: value.describe("over the whole range; for users and sessions distinct, not the sum of the values"),
        values: z.array(value).describe("one per bucket, zero where nothing happened"),
      }),
    )
    .describe("largest first"),
});
export type TimeseriesAnswer = z.infer<typeof TimeseriesAnswerSchema>;
