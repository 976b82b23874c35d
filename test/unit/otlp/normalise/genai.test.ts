/** Agents nobody knows, by the conventions in use: records by their documented shapes, none recorded. */
import { describe, expect, it } from "vitest";
import type { Attributes, Span } from "../../../../workers/ingest/otlp/model.ts";
import type { NormalisedEvent } from "../../../../workers/ingest/otlp/normalise/contract.ts";
import { genai } from "../../../../workers/ingest/otlp/normalise/genai.ts";
import { usageOf } from "../../../../workers/ingest/otlp/normalise/genai-usage.ts";
import { NORMALISERS, normaliseByAgent } from "../../../../workers/ingest/otlp/normalise/normalise.ts";
import { checkSchema } from "../../../../workers/ingest/validate.ts";
import { identityOf } from "../../../support/otlp-fixtures.ts";
import { logOf, nanosAt, pointOf, sourceOf, spanOf } from "../../../support/otlp-shapes.ts";

const source = sourceOf("review-bot", { "service.version": "3.1", "service.instance.id": "i-1" });
const span = (
  id: string,
  attributes: Attributes,
  more: { parent?: string; failed?: string; trace?: string } = {},
): Span => spanOf(source, { id, attributes, ...more });
const types = (events: readonly NormalisedEvent[]): string[] => events.map(({ event }) => event.event_type);
const typesOf = (...spans: Span[]): string[] => types(genai.traces(spans).events);

const CHAT: Attributes = {
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "anthropic",
  "gen_ai.request.model": "claude-opus-4-8",
  "gen_ai.response.model": "claude-opus-4-8",
  "gen_ai.response.id": "msg_1",
  "gen_ai.conversation.id": "conv-1",
  "gen_ai.usage.input_tokens": 1_000,
  "gen_ai.usage.output_tokens": 200,
  "gen_ai.usage.cache_read.input_tokens": 600,
  "gen_ai.usage.cache_write.input_tokens": 100,
  "gen_ai.usage.reasoning.output_tokens": 50,
};

/** The same call, as each convention and generation of it writes it. */
const DIALECTS: Readonly<Record<string, Attributes>> = {
  "the conventions now": CHAT,
  "the conventions before": {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "anthropic",
    "gen_ai.request.model": "claude-opus-4-8",
    "gen_ai.usage.input_tokens": 1_000,
    "gen_ai.usage.output_tokens": 200,
    "gen_ai.usage.cache_read.input_tokens": 600,
    "gen_ai.usage.cache_creation.input_tokens": 100,
    "gen_ai.usage.reasoning_tokens": 50,
  },
  OpenLLMetry: {
    "gen_ai.system": "Anthropic",
    "llm.request.type": "chat",
    "gen_ai.request.model": "claude-opus-4-8",
    "gen_ai.usage.prompt_tokens": 1_000,
    "gen_ai.usage.completion_tokens": 200,
    "gen_ai.usage.cache_read_input_tokens": 600,
    "gen_ai.usage.cache_creation_input_tokens": 100,
    "gen_ai.usage.reasoning_tokens": 50,
    "llm.usage.total_tokens": 1_200,
  },
  OpenInference: {
    "openinference.span.kind": "LLM",
    "llm.system": "anthropic",
    "llm.model_name": "claude-opus-4-8",
    "llm.token_count.prompt": 1_000,
    "llm.token_count.completion": 200,
    "llm.token_count.total": 1_200,
    "llm.token_count.prompt_details.cache_read": 600,
    "llm.token_count.prompt_details.cache_write": 100,
    "llm.token_count.completion_details.reasoning": 50,
  },
  "numbers as texts": {
    ...CHAT,
    "gen_ai.usage.input_tokens": "1000",
    "gen_ai.usage.output_tokens": "200",
    "gen_ai.usage.cache_read.input_tokens": "600",
  },
};

