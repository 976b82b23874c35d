/** Codex's traps, from the recordings where they hold them. */
import { describe, expect, it } from "vitest";
import type { LogRecord } from "../../../../workers/ingest/otlp/model.ts";
import { patchLines } from "../../../../workers/ingest/otlp/normalise/codex-patch.ts";
import type { NormalisedEvent } from "../../../../workers/ingest/otlp/normalise/contract.ts";
import { normalise } from "../../../../workers/ingest/otlp/normalise/normalise.ts";
import { eventsOf, logRecords, requests, scenarios } from "../../../support/otlp-fixtures.ts";
import { AT_ISO, codexRecord } from "../../../support/otlp-records.ts";

const CODEX = "codex-cli-0.169.0";
const run = (...names: string[]): NormalisedEvent[] =>
  eventsOf(names.flatMap((name) => requests({ agent: CODEX, name })));
const logs = (...records: LogRecord[]): NormalisedEvent[] => normalise({ signal: "logs", records }).events;
const ofType = (events: NormalisedEvent[], type: string) =>
  events.filter(({ event }) => event.event_type === type).map(({ event }) => event);
const custom = (name: string) => `custom.codex.${name}`;

describe("records", () => {
  it("record time 0: the observed time, else event.timestamp, else there is no event", () => {
    const records = logRecords({ agent: CODEX, name: "good-json" });
    expect(new Set(records.map(({ timeUnixNano }) => timeUnixNano))).toEqual(new Set(["0"]));
    for (const { event } of run("good-json")) expect(event.timestamp).toMatch(/^2026-11-22T17:47:/);
    const timeless = { observedTimeUnixNano: "0" };
    const result = normalise({
      signal: "logs",
      records: [
        codexRecord("user_prompt", { "event.timestamp": AT_ISO }, timeless),
        codexRecord("user_prompt", { "event.timestamp": "soon" }, timeless),
      ],
    });
    expect(result.events.map(({ event }) => event.timestamp)).toEqual([AT_ISO]);
    expect(result.counts).toMatchObject({ kept: 1, ignored: 1, unknown: { "(no time)": 1 } });
  });

  it("names in the attribute, eventName is a source position", () => {
    const records = logRecords({ agent: CODEX, name: "good-json" });
    expect(records.every(({ eventName }) => eventName.startsWith("event otel/"))).toBe(true);
    const types = new Set(run("good-json").map(({ event }) => event.event_type));
    expect(types).toEqual(
      new Set([
        "session_start",
        "code_generated",
        "pr_created",
        "cost_incurred",
        "error",
        custom("user_prompt"),
        custom("api_request"),
        custom("turn_ttft"),
        custom("tool_decision"),
        custom("tool_result"),
      ]),
    );
  });

  it("foreign records of other scopes, with a body and no name, are ignored", () => {
    const foreign = logRecords({ agent: CODEX, name: "denied-json" }).filter(({ body }) => body !== null);
    expect(foreign.length).toBeGreaterThan(0);
    expect(normalise({ signal: "logs", records: foreign })).toMatchObject({
      events: [],
      counts: { ignored: foreign.length, unknown: {} },
    });
  });

  it("metrics and spans say nothing that the records do not: ignored, and counted", () => {
    const exports = requests({ agent: CODEX, name: "good-binary-traces" });
    expect(eventsOf(exports)).toEqual(eventsOf(exports.filter(({ signal }) => signal === "logs")));
    const spans = exports.filter(({ signal }) => signal === "traces").map((one) => normalise(one).counts);
    expect(spans.reduce((sum, { ignored }) => sum + ignored, 0)).toBe(1_221);
  });
});

describe("sessions", () => {
  it("repeated conversation_starts: a resumed conversation is one session with one start", () => {
    const records = ["good-json", "resume-json"].flatMap((name) => logRecords({ agent: CODEX, name }));
    const starts = records.filter(({ attributes }) => attributes["event.name"] === "codex.conversation_starts");
    expect(starts).toHaveLength(2);
    const events = run("good-json", "resume-json");
    expect(new Set(events.map(({ event }) => event.session_id)).size).toBe(1);
    expect(ofType(events, "session_start")).toMatchObject([
      { timestamp: "2026-11-22T17:47:07.853Z", model: "gpt-5.5", metadata: { approval_policy: "never" } },
    ]);
    expect(ofType(run("resume-json", "good-json"), "session_start")).toHaveLength(1);
  });

  it("a conversation whose id holds no time starts when it says so", () => {
    expect(logs(codexRecord("conversation_starts"))[0]?.event).toMatchObject({
      event_type: "session_start",
      timestamp: AT_ISO,
      session_id: "c1",
    });
  });
});

