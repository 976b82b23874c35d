/**
 * What a column of the catalogue or a metadata path is in SQL. Called by filters.ts, measures.ts and compile.ts. Pure. Names come
 * out of a closed table, path segments are bound: no client text is ever part of a fragment.
 */
import type { ColumnKind, ColumnName } from "../../../schema/api/query-catalogue.ts";
import { kindOf } from "../../../schema/api/query-checks.ts";
import type { Operand } from "../../../schema/api/query-parts.ts";
import { identifier, joinSql, param, type Sql, sql } from "../../shared/sql.ts";

export interface OperandSql {
  kind: ColumnKind | "path";
  /** The value as it groups and orders rows, NULL where there is none. */
  value: Sql<"free">;
  /** The same as Nullable(String), for distinct values and texts. */
  text: Sql<"free">;
  /** Nullable number; of a path: numbers, and texts that are one. */
  number: Sql<"free">;
  /** UInt8: there is a value. */
  exists: Sql<"free">;
  /** A text column as it is stored, for conditions that the sorting key and the skip indexes can use. */
  stored?: Sql<"free">;
  /** Over rows of the rollups, where those hold it. */
  rolled?: RolledSql;
}

/** What rollup rows have of a column: expressions over one row. A column without any of these is in no rollup. */
export interface RolledSql {
  /** Rows are kept apart by it, so it filters and groups them as it does events. */
  isKey?: true;
  /** Sum of the values, and number of the events that have one. */
  sum?: Sql<"free">;
  count?: Sql<"free">;
  /** State of uniqCombined64(18) over the values. */
  values?: Sql<"free">;
  /** State of quantilesBFloat16(0.5, 0.9, 0.95, 0.99) over the values. */
  quantiles?: Sql<"free">;
}

type Free = Sql<"free">;

function stored(column: Free): Omit<OperandSql, "kind"> {
  const text = sql`nullIf(toString(${column}), '')`;
  return { value: text, text, number: sql`toFloat64OrNull(${text})`, exists: sql`${column} != ''`, stored: column };
}

/** A value that stands in a column of its own type; NULL, or `present` false, where the event has none. */
function typed(column: Free, present: Free): Omit<OperandSql, "kind"> {
  const value = sql`if(${present}, toNullable(${column}), NULL)`;
  return { value, text: sql`toString(${value})`, number: value, exists: sql`isNotNull(${value})` };
}

/** A label that rollups keep apart. */
const key = (column: Free): Omit<OperandSql, "kind"> => ({ ...stored(column), rolled: { isKey: true } });

const ALWAYS = sql`1`;
/** These columns are zero on events that have no such figure: only the type says whether zero was meant. */
const CODE = sql`event_type = 'code_generated'`;
const COST = sql`event_type = 'cost_incurred'`;
/** A figure that events of one type have; rollups hold its sum under the same name. */
const figure = (column: Free, of: Free): Omit<OperandSql, "kind"> => ({
  ...typed(column, of),
  rolled: { sum: column, count: sql`if(${of}, events, 0)` },
});
const TOKENS = sql`input_tokens + output_tokens + cache_read_tokens + cache_write_tokens`;

