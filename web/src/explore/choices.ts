/** What can be chosen in the builder, from the catalogue: columns and paths in groups, functions and comparisons that fit. Pure. */
import type { CatalogueAnswer } from "../../../schema/api/query.ts";
import { COMPARISONS_OF, type Comparison, FUNCTIONS_OF, QUERY_COLUMNS } from "../../../schema/api/query-catalogue.ts";
import { kindOf } from "../../../schema/api/query-checks.ts";
import { type Measure, type Operand, OperandSchema, type SimpleMeasure } from "../../../schema/api/query-parts.ts";

export interface Choice {
  /** Value of an <option>. */
  key: string;
  label: string;
}
export interface ChoiceGroup {
  label: string;
  choices: Choice[];
}

/** No column: the events themselves. */
export const ALL_EVENTS = "*";

/** A column or path as the value of an <option>. */
export function operandKey(operand: Operand | undefined): string {
  if (operand === undefined) return ALL_EVENTS;
  return typeof operand === "string" ? operand : JSON.stringify(operand);
}

/** Undefined: all events, or no operand at all. */
export function operandOf(key: string): Operand | undefined {
  const plain = OperandSchema.safeParse(key);
  if (plain.success) return plain.data;
  try {
    return OperandSchema.safeParse(JSON.parse(key)).data;
  } catch {
    return undefined;
  }
}

/** A column's words, a path's keys. */
export function operandLabel(operand: Operand | undefined): string {
  if (operand === undefined) return "All events";
  return typeof operand === "string" ? QUERY_COLUMNS[operand].label : operand.path.join(" › ");
}

type Catalogue = Pick<CatalogueAnswer, "columns" | "metadata_paths">;

/** Columns that pass, by the event that has them, then the metadata paths that were seen. */
export function operandGroups(
  catalogue: Catalogue,
  fits: (column: Catalogue["columns"][number]) => boolean,
): ChoiceGroup[] {
  const groups = new Map<string, Choice[]>();
  for (const column of catalogue.columns) {
    if (!fits(column)) continue;
    const group = column.on === null ? "Every event" : `Only ${column.on}`;
    groups.set(group, [...(groups.get(group) ?? []), { key: column.name, label: column.label }]);
  }
  const paths = catalogue.metadata_paths.map(({ path }) => ({ key: operandKey({ path }), label: path.join(" › ") }));
  if (paths.length > 0) groups.set("Metadata", paths);
  return [...groups].map(([label, choices]) => ({ label, choices }));
}

export type MeasureFunction = Exclude<Measure["fn"], "ratio">;

export const FUNCTION_LABELS: Record<MeasureFunction, string> = {
  count: "Number of events with",
  rate: "Rate of",
  sum: "Sum of",
  avg: "Average of",
  min: "Least",
  max: "Greatest",
  uniq: "Distinct values of",
  p50: "Median of",
  p90: "90th percentile of",
  p95: "95th percentile of",
  p99: "99th percentile of",
};

/** The functions that fit a column's kind, what is asked most first. Part of a ratio: no rates. */
export function functionsFor(operand: Operand | undefined, inRatio = false): MeasureFunction[] {
  if (operand === undefined) return inRatio ? ["count"] : ["count", "rate"];
  const known = FUNCTIONS_OF[kindOf(operand)];
  return [...known, "count", ...(known.includes("sum") && !inRatio ? (["rate"] as const) : [])];
}

/** The same function on another column, or the first that fits it. */
export function measureOn(
  operand: Operand | undefined,
  wanted: string,
  per: "hour" | "day" | "minute" | "second" = "hour",
): Measure {
  const known = functionsFor(operand);
  const fn = known.find((one) => one === wanted) ?? known[0] ?? "count";
  const of = operand === undefined ? {} : { of: operand };
  if (fn === "rate") return { fn, per, ...of };
  if (fn === "count" || operand === undefined) return { fn: "count", ...of };
  return { fn, of: operand };
}

/** As `measureOn`, for one side of a ratio. */
export function simpleOn(operand: Operand | undefined, wanted: string): SimpleMeasure {
  const measure = measureOn(
    operand,
    functionsFor(operand, true).find((fn) => fn === wanted) ?? functionsFor(operand, true)[0] ?? "count",
  );
  return measure.fn === "ratio" || measure.fn === "rate" ? { fn: "count" } : measure;
}

export type FilterOperator = Comparison | "not_eq" | "not_in" | "not_contains" | "not_exists";

export const OPERATOR_LABELS: Record<FilterOperator, string> = {
  eq: "is",
  not_eq: "is not",
  in: "is one of",
  not_in: "is none of",
  contains: "contains",
  not_contains: "does not contain",
  gt: "is more than",
  gte: "is at least",
  lt: "is less than",
  lte: "is at most",
  exists: "has a value",
  not_exists: "has no value",
};
const NEGATED: Partial<Record<Comparison, FilterOperator>> = {
  eq: "not_eq",
  in: "not_in",
  contains: "not_contains",
  exists: "not_exists",
};

/** Comparisons of a kind, each that can be denied beside its denial. */
export function operatorsFor(operand: Operand): FilterOperator[] {
  return COMPARISONS_OF[kindOf(operand)].flatMap((op) => {
    const not = NEGATED[op];
    return not === undefined ? [op] : [op, not];
  });
}
