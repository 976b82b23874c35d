/** Gemini CLI: what the recorded runs add up to against its own metrics, and each trap of its telemetry. */
import { describe, expect, it } from "vitest";
import type { Attributes, LogRecord, OtlpExport } from "../../../../workers/ingest/otlp/model.ts";
import type { NormalisedEvent } from "../../../../workers/ingest/otlp/normalise/contract.ts";
import { geminiCli } from "../../../../workers/ingest/otlp/normalise/gemini-cli.ts";
import { normaliseByAgent } from "../../../../workers/ingest/otlp/normalise/normalise.ts";
import {
  dataPoints,
  eventsOf,
  logRecords,
  requests,
  type Scenario,
  scenarios,
} from "../../../support/otlp-fixtures.ts";
import { counted, totalsOf } from "../../../support/otlp-totals.ts";

const runs = scenarios("gemini").map((run) => ({ ...run, run: run.name }));
const METRIC = "gemini_cli.";

function scenario(name: string): Scenario {
  const found = runs.find((run) => run.name === name);
  if (found === undefined) throw new Error(`no recording ${name}`);
  return found;
}

const named = (records: readonly LogRecord[], name: string): LogRecord[] =>
  records.filter(({ attributes }) => attributes["event.name"] === name);
const ofType = (events: readonly NormalisedEvent[], type: string): NormalisedEvent[] =>
  events.filter(({ event }) => event.event_type === type);
const only = (exports: readonly OtlpExport[], signal: OtlpExport["signal"]): OtlpExport[] =>
  exports.filter((one) => one.signal === signal);

/** A recorded record with other attributes: how the agent's documentation or source says it may look. */
function like(run: string, name: string, change: Attributes): LogRecord {
  const [record] = named(logRecords(scenario(run)), name);
  if (record === undefined) throw new Error(`${run} has no ${name}`);
  return { ...record, attributes: { ...record.attributes, ...change } };
}
const eventsFrom = (...records: LogRecord[]): NormalisedEvent[] => geminiCli.logs(records).events;

describe.each(runs)("$run", (run) => {
  const points = dataPoints(run);
  const count = (metric: string, where?: Attributes): number => counted(points, METRIC + metric, where);
  const tokens = (type: string): number => count("token.usage", { type });
  const diffs = named(logRecords(run), "gemini_cli.tool_call").filter(({ attributes }) =>
    String(attributes.metadata).includes("model_added_lines"),
  );
  const ours = totalsOf(eventsOf(requests(run)));

  it("adds up to the agent's own metrics, with failed calls counted once", () => {
    const failedCalls = points
      .filter(({ metric, attributes }) => metric === `${METRIC}api.request.count` && "error_type" in attributes)
      .reduce((total, { value }) => total + (value ?? 0), 0);
    const failedTools = count("tool.call.count", { success: false });
    expect(ours).toEqual({
      sessions: count("session.count"),
      tool_calls: count("tool.call.count"),
      errors: failedCalls + failedTools,
      lines_added: count("lines.changed", { type: "added" }),
      lines_removed: count("lines.changed", { type: "removed" }),
      accepted: diffs.length,
      rejected: 0,
      pull_requests: 0,
      model_calls: count("api.request.count", { status_code: 200 }),
      input_tokens: tokens("input") - tokens("cache"),
      cache_read_tokens: tokens("cache"),
      cache_write_tokens: 0,
      output_tokens: tokens("output") + tokens("thought"),
      cost_micro_usd: 0,
    });
  });

  it("starts one session", () => {
    expect(ofType(eventsOf(requests(run)), "session_start")).toHaveLength(1);
  });

  it("makes no event of spans, and none that a total counts of metrics", () => {
    const exports = requests(run);
    expect(eventsOf(only(exports, "traces"))).toEqual([]);
    for (const { event } of eventsOf(only(exports, "metrics"))) expect(event.metadata).toMatchObject({ check: true });
  });

  it("knows every record and counts it", () => {
    for (const one of requests(run)) {
      for (const { agent, result } of normaliseByAgent(one)) {
        expect(agent).toBe("gemini-cli");
        expect(result.counts.unknown).toEqual({});
      }
    }
  });
});

