/**
 * A question as one statement of one region: partials of every source by group, put together, ordered and cut. Called by run.ts.
 * Pure. The text follows from the shape of the question alone: names in the answer are positions here (d0, a0), columns come out of
 * closed tables, and every value of a client is bound.
 */
import { z } from "zod";
import type { Question } from "../../../schema/api/query.ts";
import { dimensionName, type Filter, measureName, type Operand } from "../../../schema/api/query-parts.ts";
import { type TenantAccess, tenantQuery } from "../../shared/clickhouse-read.ts";
import { identifier, joinSql, param, type Sql, sql } from "../../shared/sql.ts";
import { tenantDaily, tenantHourly } from "../../shared/tenant-rollups.ts";
import type { Buckets } from "../buckets.ts";
import { bucketSql, isCurrentSql } from "../queries/bucket-sql.ts";
import { rawRows } from "../queries/partials.ts";
import { rangesOf, type Segment } from "../queries/source.ts";
import type { Range } from "../range.ts";
import { allOf, filterSql } from "./filters.ts";
import type { CompiledMeasure, Part } from "./measures.ts";
import { operandSql, type Paths, withPaths } from "./operands.ts";

type Free = Sql<"free">;

/** A question with everything that a clock, a calendar and the tenant's regions decide. */
export interface Prepared {
  question: Question;
  range: Range;
  /** Steps of the dimension `time`; undefined: it is not asked for. */
  buckets: Buckets | undefined;
  /** The compared period; undefined: none. */
  previous: Range | undefined;
  measures: readonly CompiledMeasure[];
  /** Metadata paths, each once. */
  paths: Paths;
  /** Milliseconds of each step inside the range, in order; one number without `time`. */
  lengths: readonly number[];
  /** The same of the period before. */
  previousLengths: readonly number[];
}

export interface StatementInput {
  prepared: Prepared;
  segments: Segment[];
  /** Rows to give and to leave out. Where regions are put together they are cut afterwards: no order, and more rows. */
  page: { limit: number; offset: number; isOrdered: boolean };
}

/** dN: dimensions in their order; a step of time is its number. `parts`: of every measure, then the same of the period before. */
const Cell = z.union([z.string(), z.number(), z.boolean(), z.null()]).optional();
const RowSchema = z.object({ d0: Cell, d1: Cell, d2: Cell, d3: Cell, parts: z.array(z.string().nullable()) });
export type Row = z.infer<typeof RowSchema>;

export const exploreQuery = tenantQuery({
  name: "explore",
  // Made by prepare() out of a question that its schema has checked.
  input: z.custom<StatementInput>(),
  row: RowSchema,
  sql: statement,
});

/** The same over single events: it reads up to all that a tenant has, so it makes way for what dashboards ask. */
export const rawExploreQuery: typeof exploreQuery = { ...exploreQuery, name: "explore_raw", pace: "yields" };

const DIMENSION_ALIASES = ["d0", "d1", "d2", "d3"] as const;
/** Ten measures of at most four parts (a ratio of averages), each twice. */
const PART_ALIASES = Array.from({ length: 80 }, (_, i) => `a${i}`);

const dimensionAlias = (i: number): Free => sql`${identifier(DIMENSION_ALIASES, DIMENSION_ALIASES[i] ?? "d0")}`;
const partAlias = (i: number): Free => sql`${identifier(PART_ALIASES, PART_ALIASES[i] ?? "")}`;
const list = (parts: readonly Free[]): Free => joinSql(parts, ", ", sql`1`);

function statement(access: TenantAccess, { prepared, segments, page }: StatementInput): Sql<"tenant"> {
  const parts = partsOf(prepared);
  const dimensions = prepared.question.dimensions.map((_, i) => dimensionAlias(i));
  const texts = parts.map(({ part }, i) => part.text(partAlias(i)));
  const columns = [...dimensions, sql`[${list(texts)}] AS parts`];
  const grouped =
    dimensions.length === 0
      ? sql``
      : sql`
GROUP BY ${list(dimensions)}`;
  const ordered =
    page.isOrdered && dimensions.length > 0
      ? sql`
ORDER BY ${orderSql(prepared)}`
      : sql``;
  return sql`
SELECT ${list(columns)}
FROM (${sources(access, prepared, segments, parts)}
)${grouped}${ordered}
LIMIT ${param("UInt32", page.limit)} OFFSET ${param("UInt32", page.offset)}`;
}