describe("documented, not recorded: one call", () => {
  it.each(Object.entries(DIALECTS))("costs the same in the words of %s", (_, attributes) => {
    const { events, counts } = genai.traces([span("a", attributes)]);
    expect(counts).toMatchObject({ records: 1, mapped: 1, unknown: {} });
    expect(events[0]?.event).toMatchObject({ event_type: "cost_incurred", model: "claude-opus-4-8" });
    expect(events[0]?.event.metadata).toMatchObject({
      input_tokens: 300,
      cache_read_tokens: 600,
      cache_write_tokens: 100,
      output_tokens: 200,
      reasoning_tokens: 50,
    });
    expect(events[0]?.price).toEqual({
      provider: "anthropic",
      model: "claude-opus-4-8",
      service_tier: "",
      input_tokens: 300,
      cache_read_tokens: 600,
      cache_write_5m_tokens: 100,
      cache_write_1h_tokens: 0,
      output_tokens: 200,
      context_tokens: 1_000,
      cache_write_ttl_assumed: true,
    });
  });

  it("belongs to its conversation, its person and its service", () => {
    const [made] = genai.traces([span("a", { ...CHAT, "enduser.id": "ada" })]).events;
    expect(made).toMatchObject({ agent: "genai", sources: { "gen_ai.conversation.id": "session_id" } });
    expect(made?.event).toMatchObject({
      agent: "review-bot",
      agent_version: "3.1",
      session_id: "conv-1",
      user_id: "ada",
      metadata: { request_id: "msg_1", duration_ms: 250 },
    });
  });

  it("without a conversation belongs to the session of its resource, else to its trace", () => {
    const { "gen_ai.conversation.id": _, ...call } = CHAT;
    const inSession = sourceOf("bot", { "session.id": "resource-session" });
    const session = (one: Span): unknown => genai.traces([one]).events[0]?.event.session_id;
    expect(session(span("a", call))).toBe("t1");
    expect(session(spanOf(inSession, { id: "a", attributes: call }))).toBe("resource-session");
    expect(session(span("a", { ...call, "traceloop.association.properties.session_id": "s-9" }))).toBe("s-9");
  });

  it("keeps a cost that somebody reported", () => {
    for (const name of ["gen_ai.usage.cost", "llm.cost.total"]) {
      const [made] = genai.traces([span("a", { ...CHAT, [name]: 0.0123 })]).events;
      expect(made?.event.metadata).toMatchObject({ cost_usd: 0.0123 });
    }
  });

  it("without tokens is kept, and costs nothing known", () => {
    expect(typesOf(span("a", { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m" }))).toEqual([
      "custom.genai.chat",
    ]);
  });

  it("carries no content, whatever it is called", () => {
    const content = Object.fromEntries(
      [
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.prompt.0.content",
        "gen_ai.completion.0.content",
        "llm.input_messages.0.message.content",
        "input.value",
        "output.value",
        "traceloop.entity.input",
        "ai.prompt",
        "ai.response.text",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
        "what.ever",
      ].map((name) => [name, "SECRET"]),
    );
    const tool = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t", ...content };
    const { events } = genai.traces([span("a", { ...CHAT, ...content }), span("b", tool)]);
    expect(events).toHaveLength(2);
    expect(JSON.stringify(events)).not.toContain("SECRET");
  });
});

describe("cache and reasoning, inside or outside", () => {
  const read = (attributes: Attributes) => usageOf(attributes, "m")?.price;
  const counts = (input: number, output: number, cached: number, reasoning: number, total?: number): Attributes => ({
    "gen_ai.usage.input_tokens": input,
    "gen_ai.usage.output_tokens": output,
    "gen_ai.usage.cache_read.input_tokens": cached,
    "gen_ai.usage.reasoning_tokens": reasoning,
    ...(total === undefined ? {} : { "gen_ai.usage.total_tokens": total }),
  });

  it.each([
    [
      "nothing said: inside both",
      counts(100, 50, 60, 20),
      { input_tokens: 40, output_tokens: 50, context_tokens: 100 },
    ],
    ["a total that fits inside", counts(100, 50, 60, 20, 150), { input_tokens: 40, output_tokens: 50 }],
    ["more cached than sent: outside", counts(10, 50, 60, 20), { input_tokens: 10, context_tokens: 70 }],
    ["a total with the cache on top", counts(100, 50, 60, 20, 210), { input_tokens: 100, output_tokens: 50 }],
    ["a total with the reasoning on top", counts(100, 50, 60, 20, 170), { input_tokens: 40, output_tokens: 70 }],
    ["a total with both on top", counts(100, 50, 60, 20, 230), { input_tokens: 100, output_tokens: 70 }],
    ["more reasoning than output: outside", counts(100, 5, 60, 20), { output_tokens: 25 }],
    ["a total that fits nothing", counts(100, 50, 60, 20, 999), { input_tokens: 40, output_tokens: 50 }],
  ])("%s", (_, attributes, expected) => {
    expect(read(attributes)).toMatchObject(expected);
  });

  it.each([
    [{ "gen_ai.system": "az.ai.openai" }, "gpt-4o", "azure.ai.openai"],
    [{ "gen_ai.system": "vertex_ai" }, "gemini-2.5-pro", "gcp.vertex_ai"],
    [{ "gen_ai.provider.name": "gcp.gen_ai" }, "gemini-2.5-pro", "gcp.gemini"],
    [{ "ai.model.provider": "anthropic.messages" }, "claude-opus-4-8", "anthropic"],
    [{ "gen_ai.provider.name": "openrouter" }, "anthropic/claude-opus-4-8", "anthropic"],
    [{}, "gpt-5.5", "openai"],
    [{ "gen_ai.provider.name": "my-own" }, "llama", "my-own"],
    [{}, "llama", ""],
  ])("provider of %j and %s", (attributes: Attributes, model, provider) => {
    expect(usageOf({ ...attributes, "gen_ai.usage.input_tokens": 1 }, model)?.price.provider).toBe(provider);
  });
});

describe("documented, not recorded: a tree of spans", () => {
  const TOTALS = { "gen_ai.usage.input_tokens": 5_000, "gen_ai.usage.output_tokens": 900 };
  const run = (more: Attributes = {}): Attributes => ({ "gen_ai.operation.name": "invoke_agent", ...TOTALS, ...more });

  it("the totals of a run are never summed", () => {
    const spans = [span("r", run()), span("a", CHAT, { parent: "r" }), span("b", CHAT, { parent: "r" })];
    const { events } = genai.traces(spans);
    expect(types(events)).toEqual(["custom.genai.invoke_agent", "cost_incurred", "cost_incurred"]);
    expect(JSON.stringify(events[0])).not.toContain("5000");
  });

  it("a call wrapped by another instrumentation's span of it counts once, in any order", () => {
    const spans = [span("outer", CHAT), span("http", {}, { parent: "outer" }), span("inner", CHAT, { parent: "http" })];
    for (const order of [spans, [...spans].reverse(), [...spans, ...spans]]) {
      const { events, counts } = genai.traces(order);
      expect(new Set(events.map(identityOf)).size).toBe(1);
      expect(counts).toMatchObject({ mapped: order.length / 3, ignored: (order.length * 2) / 3 });
    }
  });

  it("a call above one without tokens stays the account", () => {
    const bare = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m" };
    expect(typesOf(span("outer", CHAT), span("inner", bare, { parent: "outer" }))).toContain("cost_incurred");
  });

  it("spans that are each other's parents are read, not followed for ever", () => {
    expect(typesOf(span("a", CHAT, { parent: "b" }), span("b", CHAT, { parent: "a" }))).toEqual([]);
    expect(typesOf(span("a", CHAT, { parent: "a" }))).toEqual(["cost_incurred"]);
  });

  it("chains, tasks and the outer spans of the AI SDK carry the tokens of others", () => {
    const tokens = { "llm.token_count.prompt": 9, "gen_ai.usage.input_tokens": 9, "gen_ai.request.model": "m" };
    expect(typesOf(span("a", { "openinference.span.kind": "CHAIN", ...tokens }))).toEqual([]);
    expect(typesOf(span("a", { "traceloop.span.kind": "task", ...tokens }))).toEqual([]);
    expect(typesOf(span("a", { "ai.operationId": "ai.generateText", ...tokens }))).toEqual([]);
    expect(typesOf(span("a", { "ai.operationId": "ai.generateText.doGenerate", ...tokens }))).toEqual([
      "cost_incurred",
    ]);
  });

  it("spans of other libraries are ignored, operations nobody knows kept and counted", () => {
    const { counts } = genai.traces([
      span("a", { "http.request.method": "GET" }),
      span("b", { "gen_ai.operation.name": "dream" }),
    ]);
    expect(counts).toMatchObject({ ignored: 1, kept: 1, unknown: { dream: 1 } });
  });
});

describe("documented, not recorded: tools and failures", () => {
  const TOOL = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "search",
    "gen_ai.tool.call.id": "call_1",
  };

  it.each([
    ["the conventions", TOOL],
    ["OpenInference", { "openinference.span.kind": "TOOL", "tool.name": "search", "tool_call.id": "call_1" }],
    [
      "OpenLLMetry",
      { "traceloop.span.kind": "tool", "traceloop.entity.name": "search", "gen_ai.tool.call.id": "call_1" },
    ],
    ["the AI SDK", { "ai.operationId": "ai.toolCall", "ai.toolCall.name": "search", "ai.toolCall.id": "call_1" }],
  ])("a tool call in the words of %s", (_, attributes) => {
    const [made] = genai.traces([span("x", attributes)]).events;
    expect(made?.event).toMatchObject({
      event_type: "custom.genai.tool_call",
      metadata: { tool_name: "search", tool_call_id: "call_1", success: true, duration_ms: 250 },
    });
  });

  it("a tool call on its way to an MCP server is the same call", () => {
    const mcp = { ...TOOL, "mcp.method.name": "tools/call" };
    expect(typesOf(span("x", TOOL), span("y", mcp, { parent: "x" }))).toEqual(["custom.genai.tool_call"]);
    expect(typesOf(span("y", mcp))).toEqual(["custom.genai.tool_call"]);
  });

  it("a failure is an error where it happened: by status, by type, with its exception", () => {
    const exception = {
      name: "exception",
      timeUnixNano: nanosAt(10),
      attributes: { "exception.type": "RateLimit", "exception.message": "slow down", "exception.stacktrace": "SECRET" },
    };
    const call = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m" };
    const { events } = genai.traces([
      spanOf(source, { id: "a", parent: "r", attributes: call, failed: "429", events: [exception] }),
      span("x", { ...TOOL, "error.type": "NotFound" }, { parent: "r" }),
      span("r", { "gen_ai.operation.name": "invoke_agent" }, { failed: "429" }),
    ]);
    expect(types(events)).toEqual(["error", "custom.genai.tool_call", "error", "custom.genai.invoke_agent"]);
    expect(events[0]?.event.metadata).toMatchObject({ code: "RateLimit", message: "slow down" });
    expect(events[2]?.event.metadata).toMatchObject({ code: "NotFound", tool_name: "search" });
    expect(events[3]?.event.metadata).toMatchObject({ success: false });
    expect(JSON.stringify(events)).not.toContain("SECRET");
  });

  it("a call that failed after tokens is both, and one without a type has a code", () => {
    const { events } = genai.traces([span("a", CHAT, { failed: "" })]);
    expect(types(events)).toEqual(["cost_incurred", "error"]);
    expect(events[1]?.event.metadata).toMatchObject({ code: "error" });
  });
});

describe("documented, not recorded: log records and metrics", () => {
  const DETAILS = "gen_ai.client.inference.operation.details";

  it("details of a call inside a span repeat it; outside any they are its account", () => {
    const inside = logOf(source, { attributes: { "event.name": DETAILS, ...CHAT }, trace: "t1", span: "a" });
    const outside = logOf(source, { attributes: CHAT, eventName: DETAILS });
    expect(genai.logs([inside]).counts).toMatchObject({ ignored: 1 });
    const { events } = genai.logs([outside]);
    expect(types(events)).toEqual(["cost_incurred"]);
    expect(events[0]?.event).toMatchObject({ session_id: "conv-1", metadata: { input_tokens: 300 } });
  });

  it("messages are content, sentences no names, named events kept with numbers and flags alone", () => {
    const { events, counts } = genai.logs([
      logOf(source, { attributes: { "event.name": "gen_ai.user.message" }, body: "SECRET" }),
      logOf(source, { attributes: {}, body: "Listening on port 80. SECRET" }),
      logOf(source, { attributes: { "event.name": "review.done", score: 7, ok: true, text: "SECRET" } }),
    ]);
    expect(counts).toMatchObject({ ignored: 2, kept: 1, unknown: { "review.done": 1 } });
    expect(events[0]?.event).toMatchObject({
      event_type: "custom.genai.review.done",
      metadata: { score: 7, ok: true },
    });
    expect(JSON.stringify(events)).not.toContain("SECRET");
  });

  it("token metrics are checks, whatever else the service sends", () => {
    const { events, cumulative, counts } = genai.metrics([
      pointOf(source, "gen_ai.client.token.usage", 1_000, { "gen_ai.token.type": "input" }),
      pointOf(source, "gen_ai.client.inference.usage.output_tokens", 200),
      pointOf(source, "gen_ai.client.operation.duration", 3),
      pointOf(source, "http.server.requests", 3),
    ]);
    expect(counts).toMatchObject({ kept: 2, ignored: 2, unknown: {} });
    expect(events).toEqual([]);
    for (const fact of cumulative) {
      expect(fact.toEvent(0, fact.value).event).toMatchObject({
        event_type: "custom.genai.token_usage",
        metadata: { check: true, tokens: fact.value },
      });
    }
  });
});

describe("documented, not recorded: any agent", () => {
  it("takes what nobody else knows, last of all", () => {
    expect(NORMALISERS.at(-1)).toBe(genai);
    const [part] = normaliseByAgent({ signal: "traces", records: [span("a", CHAT)] });
    expect(part?.agent).toBe("genai");
  });

  it("makes events that /v1/events would take, the same however often they come", () => {
    const spans = [
      span("r", { "gen_ai.operation.name": "invoke_agent" }),
      span("a", CHAT, { parent: "r" }),
      span("x", { "gen_ai.operation.name": "execute_tool", "error.type": "E" }, { parent: "r" }),
      span("", CHAT, { trace: "" }),
    ];
    const { events } = genai.traces(spans);
    for (const { event } of events) expect(checkSchema(event)).toBeUndefined();
    const again = genai.traces([...spans, ...spans].reverse()).events;
    expect(new Set(again.map(identityOf))).toEqual(new Set(events.map(identityOf)));
    expect(new Set(events.map(identityOf)).size).toBe(events.length);
  });

  it("a span without a time makes nothing", () => {
    const timeless = { ...span("a", CHAT), startTimeUnixNano: "0", endTimeUnixNano: "0" };
    expect(genai.traces([timeless]).counts).toMatchObject({ ignored: 1, mapped: 0 });
  });
});
