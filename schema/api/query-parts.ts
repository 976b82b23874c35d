/**
 * The pieces of a query: operands, filters, measures, dimensions, and their limits. Used by query.ts, query-checks.ts and
 * workers/api/explore. Shapes only; which function fits which column is query-checks.ts.
 */
import { z } from "zod";
import { MAX_METADATA_KEY_LENGTH } from "../limits.ts";
import { COLUMN_NAMES, type ColumnName, DIMENSION_NAMES, VALUE_FUNCTIONS } from "./query-catalogue.ts";

/** Measures of one query: a table that people can read. */
export const MAX_MEASURES = 10;
/** Dimensions of one query: each multiplies the groups. */
export const MAX_DIMENSIONS = 4;
/** Nodes of all filters of one query together, comparisons and and/or/not alike. */
export const MAX_FILTER_NODES = 50;
/** Nesting of a filter; a lone comparison is depth 1. */
export const MAX_FILTER_DEPTH = 5;
/** Values of one `in`. */
export const MAX_IN_VALUES = 50;
/** Characters of one text in a filter; no label is longer. */
export const MAX_FILTER_TEXT = 256;
/** Keys of a metadata path, half of what metadata may nest. */
export const MAX_PATH = 10;
/** Characters of a name in the answer. */
export const MAX_NAME = 64;
/** Names to order by; the dimensions decide between equals. */
export const MAX_ORDER = 3;
/** Rows of one page. */
export const MAX_QUERY_ROWS = 1_000;
/** Rows that pages can reach: a later page costs as much as the first, and more rows are an export. */
export const MAX_REACHED_ROWS = 100_000;
/** Decimal digits of money in a filter: inside Int64. */
const MAX_MONEY_DIGITS = 18;

export const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => value.isWellFormed(), "has a lone surrogate");

export const PathSchema = z
  .array(text(MAX_METADATA_KEY_LENGTH))
  .min(1)
  .max(MAX_PATH)
  .describe('keys from the outside in: ["a","b"] is b inside a, ["a.b"] is one key with a dot');
export const OperandSchema = z
  .union([z.enum(COLUMN_NAMES), z.strictObject({ path: PathSchema })], "is no column of the catalogue, and no {path}")
  .describe("a column of GET /api/v1/query/catalogue, or a path into metadata");
export type Operand = ColumnName | { path: string[] };

export const NameSchema = text(MAX_NAME)
  .min(1)
  .describe("name in the answer and for `order`; default: function and operand, as sum(tokens)");

const scalar = z
  .union([text(MAX_FILTER_TEXT), z.number(), z.boolean()])
  .describe("text, number or boolean as the column's kind says; money: nano-USD as a decimal string; time: ISO 8601");
export type Scalar = z.infer<typeof scalar>;

export type Filter =
  | { op: "and" | "or"; filters: Filter[] }
  | { op: "not"; filter: Filter }
  | { op: "exists"; of: Operand }
  | { op: "in"; of: Operand; values: Scalar[] }
  | { op: "contains"; of: Operand; value: string }
  | { op: "eq" | "gt" | "gte" | "lt" | "lte"; of: Operand; value: Scalar };

/** A filter inside something: the document refers to one definition, which ends the recursion there. */
export const FilterFieldSchema: z.ZodType<Filter> = z
  .unknown()
  .meta({ $ref: "#/components/schemas/QueryFilter" })
  .pipe(z.lazy((): z.ZodType<Filter> => FilterSchema)) as unknown as z.ZodType<Filter>;

/** A condition on events. A comparison with a value that is not there is false, and `not` of it true. */
export const FilterSchema: z.ZodType<Filter> = z.discriminatedUnion("op", [
  z.strictObject({ op: z.enum(["and", "or"]), filters: z.array(FilterFieldSchema).min(1).max(MAX_FILTER_NODES) }),
  z.strictObject({ op: z.literal("not"), filter: FilterFieldSchema }),
  z.strictObject({ op: z.literal("exists"), of: OperandSchema }),
  z.strictObject({ op: z.literal("in"), of: OperandSchema, values: z.array(scalar).min(1).max(MAX_IN_VALUES) }),
  z.strictObject({
    op: z.literal("contains"),
    of: OperandSchema,
    value: text(MAX_FILTER_TEXT).min(1).describe("in any case"),
  }),
  z.strictObject({ op: z.enum(["eq", "gt", "gte", "lt", "lte"]), of: OperandSchema, value: scalar }),
]);

const where = FilterFieldSchema.optional();
const COUNT = {
  fn: z.literal("count"),
  of: OperandSchema.optional().describe("counts the events that have it; absent: all"),
  where,
};
const VALUE = { fn: z.enum(VALUE_FUNCTIONS), of: OperandSchema, where };
const SimpleMeasureSchema = z.discriminatedUnion("fn", [z.strictObject(COUNT), z.strictObject(VALUE)]);
export type SimpleMeasure = z.output<typeof SimpleMeasureSchema>;

export const MeasureSchema = z.discriminatedUnion("fn", [
  z.strictObject({ ...COUNT, as: NameSchema.optional() }),
  z.strictObject({ ...VALUE, as: NameSchema.optional() }),
  z
    .strictObject({
      fn: z.literal("rate"),
      of: OperandSchema.optional(),
      per: z.enum(["second", "minute", "hour", "day"]),
      where,
      as: NameSchema.optional(),
    })
    .describe("events, or the sum of `of`, per unit of time of the range or step"),
  z.strictObject({
    fn: z.literal("ratio"),
    numerator: SimpleMeasureSchema,
    denominator: SimpleMeasureSchema,
    as: NameSchema.optional(),
  }),
]);
export type Measure = z.output<typeof MeasureSchema>;

export const DimensionSchema = z.union([
  z.enum(["time", ...DIMENSION_NAMES]),
  z.strictObject({ path: PathSchema, as: NameSchema.optional() }),
]);
export type Dimension = z.output<typeof DimensionSchema>;

/** Money in a filter: an integer, or one as a decimal string. */
export function isMoney(value: unknown): value is string | number {
  return typeof value === "number"
    ? Number.isSafeInteger(value)
    : typeof value === "string" && /^-?\d+$/.test(value) && value.replace("-", "").length <= MAX_MONEY_DIGITS;
}

/** What an answer calls an operand. */
export function operandName(operand: Operand): string {
  return typeof operand === "string" ? operand : operand.path.join(".");
}

/** What an answer calls a measure. */
export function measureName(measure: Measure): string {
  if (measure.as !== undefined) return measure.as;
  return measure.fn === "ratio"
    ? `${callName(measure.numerator)} / ${callName(measure.denominator)}`
    : measure.fn === "rate"
      ? `${callName(measure)} per ${measure.per}`
      : callName(measure);
}

function callName({ fn, of }: { fn: string; of?: Operand | undefined }): string {
  return of === undefined ? fn : `${fn}(${operandName(of)})`;
}

/** What an answer calls a dimension. */
export function dimensionName(dimension: Dimension): string {
  return typeof dimension === "string" ? dimension : (dimension.as ?? operandName(dimension));
}