interface PlacedPart {
  part: Part;
  /** 1: over the range; 0: over the period before. */
  isCurrent: boolean;
}

function partsOf({ measures, previous }: Prepared): PlacedPart[] {
  const of = (isCurrent: boolean): PlacedPart[] =>
    measures.flatMap(({ parts }) => parts.map((part) => ({ part, isCurrent })));
  return previous === undefined ? of(true) : [...of(true), ...of(false)];
}

/** The partials of every source, one after the other. */
function sources(
  access: TenantAccess,
  prepared: Prepared,
  segments: readonly Segment[],
  parts: readonly PlacedPart[],
): Sql<"tenant"> {
  const { filters } = prepared.question;
  const { inside, outside } = split(filters);
  const conditions = inside.map((filter) => filterSql(filter, prepared.paths));
  const ranges = (source: Segment["source"]): Range[] => rangesOf(segments, source);
  const read = (source: Segment["source"]) => ({
    ranges: ranges(source),
    byUser: isByUser(prepared.question),
    conditions,
  });
  const met = (rows: Sql<"tenant">): Sql<"tenant"> =>
    outside.length === 0
      ? rows
      : sql`${rows}
  WHERE ${allOf(outside.map((filter) => filterSql(filter, prepared.paths)))}`;
  const branches: Sql<"tenant">[] = [];
  if (ranges("raw").length > 0) {
    branches.push(
      branch(prepared, parts, "raw", met(withPaths(rawRows(access, ranges("raw"), conditions), prepared.paths))),
    );
  }
  if (ranges("hourly").length > 0) {
    branches.push(branch(prepared, parts, "rolled", tenantHourly(access, read("hourly"))));
  }
  if (ranges("daily").length > 0) {
    branches.push(branch(prepared, parts, "rolled", tenantDaily(access, read("daily"))));
  }
  const [first, ...rest] = branches;
  if (first === undefined) throw new TypeError("a plan without segments");
  return rest.reduce(
    (union, next) => sql`${union}
UNION ALL${next}`,
    first,
  );
}

/** Conditions on columns stand where the sorting key can use them, those on paths where the paths are columns. */
function split(filters: Filter | undefined): { inside: Filter[]; outside: Filter[] } {
  const all = filters === undefined ? [] : filters.op === "and" && "filters" in filters ? filters.filters : [filters];
  const isPath = (filter: Filter): boolean => filteredBy(filter).some((operand) => typeof operand === "object");
  return { inside: all.filter((filter) => !isPath(filter)), outside: all.filter(isPath) };
}

function branch(
  { question, range, buckets, previous, paths }: Prepared,
  parts: readonly PlacedPart[],
  source: "raw" | "rolled",
  rows: Sql<"tenant">,
): Sql<"tenant"> {
  const keys = question.dimensions.map((dimension) => {
    if (dimension !== "time") return operandSql(dimension, paths).value;
    if (buckets === undefined) throw new TypeError("no steps for the dimension time");
    return bucketSql(buckets.rule);
  });
  const current = isCurrentSql(previous === undefined ? undefined : range.from);
  const partials = parts.map(({ part, isCurrent }, i) => {
    const partial = source === "raw" ? part.raw : part.rolled;
    if (partial === undefined) throw new TypeError("a measure that rollups do not hold");
    return sql`${partial(isCurrent ? current : sql`not(${current})`)} AS ${partAlias(i)}`;
  });
  const columns = list([...keys.map((key, i) => sql`${key} AS ${dimensionAlias(i)}`), ...partials]);
  const grouped =
    keys.length === 0
      ? sql``
      : sql`
  GROUP BY ${list(keys.map((_, i) => dimensionAlias(i)))}`;
  return sql`
  SELECT ${columns}
  FROM ${rows}${grouped}`;
}

