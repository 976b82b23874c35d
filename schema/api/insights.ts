/**
 * Queries and answers of the insights: top lists, active users, funnel, unit costs, error groups. Used by workers/api, the OpenAPI
 * document and the page.
 */
import { z } from "zod";
import { FILTER_QUERY, MomentSchema, NanoUsdSchema, ORG_QUERY, RANGE_QUERY } from "./filters.ts";
import { FigureSchema, MoneyFigureSchema, PROVENANCE, SERIES_METRICS, TIMEZONE, UNITS } from "./metrics.ts";

const limit = (max: number, usual: number) => z.coerce.number().int().min(1).max(max).default(usual);
const scope = z.enum(["own", "team", "org"]);
const head = { org_id: z.string(), scope, from: MomentSchema, to: MomentSchema };
const change = z.number().nullable().describe("(value - previous) / previous; null when there was nothing before");
const { type: _type, ...FILTERS_WITHOUT_TYPE } = FILTER_QUERY;

/** What a top list is of. The second line is in no rollup: such lists read the events themselves. */
export const TOP_DIMENSIONS = [
  ...(["user", "team", "repo", "model", "agent"] as const),
  ...(["tool", "error", "language", "rule"] as const),
] as const;
export type TopDimension = (typeof TOP_DIMENSIONS)[number];
/** Entries of one top list. */
export const MAX_TOP = 100;

export const TopQuerySchema = z.strictObject({
  ...ORG_QUERY,
  ...RANGE_QUERY,
  ...FILTER_QUERY,
  dimension: z.enum(TOP_DIMENSIONS),
  metric: z.enum(SERIES_METRICS).default("events"),
  limit: limit(MAX_TOP, 10),
});

const value = z
  .union([z.number(), NanoUsdSchema])
  .nullable()
  .describe("a decimal string when the unit is nano_usd; null for a duration of nothing");
const topFigure = { value, previous: value.describe("in the period before, as long as the range"), change };

export const TopAnswerSchema = z.object({
  ...head,
  previous_from: MomentSchema,
  dimension: z.enum(TOP_DIMENSIONS),
  metric: z.enum(SERIES_METRICS),
  unit: z.enum(UNITS),
  total: z.object(topFigure).describe("of all events that say the dimension; for users and sessions distinct"),
  items: z
    .array(
      z.object({
        name: z.string(),
        ...topFigure,
        share: z
          .number()
          .nullable()
          .describe("of the total; shares of users and sessions may add up to more than 1; null for durations"),
      }),
    )
    .describe("largest first; events that do not say the dimension are in none"),
  ...PROVENANCE,
});
export type TopAnswer = z.infer<typeof TopAnswerSchema>;

/** Days before a day that its monthly users look back to, itself included. */
export const MONTH_DAYS = 30;
export const WEEK_DAYS = 7;
/** Days of one answer. */
export const MAX_ACTIVE_DAYS = 100;

export const ActiveUsersQuerySchema = z.strictObject({
  ...ORG_QUERY,
  ...RANGE_QUERY,
  ...FILTER_QUERY,
  timezone: TIMEZONE,
  group_by: z.enum(["team"]).optional(),
});

const counts = z.array(z.number().int());
export const ActiveUsersAnswerSchema = z.object({
  ...head,
  timezone: z.string(),
  days: z.array(MomentSchema).describe(`start of each local day that the range touches; at most ${MAX_ACTIVE_DAYS}`),
  series: z
    .array(
      z.object({
        team: z.string().nullable().describe("null without group_by; the label as the sender wrote it"),
        daily: counts.describe("distinct users of the day"),
        weekly: counts.describe(`of the ${WEEK_DAYS} days that end with the day`),
        monthly: counts.describe(`of the ${MONTH_DAYS} days that end with the day`),
      }),
    )
    .describe("days are whole: the range only says which; most monthly users on the last day first"),
  ...PROVENANCE,
});
export type ActiveUsersAnswer = z.infer<typeof ActiveUsersAnswerSchema>;

export const FunnelQuerySchema = z.strictObject({ ...ORG_QUERY, ...RANGE_QUERY, ...FILTERS_WITHOUT_TYPE });

const rate = z.number().nullable();
export const FUNNEL_STEPS = ["session", "code", "pull_request"] as const;
export const FunnelAnswerSchema = z.object({
  ...head,
  steps: z
    .array(
      z.object({
        step: z.enum(FUNNEL_STEPS),
        sessions: z.number().int(),
        of_sessions: rate.describe("of all sessions; null when there are none"),
        of_step_before: rate.describe("of the step before; null when that has none"),
      }),
    )
    .describe(
      "sessions with any event in the range; of those, with generated code; of those, with a pull request. Exact up to 8,192 sessions",
    ),
  pull_requests_without_code: z.number().int().describe("sessions with a pull request and no generated code"),
  ...PROVENANCE,
});
export type FunnelAnswer = z.infer<typeof FunnelAnswerSchema>;

export const UnitCostsQuerySchema = z.strictObject({ ...ORG_QUERY, ...RANGE_QUERY, ...FILTERS_WITHOUT_TYPE });

/** Costs of one of something. */
export const COST_UNITS = ["session", "user", "pull_request", "accepted_suggestion", "line_added"] as const;
const unitMoney = NanoUsdSchema.nullable().describe("integer nano-USD, rounded down; null when there are none");
export const UnitCostsAnswerSchema = z.object({
  ...head,
  previous_from: MomentSchema,
  cost_nano_usd: MoneyFigureSchema,
  unpriced_tokens: FigureSchema,
  unpriced_share: rate.describe("tokens without a known price, of all tokens: by so much the costs may be too low"),
  units: z.array(
    z.object({
      unit: z.enum(COST_UNITS).describe("line_added: lines of generated code as their events say"),
      count: FigureSchema,
      cost_nano_usd: z.object({ value: unitMoney, previous: unitMoney, change }),
    }),
  ),
  ...PROVENANCE,
});
export type UnitCostsAnswer = z.infer<typeof UnitCostsAnswerSchema>;

/** Groups on one page, and groups that are told apart in one range; rarer ones are left out. */
export const MAX_ERRORS_PAGE = 100;
export const MAX_ERROR_GROUPS = 1_000;

export const ErrorsQuerySchema = z.strictObject({
  ...ORG_QUERY,
  ...RANGE_QUERY,
  ...FILTERS_WITHOUT_TYPE,
  limit: limit(MAX_ERRORS_PAGE, 25),
  cursor: z.string().max(2_048).optional().describe("`next_cursor` of the page before"),
});

export const ErrorsAnswerSchema = z.object({
  ...head,
  groups: z
    .array(
      z.object({
        fingerprint: z.string().describe("of code, tool and the message's shape; the same in every answer"),
        code: z.string(),
        tool: z.string(),
        shape: z.string().describe("the message without what differs: paths, identifiers in hex, numbers"),
        example: z.string().describe("the latest message, at most 500 characters"),
        count: z.number().int(),
        first_seen: MomentSchema.describe("in the range"),
        last_seen: MomentSchema,
        users: z.number().int().describe("distinct users it happened to"),
        sessions: z.number().int(),
      }),
    )
    .describe("most frequent first"),
  truncated: z.boolean().describe(`there are more than ${MAX_ERROR_GROUPS} groups; the rarest are not shown`),
  next_cursor: z.string().nullable().describe("null on the last page"),
});
export type ErrorsAnswer = z.infer<typeof ErrorsAnswerSchema>;
