/**
 * Records that no run in the folder holds, by the shapes that the agents' documentation and sources give: what each becomes. Any
 * of them may stand in the next recording.
 */
import { describe, expect, it } from "vitest";
import type { DataPoint, LogRecord } from "../../../../workers/ingest/otlp/model.ts";
import { normalise } from "../../../../workers/ingest/otlp/normalise/normalise.ts";
import { logRecords, Series } from "../../../support/otlp-fixtures.ts";
import { claudePoint, claudeRecord, codexRecord } from "../../../support/otlp-records.ts";

type Outcome = [type: string, metadata: Record<string, unknown>];

const logs = (...records: LogRecord[]) => normalise({ signal: "logs", records });
const points = (...records: DataPoint[]) => normalise({ signal: "metrics", records });
/** Before the first prompt of a process. */
const EARLY = { "prompt.id": null };

function gemini(name: string, attributes: LogRecord["attributes"]): LogRecord {
  const [record] = logRecords({ agent: "gemini-cli-0.61.0", name: "err-400" });
  if (record === undefined) throw new Error("no recording");
  const common = { "event.name": `gemini_cli.${name}`, "session.id": "g1", "installation.id": "i1" };
  return { ...record, attributes: { ...common, ...attributes } };
}

const CASES: [what: string, record: LogRecord, outcomes: Outcome[]][] = [
  [
    "Claude Code: a connection that failed has no status",
    claudeRecord("api_error", { error: "Connection error.", attempt: "11", status_code: "undefined" }),
    [["error", { code: "api_error", fatal: true, message: "Connection error.", attempt: 11 }]],
  ],
  [
    "Claude Code: retries exhausted",
    claudeRecord("api_retries_exhausted", { error: "x", status_code: 529, total_attempts: "11" }),
    [["error", { code: "api_retries_exhausted", fatal: true, status_code: 529, total_attempts: 11 }]],
  ],
  [
    "Claude Code: a compaction that failed is kept, and is no error of the work",
    claudeRecord("compaction", { trigger: "auto", success: "false", error: "too long", pre_tokens: "180000" }),
    [["custom.claude_code.compaction", { success: false, trigger: "auto", pre_tokens: 180_000, error: "too long" }]],
  ],
  [
    "Claude Code: a mode switched before the first prompt",
    claudeRecord("permission_mode_changed", { ...EARLY, from_mode: "default", to_mode: "bypassPermissions" }),
    [["custom.claude_code.permission_mode_changed", { from_mode: "default", to_mode: "bypassPermissions" }]],
  ],
  [
    "Claude Code: a plugin installed on the command line, before any prompt",
    claudeRecord("plugin_installed", { ...EARLY, "plugin.name": "p", "marketplace.is_official": "false" }),
    [["custom.claude_code.plugin_installed", { plugin_name: "p", marketplace_is_official: "false" }]],
  ],
  [
    "Claude Code: plugins loaded at start are noise",
    claudeRecord("plugin_loaded", { ...EARLY, "plugin.name": "p" }),
    [],
  ],
  [
    "Claude Code: a hook that failed without blocking",
    claudeRecord("hook_execution_complete", { num_hooks: "2", num_blocking: "0", num_non_blocking_error: "1" }),
    [["custom.claude_code.hook_execution_complete", { num_blocking: 0, num_non_blocking_error: 1 }]],
  ],
  [
    "Claude Code: an MCP tool that failed",
    claudeRecord("tool_result", {
      tool_name: "mcp_tool",
      tool_use_id: "t1",
      success: "false",
      tool_parameters: '{"mcp_server_name":"demo","mcp_tool_name":"ping"}',
    }),
    [
      ["custom.claude_code.tool_result", { success: false, mcp_server_name: "demo", mcp_tool_name: "ping" }],
      ["error", { code: "tool_error", tool_name: "mcp_tool", fatal: false }],
    ],
  ],
  [
    "Codex: a request that got no answer",
    codexRecord("api_request", { attempt: 0, "error.message": "connection refused" }),
    [["error", { code: "api_error", attempt: 0, message: "connection refused" }]],
  ],
  [
    "Codex: a stream that fell silent, told a second time as completed with an error",
    codexRecord("sse_event", { "error.message": "idle timeout waiting for SSE" }),
    [["custom.codex.sse_event", { message: "idle timeout waiting for SSE" }]],
  ],
  [
    "Codex: a patch that did not fit is an error, and no edit",
    codexRecord("tool_result", {
      tool_name: "apply_patch",
      success: "false",
      arguments: "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch",
      output: "apply_patch verification failed: Failed to find expected lines in a.py",
    }),
    [
      ["custom.codex.tool_result", { success: false }],
      ["error", { code: "tool_error", tool_name: "apply_patch" }],
    ],
  ],
  [
    "Codex: a tool of an MCP server",
    codexRecord("tool_result", { tool_name: "ping", mcp_server: "demo", mcp_server_origin: "stdio", success: "true" }),
    [["custom.codex.tool_result", { tool_name: "ping", mcp_server: "demo", success: true }]],
  ],
  [
    "Gemini CLI: each attempt that failed is an error, whatever its status",
    gemini("api_error", { "error.message": "quota", "error.type": "ApiError", status_code: "503", model_name: "m" }),
    [["error", { message: "quota", code: "ApiError", status_code: 503 }]],
  ],
  [
    "Gemini CLI: a compressed chat",
    gemini("chat_compression", { tokens_before: 1_000, tokens_after: 10 }),
    [["custom.gemini_cli.chat_compression", { tokens_before: 1_000, tokens_after: 10 }]],
  ],
  [
    "Gemini CLI: an edit that its user changed is the model's by the model's lines",
    gemini("tool_call", {
      function_name: "replace",
      success: true,
      decision: "modify",
      metadata: '{"model_added_lines":2,"model_removed_lines":1,"user_added_lines":4}',
    }),
    [
      ["custom.gemini_cli.tool_call", { tool_name: "replace", decision: "modify" }],
      ["code_generated", { accepted: true, lines_added: 2, lines_removed: 1, user_added_lines: 4 }],
    ],
  ],
  [
    "Gemini CLI: a tool of an MCP server, with unset attributes",
    gemini("tool_call", {
      function_name: "ping",
      success: true,
      tool_type: "mcp",
      mcp_server_name: "demo",
      metadata: {},
    }),
    [["custom.gemini_cli.tool_call", { tool_name: "ping", tool_type: "mcp", mcp_server_name: "demo" }]],
  ],
];

