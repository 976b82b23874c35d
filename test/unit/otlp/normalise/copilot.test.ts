/** GitHub Copilot, by Microsoft's and GitHub's documentation: no run of it was recorded. */
import { describe, expect, it } from "vitest";
import type { Attributes, LogRecord, Span } from "../../../../workers/ingest/otlp/model.ts";
import type { NormalisedEvent } from "../../../../workers/ingest/otlp/normalise/contract.ts";
import { copilot } from "../../../../workers/ingest/otlp/normalise/copilot.ts";
import { normaliseByAgent } from "../../../../workers/ingest/otlp/normalise/normalise.ts";
import { checkSchema } from "../../../../workers/ingest/validate.ts";
import { identityOf, Series } from "../../../support/otlp-fixtures.ts";
import { logOf, nanosAt, pointOf, sourceOf, spanOf } from "../../../support/otlp-shapes.ts";

const WINDOW = "window-1";
const CONVERSATION = "conversation-1";
const editor = sourceOf("copilot-chat", { "session.id": WINDOW, "service.version": "0.59.0" });
const cli = sourceOf("github-copilot", { "service.version": "1.0.94" }, "github.copilot");

const GIT: Attributes = {
  "github.copilot.git.repository": "https://github.com/example-org/example-repo.git",
  "github.copilot.git.branch": "main",
  "github.copilot.git.commit_sha": "deadbeef",
};
const USAGE: Attributes = {
  "gen_ai.usage.input_tokens": 1_500,
  "gen_ai.usage.output_tokens": 250,
  "gen_ai.usage.cache_read.input_tokens": 1_200,
  "gen_ai.usage.cache_creation.input_tokens": 200,
  "gen_ai.usage.reasoning.output_tokens": 64,
  "gen_ai.usage.reasoning_tokens": 64,
};
const CHAT: Attributes = {
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "github",
  "gen_ai.request.model": "gpt-5.5",
  "gen_ai.response.model": "gpt-5.5-2026-04-23",
  "gen_ai.response.id": "chatcmpl-1",
  "gen_ai.conversation.id": CONVERSATION,
  ...USAGE,
};

/** The tree of one turn: a run, two calls with a tool between them. */
function turn(source: typeof editor): Span[] {
  return [
    spanOf(source, { id: "c1", parent: "root", attributes: CHAT, to: 300 }),
    spanOf(source, {
      id: "x1",
      parent: "root",
      attributes: {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "readFile",
        "gen_ai.tool.call.id": "call_1",
        "gen_ai.conversation.id": CONVERSATION,
        "gen_ai.tool.call.arguments": "SECRET",
      },
      from: 300,
    }),
    spanOf(source, {
      id: "c2",
      parent: "root",
      attributes: { ...CHAT, "gen_ai.response.id": "chatcmpl-2" },
      from: 600,
    }),
    spanOf(source, {
      id: "root",
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "copilot",
        "gen_ai.conversation.id": CONVERSATION,
        "gen_ai.usage.input_tokens": 3_000,
        "gen_ai.usage.output_tokens": 500,
        "copilot_chat.turn_count": 2,
        "gen_ai.input.messages": "SECRET",
        ...GIT,
      },
      to: 900,
    }),
  ];
}

const types = (events: readonly NormalisedEvent[]): string[] => events.map(({ event }) => event.event_type);
const logs = (...records: LogRecord[]) => copilot.logs(records);
const named = (name: string, attributes: Attributes = {}): LogRecord =>
  logOf(editor, { body: `${name}: what`, attributes: { "event.name": name, ...attributes } });

