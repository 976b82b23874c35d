/**
 * What a span of an instrumented agent is: a model call, a tool call, a run of an agent, something else of the conventions, or
 * none of theirs; and which spans of a request are the account of a fact. Used by genai.ts and copilot.ts. Pure.
 *
 * Only leaves count. `invoke_agent` and workflow spans carry totals of what is below them, and a model call may be wrapped by
 * another instrumentation's span of the same call: a span above a model call with tokens is no ledger. That is looked for
 * inside one request, where exporters put a trace's spans together; a wrapper that comes in a later request is not known.
 */
import type { Attributes, Span } from "../model.ts";
import { hasTokens } from "./genai-usage.ts";
import { labelOf } from "./values.ts";

/** `operation`: the convention's name of it, lower case; "" when the span has none. */
export interface SpanKind {
  kind: "inference" | "tool" | "agent" | "other" | "foreign";
  operation: string;
}

const INFERENCE: ReadonlySet<string> = new Set([
  "chat",
  "completion",
  "embedding",
  "embeddings",
  "generate_content",
  "llm_call",
  "call_llm",
  "rerank",
  "responses",
  "text_completion",
]);
const TOOL: ReadonlySet<string> = new Set(["execute_tool", "tool", "tool_call"]);
const AGENT: ReadonlySet<string> = new Set(["agent", "create_agent", "invoke_agent", "invoke_workflow", "workflow"]);

/** OpenInference's span kinds and OpenLLMetry's, as operations of the conventions; what is not here says nothing. */
const FOREIGN_KINDS: Readonly<Record<string, string>> = {
  llm: "chat",
  embedding: "embeddings",
  reranker: "rerank",
  tool: "execute_tool",
  agent: "invoke_agent",
  workflow: "invoke_workflow",
  retriever: "retrieval",
  guardrail: "guardrail",
  evaluator: "evaluation",
};
const AI_SDK_CALL = /\.do(?:Generate|Stream|Embed|Rerank)$/;

/** By operation name first, then by the other conventions' kinds, then by tokens beside a model. */
export function kindOf(attributes: Attributes): SpanKind {
  const operation = operationOf(attributes);
  if (operation !== undefined) {
    if (INFERENCE.has(operation)) return { kind: "inference", operation };
    if (TOOL.has(operation)) return { kind: "tool", operation: "execute_tool" };
    return { kind: AGENT.has(operation) ? "agent" : "other", operation };
  }
  if (isWrapper(attributes)) return { kind: "foreign", operation: "" };
  const model =
    attributes["gen_ai.request.model"] ?? attributes["gen_ai.response.model"] ?? attributes["llm.model_name"];
  if (hasTokens(attributes) && labelOf(model) !== undefined) return { kind: "inference", operation: "chat" };
  return { kind: "foreign", operation: "" };
}

function operationOf(attributes: Attributes): string | undefined {
  const named = labelOf(attributes["gen_ai.operation.name"])?.toLowerCase();
  const sdk = labelOf(attributes["ai.operationId"]);
  // The AI SDK writes its own ids (`ai.generateText.doGenerate fn`) where the conventions want an operation.
  if (named !== undefined && !named.startsWith("ai.")) return named;
  if (sdk !== undefined) {
    if (AI_SDK_CALL.test(sdk)) return sdk.includes("mbed") ? "embeddings" : "chat";
    return sdk === "ai.toolCall" ? "execute_tool" : undefined;
  }
  const kind =
    labelOf(attributes["openinference.span.kind"]) ??
    labelOf(attributes["traceloop.span.kind"]) ??
    labelOf(attributes["llm.request.type"]);
  if (kind === undefined) return undefined;
  const lower = kind.toLowerCase();
  return Object.hasOwn(FOREIGN_KINDS, lower) ? FOREIGN_KINDS[lower] : INFERENCE.has(lower) ? lower : undefined;
}

/** Chains, tasks and the outer spans of the AI SDK: they may carry tokens, but those of the calls below them. */
function isWrapper(attributes: Attributes): boolean {
  return (
    attributes["ai.operationId"] !== undefined ||
    attributes["openinference.span.kind"] !== undefined ||
    attributes["traceloop.span.kind"] !== undefined
  );
}

/** A span with what it is, and whether it is the account of its fact. */
export interface ReadSpan extends SpanKind {
  span: Span;
  leaf: boolean;
}

/** Reads a request's spans. Linear in their number. */
export function readSpans(spans: readonly Span[]): ReadSpan[] {
  const read = spans.map((span): ReadSpan => ({ span, ...kindOf(span.attributes), leaf: true }));
  const byId = new Map(read.map((one) => [idOf(one.span), one]));
  // By id: a span may come more than once in a request.
  const aboveCalls = new Set<string>();
  for (const one of read) {
    if (one.kind === "inference" && hasTokens(one.span.attributes)) addAbove(aboveCalls, one.span, byId);
  }
  for (const one of read) {
    if (one.kind === "inference") one.leaf = !aboveCalls.has(idOf(one.span));
    if (one.kind === "tool") one.leaf = !isToolAgain(one, byId);
  }
  return read;
}

/** Adds all spans above this one. Stops where another call has been: everything above that is in already. */
function addAbove(ids: Set<string>, from: Span, byId: ReadonlyMap<string, ReadSpan>): void {
  let above = parentOf(from, byId);
  while (above !== undefined && !ids.has(idOf(above.span))) {
    ids.add(idOf(above.span));
    above = parentOf(above.span, byId);
  }
}

/** The same call once more, on its way to an MCP server: a tool span right below the span of the same tool. */
function isToolAgain(one: ReadSpan, byId: ReadonlyMap<string, ReadSpan>): boolean {
  const above = parentOf(one.span, byId);
  return (
    above !== undefined &&
    above !== one &&
    above.kind === "tool" &&
    toolOf(above) !== undefined &&
    toolOf(above) === toolOf(one)
  );
}

function toolOf({ span }: ReadSpan): string | undefined {
  return labelOf(span.attributes["gen_ai.tool.name"] ?? span.attributes["tool.name"]);
}

function parentOf(span: Span, byId: ReadonlyMap<string, ReadSpan>): ReadSpan | undefined {
  if (span.parentSpanId === "" || span.parentSpanId === span.spanId) return undefined;
  return byId.get(`${span.traceId}/${span.parentSpanId}`);
}

const idOf = ({ traceId, spanId }: Span): string => `${traceId}/${spanId}`;
