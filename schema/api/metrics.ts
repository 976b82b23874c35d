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
/** Length of sessions, from their session_end; of the events that carry one. At most 0.8 % low (schema/clickhouse/0004). */
export const DURATION_METRICS = ["duration_p50", "duration_p90", "duration_p95", "duration_p99"] as const;
export type DurationMetric = (typeof DURATION_METRICS)[number];
/** What a series may show. */
export const SERIES_METRICS = [...METRICS, ...DURATION_METRICS] as const;
export type SeriesMetric = (typeof SERIES_METRICS)[number];

export const UNITS = ["count", "tokens", "lines", "nano_usd", "ms"] as const;
export type Unit = (typeof UNITS)[number];

/** What a metric's values are counted in. */
export function unitOf(metric: SeriesMetric): Unit {
  if (metric.startsWith("duration_")) return "ms";
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

const durationFigure = z.object({ value: z.number().nullable(), previous: z.number().nullable(), change });

/** Where figures came from; the same part of every answer over time. */
export const PROVENANCE = {
  sources: z
    .array(z.enum(["daily", "hourly", "window", "raw"]))
    .describe("what was read: finished rollups by day, hour and 10 s, and the events themselves"),
  stale_hours: z
    .array(MomentSchema)
    .describe("hours with newer events than their rollup, where too many are to be read event by event; usually none"),
  complete_until: MomentSchema.describe("every event stored before the answer counts up to here"),
};

export const SummaryAnswerSchema = z.object({
  org_id: z.string(),
  scope: z.enum(["own", "team", "org"]).describe("whose events: yours, your team's, the organisation's"),
  from: MomentSchema,
  to: MomentSchema,
  previous_from: MomentSchema.describe("the period before, as long as the range, ends at `from`"),
  totals: z.object(totals),
  duration_ms: z
    .object({ p50: durationFigure, p95: durationFigure })
    .describe("length of the sessions that ended in the range; null when none did; at most 0.8 % low"),
  events_by_type: z.array(z.object({ type: z.string(), events: FigureSchema })).describe("most frequent first"),
  ...PROVENANCE,
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

export const TIMEZONE = z
  .string()
  .min(1)
  .max(64)
  .default("UTC")
  .describe(
    "IANA name; days, weeks (from Monday) and months are local to it: a day of the clock change has 23 or 25 hours",
  );

export const TimeseriesQuerySchema = z.strictObject({
  ...ORG_QUERY,
  ...RANGE_QUERY,
  ...FILTER_QUERY,
  metric: z.enum(SERIES_METRICS).default("events"),
  interval: z
    .enum([...INTERVALS, "auto"])
    .default("auto")
    .describe(`auto: the finest that gives at most 360 buckets, else 1d; at most ${MAX_BUCKETS} buckets`),
  group_by: z.enum(GROUP_BY).optional(),
  timezone: TIMEZONE,
  compare: z
    .enum(["previous"])
    .optional()
    .describe(
      "previous: each series also has the period before, bucket by bucket; as many days, weeks or months when the range is whole ones, else as long as the range",
    ),
});

const value = z
  .union([z.number(), NanoUsdSchema])
  .nullable()
  .describe("a decimal string when the unit is nano_usd; null for a duration of nothing");
const line = {
  total: value.describe("over the whole range; for users and sessions distinct, not the sum of the values"),
  values: z.array(value).describe("one per bucket, zero where nothing happened"),
};

export const TimeseriesAnswerSchema = z.object({
  org_id: z.string(),
  scope: z.enum(["own", "team", "org"]),
  metric: z.enum(SERIES_METRICS),
  unit: z.enum(UNITS),
  from: MomentSchema,
  to: MomentSchema,
  previous_from: MomentSchema.nullable().describe("start of the compared period, which ends at `from`"),
  interval: z.enum(INTERVALS),
  timezone: z.string(),
  group_by: z.enum(GROUP_BY).nullable(),
  times: z
    .array(MomentSchema)
    .describe("start of each bucket; the first and the last hold only their part of the range"),
  series: z
    .array(
      z.object({
        group: z.string().nullable().describe("null without group_by, and for the series of all other groups"),
        other: z.boolean().describe(`everything outside the ${MAX_GROUPS} largest groups`),
        ...line,
        previous: z.object(line).optional().describe("the compared period, when one was asked for"),
      }),
    )
    .describe("largest first"),
  ...PROVENANCE,
});
export type TimeseriesAnswer = z.infer<typeof TimeseriesAnswerSchema>;