describe("traps, from the recordings", () => {
  it("doubled failed calls: one attempt that failed is one error, although its metric says two", () => {
    const run = scenario("err-429-then-ok");
    const metric = counted(dataPoints(run), "gemini_cli.api.request.count", { status_code: 429 });
    const events = eventsOf(requests(run));
    expect(metric).toBe(2);
    expect(ofType(events, "error")).toHaveLength(1);
    const checks = ofType(events, "custom.gemini_cli.api_request_count").map(({ event }) => event.metadata?.requests);
    expect(checks).toEqual([1, 1]);
  });

  it("a retry that went well is visible: the error before it stays", () => {
    const events = eventsOf(requests(scenario("err-429-then-ok")));
    expect(ofType(events, "error")[0]?.event.metadata).toMatchObject({ code: "ApiError", status_code: 429 });
    expect(ofType(events, "cost_incurred")).toHaveLength(1);
  });

  it("thoughts outside output: the output has them, and reasoning says how many", () => {
    const run = scenario("good-noprompts-traces-resattrs");
    const [answer] = named(logRecords(run), "gemini_cli.api_response");
    expect(answer?.attributes).toMatchObject({ output_token_count: 143, thoughts_token_count: 31 });
    const [cost] = ofType(eventsOf(requests(run)), "cost_incurred");
    expect(cost?.event.metadata).toMatchObject({ output_tokens: 174, reasoning_tokens: 31 });
  });

  it("cache tokens inside input: fresh input is the rest, the context is the whole prompt", () => {
    const [cost] = ofType(eventsOf(requests(scenario("good-noprompts-traces-resattrs"))), "cost_incurred");
    expect(cost?.price).toEqual({
      provider: "gcp.gemini",
      model: "gemini-2.5-flash",
      service_tier: "",
      input_tokens: 20_306 - 11_873,
      cache_read_tokens: 11_873,
      cache_write_5m_tokens: 0,
      cache_write_1h_tokens: 0,
      output_tokens: 174,
      context_tokens: 20_306,
    });
  });

  it("four records of one call: only the response counts", () => {
    const records = logRecords(scenario("full-system-prompt"));
    expect(named(records, "gemini_cli.api_request")).toHaveLength(2);
    expect(named(records, "gen_ai.client.inference.operation.details")).toHaveLength(4);
    expect(ofType(eventsFrom(...records), "cost_incurred")).toHaveLength(2);
  });

  it("names in the attribute, a sentence in the body", () => {
    const [answer] = named(logRecords(scenario("err-429-then-ok")), "gemini_cli.api_response");
    expect(answer?.body).toMatch(/^API response from/);
    expect(answer?.eventName).toBe("");
  });

  it("4-line write counted 5: lines come from the diff, not from the file", () => {
    const run = scenario("good-noprompts-traces-resattrs");
    const [write] = named(logRecords(run), "gemini_cli.file_operation");
    expect(write?.attributes).toMatchObject({ operation: "create", lines: 5 });
    const events = eventsOf(requests(run));
    const written = ofType(events, "code_generated").map(({ event }) => event.metadata);
    expect(written).toMatchObject([
      { lines_added: 4, lines_removed: 0, tool_name: "write_file" },
      { lines_added: 2, lines_removed: 1, tool_name: "replace" },
    ]);
  });

  it("metadata is a JSON text, and with unset attributes beside it", () => {
    const [write] = named(logRecords(scenario("good-noprompts-traces-resattrs")), "gemini_cli.tool_call").slice(1);
    expect(typeof write?.attributes.metadata).toBe("string");
    expect(write?.attributes.mcp_server_name).toBeNull();
    const [call] = ofType(write === undefined ? [] : eventsFrom(write), "custom.gemini_cli.tool_call");
    expect(call?.event.metadata).not.toHaveProperty("mcp_server_name");
    expect(call?.event.metadata).not.toHaveProperty("metadata");
  });

  it("service.version is Node's: no event says it is the agent's", () => {
    const [record] = logRecords(scenario("err-400"));
    expect(record?.resource["service.version"]).toBe("v24.21.0");
    for (const { event } of eventsOf(requests(scenario("err-400")))) expect(event.agent_version).toBeUndefined();
  });

  it("resource attributes stand on the resource only: team and repository are on every event", () => {
    for (const { event } of eventsOf(requests(scenario("good-noprompts-traces-resattrs")))) {
      expect(event).toMatchObject({ team_id: "platform", repo: "example-org/example-repo" });
    }
  });

  it("a tool that is not registered fails with its reason, whatever its decision", () => {
    const events = eventsOf(requests(scenario("tool-not-registered")));
    const codes = ofType(events, "error").map(({ event }) => event.metadata?.code);
    expect(codes).toEqual([
      "tool_not_registered",
      "tool_not_registered",
      "file_not_found",
      "file_not_found",
      "tool_not_registered",
    ]);
    expect(ofType(events, "code_generated")).toEqual([]);
  });

  it("a command that exits 3 is a call that succeeded, and says how it ended", () => {
    const calls = ofType(eventsOf(requests(scenario("env-protobuf-tempdelta"))), "custom.gemini_cli.tool_call");
    const last = calls.at(-1)?.event.metadata;
    expect(last).toMatchObject({ success: true, exit_code: 3, command_failed: true });
  });

  it("system instructions, requests and responses are on the wire and in no event", () => {
    const text = JSON.stringify(eventsOf(requests(scenario("full-system-prompt"))));
    const wire = JSON.stringify(logRecords(scenario("full-system-prompt")));
    for (const part of ["system_instructions", "request_text", "response_text"]) {
      expect(wire).toContain(part);
      expect(text).not.toContain(part);
    }
    expect(text).not.toContain("You are");
  });
});