describe("not recorded", () => {
  it.each(CASES)("%s", (_, record, outcomes) => {
    const { events, counts } = logs(record);
    expect(events.map(({ event }) => [event.event_type, event.metadata])).toEqual(
      outcomes.map(([type, metadata]) => [type, expect.objectContaining(metadata)]),
    );
    expect(counts.unknown).toEqual({});
    expect(logs(record).events).toEqual(events);
  });

  it("Claude Code: only a fresh start is a session's, and metrics without any tell of none", () => {
    const started = (start_type: string) => points(claudePoint("session.count", 1, { start_type })).events.length;
    expect(["fresh", "resume", "continue", "agents_view"].map(started)).toEqual([1, 0, 0, 0]);
    const types = points(
      claudePoint("active_time.total", 3.5, { type: "user" }),
      claudePoint("commit.count", 1),
    ).events;
    expect(types.map(({ event }) => event.event_type)).toEqual([
      "custom.claude_code.active_time",
      "custom.claude_code.commit",
    ]);
  });

  it("Claude Code: cumulative counters of processes that restart, late and out of order: each pull request once", () => {
    const at = (second: number) => `${1_795_368_776 + second}000000000`;
    const series = new Series();
    const sent = (value: number, time: number, start: number) =>
      series.events(
        points(
          claudePoint(
            "pull_request.count",
            value,
            {},
            { temporality: "cumulative", timeUnixNano: at(time), startTimeUnixNano: at(start) },
          ),
        ).cumulative,
      ).length;
    expect([sent(1, 10, 0), sent(1, 20, 0), sent(3, 30, 0), sent(1, 40, 35), sent(3, 30, 0), sent(1, 45, 35)]).toEqual([
      1, 0, 2, 1, 0, 0,
    ]);
  });

  it("Codex: a web socket that works says nothing new, its failure is kept", () => {
    const { events } = logs(
      codexRecord("websocket_request", { success: "true", duration_ms: "3" }),
      codexRecord("websocket_event", { "event.kind": "response.completed", success: "true" }),
      codexRecord("websocket_event", { "event.kind": "error", success: "false", "error.message": "boom" }),
    );
    expect(events.map(({ event }) => [event.event_type, event.metadata?.message])).toEqual([
      ["custom.codex.websocket_event", "boom"],
    ]);
  });
});
