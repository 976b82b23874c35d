/**
 * What the shape of a query cannot say: which function and comparison fit which column, how deep and large filters are, that names
 * are there and differ. Pure; called by the schemas of query.ts, so that a query that was parsed can be compiled.
 */
import { COMPARISONS_OF, type ColumnKind, type Comparison, FUNCTIONS_OF, QUERY_COLUMNS } from "./query-catalogue.ts";
import {
  type Dimension,
  dimensionName,
  type Filter,
  isMoney,
  MAX_FILTER_DEPTH,
  MAX_FILTER_NODES,
  MAX_NAME,
  type Measure,
  measureName,
  type Operand,
  type Scalar,
  type SimpleMeasure,
} from "./query-parts.ts";

export interface Problem {
  path: (string | number)[];
  message: string;
}
type Path = Problem["path"];

interface Checked {
  measures: Measure[];
  dimensions: Dimension[];
  filters?: Filter | undefined;
  order: { by: string }[];
}

/** Everything that is wrong with a query of the right shape; none: it can be compiled. */
export function queryProblems({ measures, dimensions, filters, order }: Checked): Problem[] {
  const trees: [Filter, Path][] = filters === undefined ? [] : [[filters, ["filters"]]];
  const problems: Problem[] = [];
  measures.forEach((measure, i) => {
    for (const [part, path] of partsOf(measure, ["measures", i])) {
      if (part.where !== undefined) trees.push([part.where, [...path, "where"]]);
      problems.push(...functionProblems(part, path));
    }
  });
  const nodes = trees.reduce((sum, [tree]) => sum + size(tree), 0);
  if (nodes > MAX_FILTER_NODES) {
    problems.push({ path: ["filters"], message: `all filters together have at most ${MAX_FILTER_NODES} nodes` });
  }
  for (const [tree, path] of trees) problems.push(...filterProblems(tree, path));
  return [...problems, ...nameProblems(measures, dimensions, order)];
}

/** A measure's own function, or those of both sides of a ratio; a rate is a count or a sum. */
function partsOf(measure: Measure, path: Path): [SimpleMeasure, Path][] {
  if (measure.fn === "ratio") {
    return [
      [measure.numerator, [...path, "numerator"]],
      [measure.denominator, [...path, "denominator"]],
    ];
  }
  if (measure.fn !== "rate") return [[measure, path]];
  const { of, where } = measure;
  return [[of === undefined ? { fn: "count", where } : { fn: "sum", of, where }, path]];
}

export function kindOf(operand: Operand): ColumnKind | "path" {
  return typeof operand === "string" ? QUERY_COLUMNS[operand].kind : "path";
}

function functionProblems(part: SimpleMeasure, path: Path): Problem[] {
  if (part.fn === "count") return [];
  const known = FUNCTIONS_OF[kindOf(part.of)];
  if (known.includes(part.fn)) return [];
  return [
    { path: [...path, "of"], message: `is ${kindOf(part.of)}, which has only ${["count", ...known].join(", ")}` },
  ];
}

function size(filter: Filter): number {
  if (filter.op === "not") return 1 + size(filter.filter);
  if (filter.op === "and" || filter.op === "or") return filter.filters.reduce((sum, one) => sum + size(one), 1);
  return 1;
}

function filterProblems(filter: Filter, path: Path, depth = 1): Problem[] {
  if (depth > MAX_FILTER_DEPTH) return [{ path, message: `filters nest at most ${MAX_FILTER_DEPTH} deep` }];
  switch (filter.op) {
    case "and":
    case "or":
      return filter.filters.flatMap((one, i) => filterProblems(one, [...path, "filters", i], depth + 1));
    case "not":
      return filterProblems(filter.filter, [...path, "filter"], depth + 1);
    case "exists":
      return comparisonProblems(filter.op, filter.of, path);
    case "in": {
      const { of, values } = filter;
      const wrong = values.flatMap((value, i) => valueProblems(filter.op, of, value, [...path, "values", i]));
      return [...comparisonProblems(filter.op, of, path), ...wrong];
    }
    default: {
      const problems = comparisonProblems(filter.op, filter.of, path);
      return problems.length > 0 ? problems : valueProblems(filter.op, filter.of, filter.value, [...path, "value"]);
    }
  }
}

function comparisonProblems(op: Comparison, of: Operand, path: Path): Problem[] {
  const known = COMPARISONS_OF[kindOf(of)];
  if (known.includes(op)) return [];
  return [{ path: [...path, "op"], message: `a column of kind ${kindOf(of)} has only ${known.join(", ")}` }];
}

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** What each kind is compared with. */
const FITS: Record<ColumnKind, { is(value: Scalar): boolean; what: string }> = {
  text: { is: (value) => typeof value === "string", what: "a text" },
  boolean: { is: (value) => typeof value === "boolean", what: "true or false" },
  number: { is: (value) => typeof value === "number", what: "a number" },
  money: { is: isMoney, what: "nano-USD as a decimal string of an integer" },
  time: {
    is: (value) => typeof value === "string" && ISO.test(value) && Number.isFinite(Date.parse(value)),
    what: "a time as ISO 8601",
  },
};

function valueProblems(op: Comparison, of: Operand, value: Scalar, path: Path): Problem[] {
  const kind = kindOf(of);
  if (kind !== "path") return FITS[kind].is(value) ? [] : [{ path, message: `must be ${FITS[kind].what}` }];
  if (op === "eq" || op === "in" || op === "contains" || typeof value === "number") return [];
  return [{ path, message: "must be a number: values of metadata are put in order as numbers" }];
}

function nameProblems(measures: Measure[], dimensions: Dimension[], order: { by: string }[]): Problem[] {
  const named: [string, Path][] = [
    ...dimensions.map((dimension, i): [string, Path] => [dimensionName(dimension), ["dimensions", i]]),
    ...measures.map((measure, i): [string, Path] => [measureName(measure), ["measures", i]]),
  ];
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const [name, path] of named) {
    if (name.length > MAX_NAME) problems.push({ path, message: "its name would be too long: give it one with `as`" });
    else if (seen.has(name)) problems.push({ path, message: "has the name of another: give it one with `as`" });
    seen.add(name);
  }
  order.forEach(({ by }, i) => {
    if (!seen.has(by)) problems.push({ path: ["order", i, "by"], message: "is no name of a measure or dimension" });
  });
  return problems;
}