describe("model calls", () => {
  const calls = logRecords({ agent: CODEX, name: "good-json" }).filter(
    ({ attributes }) => attributes["event.kind"] === "response.completed",
  );

  it("two response.completed: one event a call", () => {
    expect(calls).toHaveLength(12);
    expect(ofType(run("good-json"), "cost_incurred")).toHaveLength(6);
  });

  it("cache tokens inside the input: taken out of it, never below zero", () => {
    const [call] = calls.filter(({ attributes }) => attributes.input_token_count !== undefined);
    expect(call?.attributes).toMatchObject({ input_token_count: "20306", cached_token_count: 11_873 });
    expect(ofType(run("good-json"), "cost_incurred")[0]?.metadata).toMatchObject({
      input_tokens: 12,
      cache_read_tokens: 11_873,
      cache_write_tokens: 8_421,
      output_tokens: 143,
      reasoning_tokens: 47,
    });
    const odd = { "event.kind": "response.completed", input_token_count: "10", cached_token_count: 99 };
    expect(logs(codexRecord("sse_event", odd))[0]?.price).toMatchObject({
      input_tokens: 0,
      cache_read_tokens: 10,
      context_tokens: 10,
    });
  });

  it("tool_token_count is input + output, and ignored", () => {
    for (const { attributes } of calls.filter(({ attributes }) => attributes.tool_token_count !== undefined)) {
      const sum = Number(attributes.input_token_count) + Number(attributes.output_token_count);
      expect(Number(attributes.tool_token_count)).toBe(sum);
    }
    expect(JSON.stringify(run("good-json"))).not.toContain("tool_token");
  });

  it("a broken stream is told twice and is one error", () => {
    const events = run("err-ssefailed");
    expect(ofType(events, "error")).toHaveLength(1);
    expect(ofType(events, "error")[0]?.metadata).toMatchObject({
      code: "response_failed",
      message: "Selected model is at capacity. Please try a different model.",
    });
    expect(ofType(events, custom("sse_event"))[0]?.metadata).toMatchObject({ kind: "response.failed" });
    expect(ofType(events, "cost_incurred")).toEqual([]);
  });

  it("each failed attempt is an error with its status", () => {
    const errors = ofType(run("err-500-binary"), "error");
    expect(errors.map(({ metadata }) => [metadata?.code, metadata?.status_code, metadata?.attempt])).toEqual([
      ["api_error", 500, 0],
      ["api_error", 500, 1],
      ["api_error", 500, 0],
      ["api_error", 500, 1],
    ]);
  });

  it("an estimated cost of a turn is kept beside the calls, in no sum", () => {
    const [turn] = logs(codexRecord("turn_cost", { "usage.estimated_usd": "0.5", "turn.id": "t1" }));
    expect(turn?.event).toMatchObject({
      event_type: custom("turn_cost"),
      metadata: { estimated_usd: 0.5, turn_id: "t1" },
    });
  });
});

