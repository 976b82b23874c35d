/**
 * POST /api/v1/query and its catalogue: measures over events by dimensions, as data; no SQL from clients. Used by workers/api,
 * saved metrics (custom-metrics.ts), the OpenAPI document and the page.
 */
import { z } from "zod";
import { MomentSchema, ORG_QUERY, RANGE_QUERY } from "./filters.ts";
import { INTERVALS, PROVENANCE } from "./metrics.ts";
import { COLUMN_KINDS, COLUMN_NAMES, COMPARISONS, FUNCTIONS, QUERY_UNITS } from "./query-catalogue.ts";
import { queryProblems } from "./query-checks.ts";
import {
  DimensionSchema,
  FilterFieldSchema,
  MAX_DIMENSIONS,
  MAX_MEASURES,
  MAX_NAME,
  MAX_ORDER,
  MAX_QUERY_ROWS,
  MAX_REACHED_ROWS,
  MeasureSchema,
  text,
} from "./query-parts.ts";

/** Characters of a time zone's name; the longest has 32. */
const MAX_ZONE = 64;

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}

export const TimeZoneSchema = z
  .string()
  .max(MAX_ZONE)
  .refine(isTimeZone, "is not a time zone, as Europe/Berlin or UTC");

/** What is asked, without when: also what a saved metric holds. */
const QUESTION = {
  measures: z.array(MeasureSchema).min(1).max(MAX_MEASURES),
  dimensions: z.array(DimensionSchema).max(MAX_DIMENSIONS).default([]),
  filters: FilterFieldSchema.optional(),
  interval: z
    .enum([...INTERVALS, "auto"])
    .default("auto")
    .describe("step of the dimension `time`; auto: the finest that makes at most 360 steps"),
  timezone: TimeZoneSchema.default("UTC").describe("where the days, weeks and months of the dimension `time` begin"),
  compare: z
    .literal("previous")
    .optional()
    .describe("also the period before, step by step: as many whole days, weeks or months, else as long as the range"),
  order: z
    .array(z.strictObject({ by: text(MAX_NAME), direction: z.enum(["asc", "desc"]).default("desc") }))
    .max(MAX_ORDER)
    .default([])
    .describe("names of measures or dimensions; null is last. Default: `time`, else the first measure, largest first"),
  limit: z.number().int().min(1).max(MAX_QUERY_ROWS).default(100).describe("rows of a page"),
};

type Checked = Parameters<typeof queryProblems>[0];
const check = (
  query: Checked,
  ctx: { addIssue(issue: { code: "custom"; path: (string | number)[]; message: string }): void },
): void => {
  for (const problem of queryProblems(query)) ctx.addIssue({ code: "custom", ...problem });
};

export const SavedQuerySchema = z.strictObject(QUESTION).superRefine(check);
/** A question whose defaults are filled in and whose parts fit each other. */
export type Question = z.output<typeof SavedQuerySchema>;

export const CursorSchema = z
  .string()
  .max(2_048)
  .optional()
  .describe("`next_cursor` of the page before, with the same query");
export const QuerySchema = z.strictObject({ ...RANGE_QUERY, ...QUESTION, cursor: CursorSchema }).superRefine(check);
export const QueryParamsSchema = z.strictObject(ORG_QUERY);

const value = z.union([z.number(), z.string(), z.null()]);
/** A measure in an answer; money is a decimal string of nano-USD. */
export type Value = z.infer<typeof value>;
const label = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** A dimension in an answer. */
export type Label = z.infer<typeof label>;

export const QueryAnswerSchema = z.object({
  org_id: z.string(),
  scope: z.enum(["own", "team", "org"]).describe("whose events: yours, your team's, the organisation's"),
  from: MomentSchema,
  to: MomentSchema,
  previous_from: MomentSchema.nullable().describe("null without `compare`"),
  interval: z.enum(INTERVALS).nullable().describe("null without the dimension `time`"),
  timezone: z.string(),
  dimensions: z.array(z.object({ name: z.string(), kind: z.enum([...COLUMN_KINDS, "path"]) })),
  measures: z.array(z.object({ name: z.string(), fn: z.enum(FUNCTIONS), unit: z.enum(QUERY_UNITS) })),
  rows: z
    .array(
      z.object({
        dimensions: z.array(label).describe("in the order of `dimensions`; null: none; time: start of the step"),
        values: z
          .array(value)
          .describe("in the order of `measures`; nano_usd: a decimal string; null: there is no value"),
        previous: z.array(value).nullable().describe("the same of the period before; null without `compare`"),
      }),
    )
    .describe("groups that have events; without dimensions exactly one"),
  next_cursor: z
    .string()
    .nullable()
    .describe(
      `null on the last page; pages end after ${MAX_REACHED_ROWS} rows. A group whose order changes meanwhile may move`,
    ),
  ...PROVENANCE,
});
export type QueryAnswer = z.infer<typeof QueryAnswerSchema>;

export const CatalogueAnswerSchema = z.object({
  columns: z.array(
    z.object({
      name: z.enum(COLUMN_NAMES),
      kind: z.enum(COLUMN_KINDS),
      unit: z.enum(QUERY_UNITS),
      label: z.string(),
      dimension: z.boolean(),
      on: z.string().nullable().describe("only events of this type have a value"),
      functions: z.array(z.enum(FUNCTIONS)),
      comparisons: z.array(z.enum(COMPARISONS)),
    }),
  ),
  event_types: z.array(z.string()).describe("the standard types, and custom ones seen in the last 7 days"),
  metadata_paths: z
    .array(z.object({ path: z.array(z.string()), kinds: z.array(z.string()), event_types: z.array(z.string()) }))
    .describe("of a sample of the last 7 days, two levels deep; others can be asked for as well"),
});
export type CatalogueAnswer = z.infer<typeof CatalogueAnswerSchema>;
