/** Whatever a client sends as any of the agents, or as nobody known, makes events that are taken, or none. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Attributes, AttributeValue, OtlpExport } from "../../../../workers/ingest/otlp/model.ts";
import { CLAUDE_CODE, CLAUDE_CODE_EVENTS } from "../../../../workers/ingest/otlp/normalise/claude-code-table.ts";
import { CODEX, CODEX_EVENTS } from "../../../../workers/ingest/otlp/normalise/codex-table.ts";
import { COPILOT } from "../../../../workers/ingest/otlp/normalise/copilot-table.ts";
import { GEMINI, IGNORED, KEPT } from "../../../../workers/ingest/otlp/normalise/gemini-cli-table.ts";
import { SPAN_ATTRIBUTES } from "../../../../workers/ingest/otlp/normalise/genai-table.ts";
import { USAGE_ATTRIBUTES } from "../../../../workers/ingest/otlp/normalise/genai-usage.ts";
import { normalise } from "../../../../workers/ingest/otlp/normalise/normalise.ts";
import { validateEvent } from "../../../../workers/ingest/validate.ts";
import { logOf, pointOf, sourceOf, spanOf } from "../../../support/otlp-shapes.ts";

const SOURCES = [
  ...["gemini-cli", "copilot-chat", "github-copilot", "who-knows", "claude-code", "codex_cli_rs"].map((service) =>
    sourceOf(service),
  ),
];
/** Maps as the decoders make them: without a prototype, so that nothing can be said of them as text. */
const map = (entries: Record<string, AttributeValue>): AttributeValue =>
  Object.assign(Object.create(null) as Record<string, AttributeValue>, entries);
/** ns; the records' own time. */
const NOW = Date.parse("2026-11-22T12:00:00Z");

const value = fc.oneof(
  fc.constantFrom<AttributeValue>(
    ...[null, {}, [], "", "0", "-1", "true", 1e308, -1, 0.5, 2 ** 40, 2 ** 53, "\ud800", "é\n".repeat(9_000)],
    ...[
      "9".repeat(39),
      "{broken",
      '{"model_added_lines":1e99}',
      '{"exitCode":null,"isError":3}',
      "chat",
      "execute_tool",
    ],
    ...[map({}), map({ toString: "x", valueOf: 1 }), [map({ toJSON: "x" })]],
    ...[
      '{"cmd":"gh pr create"}',
      '{"command":[{"toString":1,"valueOf":1},{},null,"gh"]}',
      '{"command":["bash","-lc",{"toString":"gh"}]}',
      "*** Begin Patch\n*** Add File: a\n+x",
      '{"output":"x","metadata":{"exit_code":-9999999999}}',
      "Exit code: 9999999999\nOutput:\n/pull/999999999",
      "rejected by user",
      "response.completed",
    ],
    ...["invoke_agent", "LLM", "ai.generateText.doGenerate", "https://u:p@h/o/r.git", "gpt-5.5", "accepted"],
  ),
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.boolean(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.integer(), { maxKeys: 3 }),
) as fc.Arbitrary<AttributeValue>;

const NAMES = [
  ...Object.keys(GEMINI.attributes),
  ...Object.keys(COPILOT.attributes),
  ...Object.keys(CLAUDE_CODE.attributes),
  ...Object.keys(CODEX.attributes),
  ..."tool_parameters,input_tokens,cost_usd,cost_usd_micros,speed,call_id,tool_use_id,request_id,num_blocking".split(
    ",",
  ),
  ..."start_type,type,language,http.response.status_code,prompt.id,service_tier,event.sequence".split(","),
  ...Object.keys(SPAN_ATTRIBUTES),
  ...USAGE_ATTRIBUTES,
  ..."input_token_count,output_token_count,cached_content_token_count,thoughts_token_count,tool_token_count".split(","),
  ..."total_token_count,function_args,metadata,metadata.model_added_lines,success,decision,outcome,accepted".split(","),
  ..."lines_added,lines_removed,approvalMode,turnCount,openinference.span.kind,traceloop.span.kind".split(","),
  ..."ai.operationId,llm.request.type,team.id,repo,branch,env,__proto__,constructor,a.b,event.timestamp".split(","),
];
const attributes = fc.dictionary(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NAMES) }, fc.string()), value, {
  maxKeys: 30,
});
const eventName = fc.oneof(
  fc.constantFrom(...[...KEPT, ...IGNORED].map((name) => `gemini_cli.${name}`)),
  fc.constantFrom(
    ..."config,api_response,api_error,tool_call,conversation_finished".split(",").map((name) => `gemini_cli.${name}`),
    ..."session.start,tool.call,edit.hunk.action,inline.done,x".split(",").map((name) => `copilot_chat.${name}`),
    "gen_ai.client.inference.operation.details",
  ),
  fc.constantFrom(...Object.keys(CLAUDE_CODE_EVENTS), ...Object.keys(CODEX_EVENTS).map((name) => `codex.${name}`)),
  fc.string(),
);
const source = fc.constantFrom(...SOURCES);
const link = fc.constantFrom("", "a", "b", "c");