describe("tools", () => {
  it("success says that it ran: a command that exited 3 failed", () => {
    const [record] = logRecords({ agent: CODEX, name: "good-json" }).filter(
      ({ attributes }) => attributes.arguments === '{"cmd":"exit 3"}',
    );
    expect(record?.attributes.success).toBe("true");
    const events = run("good-json");
    const [error] = ofType(events, "error");
    expect(error?.metadata).toMatchObject({ code: "exit_code", exit_code: 3, tool_name: "exec_command" });
    const failed = ofType(events, custom("tool_result")).filter(({ metadata }) => metadata?.success === false);
    expect(failed.map(({ metadata }) => metadata?.exit_code)).toEqual([3]);
  });

  it.each([
    ["Wall time: 0.0 seconds\nProcess exited with code 0\nOutput:\nProcess exited with code 9\n", { exit_code: 0 }],
    ["Wall time: 0.0 seconds\nOutput:\nProcess exited with code 9\n", {}],
  ])("a command's own output is no status: %j", (output, status) => {
    const [call, ...more] = logs(
      codexRecord("tool_result", { call_id: "c", tool_name: "exec_command", success: "true", output }),
    );
    const { mapping, call_id, tool_name, output: kept, ...outcome } = call?.event.metadata ?? {};
    expect(outcome).toEqual({ success: true, ...status });
    expect(more).toEqual([]);
  });

  it("older builds write output and status as JSON: the command's own words stay words", () => {
    const ended = (output: unknown) =>
      logs(codexRecord("tool_result", { tool_name: "shell", success: "true", output: JSON.stringify(output) })).map(
        ({ event }) => [event.event_type, event.metadata?.exit_code],
      );
    const call = custom("tool_result");
    expect(ended({ output: "boom", metadata: { exit_code: 2, duration_seconds: 0.1 } })).toEqual([
      [call, 2],
      ["error", 2],
    ]);
    expect(ended({ output: "fine", metadata: { exit_code: 0, duration_seconds: 0.1 } })).toEqual([[call, 0]]);
    expect(ended({ output: '"metadata":{"exit_code":9', metadata: {} })).toEqual([[call, undefined]]);
  });

  it("what policy refuses is rejected, an error, and changes no line", () => {
    const events = run("denied-json");
    expect(ofType(events, custom("tool_result")).map(({ metadata }) => metadata?.rejected)).toEqual([true, true]);
    expect(ofType(events, "error").map(({ metadata }) => metadata?.code)).toEqual(["tool_error", "tool_error"]);
    const [edit, ...more] = ofType(events, "code_generated");
    expect(edit?.metadata).toMatchObject({ accepted: false, language: "python" });
    expect(edit?.metadata).not.toHaveProperty("lines_added");
    expect(more).toEqual([]);
  });

  it("who refused: a policy, which nothing else tells of, or a person, whose decision is told on its own", () => {
    const refused = (output: string) =>
      logs(codexRecord("tool_result", { call_id: "c", tool_name: "exec_command", success: "false", output }))[0]?.event
        .metadata;
    expect(refused("approval policy is Never; reject command")).toMatchObject({ rejected: true });
    const byUser = refused("exec command rejected by user");
    expect(byUser).toMatchObject({ declined: true, success: false });
    expect(byUser).not.toHaveProperty("rejected");
    expect(refused("patch rejected by user")).toMatchObject({ declined: true });
    const patch = "*** Begin Patch\n*** Add File: a.py\n+x\n*** End Patch";
    const edit = { call_id: "p", tool_name: "apply_patch", success: "false", arguments: patch };
    const declined = logs(codexRecord("tool_result", { ...edit, output: "patch rejected by user" }));
    expect(ofType(declined, "code_generated")).toMatchObject([{ metadata: { accepted: false, language: "python" } }]);
  });

  it("a pull request is a command that opens one and went well, with the number that it printed", () => {
    const [pullRequest, ...more] = ofType(run("good-json"), "pr_created");
    expect(pullRequest).toMatchObject({ model: "gpt-5.5", metadata: { tool_name: "exec_command" } });
    expect(more).toEqual([]);
    // The same command, denied by the sandbox.
    expect(ofType(run("sandboxed-binary-resattrs"), "pr_created")).toEqual([]);
    const opened = (args: unknown, output: string, success = "true") =>
      ofType(
        logs(codexRecord("tool_result", { tool_name: "shell", arguments: JSON.stringify(args), output, success })),
        "pr_created",
      ).map(({ metadata }) => metadata?.number);
    const printed = "Exit code: 0\nOutput:\nhttps://github.com/acme/web/pull/42\n";
    expect(opened({ command: ["bash", "-lc", "gh pr create --fill"] }, printed)).toEqual([42]);
    expect(opened({ cmd: "gh pr create --fill" }, "Exit code: 0\nOutput:\n")).toEqual([undefined]);
    expect(opened({ cmd: "gh pr create --fill" }, "Exit code: 1\nOutput:\n")).toEqual([]);
    expect(opened({ cmd: "gh pr create --fill" }, "rejected by user", "false")).toEqual([]);
    expect(opened({ command: ["gh", "pr", "create", "--fill"] }, printed)).toEqual([42]);
    expect(opened({ command: [{ toString: 1, valueOf: 1 }, null, "gh pr create"] }, printed)).toEqual([]);
    expect(opened({ command: ["bash", "-c", { gh: 1 }] }, printed)).toEqual([]);
    expect(opened({ cmd: "git commit -m 'gh pr create'" }, "Exit code: 0\nOutput:\n")).toEqual([]);
  });

  it("apply_patch: lines by language, counted before anything is dropped", () => {
    const edits = ofType(run("good-json"), "code_generated").map(({ metadata }) => metadata);
    expect(edits).toMatchObject([
      { language: "python", lines_added: 4, lines_removed: 0, accepted: true, tool_name: "apply_patch" },
      { language: "python", lines_added: 2, lines_removed: 1, accepted: true, tool_name: "apply_patch" },
    ]);
  });

  it("call ids that repeat in another conversation are other calls", () => {
    const call = { call_id: "call_1", tool_name: "exec_command", success: "true" };
    const [a, b] = logs(
      codexRecord("tool_result", call),
      codexRecord("tool_result", { ...call, "conversation.id": "c2" }),
    );
    expect(a?.event.event_id).not.toBe(b?.event.event_id);
  });

  it("transports that work are ignored, those that fail are kept", () => {
    const result = normalise({
      signal: "logs",
      records: [
        codexRecord("websocket_connect", { success: "true", "http.response.status_code": 101 }),
        codexRecord("websocket_request", { success: "false", "error.message": "closed" }),
      ],
    });
    expect(result.events.map(({ event }) => event.event_type)).toEqual([custom("websocket_request")]);
    expect(ofType(run("apikey-openai-provider"), custom("websocket_connect"))).toHaveLength(7);
  });
});