/** What a row is ordered by: a place among the dimensions or the measures. */
export interface OrderKey {
  of: "dimension" | "measure";
  place: number;
  isDescending: boolean;
}

/** The whole order of the rows: as asked, or time, else the first measure; then by the dimensions, so that no two rows tie. */
export function orderOf({ dimensions, measures, order }: Question): OrderKey[] {
  const asked = order.map(({ by, direction }): OrderKey => {
    const place = dimensions.findIndex((dimension) => dimensionName(dimension) === by);
    const isDescending = direction === "desc";
    if (place >= 0) return { of: "dimension", place, isDescending };
    return { of: "measure", place: measures.findIndex((measure) => measureName(measure) === by), isDescending };
  });
  const time = dimensions.indexOf("time");
  const usual: OrderKey[] = [
    ...(time < 0 ? [] : [{ of: "dimension", place: time, isDescending: false } as const]),
    { of: "measure", place: 0, isDescending: true },
  ];
  const ties = dimensions.map((_, place): OrderKey => ({ of: "dimension", place, isDescending: false }));
  return [...(asked.length === 0 ? usual : asked), ...ties];
}

function orderSql(prepared: Prepared): Free {
  const { question, measures } = prepared;
  const firstPart = measures.map((_, i) => measures.slice(0, i).reduce((sum, { parts }) => sum + parts.length, 0));
  const keys = orderOf(question).map(({ of, place, isDescending }) => {
    const measure = measures[place];
    const value =
      of === "dimension" || measure === undefined
        ? dimensionAlias(place)
        : measure.order(
            measure.parts.map((part, i) => part.value(partAlias((firstPart[place] ?? 0) + i))),
            secondsSql(prepared),
          );
    return isDescending ? sql`${value} DESC NULLS LAST` : sql`${value} ASC NULLS LAST`;
  });
  return list(keys);
}

/** Length of the row's step. */
function secondsSql({ question, buckets, lengths }: Prepared): Free {
  const time = question.dimensions.indexOf("time");
  if (time < 0 || buckets === undefined) return sql`${param("Float64", (lengths[0] ?? 1) / 1000)}`;
  const place = sql`${dimensionAlias(time)} - ${param("Int64", buckets.first)} + 1`;
  return sql`(arrayElement(${param("Array(UInt32)", lengths)}, ${place}) / 1000)`;
}

/** Can rollups answer everything that is asked? */
export function isRolled({ question, measures }: Pick<Prepared, "question" | "measures">): boolean {
  return (
    operandsOf(question).every(
      (operand) => typeof operand === "string" && operandSql(operand, []).rolled?.isKey === true,
    ) && measures.every(({ parts }) => parts.every(({ rolled }) => rolled !== undefined))
  );
}

/** Does the question tell users apart? Their number is known without that. */
function isByUser(question: Question): boolean {
  return operandsOf(question).includes("user");
}

/** What groups and filters rows. */
function operandsOf({ dimensions, filters, measures }: Question): Operand[] {
  const wheres = measures.flatMap((measure) =>
    measure.fn === "ratio" ? [measure.numerator.where, measure.denominator.where] : [measure.where],
  );
  return [
    ...dimensions.filter((dimension) => dimension !== "time"),
    ...[filters, ...wheres].flatMap((filter) => (filter === undefined ? [] : filteredBy(filter))),
  ];
}

function filteredBy(filter: Filter): Operand[] {
  if ("of" in filter) return [filter.of];
  return "filter" in filter ? filteredBy(filter.filter) : filter.filters.flatMap(filteredBy);
}

/** The metadata paths that a question looks into, each once. */
export function pathsOf(question: Question): string[][] {
  const measured = question.measures.flatMap((measure) =>
    measure.fn === "ratio" ? [measure.numerator.of, measure.denominator.of] : [measure.of],
  );
  const paths = [...operandsOf(question), ...measured].flatMap((operand) =>
    typeof operand === "object" ? [operand.path] : [],
  );
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}