/** Every event taken, every source true, every record counted once. */
function check(one: OtlpExport): void {
  const { events, cumulative, counts } = normalise(one);
  expect(counts.mapped + counts.kept + counts.ignored).toBe(one.records.length);
  for (const made of [...events, ...cumulative.map((fact) => fact.toEvent(0, fact.value))]) {
    expect(validateEvent(made.event, NOW)).toHaveProperty("timestampMs");
    const fields: Record<string, unknown> = made.event;
    for (const path of Object.values(made.sources)) {
      const place = path.startsWith("metadata.") ? made.event.metadata : fields;
      expect(Object.hasOwn(place ?? {}, path.replace(/^metadata\./, "")), path).toBe(true);
    }
  }
}

describe("whatever a client sends", () => {
  it("in log records", () => {
    fc.assert(
      fc.property(source, eventName, attributes, (from, name, sent) => {
        const named: Attributes = { ...sent, "event.name": name };
        check({ signal: "logs", records: [logOf(from, { attributes: named, span: "" })] });
      }),
      { numRuns: 2_000 },
    );
  });

  it("in spans, whoever is whose parent", () => {
    const shape = fc.record({ id: link, parent: link, attributes, failed: fc.option(fc.string(), { nil: undefined }) });
    fc.assert(
      fc.property(source, fc.array(shape, { maxLength: 5 }), (from, shapes) => {
        const records = shapes.map(({ failed, ...one }) =>
          spanOf(from, { ...one, ...(failed === undefined ? {} : { failed }) }),
        );
        check({ signal: "traces", records });
      }),
      { numRuns: 1_500 },
    );
  });

  it("in data points", () => {
    const metric = fc.constantFrom(
      "gemini_cli.token.usage",
      "gemini_cli.api.request.count",
      "gemini_cli.who.knows",
      "copilot_chat.pull_request.count",
      "copilot_chat.lines_of_code.count",
      "gen_ai.client.token.usage",
      ...["session", "lines_of_code", "pull_request", "commit"].map((name) => `claude_code.${name}.count`),
      ...["code_edit_tool.decision", "active_time.total", "cost.usage", "who.knows"].map((n) => `claude_code.${n}`),
    );
    const amount = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Number.POSITIVE_INFINITY, -1, 1e300, 5));
    fc.assert(
      fc.property(source, metric, amount, attributes, (from, name, sent, more) => {
        check({ signal: "metrics", records: [pointOf(from, name, sent, more)] });
      }),
      { numRuns: 800 },
    );
  });

  it("as the name of its service", () => {
    fc.assert(
      fc.property(value, attributes, (service, sent) => {
        const [from] = SOURCES;
        if (from === undefined) throw new Error("no source");
        const odd = { ...from, resource: { "service.name": service } };
        const named: Attributes = { ...sent, "event.name": "tool_result" };
        check({ signal: "logs", records: [logOf(odd, { attributes: named, span: "" })] });
        check({ signal: "metrics", records: [pointOf(odd, "claude_code.commit.count", 1, sent)] });
        check({ signal: "traces", records: [spanOf(odd, { id: "s", attributes: sent })] });
      }),
      { numRuns: 500 },
    );
  });

  it("a chain of 50,000 spans is read in time linear in it", () => {
    const [, , , unknown = SOURCES[0]] = SOURCES;
    if (unknown === undefined) throw new Error("no source");
    const call = { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1 };
    const records = Array.from({ length: 50_000 }, (_, nth) =>
      spanOf(unknown, { id: `s${nth}`, parent: `s${nth + 1}`, attributes: call }),
    );
    const started = performance.now();
    const { counts } = normalise({ signal: "traces", records });
    expect(counts).toMatchObject({ mapped: 1, ignored: 49_999 });
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