describe("documented, not recorded: spans", () => {
  it("each chat span is one call's cost; the run's sum is no cost", () => {
    const { events, counts } = copilot.traces(turn(editor));
    expect(types(events)).toEqual(["cost_incurred", "cost_incurred", "custom.copilot.invoke_agent"]);
    expect(counts).toMatchObject({ records: 4, mapped: 2, kept: 1, ignored: 1, unknown: {} });
    expect(events[0]?.event).toMatchObject({
      agent: "copilot",
      agent_version: "0.59.0",
      session_id: CONVERSATION,
      model: "gpt-5.5-2026-04-23",
      metadata: {
        request_id: "chatcmpl-1",
        input_tokens: 100,
        cache_read_tokens: 1_200,
        cache_write_tokens: 200,
        output_tokens: 250,
        reasoning_tokens: 64,
        duration_ms: 300,
      },
    });
    expect(events[0]?.price).toMatchObject({ provider: "openai", context_tokens: 1_500 });
  });

  it("the run says repository, branch and commit, under the new names and the old", () => {
    const run = (attributes: Attributes): NormalisedEvent | undefined =>
      copilot.traces([
        spanOf(editor, { id: "r", attributes: { "gen_ai.operation.name": "invoke_agent", ...attributes } }),
      ]).events[0];
    const legacy = {
      "copilot_chat.repo.remote_url": GIT["github.copilot.git.repository"] ?? null,
      "copilot_chat.repo.head_branch_name": "main",
      "copilot_chat.repo.head_commit_hash": "deadbeef",
    };
    for (const attributes of [GIT, legacy, { ...legacy, ...GIT }]) {
      expect(run(attributes)?.event).toMatchObject({
        repo: "example-org/example-repo",
        branch: "main",
        metadata: { commit: "deadbeef" },
      });
    }
  });

  it("the command line's tools are spans, the editor's are events", () => {
    const tool = copilot.traces(turn(cli)).events.find(({ event }) => event.event_type.endsWith("tool_call"));
    expect(tool?.event).toMatchObject({
      session_id: CONVERSATION,
      metadata: { tool_name: "readFile", tool_call_id: "call_1", success: true },
    });
    expect(types(copilot.traces(turn(editor)).events)).not.toContain("custom.copilot.tool_call");
  });

  it("a call that failed is an error of its span, not of the run above it", () => {
    const failed = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5.5", "error.type": "TimeoutError" };
    const { events } = copilot.traces([
      spanOf(editor, { id: "c", parent: "r", attributes: failed, failed: "timed out" }),
      spanOf(editor, {
        id: "r",
        attributes: { "gen_ai.operation.name": "invoke_agent", "error.type": "TimeoutError" },
        failed: "timed out",
      }),
    ]);
    expect(types(events)).toEqual(["error", "custom.copilot.invoke_agent"]);
    expect(events[0]?.event.metadata).toMatchObject({ code: "TimeoutError", message: "timed out" });
  });

  it("a blocked hook is kept with its decision", () => {
    const hook = spanOf(editor, {
      id: "h",
      attributes: {
        "gen_ai.operation.name": "execute_hook",
        "copilot_chat.hook_type": "PreToolUse",
        "github.copilot.hook.decision": "block",
        "copilot_chat.hook_input": "SECRET",
      },
    });
    const { events, counts } = copilot.traces([hook]);
    expect(counts.unknown).toEqual({});
    expect(events[0]?.event).toMatchObject({
      event_type: "custom.copilot.execute_hook",
      metadata: { decision: "block", hook_type: "PreToolUse" },
    });
  });

  it("the command line's shutdown ends the session and tells its lines", () => {
    const shutdown = {
      name: "github.copilot.session.shutdown",
      timeUnixNano: nanosAt(240),
      attributes: {
        "github.copilot.shutdown_type": "routine",
        "github.copilot.lines_added": 12,
        "github.copilot.lines_removed": "3",
        "github.copilot.files_modified_count": 2,
      },
    };
    const { events } = copilot.traces([
      spanOf(cli, {
        id: "r",
        attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": CONVERSATION },
        events: [shutdown],
      }),
    ]);
    const end = events.find(({ event }) => event.event_type === "session_end");
    const lines = events.find(({ event }) => event.event_type === "code_generated");
    expect(end?.event).toMatchObject({ session_id: CONVERSATION, metadata: { outcome: "routine", files_modified: 2 } });
    expect(lines?.event).toMatchObject({ session_id: CONVERSATION, metadata: { lines_added: 12, lines_removed: 3 } });
  });

  it("no content is carried", () => {
    expect(JSON.stringify(copilot.traces([...turn(editor), ...turn(cli)]).events)).not.toContain("SECRET");
  });
});