describe("by its documentation and source, not recorded", () => {
  it("a rejected call is no error", () => {
    const rejected = like("tool-not-registered", "gemini_cli.tool_call", { decision: "reject", success: false });
    expect(eventsFrom(rejected).map(({ event }) => event.event_type)).toEqual(["custom.gemini_cli.tool_call"]);
  });

  it("an edit that its user rejects is a decision against it, and changes no line", () => {
    const args = JSON.stringify({ file_path: "/srv/project/greet.py", content: "x" });
    const rejected = (function_name: string) =>
      ofType(
        eventsFrom(
          like("tool-not-registered", "gemini_cli.tool_call", {
            function_name,
            function_args: args,
            decision: "reject",
            success: false,
            metadata: '{"model_added_lines":3}',
          }),
        ),
        "code_generated",
      ).map(({ event }) => event.metadata);
    for (const tool of ["write_file", "replace"]) {
      const [edit, ...more] = rejected(tool);
      expect(edit).toMatchObject({ accepted: false, tool_name: tool, language: "python", decision: "reject" });
      expect(edit).not.toHaveProperty("lines_added");
      expect(more).toEqual([]);
    }
    expect(rejected("run_shell_command")).toEqual([]);
  });

  it("a router's call costs like any other, under its own model and role", () => {
    const call = like("err-429-then-ok", "gemini_cli.api_response", {
      model: "gemini-2.5-flash-lite",
      role: "utility_router",
    });
    expect(eventsFrom(call)[0]?.event).toMatchObject({
      event_type: "cost_incurred",
      model: "gemini-2.5-flash-lite",
      metadata: { role: "utility_router" },
    });
  });

  it("tokens of tool results come on top of the prompt, unless the total has them in it", () => {
    const counts = { input_token_count: 100, output_token_count: 10, thoughts_token_count: 5, tool_token_count: 7 };
    const cached = { cached_content_token_count: 40 };
    const read = (total: number): unknown =>
      eventsFrom(
        like("err-429-then-ok", "gemini_cli.api_response", { ...counts, ...cached, total_token_count: total }),
      )[0]?.price;
    expect(read(122)).toMatchObject({ input_tokens: 67, context_tokens: 107, output_tokens: 15 });
    expect(read(115)).toMatchObject({ input_tokens: 60, context_tokens: 100, output_tokens: 15 });
  });

  it("numbers as texts and more cached than sent never make a negative count", () => {
    const odd = like("err-429-then-ok", "gemini_cli.api_response", {
      input_token_count: "100",
      cached_content_token_count: "140",
      output_token_count: null,
      thoughts_token_count: -3,
      total_token_count: {},
    });
    expect(eventsFrom(odd)[0]?.event.metadata).toMatchObject({
      input_tokens: 0,
      cache_read_tokens: 140,
      output_tokens: 0,
      reasoning_tokens: 0,
    });
  });

  it.each([
    ["keys one by one, as older builds sent them", { metadata: null, "metadata.model_added_lines": 7 }, 7],
    ["a map", { metadata: { model_added_lines: 8, model_removed_lines: 0 } }, 8],
    ["a diffStat inside", { metadata: '{"diffStat":{"model_added_lines":9}}' }, 9],
  ])("lines from %s", (_, change, added) => {
    const write = like("full-system-prompt", "gemini_cli.tool_call", change);
    expect(ofType(eventsFrom(write), "code_generated")[0]?.event.metadata).toMatchObject({ lines_added: added });
  });

  it.each(["{broken", "[]", '{"model_added_lines":"x"}', '{"model_added_lines":0,"model_removed_lines":0}'])(
    "no lines from %s",
    (metadata) => {
      const write = like("full-system-prompt", "gemini_cli.tool_call", { metadata });
      expect(ofType(eventsFrom(write), "code_generated")).toEqual([]);
    },
  );

  it("a pull request is a command that opens one and went well", () => {
    const run = (command: string, success = true, metadata: string | null = null): number => {
      const function_args = JSON.stringify({ command });
      const args = { function_name: "run_shell_command", success, function_args, metadata };
      return ofType(eventsFrom(like("full-system-prompt", "gemini_cli.tool_call", args)), "pr_created").length;
    };
    expect(run("git push && gh pr create --fill")).toBe(1);
    expect(run("git push && gh pr create --fill", false)).toBe(0);
    expect(run("git push && gh pr create --fill", true, '{"exitCode":1,"isError":true}')).toBe(0);
    expect(run("echo gh pr list; gh pr checkout 1")).toBe(0);
    expect(run("echo gh pr create")).toBe(0);
  });

  it("the end of a conversation ends its session", () => {
    const end = like("err-400", "gemini_cli.user_prompt", {
      "event.name": "gemini_cli.conversation_finished",
      approvalMode: "yolo",
      turnCount: 4,
    });
    expect(eventsFrom(end)[0]?.event).toMatchObject({
      event_type: "session_end",
      metadata: { outcome: "finished", approval_mode: "yolo", turn_count: 4 },
    });
  });

  it("a login or a name in the resource is the person, else the installation", () => {
    const record = like("err-400", "gemini_cli.user_prompt", {});
    const user = (one: LogRecord): unknown => eventsFrom(one)[0]?.event.user_id;
    expect(user(record)).toBe(record.attributes["installation.id"]);
    expect(user({ ...record, resource: { ...record.resource, "enduser.id": "ada" } })).toBe("ada");
    expect(user(like("err-400", "gemini_cli.user_prompt", { "user.email": "ada@example.org" }))).toBe(
      "ada@example.org",
    );
  });

  it("a name nobody knows is kept and counted; one without its prefix is the same name", () => {
    const result = geminiCli.logs([
      like("err-400", "gemini_cli.user_prompt", { "event.name": "gemini_cli.brand_new", answer: 42 }),
      like("err-400", "gemini_cli.user_prompt", { "event.name": "loop_detected", loop_type: "chanting" }),
    ]);
    expect(result.counts).toMatchObject({ kept: 2, unknown: { "gemini_cli.brand_new": 1 } });
    expect(result.events.map(({ event }) => event.event_type)).toEqual([
      "custom.gemini_cli.brand_new",
      "custom.gemini_cli.loop_detected",
    ]);
  });

  it("content of hooks and of its policy checks is carried by no event", () => {
    const hook = like("err-400", "gemini_cli.user_prompt", {
      "event.name": "gemini_cli.hook_call",
      hook_event_name: "BeforeTool",
      stdout: "TOP",
      stderr: "TOP",
      hook_input: "TOP",
      hook_output: "TOP",
    });
    expect(JSON.stringify(eventsFrom(hook))).not.toContain("TOP");
  });
});