describe("patches", () => {
  const patch =
    "*** Begin Patch\n*** Update File: src/a.ts\n@@\n-old\n+new\n+more\n*** Add File: b.md\n+# b\n*** End Patch";
  const lines = [
    { language: "typescript", added: 2, removed: 1 },
    { language: "markdown", added: 1, removed: 0 },
  ];

  it.each([
    ["as the whole arguments", "apply_patch", patch],
    ["as JSON input", "apply_patch", JSON.stringify({ input: patch })],
    ["in a here-document", "exec_command", JSON.stringify({ cmd: `cd /x && apply_patch <<'EOF'\n${patch}\nEOF\n` })],
    ["in a command array", "shell", JSON.stringify({ command: ["apply_patch", patch] })],
    ["with Windows line ends", "apply_patch", patch.replaceAll("\n", "\r\n")],
  ])("%s", (_, tool, args) => {
    expect(patchLines(tool, args)).toEqual(lines);
  });

  it("cut in the middle of its JSON are counted as far as they go", () => {
    const cut = JSON.stringify({ cmd: `apply_patch <<'EOF'\n${patch}` }).slice(0, -40);
    expect(patchLines("exec_command", cut)).toEqual([{ language: "typescript", added: 2, removed: 1 }]);
  });

  it("that are only printed or looked for are none", () => {
    expect(patchLines("exec_command", JSON.stringify({ cmd: `cat <<EOF > notes\n${patch}\nEOF` }))).toEqual([]);
    expect(patchLines("exec_command", JSON.stringify({ cmd: "echo hello" }))).toEqual([]);
  });

  it("two in one command are both counted, and deep or strange arguments do not fail", () => {
    const both = JSON.stringify({ cmd: `apply_patch <<A\n${patch}\nA\napply_patch <<B\n${patch}\nB` });
    expect(patchLines("exec_command", both)).toEqual(
      lines.map((one) => ({ ...one, added: one.added * 2, removed: one.removed * 2 })),
    );
    const deep = `${"[".repeat(5_000)}"*** Begin Patch"${"]".repeat(5_000)}`;
    expect(patchLines("apply_patch", deep)).toEqual([]);
  });
});

it("all recorded runs are dated by their records, never by a clock", () => {
  for (const scenario of scenarios("codex")) {
    for (const { event } of eventsOf(requests(scenario)))
      expect(event.timestamp.startsWith("2026-11-22T17:")).toBe(true);
  }
});