const COLUMNS: Record<ColumnName, Omit<OperandSql, "kind">> = {
  type: key(sql`event_type`),
  category: stored(sql`event_category`),
  team: key(sql`team_id`),
  user: { ...stored(sql`user_id`), rolled: { isKey: true, values: sql`users` } },
  session: { ...stored(sql`session_id`), rolled: { values: sql`sessions` } },
  environment: key(sql`environment`),
  region: stored(sql`region`),
  agent: key(sql`agent`),
  agent_version: stored(sql`agent_version`),
  model: key(sql`model`),
  repo: key(sql`repo`),
  branch: stored(sql`branch`),
  language: stored(sql`language`),
  tool_name: stored(sql`tool_name`),
  outcome: stored(sql`outcome`),
  error_code: stored(sql`error_code`),
  severity: stored(sql`severity`),
  rule: stored(sql`rule`),
  request_id: stored(sql`request_id`),
  cost_source: stored(sql`cost_source`),
  accepted: typed(sql`accepted`, ALWAYS),
  fatal: typed(sql`fatal`, ALWAYS),
  status_code: typed(sql`status_code`, ALWAYS),
  pr_number: typed(sql`pr_number`, ALWAYS),
  lines_added: figure(sql`lines_added`, CODE),
  lines_removed: figure(sql`lines_removed`, CODE),
  duration_ms: {
    ...typed(sql`duration_ms`, ALWAYS),
    rolled: { sum: sql`duration_sum`, count: sql`duration_count`, quantiles: sql`duration` },
  },
  tokens: figure(TOKENS, COST),
  input_tokens: figure(sql`input_tokens`, COST),
  output_tokens: figure(sql`output_tokens`, COST),
  cache_read_tokens: figure(sql`cache_read_tokens`, COST),
  cache_write_tokens: figure(sql`cache_write_tokens`, COST),
  reasoning_tokens: figure(sql`reasoning_tokens`, COST),
  unpriced_tokens: { ...typed(TOKENS, sql`cost_source = 'unpriced'`), rolled: { sum: sql`unpriced_tokens` } },
  cost_nano_usd: { ...typed(sql`cost_nano_usd`, ALWAYS), rolled: { sum: sql`cost_nano_usd`, count: sql`cost_events` } },
  timestamp: typed(sql`timestamp`, ALWAYS),
  received_at: typed(sql`received_at`, ALWAYS),
};

/** The paths of a question, each once. Their values are columns of the rows, so that no expression holds the same parsing twice. */
export type Paths = readonly (readonly string[])[];

/** Ten measures of two operands, four dimensions, fifty comparisons; and room. */
const PLACES = Array.from({ length: 80 }, (_, i) => i);
const RAW_ALIASES = PLACES.map((i) => `r${i}`);
const TEXT_ALIASES = PLACES.map((i) => `t${i}`);
const FLOAT_ALIASES = PLACES.map((i) => `f${i}`);
const alias = (names: readonly string[], place: number): Free => sql`${identifier(names, names[place] ?? "")}`;

/** The SQL of an operand over rows that have `paths` as columns. */
export function operandSql(operand: Operand, paths: Paths): OperandSql {
  const kind = kindOf(operand);
  if (typeof operand === "string") return { kind, ...COLUMNS[operand] };
  const text = JSON.stringify(operand.path);
  const place = paths.findIndex((path) => JSON.stringify(path) === text);
  const value = alias(TEXT_ALIASES, place);
  const number = alias(FLOAT_ALIASES, place);
  return {
    kind,
    value,
    text: value,
    number: sql`if(isFinite(${number}), ${number}, NULL)`,
    exists: sql`${alias(RAW_ALIASES, place)} NOT IN ('', 'null')`,
  };
}

/**
 * Rows with the columns of `paths`. A value is a text, number or boolean as a text; objects, arrays and null have none, and neither
 * has a path that is not there.
 */
export function withPaths(rows: Sql<"tenant">, paths: Paths): Sql<"tenant"> {
  if (paths.length === 0) return rows;
  const columns = (make: (place: number) => Free): Free =>
    joinSql(
      paths.map((_, place) => make(place)),
      ", ",
      sql``,
    );
  const extracted = columns(
    (i) => sql`JSONExtractRaw(metadata, ${segments(paths[i] ?? [])}) AS ${alias(RAW_ALIASES, i)}`,
  );
  const texts = columns((i) => sql`${textOf(alias(RAW_ALIASES, i))} AS ${alias(TEXT_ALIASES, i)}`);
  const floats = columns((i) => sql`toFloat64OrNull(${alias(TEXT_ALIASES, i)}) AS ${alias(FLOAT_ALIASES, i)}`);
  return sql`(
  SELECT *, ${floats}
  FROM (SELECT *, ${texts} FROM (SELECT *, ${extracted} FROM ${rows}))
)`;
}

function segments(path: readonly string[]): Free {
  return joinSql(
    path.map((segment) => sql`${param("String", segment)}`),
    ", ",
    sql``,
  );
}

function textOf(raw: Free): Free {
  const first = sql`substring(${raw}, 1, 1)`;
  return sql`multiIf(${first} = '"', toNullable(JSONExtractString(${raw})), ${first} IN ('', '{', '[', 'n'), NULL, ${raw})`;
}
