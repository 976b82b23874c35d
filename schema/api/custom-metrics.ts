/**
 * Saved metrics: a question of POST /api/v1/query with a name. Queries, bodies and answers of /api/v1/custom-metrics. Used by
 * workers/api, the OpenAPI document and the page.
 */
import { z } from "zod";
import { MomentSchema, ORG_QUERY, RANGE_QUERY } from "./filters.ts";
import { INTERVALS } from "./metrics.ts";
import { CursorSchema, type Question, SavedQuerySchema, TimeZoneSchema } from "./query.ts";
import { IdSchema, LIST_QUERY, NameSchema, NextCursorSchema } from "./settings.ts";

/** Saved metrics of one organisation: what people can find again. */
export const MAX_CUSTOM_METRICS = 200;
/** Characters of a description. */
const MAX_DESCRIPTION = 1_000;

const description = z.string().max(MAX_DESCRIPTION);

/** A saved question in an answer; the document refers to the definition that bodies have. */
const SavedQuestionSchema = z.custom<Question>().meta({ $ref: "#/components/schemas/SavedQuery" });

export const CustomMetricSchema = z.object({
  metric_id: z.string(),
  name: z.string(),
  description: z.string(),
  query: z
    .union([SavedQuestionSchema, z.null()])
    .describe("null: what was saved is no valid query any more; save it again"),
  created_by: z.string().describe("user id"),
  created_at: MomentSchema,
  updated_at: MomentSchema,
});
export type CustomMetric = z.infer<typeof CustomMetricSchema>;

export const CustomMetricsQuerySchema = z.strictObject({ ...ORG_QUERY, ...LIST_QUERY });
export const CustomMetricsAnswerSchema = z.object({
  custom_metrics: z.array(CustomMetricSchema).describe("in the order of their ids"),
  next_cursor: NextCursorSchema,
});

export const CustomMetricParamsSchema = z.object({ id: IdSchema });
export const CustomMetricCreateSchema = z.strictObject({
  name: NameSchema.describe("unique in the organisation"),
  description: description.default(""),
  query: SavedQuerySchema,
});
export const CustomMetricPatchSchema = z
  .strictObject({
    name: NameSchema.optional(),
    description: description.optional(),
    query: SavedQuerySchema.optional(),
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), "names nothing to change");
export const CustomMetricChangeSchema = z.object({
  before: CustomMetricSchema.nullable(),
  after: CustomMetricSchema.nullable(),
});

/** When, and in which steps, a saved metric is asked; everything else is as saved. */
export const CustomMetricValuesQuerySchema = z.strictObject({
  ...ORG_QUERY,
  ...RANGE_QUERY,
  interval: z
    .enum([...INTERVALS, "auto"])
    .optional()
    .describe("steps of time, which are added to the dimensions if they are not among them; absent: as saved"),
  timezone: TimeZoneSchema.optional(),
  cursor: CursorSchema,
});
