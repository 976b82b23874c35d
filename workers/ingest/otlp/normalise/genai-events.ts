/**
 * Events of one span of an instrumented agent: what a model call cost, what failed, which tool ran. Used by genai.ts and
 * copilot.ts with their own tables. Pure.
 *
 * A failure is an error of the call or tool it happened in; the runs above it only pass it on and make none.
 */
import { MAX_DURATION_MS } from "../../../../schema/limits.ts";
import type { Attributes, Span } from "../model.ts";
import type { NormalisedEvent } from "./contract.ts";
import type { ReadSpan } from "./genai-spans.ts";
import { MODEL } from "./genai-table.ts";
import { type Usage, usageOf } from "./genai-usage.ts";
import { canonical, eventId, spanKey } from "./ids.ts";
import { type AgentTable, customType, type Draft, type Metadata, makeEvent } from "./table.ts";
import { millisOf, timeOfSpan } from "./times.ts";
import { firstOf, labelOf, textOf } from "./values.ts";

const STATUS_ERROR = 2;
const TOOL_NAMES = ["gen_ai.tool.name", "tool.name", "ai.toolCall.name", "traceloop.entity.name"] as const;

/** How one agent's spans are read. */
export interface SpanMapping {
  table: AgentTable;
  /** Attributes carried to metadata. */
  carried: readonly string[];
  /** Session and person of the span where the table's attributes do not say; merged over its attributes. */
  add(span: Span): Attributes;
}

/** What a leaf's span is worth: events, or nothing when its time is unknown. */
export function spanEvents(read: ReadSpan, mapping: SpanMapping): NormalisedEvent[] {
  const { span, kind, operation } = read;
  const at = timeOfSpan(span);
  if (at === undefined) return [];
  const { table } = mapping;
  const attributes: Attributes = {
    ...span.attributes,
    ...mapping.add(span),
    ...(kind === "tool" ? toolName(span.attributes) : {}),
    ...failureOf(span),
  };
  const duration = durationOf(span);
  const make = (what: string, draft: Omit<Draft, "at" | "id" | "only">): NormalisedEvent =>
    makeEvent(table, span.resource, attributes, {
      ...draft,
      metadata: { ...(duration === undefined ? {} : { duration_ms: duration }), ...draft.metadata },
      at,
      id: eventId(table.agent, what, keyOf(span)),
      only: mapping.carried,
    });

  const failed = isFailed(span);
  if (kind === "inference") {
    const events: NormalisedEvent[] = [];
    const usage = usageOf(attributes, firstOf(MODEL, attributes)?.value ?? "");
    if (usage !== undefined) events.push(make("cost", costDraft(usage)));
    if (failed) events.push(make("error", errorDraft(attributes)));
    if (events.length > 0) return events;
  }
  if (kind === "tool") {
    const success = !failed;
    const call = make("tool_call", {
      type: customType(table.prefix, "tool_call"),
      metadata: { success },
      places: WITHOUT_MESSAGE,
    });
    return failed ? [call, make("error", errorDraft(attributes))] : [call];
  }
  const type = customType(table.prefix, operation);
  return [make(operation, { type, metadata: { success: !failed }, places: WITHOUT_MESSAGE })];
}

/** Status or `error.type`: instrumentations write one, the other, or both. */
function isFailed(span: Span): boolean {
  return span.statusCode === STATUS_ERROR || labelOf(span.attributes["error.type"]) !== undefined;
}

/** The text of a failure is in its error. */
const WITHOUT_MESSAGE: Draft["places"] = { "exception.message": null };

function errorDraft(attributes: Attributes): Omit<Draft, "at" | "id" | "only"> {
  const named = firstOf(["error.type", "exception.type"], attributes) !== undefined;
  return { type: "error", metadata: named ? {} : { code: "error" } };
}

function costDraft({ price, reasoning, costUsd }: Usage): Omit<Draft, "at" | "id" | "only"> {
  const metadata: Metadata = {
    input_tokens: price.input_tokens,
    output_tokens: price.output_tokens,
    cache_read_tokens: price.cache_read_tokens,
    cache_write_tokens: price.cache_write_5m_tokens,
    reasoning_tokens: reasoning,
    provider: price.provider,
    ...(price.service_tier === "" ? {} : { service_tier: price.service_tier }),
    ...(costUsd === undefined ? {} : { cost_usd: costUsd }),
  };
  return { type: "cost_incurred", metadata, places: WITHOUT_MESSAGE, price };
}

/** A tool's name under the conventions' name, by which a policy also knows that a text is a tool's. */
function toolName(attributes: Attributes): Attributes {
  const found = firstOf(TOOL_NAMES, attributes);
  return found === undefined ? {} : { "gen_ai.tool.name": found.value };
}

/** What the span's exception and status say, under the names the tables know; nothing of a span that went well. */
function failureOf(span: Span): Attributes {
  if (!isFailed(span)) return {};
  const exception = span.events.findLast((event) => event.name === "exception")?.attributes ?? {};
  return {
    "exception.type": exception["exception.type"] ?? null,
    // The status says in words what the exception does; a policy knows such texts by the exception's name.
    "exception.message": textOf(exception["exception.message"]) ?? span.statusMessage,
  };
}

function durationOf(span: Span): number | undefined {
  const start = millisOf(span.startTimeUnixNano);
  const end = millisOf(span.endTimeUnixNano);
  if (start === undefined || end === undefined || end < start) return undefined;
  return Math.min(end - start, MAX_DURATION_MS);
}

/** A span's own ids, or all it says when it has none; always with its time. */
function keyOf(span: Span): string {
  const ids = span.spanId === "" ? `${span.name}\u0000${canonical(span.attributes)}` : spanKey(span);
  return [ids, span.startTimeUnixNano, span.endTimeUnixNano].join("\u0000");
}