describe("documented, not recorded: events", () => {
  it("a session's start is its event, under its own id", () => {
    const { events } = logs(
      named("copilot_chat.session.start", { "session.id": CONVERSATION, "gen_ai.request.model": "gpt-5.5" }),
    );
    expect(events[0]?.event).toMatchObject({
      event_type: "session_start",
      session_id: CONVERSATION,
      model: "gpt-5.5",
    });
  });

  it("a tool call is an event, and one that failed an error too", () => {
    const call = { "gen_ai.tool.name": "runCommand", duration_ms: 2_000 };
    const ok = logs(named("copilot_chat.tool.call", { ...call, success: true }));
    const failed = logs(named("copilot_chat.tool.call", { ...call, success: "false", "error.type": "ENOENT" }));
    expect(types(ok.events)).toEqual(["custom.copilot.tool_call"]);
    expect(ok.events[0]?.event).toMatchObject({ session_id: WINDOW, metadata: { duration_ms: 2_000 } });
    expect(types(failed.events)).toEqual(["custom.copilot.tool_call", "error"]);
    expect(failed.events[1]?.event.metadata).toMatchObject({ tool_name: "runCommand", code: "ENOENT" });
  });

  it("lines of a hunk count when it is accepted, and only then", () => {
    const hunk = { language_id: "python", lines_added: 7, lines_removed: 2, line_count: 9, ...GIT };
    const read = (outcome: string): NormalisedEvent["event"] | undefined =>
      logs(named("copilot_chat.edit.hunk.action", { ...hunk, outcome })).events[0]?.event;
    expect(read("accepted")).toMatchObject({
      event_type: "code_generated",
      repo: "example-org/example-repo",
      metadata: { accepted: true, language: "python", lines_added: 7, lines_removed: 2 },
    });
    expect(read("rejected")?.metadata).toMatchObject({ accepted: false, rejected_lines_added: 7 });
    expect(read("rejected")?.metadata).not.toHaveProperty("lines_added");
  });

  it("an inline edit is a decision without lines", () => {
    const { events } = logs(
      named("copilot_chat.inline.done", { accepted: false, language_id: "go", edit_line_count: 4 }),
    );
    expect(events[0]?.event).toMatchObject({
      event_type: "code_generated",
      metadata: { accepted: false, language: "go", edit_line_count: 4 },
    });
  });

  it("a call's details repeat its span; a turn's tokens repeat its calls", () => {
    expect(logs(named("gen_ai.client.inference.operation.details", USAGE)).counts).toMatchObject({ ignored: 1 });
    const [made] = logs(named("copilot_chat.agent.turn", { ...USAGE, "turn.index": 3 })).events;
    expect(made?.event.metadata).toMatchObject({ turn_index: 3 });
    expect(JSON.stringify(made?.event.metadata)).not.toContain("1500");
  });

  it("other documented names are kept, others are kept and counted", () => {
    const { counts } = logs(
      named("copilot_chat.user.feedback", { rating: "positive" }),
      named("copilot_chat.new.thing"),
    );
    expect(counts).toMatchObject({ kept: 2, unknown: { "copilot_chat.new.thing": 1 } });
  });
});

describe("documented, not recorded: metrics", () => {
  const resolve = (...values: number[]): NormalisedEvent[] => {
    const series = new Series();
    return values.flatMap((value, nth) =>
      series.events(
        copilot.metrics([pointOf(editor, "copilot_chat.pull_request.count", value, {}, 1_000 * (nth + 1))]).cumulative,
      ),
    );
  };

  it("each pull request of a cumulative counter is one event, whatever is sent again", () => {
    expect(types(resolve(1, 1, 3, 2, 3))).toEqual(["pr_created", "pr_created", "pr_created"]);
  });

  it("lines of code repeat the accepted hunks: a check", () => {
    const { cumulative, events } = copilot.metrics([
      pointOf(editor, "copilot_chat.lines_of_code.count", 7, { type: "added" }),
    ]);
    expect(events).toEqual([]);
    expect(cumulative[0]?.toEvent(0, 7).event).toMatchObject({
      event_type: "custom.copilot.lines_of_code_count",
      metadata: { check: true, lines: 7, type: "added" },
    });
  });

  it("durations and what events tell are ignored, names nobody knows counted", () => {
    const { counts } = copilot.metrics([
      pointOf(editor, "copilot_chat.edit.acceptance.count", 3),
      pointOf(editor, "copilot_chat.something.count", 1),
    ]);
    expect(counts).toMatchObject({ ignored: 1, kept: 1, unknown: { "copilot_chat.something.count": 1 } });
  });
});

describe("documented, not recorded: all signals", () => {
  it("every event is one /v1/events would take, the same however often and in whatever order it comes", () => {
    const spans = [...turn(editor), ...turn(cli).map((span) => ({ ...span, traceId: "t2" }))];
    const events = copilot.traces([...spans].reverse()).events;
    for (const { event } of events) expect(checkSchema(event)).toBeUndefined();
    const again = [...copilot.traces(spans).events, ...spans.flatMap((span) => copilot.traces([span]).events)];
    expect(new Set(again.map(identityOf))).toEqual(new Set(events.map(identityOf)));
  });

  it("both services are this agent's, and a renamed one by its scope", () => {
    const sources = [editor, cli, sourceOf("my-editor", {}, "copilot-chat")];
    for (const source of sources) {
      const [part] = normaliseByAgent({ signal: "traces", records: turn(source) });
      expect(part?.agent).toBe("copilot");
    }
  });
});
