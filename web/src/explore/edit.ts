/**
 * Changes of a question, each giving a whole new one: what it orders by follows the names of its measures and dimensions. Pure; the
 * builder asks `problemOf` before it takes one.
 */
import { type Question, SavedQuerySchema } from "../../../schema/api/query.ts";
import {
  type Dimension,
  dimensionName,
  MAX_QUERY_ROWS,
  type Measure,
  measureName,
  type Operand,
} from "../../../schema/api/query-parts.ts";

/** What a question orders rows by, and shows as columns. */
export function namesOf({ dimensions, measures }: Pick<Question, "dimensions" | "measures">): string[] {
  return [...dimensions.map(dimensionName), ...measures.map(measureName)];
}

/** Measures to begin with, in the order they are offered. */
const NEXT_MEASURES: readonly Measure[] = [
  { fn: "count" },
  { fn: "uniq", of: "session" },
  { fn: "uniq", of: "user" },
  { fn: "sum", of: "cost_nano_usd" },
  { fn: "sum", of: "tokens" },
  { fn: "sum", of: "lines_added" },
  { fn: "p95", of: "duration_ms" },
  { fn: "max", of: "timestamp" },
  { fn: "uniq", of: "repo" },
  { fn: "uniq", of: "model" },
];

/** The first measure that the question does not have yet. */
export function nextMeasure(question: Question): Measure {
  const names = new Set(namesOf(question));
  return NEXT_MEASURES.find((measure) => !names.has(measureName(measure))) ?? { fn: "count" };
}

/** Another measure in its place; null: none. */
export function withMeasure(question: Question, index: number, measure: Measure | null): Question {
  const measures = question.measures.flatMap((one, i) => (i !== index ? [one] : measure === null ? [] : [measure]));
  const before = question.measures[index];
  const order = renamed(
    question,
    before === undefined ? null : measureName(before),
    measure === null ? null : measureName(measure),
  );
  return { ...question, measures, order };
}

export function addMeasure(question: Question): Question {
  return { ...question, measures: [...question.measures, nextMeasure(question)] };
}

/** With time as a dimension every step is a row: as many as there may be. */
export function addDimension(question: Question, dimension: Dimension): Question {
  const isTime = dimension === "time";
  const dimensions = isTime ? ["time" as const, ...question.dimensions] : [...question.dimensions, dimension];
  return { ...question, dimensions, limit: isTime ? MAX_QUERY_ROWS : question.limit };
}

export function removeDimension(question: Question, index: number): Question {
  const gone = question.dimensions[index];
  if (gone === undefined) return question;
  const dimensions = question.dimensions.filter((_, i) => i !== index);
  return { ...question, dimensions, order: renamed(question, dimensionName(gone), null) };
}

function renamed(question: Question, before: string | null, after: string | null): Question["order"] {
  return question.order.flatMap((one) => (one.by !== before ? [one] : after === null ? [] : [{ ...one, by: after }]));
}

/** A dimension of an operand; undefined: it cannot be one. */
export function dimensionOf(key: string, operand: Operand | undefined): Dimension | undefined {
  if (key === "time") return "time";
  if (operand === undefined) return undefined;
  const parsed = SavedQuerySchema.safeParse({ measures: [{ fn: "count" }], dimensions: [operand] });
  return parsed.data?.dimensions[0];
}

/** Why the API would refuse a question, in words; null: it would not. */
export function problemOf(question: Question): string | null {
  const parsed = SavedQuerySchema.safeParse(question);
  if (parsed.success) return null;
  const issue = parsed.error.issues[0];
  if (issue === undefined) return "This is no question.";
  return `${whereWords(issue.path)} ${issue.message}`;
}

function whereWords([part, index]: readonly PropertyKey[]): string {
  const place = typeof index === "number" ? ` ${index + 1}` : "";
  if (part === "measures") return `Measure${place}`;
  if (part === "dimensions") return `Dimension${place}`;
  return part === "filters" ? "The filter" : part === "order" ? "The order" : String(part ?? "");
}
