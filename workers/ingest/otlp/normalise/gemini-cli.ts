/**
 * Gemini CLI (0.61 recorded; other names from its documentation). Called by normalise.ts.
 *
 * Ledger: log records, for every fact. A call is one `api_response` or one `api_error` per attempt; its `api_request` and two
 * `operation.details` say it again. Spans come although they are switched off, and repeat the same calls. Metrics are
 * cumulative by default and only checks; the request counter counts each failed call twice (gemini-cli-metrics.ts).
 */
import { MAX_TOKENS } from "../../../../schema/limits.ts";
import type { Attributes, LogRecord, Span } from "../model.ts";
import { Collector } from "./collector.ts";
import type { Normalised, NormalisedEvent, Normaliser, PriceFacts } from "./contract.ts";
import { geminiMetrics } from "./gemini-cli-metrics.ts";
import { GEMINI, IGNORED, KEPT } from "./gemini-cli-table.ts";
import { toolCallEvents } from "./gemini-cli-tools.ts";
import { eventId, logKey } from "./ids.ts";
import { report } from "./report.ts";
import { customType, type Draft, makeEvent, modelOf } from "./table.ts";
import { timeOfLog } from "./times.ts";
import { booleanOf, countOf, labelOf } from "./values.ts";

const SERVICE = "gemini-cli";
const NAMESPACE = "gemini_cli.";
/** By API key, by Google login and on Vertex AI the list price is the same. */
const PROVIDER = "gcp.gemini";
/** Attributes of OTEL_RESOURCE_ATTRIBUTES that name a person better than the installation does. */
const PERSON = ["user.email", "enduser.id", "user.id"];

type Fact = (record: LogRecord, attributes: Attributes, at: number) => NormalisedEvent[];

/** Records that become events of our own vocabulary. */
const FACTS: Readonly<Record<string, Fact>> = {
  config: (record, attributes, at) => [
    event(record, attributes, {
      type: "session_start",
      at,
      metadata: { entrypoint: booleanOf(attributes.interactive) === true ? "interactive" : "headless" },
      places: { embedding_model: null },
    }),
  ],
  conversation_finished: (record, attributes, at) => [
    event(record, attributes, {
      type: "session_end",
      at,
      metadata: { outcome: "finished" },
      places: {
        approvalMode: { to: "approval_mode", as: "label" },
        turnCount: { to: "turn_count", as: "count" },
      },
    }),
  ],
  api_response: (record, attributes, at) => [costEvent(record, attributes, at)],
  api_error: (record, attributes, at) => [event(record, attributes, { type: "error", at })],
  tool_call: toolCallEvents,
};

export const geminiCli: Normaliser = {
  agent: GEMINI.agent,
  version: GEMINI.version,
  accepts: (resource, scopeName) => resource["service.name"] === SERVICE || scopeName === SERVICE,
  logs,
  metrics: geminiMetrics,
  traces,
};

function logs(records: readonly LogRecord[]): Normalised {
  const collector = new Collector();
  for (const record of records) {
    const name = nameOf(record);
    const at = timeOfLog(record);
    if (name === "" || at === undefined) {
      collector.unknown(name === "" ? "(no name)" : "(no time)");
      collector.ignored();
      continue;
    }
    const attributes = withPerson(record);
    const fact = Object.hasOwn(FACTS, name) ? FACTS[name] : undefined;
    if (fact !== undefined) {
      report(collector, fact(record, attributes, at));
    } else if (IGNORED.has(name)) {
      collector.ignored();
    } else {
      if (!KEPT.has(name)) collector.unknown(NAMESPACE + name);
      collector.kept(event(record, attributes, { type: customType(GEMINI.prefix, name), at }));
    }
  }
  return collector.result;
}

/** `llm_call`, `tool_call` and the rest repeat the events, without what failed. */
function traces(spans: readonly Span[]): Normalised {
  const collector = new Collector();
  for (const _ of spans) collector.ignored();
  return collector.result;
}

/** The name is in `event.name`, with its prefix or (older events) without; the body is a sentence. */
function nameOf(record: LogRecord): string {
  const name = labelOf(record.attributes["event.name"]) ?? "";
  return name.startsWith(NAMESPACE) ? name.slice(NAMESPACE.length) : name;
}

/** Resource attributes are not copied to records here: a person named there would lose to the installation's id. */
function withPerson(record: LogRecord): Attributes {
  const { attributes, resource } = record;
  if (PERSON.some((name) => labelOf(attributes[name]) !== undefined)) return attributes;
  const name = PERSON.find((candidate) => labelOf(resource[candidate]) !== undefined);
  return name === undefined ? attributes : { ...attributes, [name]: resource[name] ?? null };
}

function event(record: LogRecord, attributes: Attributes, draft: Omit<Draft, "id">): NormalisedEvent {
  const id = eventId(GEMINI.agent, draft.type, logKey(record), record.spanId);
  return makeEvent(GEMINI, record.resource, attributes, { ...draft, id });
}

/** The tokens of one call. Calls of the model router (role `utility_router`) cost like any other. */
function costEvent(record: LogRecord, attributes: Attributes, at: number): NormalisedEvent {
  const count = (name: string): number => countOf(attributes[name], MAX_TOKENS) ?? 0;
  const cached = count("cached_content_token_count");
  const thoughts = count("thoughts_token_count");
  const prompt = Math.min(count("input_token_count") + toolPrompt(count), MAX_TOKENS);
  const output = Math.min(count("output_token_count") + thoughts, MAX_TOKENS);
  const input = Math.max(0, prompt - cached);
  const price: PriceFacts = {
    provider: PROVIDER,
    model: modelOf(labelOf(attributes.model) ?? "").replace(/^models\//, ""),
    service_tier: "",
    input_tokens: input,
    cache_read_tokens: cached,
    cache_write_5m_tokens: 0,
    cache_write_1h_tokens: 0,
    output_tokens: output,
    context_tokens: Math.max(prompt, cached),
  };
  return event(record, attributes, {
    type: "cost_incurred",
    at,
    metadata: {
      provider: PROVIDER,
      input_tokens: input,
      output_tokens: output,
      cache_read_tokens: cached,
      cache_write_tokens: 0,
      reasoning_tokens: thoughts,
    },
    places: {
      input_token_count: null,
      output_token_count: null,
      cached_content_token_count: null,
      thoughts_token_count: null,
      tool_token_count: null,
      total_token_count: null,
    },
    price,
  });
}

/** Tokens of tool results in the prompt come on top of the prompt's, unless the total shows that they are in it. */
function toolPrompt(count: (name: string) => number): number {
  const tool = count("tool_token_count");
  const total = count("total_token_count");
  const others = count("input_token_count") + count("output_token_count") + count("thoughts_token_count");
  return total > 0 && total < others + tool ? 0 : tool;
}
