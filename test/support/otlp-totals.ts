/**
 * Totals of a recorded run, twice: of the events that were made of it, and of what the agent itself counted, read from the
 * decoded records without the normaliser. For the tests of the normalisers.
 */
import type { Attributes, DataPoint, LogRecord } from "../../workers/ingest/otlp/model.ts";
import type { NormalisedEvent } from "../../workers/ingest/otlp/normalise/contract.ts";

export interface Totals {
  sessions: number;
  tool_calls: number;
  errors: number;
  lines_added: number;
  lines_removed: number;
  accepted: number;
  rejected: number;
  pull_requests: number;
  model_calls: number;
  input_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  output_tokens: number;
  cost_micro_usd: number;
}

const MICROS = 1_000_000;
/** By each agent's own name for it. */
const TOOL_CALL = /^custom\.(?:(?:claude_code|codex)\.tool_result|(?:gemini_cli|copilot|genai)\.tool_call)$/;
const number = (value: unknown): number => (typeof value === "number" ? value : Number(value ?? 0));

/** As the product counts: distinct sessions of all events, sums of the columns. */
export function totalsOf(events: readonly NormalisedEvent[]): Totals {
  const of = (type: string) => events.filter(({ event }) => event.event_type === type);
  const sum = (type: string, key: string): number =>
    of(type).reduce((total, { event }) => total + number(event.metadata?.[key]), 0);
  const code = of("code_generated");
  return {
    sessions: new Set(events.map(({ event }) => event.session_id)).size,
    tool_calls: events.filter(({ event }) => TOOL_CALL.test(event.event_type)).length,
    errors: of("error").length,
    lines_added: sum("code_generated", "lines_added"),
    lines_removed: sum("code_generated", "lines_removed"),
    accepted: code.filter(({ event }) => event.metadata?.accepted === true).length,
    rejected: code.filter(({ event }) => event.metadata?.accepted === false).length,
    pull_requests: of("pr_created").length,
    model_calls: of("cost_incurred").length,
    input_tokens: sum("cost_incurred", "input_tokens"),
    cache_read_tokens: sum("cost_incurred", "cache_read_tokens"),
    cache_write_tokens: sum("cost_incurred", "cache_write_tokens"),
    output_tokens: sum("cost_incurred", "output_tokens"),
    cost_micro_usd: Math.round(sum("cost_incurred", "cost_usd") * MICROS),
  };
}

/** A counter's total: sums of deltas, the highest of each cumulative series. */
export function counted(points: readonly DataPoint[], metric: string, where: Attributes = {}): number {
  const highest = new Map<string, number>();
  let total = 0;
  for (const point of points) {
    if (point.metric !== metric || point.value === null) continue;
    if (Object.entries(where).some(([name, value]) => point.attributes[name] !== value)) continue;
    if (point.temporality === "delta") total += point.value;
    else {
      const series = JSON.stringify([point.startTimeUnixNano, Object.entries(point.attributes).sort()]);
      highest.set(series, Math.max(highest.get(series) ?? 0, point.value));
    }
  }
  for (const value of highest.values()) total += value;
  return total;
}

const named = (records: readonly LogRecord[], ...names: string[]): LogRecord[] =>
  records.filter(({ attributes }) => names.includes(String(attributes["event.name"])));

/** Claude Code's own figures: its metrics, and its events where they are the only ledger. */
export function claudeLedger(records: readonly LogRecord[], points: readonly DataPoint[]): Totals {
  const count = (metric: string, where?: Attributes) => counted(points, `claude_code.${metric}`, where);
  const tokens = (type: string) => count("token.usage", { type });
  const tools = named(records, "tool_result");
  const failed = tools.filter(({ attributes }) => attributes.success === "false");
  return {
    sessions: count("session.count", { start_type: "fresh" }),
    tool_calls: tools.length,
    errors:
      failed.length + named(records, "api_error", "api_retries_exhausted", "internal_error", "api_refusal").length,
    lines_added: count("lines_of_code.count", { type: "added" }),
    lines_removed: count("lines_of_code.count", { type: "removed" }),
    accepted: count("code_edit_tool.decision", { decision: "accept" }),
    rejected: count("code_edit_tool.decision", { decision: "reject" }),
    pull_requests: count("pull_request.count"),
    model_calls: named(records, "api_request").length,
    input_tokens: tokens("input"),
    cache_read_tokens: tokens("cacheRead"),
    cache_write_tokens: tokens("cacheCreation"),
    output_tokens: tokens("output"),
    cost_micro_usd: Math.round(count("cost.usage") * MICROS),
  };
}
