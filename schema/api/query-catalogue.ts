/**
 * What POST /api/v1/query can ask about: the closed list of columns with kind, unit and label, and the functions of each kind.
 * Used by the query's schema and checks, by workers/api/explore, which alone knows the SQL behind a name, and by the page.
 */
import type { StandardEventType } from "../event.ts";

/** money: integer nano-USD, a decimal string in every answer and filter. */
export const COLUMN_KINDS = ["text", "boolean", "number", "money", "time"] as const;
export type ColumnKind = (typeof COLUMN_KINDS)[number];

export const QUERY_UNITS = ["events", "tokens", "lines", "ms", "nano_usd", "time", "ratio", "none"] as const;
export type QueryUnit = (typeof QUERY_UNITS)[number];

export interface QueryColumn {
  kind: ColumnKind;
  unit: QueryUnit;
  label: string;
  /** May it group rows? What is measured on a scale may not: nearly every value would be a group of its own. */
  dimension: boolean;
  /** Only events of this type have a value; on others there is none, which is not zero. */
  on?: StandardEventType;
}

const text = (label: string, on?: StandardEventType) =>
  ({ kind: "text", unit: "none", label, dimension: true, ...(on === undefined ? {} : { on }) }) as const;
const flag = (label: string, on: StandardEventType) =>
  ({ kind: "boolean", unit: "none", label, dimension: true, on }) as const;
const code = (label: string, on: StandardEventType) =>
  ({ kind: "number", unit: "none", label, dimension: true, on }) as const;
const amount = (label: string, unit: QueryUnit, on: StandardEventType) =>
  ({ kind: "number", unit, label, dimension: false, on }) as const;
const moment = (label: string) => ({ kind: "time", unit: "time", label, dimension: false }) as const;

export const QUERY_COLUMNS = {
  type: text("Event type"),
  category: text("Event category"),
  team: text("Team label, as the sender wrote it"),
  user: text("User"),
  session: text("Session"),
  environment: text("Environment"),
  region: text("Region that received the event"),
  agent: text("Agent"),
  agent_version: text("Agent version"),
  model: text("Model"),
  repo: text("Repository"),
  branch: text("Branch"),
  language: text("Language", "code_generated"),
  tool_name: text("Tool"),
  outcome: text("Outcome of the session", "session_end"),
  error_code: text("Error code", "error"),
  severity: text("Severity of the alert", "security_alert"),
  rule: text("Rule of the alert", "security_alert"),
  request_id: text("Request id", "cost_incurred"),
  cost_source: text("Where the cost comes from: reported, computed, unpriced", "cost_incurred"),
  accepted: flag("Suggestion accepted", "code_generated"),
  fatal: flag("Fatal error", "error"),
  status_code: code("Status code", "error"),
  pr_number: code("Pull request number", "pr_created"),
  lines_added: amount("Lines added", "lines", "code_generated"),
  lines_removed: amount("Lines removed", "lines", "code_generated"),
  duration_ms: amount("Duration of the session", "ms", "session_end"),
  tokens: amount("Tokens: input, output, cache read and cache write", "tokens", "cost_incurred"),
  input_tokens: amount("Input tokens", "tokens", "cost_incurred"),
  output_tokens: amount("Output tokens", "tokens", "cost_incurred"),
  cache_read_tokens: amount("Cache read tokens", "tokens", "cost_incurred"),
  cache_write_tokens: amount("Cache write tokens", "tokens", "cost_incurred"),
  reasoning_tokens: amount("Reasoning tokens, a part of output", "tokens", "cost_incurred"),
  unpriced_tokens: amount("Tokens whose cost is not known", "tokens", "cost_incurred"),
  cost_nano_usd: { kind: "money", unit: "nano_usd", label: "Cost", dimension: false, on: "cost_incurred" },
  timestamp: moment("When it happened"),
  received_at: moment("When it was received"),
} as const satisfies Record<string, QueryColumn>;

export type ColumnName = keyof typeof QUERY_COLUMNS;
/** In the order of the list. */
export const COLUMN_NAMES = Object.keys(QUERY_COLUMNS) as [ColumnName, ...ColumnName[]];
export const DIMENSION_NAMES = COLUMN_NAMES.filter((name) => QUERY_COLUMNS[name].dimension) as [
  ColumnName,
  ...ColumnName[],
];

export const PERCENTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
export type Percentile = keyof typeof PERCENTILES;
/** Functions of one operand. */
export const VALUE_FUNCTIONS = ["sum", "avg", "min", "max", "uniq", "p50", "p90", "p95", "p99"] as const;
export type ValueFunction = (typeof VALUE_FUNCTIONS)[number];
export const FUNCTIONS = ["count", ...VALUE_FUNCTIONS, "rate", "ratio"] as const;

const MEASURED: readonly ValueFunction[] = VALUE_FUNCTIONS;
/** What may be asked of each kind; a metadata path may be either a number or a text. */
export const FUNCTIONS_OF: Record<ColumnKind | "path", readonly ValueFunction[]> = {
  text: ["uniq"],
  boolean: ["uniq"],
  number: MEASURED,
  money: MEASURED,
  time: ["min", "max"],
  path: MEASURED,
};

export const COMPARISONS = ["eq", "in", "contains", "gt", "gte", "lt", "lte", "exists"] as const;
export type Comparison = (typeof COMPARISONS)[number];
const ORDERED: readonly Comparison[] = ["gt", "gte", "lt", "lte"];
/** Which comparisons each kind knows. */
export const COMPARISONS_OF: Record<ColumnKind | "path", readonly Comparison[]> = {
  text: ["eq", "in", "contains", "exists"],
  boolean: ["eq", "exists"],
  number: ["eq", "in", ...ORDERED, "exists"],
  money: ["eq", "in", ...ORDERED, "exists"],
  time: ORDERED,
  path: COMPARISONS,
};
