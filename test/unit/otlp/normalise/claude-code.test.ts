/** Claude Code's traps, from the recordings where they hold them. */
import { describe, expect, it } from "vitest";
import type { DataPoint, LogRecord } from "../../../../workers/ingest/otlp/model.ts";
import type { NormalisedEvent } from "../../../../workers/ingest/otlp/normalise/contract.ts";
import { normalise } from "../../../../workers/ingest/otlp/normalise/normalise.ts";
import { dataPoints, eventsOf, logRecords, requests, Series, scenarios } from "../../../support/otlp-fixtures.ts";
import { AT, claudePoint, claudeRecord } from "../../../support/otlp-records.ts";
import { totalsOf } from "../../../support/otlp-totals.ts";

const OLD = "claude-code-2.1.197";
const NEW = "claude-code-2.1.330";
const run = (agent: string, name: string): NormalisedEvent[] => eventsOf(requests({ agent, name }));
const logs = (...records: LogRecord[]): NormalisedEvent[] => normalise({ signal: "logs", records }).events;
const metrics = (...records: DataPoint[]): NormalisedEvent[] => normalise({ signal: "metrics", records }).events;
const ofType = (events: NormalisedEvent[], type: string) =>
  events.filter(({ event }) => event.event_type === type).map(({ event }) => event);
const custom = (name: string) => `custom.claude_code.${name}`;

describe("sessions", () => {
  it("phantom session ids on continue: one session, although the second process started under another id", () => {
    const records = logRecords({ agent: NEW, name: "resume-json" });
    expect(new Set(records.map(({ attributes }) => attributes["session.id"])).size).toBe(2);
    const events = run(NEW, "resume-json");
    expect(new Set(events.map(({ event }) => event.session_id))).toEqual(
      new Set(["5c47466b-9feb-45b6-8869-b4722f8b1bba"]),
    );
    expect(ofType(events, "session_start")).toHaveLength(1);
    expect(ofType(events, custom("user_prompt"))).toHaveLength(2);
  });

  it("startup noise is not a session: records before the first prompt make no event", () => {
    const all = logRecords({ agent: NEW, name: "mixed-json" });
    const noise = all.filter(({ attributes }) => attributes["prompt.id"] === undefined);
    expect(noise.map(({ attributes }) => attributes["event.name"])).toContain("hook_registered");
    const result = normalise({ signal: "logs", records: noise });
    expect(result.events).toEqual([]);
    expect(result.counts).toMatchObject({ records: noise.length, ignored: noise.length });
  });

  it("tells of a failure although it is before the first prompt", () => {
    const early = { "prompt.id": null };
    const events = logs(
      claudeRecord("mcp_server_connection", { ...early, status: "failed", server_name: "demo" }),
      claudeRecord("auth", { ...early, action: "login", success: "false", error_category: "expired" }),
      claudeRecord("hook_execution_complete", { ...early, num_blocking: "1" }),
    );
    expect(events.map(({ event }) => event.event_type)).toEqual([
      custom("mcp_server_connection"),
      custom("auth"),
      custom("hook_execution_complete"),
    ]);
    expect(events[1]?.event.metadata).toMatchObject({ action: "login", success: false, error_category: "expired" });
  });

  it("agents_view is not a session, nor a process that goes on with an old one", () => {
    const start = (start_type: string) => claudePoint("session.count", 1, { start_type });
    expect(metrics(start("agents_view"), start("continue"), start("resume"))).toEqual([]);
    expect(metrics(start("fresh"))).toMatchObject([{ event: { event_type: "session_start", session_id: "s1" } }]);
  });

  it("starts once, at the counter's own start, however often a cumulative export repeats it", () => {
    const series = new Series();
    const again = (timeUnixNano: string) =>
      claudePoint("session.count", 1, { start_type: "fresh" }, { temporality: "cumulative", timeUnixNano });
    const events = [AT, "1795368837000000000", AT].flatMap((time) =>
      series.events(normalise({ signal: "metrics", records: [again(time)] }).cumulative),
    );
    expect(events).toHaveLength(1);
    expect(events[0]?.event.timestamp).toBe("2026-11-22T17:32:56.000Z");
  });

  it("a session whose id is held back is one of its installation, the same in events and metrics", () => {
    const events = run(NEW, "good-protobuf-gzip-cumulative");
    const ids = new Set(events.map(({ event }) => event.session_id));
    expect([...ids]).toEqual([expect.stringMatching(/^no-session-[0-9a-f]{16}$/)]);
    expect(ofType(events, "session_start")).toHaveLength(1);
  });
});

describe("identity", () => {
  it("(session.id, event.sequence) is no identity: a continued process counts from 0 again", () => {
    const records = logRecords({ agent: NEW, name: "resume-json" });
    const pairs = records.map(({ attributes }) => `${attributes["session.id"]} ${attributes["event.sequence"]}`);
    expect(new Set(pairs).size).toBeLessThan(pairs.length);
    const ids = run(NEW, "resume-json").map(({ event }) => event.event_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("keeps event.sequence for whoever counts what is missing", () => {
    const prompts = ofType(run(NEW, "resume-json"), custom("user_prompt"));
    expect(prompts.map(({ seq }) => seq)).toEqual([5, 5]);
  });

  it("one request told again under its own id is the same event, whatever else is said of it", () => {
    const call = { request_id: "req_1", model: "claude-opus-5-5", cost_usd: 0.1, input_tokens: 1 };
    const [first, second, other] = logs(
      claudeRecord("api_request", call),
      claudeRecord("api_request", { ...call, "team.id": "later" }),
      claudeRecord("api_request", { ...call, request_id: "req_2" }),
    );
    expect(second?.event.event_id).toBe(first?.event.event_id);
    expect(other?.event.event_id).not.toBe(first?.event.event_id);
  });
});

describe("model calls", () => {
  it("[1m] model suffix is no part of the model, and is kept", () => {
    const records = logRecords({ agent: OLD, name: "refusal" });
    expect(records.some(({ attributes }) => attributes.model === "claude-opus-4-8[1m]")).toBe(true);
    const events = run(OLD, "refusal");
    expect(new Set(events.flatMap(({ event }) => event.model ?? []))).toEqual(new Set(["claude-opus-4-8"]));
    expect(ofType(events, "error")[0]?.metadata).toMatchObject({ model_as_sent: "claude-opus-4-8[1m]" });
  });

  it("cache tokens stand beside the input, by their time to live where the agent says it", () => {
    const [call] = logs(
      claudeRecord("api_request", {
        model: "claude-opus-5-5",
        input_tokens: "10",
        output_tokens: 2,
        cache_read_tokens: 300,
        cache_creation_tokens: 70,
        cache_creation_5m_tokens: 20,
        cache_creation_1h_tokens: 50,
        speed: "fast",
        "anthropic.provider": "vertex",
      }),
    );
    expect(call?.event.metadata).toMatchObject({
      input_tokens: 10,
      cache_read_tokens: 300,
      cache_write_tokens: 70,
      cache_write_5m_tokens: 20,
      cache_write_1h_tokens: 50,
    });
    expect(call?.price).toEqual({
      provider: "gcp.vertex_ai",
      model: "claude-opus-5-5",
      service_tier: "fast",
      input_tokens: 10,
      cache_read_tokens: 300,
      cache_write_5m_tokens: 20,
      cache_write_1h_tokens: 50,
      output_tokens: 2,
      context_tokens: 380,
    });
  });

  it("2.1.197 does not say how long written tokens are kept: five minutes are taken, and that is said", () => {
    const priced = run(OLD, "good-json").flatMap(({ price }) => price ?? []);
    expect(priced.map((price) => price.cache_write_ttl_assumed === true)).toEqual(
      priced.map((price) => price.cache_write_5m_tokens > 0),
    );
    expect(run(NEW, "good-json").some(({ price }) => price?.cache_write_ttl_assumed === true)).toBe(false);
  });

  it("takes the reported cost in whole micro-USD where it is sent, else the dollars, else none", () => {
    const cost = (more: Record<string, number | string>) =>
      logs(claudeRecord("api_request", { model: "m", ...more }))[0]?.event.metadata?.cost_usd;
    expect(cost({ cost_usd: 0.047387599999999995, cost_usd_micros: 47_388 })).toBe(0.047388);
    expect(cost({ cost_usd: "0.25" })).toBe(0.25);
    expect(cost({ cost_usd: -1 })).toBeUndefined();
    expect(cost({})).toBeUndefined();
  });

  it("refusals missing from the events: three calls were refused, two are told of, and nothing is invented", () => {
    const events = run(NEW, "noprotocol");
    const refusals = ofType(events, "error").filter(({ metadata }) => metadata?.code === "api_refusal");
    expect(refusals).toHaveLength(3);
    expect(totalsOf(events)).toMatchObject({ model_calls: 2, cost_micro_usd: 109_591 });
    const checks = ofType(events, custom("cost_usage")).reduce((sum, { metadata }) => sum + Number(metadata?.usd), 0);
    expect(Math.round(checks * 1e6)).toBe(156_978);
  });

  it("retries that succeed leave no trace: no error is made up", () => {
    expect(ofType(run(NEW, "err-429-then-ok"), "error")).toEqual([]);
    expect(ofType(run(OLD, "err-429-then-ok"), "error")).toEqual([]);
  });

  it("metrics that tell the calls again are kept to check them, in no sum", () => {
    const checks = run(NEW, "good-json").filter(({ event }) => event.metadata?.check === true);
    expect(checks.length).toBeGreaterThan(0);
    const points = requests({ agent: NEW, name: "good-json" }).filter(({ signal }) => signal === "metrics");
    const { tool_calls, model_calls, input_tokens, cost_micro_usd } = totalsOf(eventsOf(points));
    expect({ tool_calls, model_calls, input_tokens, cost_micro_usd }).toEqual({
      tool_calls: 0,
      model_calls: 0,
      input_tokens: 0,
      cost_micro_usd: 0,
    });
  });

  it("spans tell everything again: with and without them the events are the same", () => {
    for (const scenario of scenarios("claude-code").filter(({ name }) => name.includes("traces"))) {
      const exports = requests(scenario);
      expect(eventsOf(exports)).toEqual(eventsOf(exports.filter(({ signal }) => signal !== "traces")));
    }
  });
});

describe("tools and errors", () => {
  it("string numbers are numbers, string booleans booleans", () => {
    const [record] = logRecords({ agent: NEW, name: "good-json" }).filter(
      ({ attributes }) => attributes["event.name"] === "tool_result",
    );
    expect(record?.attributes).toMatchObject({ success: "true", duration_ms: "73", tool_input_size_bytes: "68" });
    const [call] = ofType(run(NEW, "good-json"), custom("tool_result"));
    expect(call?.metadata).toMatchObject({ success: true, duration_ms: 73, tool_input_size_bytes: 68 });
    const [prompt] = ofType(run(NEW, "good-json"), custom("user_prompt"));
    expect(prompt?.metadata?.prompt_length).toBe(35);
    const [compaction] = logs(
      claudeRecord("compaction", { success: "true", pre_tokens: "1000", post_tokens: "10", duration_ms: "5" }),
    );
    expect(compaction?.event.metadata).toMatchObject({
      success: true,
      pre_tokens: 1_000,
      post_tokens: 10,
      duration_ms: 5,
    });
  });

  it.each(["interactive-reject-json", "mixed-json"])(
    "rejected tools without a result: %s tells of the rejection, and of no call",
    (name) => {
      const events = run(NEW, name);
      const rejected = ofType(events, custom("tool_decision")).filter(
        ({ metadata }) => metadata?.decision === "reject",
      );
      expect(rejected).toHaveLength(1);
      const calls = ofType(events, custom("tool_result")).map(({ metadata }) => metadata?.tool_use_id);
      expect(calls).not.toContain(rejected[0]?.metadata?.tool_use_id);
      const decisions = ofType(events, "code_generated").filter(({ metadata }) => metadata?.accepted === false);
      expect(decisions).toHaveLength(1);
      expect(decisions[0]?.metadata).toMatchObject({ tool_name: "Write" });
    },
  );

  it("a tool that failed is a call and an error", () => {
    const events = run(NEW, "mixed-json");
    const [error] = ofType(events, "error");
    expect(error?.metadata).toMatchObject({
      code: "tool_error",
      tool_name: "Bash",
      error_type: "ShellError",
      message: "Shell command failed",
      fatal: false,
    });
    const failed = ofType(events, custom("tool_result")).filter(({ metadata }) => metadata?.success === false);
    expect(failed.map(({ metadata }) => metadata?.tool_use_id)).toEqual([error?.metadata?.tool_use_id]);
  });

  it.each([
    ["err-400", NEW, ["internal_error", "api_error"], 400],
    ["err-500", NEW, ["internal_error", "api_error", "api_retries_exhausted"], 500],
    ["err-529-protobuf", OLD, ["api_error", "api_retries_exhausted"], 529],
  ] as const)("%s of %s", (name, agent, codes, status) => {
    const errors = ofType(run(agent, name), "error");
    expect(errors.map(({ metadata }) => metadata?.code)).toEqual(codes);
    const api = errors.filter(({ metadata }) => metadata?.code !== "internal_error");
    expect(api.map(({ metadata }) => [metadata?.status_code, metadata?.fatal])).toEqual(api.map(() => [status, true]));
  });

  it("mcp_tool is the constant name of every MCP tool: which one it was is read from its parameters", () => {
    const [call] = ofType(run(NEW, "mixed-json"), custom("tool_result")).filter(
      ({ metadata }) => metadata?.tool_name === "mcp_tool",
    );
    expect(call?.metadata).toMatchObject({ mcp_server_name: "demo", mcp_tool_name: "ping" });
  });

  it("a git commit says its revision and branch", () => {
    const [commit] = ofType(run(NEW, "good-json-traces"), custom("tool_result")).filter(
      ({ metadata }) => metadata?.git_commit_id !== undefined,
    );
    expect(commit).toMatchObject({
      branch: "main",
      metadata: { git_commit_id: expect.stringMatching(/^[0-9a-f]{40}$/) },
    });
  });

  it("subagent totals never summed: the last request's tokens stand in no summed column", () => {
    const [done] = ofType(run(NEW, "mixed-json"), custom("subagent_completed"));
    expect(done?.metadata).toMatchObject({ last_request_tokens: 21_202, agent_type: "general-purpose" });
    expect(done?.metadata).not.toHaveProperty("total_tokens");
    expect(done?.metadata).not.toHaveProperty("input_tokens");
  });

  it("never carries whole requests and answers, nor what the agent held back", () => {
    const [body] = logs(claudeRecord("api_request_body", { body: "{secret}", body_length: 8, model: "m" }));
    expect(JSON.stringify(body)).not.toContain("secret");
    expect(body?.event.metadata).toMatchObject({ body_length: 8 });
    expect(JSON.stringify(run(NEW, "good-json"))).not.toContain("REDACTED");
  });
});

describe("code", () => {
  it("4-line write counted 5: the agent's own figure, which no record allows to correct", () => {
    const [written] = logRecords({ agent: NEW, name: "good-json-traces" }).filter(
      ({ attributes }) => attributes["event.name"] === "tool_result" && attributes.tool_name === "Write",
    );
    const { content } = JSON.parse(String(written?.attributes.tool_input));
    expect(content.trimEnd().split("\n")).toHaveLength(4);
    const added = ofType(run(NEW, "good-json-traces"), "code_generated").flatMap(
      ({ metadata }) => metadata?.lines_added ?? [],
    );
    // 5 of the new file and 2 of an edit, which is right.
    expect(added).toEqual([5, 2]);
  });

  it("zero points make no event", () => {
    expect(dataPoints({ agent: NEW, name: "good-json" }).some(({ value }) => value === 0)).toBe(true);
    expect(metrics(claudePoint("lines_of_code.count", 0, { type: "removed" }))).toEqual([]);
  });

  it("acceptance is counted decision by decision, with the language", () => {
    const decision = { decision: "reject", source: "user_reject", tool_name: "Edit", language: "TypeScript" };
    const events = metrics(claudePoint("code_edit_tool.decision", 3, decision));
    expect(events.map(({ event }) => event.metadata?.accepted)).toEqual([false, false, false]);
    expect(new Set(events.map(({ event }) => event.event_id)).size).toBe(3);
    expect(events[0]?.event.metadata).toMatchObject({ language: "typescript", source: "user_reject" });
  });

  it("a language has one name, whoever says it", () => {
    const named = (language: string) =>
      metrics(claudePoint("code_edit_tool.decision", 1, { decision: "accept", language }))[0]?.event.metadata?.language;
    expect(["C++", "C#", "TypeScript", "Plain text"].map(named)).toEqual(["cpp", "csharp", "typescript", "plain text"]);
  });

  it("every pull request is an event", () => {
    expect(metrics(claudePoint("pull_request.count", 2))).toHaveLength(2);
    const cumulative = claudePoint("pull_request.count", 2, {}, { temporality: "cumulative" });
    const series = new Series();
    const facts = () => normalise({ signal: "metrics", records: [cumulative] }).cumulative;
    expect(series.events(facts())).toHaveLength(2);
    expect(series.events(facts())).toHaveLength(0);
  });

  it("delta and cumulative with reset and replay: the same lines", () => {
    const series = new Series();
    const sent = (value: number, time: string, start: string) =>
      series.events(
        normalise({
          signal: "metrics",
          records: [
            claudePoint(
              "lines_of_code.count",
              value,
              { type: "added" },
              { temporality: "cumulative", timeUnixNano: `${time}000000000`, startTimeUnixNano: `${start}000000000` },
            ),
          ],
        }).cumulative,
      );
    const events = [
      ...sent(5, "1795368780", "1795368770"),
      ...sent(7, "1795368781", "1795368770"),
      ...sent(5, "1795368780", "1795368770"), // sent again
      ...sent(7, "1795368782", "1795368770"), // a process that only repeats itself
      ...sent(3, "1795368790", "1795368785"), // a new start
    ];
    expect(events.map(({ event }) => event.metadata?.lines_added)).toEqual([5, 2, 3]);
    expect(new Set(events.map(({ event }) => event.event_id)).size).toBe(3);
  });
});

describe("names", () => {
  it("stand in the attribute, or in the body, and never in eventName alone", () => {
    const nameless = { "event.name": null };
    const result = normalise({
      signal: "logs",
      records: [
        claudeRecord("user_prompt", {}, { body: "something else" }),
        claudeRecord("", nameless, { body: "claude_code.at_mention" }),
        claudeRecord("", nameless, { eventName: "claude_code.user_prompt" }),
      ],
    });
    expect(result.events.map(({ event }) => event.event_type)).toEqual([custom("user_prompt"), custom("at_mention")]);
    expect(result.counts).toMatchObject({ records: 3, kept: 2, ignored: 1, unknown: { "(no name)": 1 } });
  });

  it("that no table has are kept and counted, by the grammar of custom events", () => {
    const known = normalise({ signal: "logs", records: [claudeRecord("brand_New:thing", { "Some.Key": "v" })] });
    expect(known.events[0]?.event).toMatchObject({
      event_type: "custom.claude_code.brand_new_thing",
      metadata: { Some_Key: "v" },
    });
    expect(known.counts.unknown).toEqual({ "brand_New:thing": 1 });
    const metric = normalise({ signal: "metrics", records: [claudePoint("new.counter", 4)] });
    expect(metric.events[0]?.event).toMatchObject({
      event_type: "custom.claude_code.new.counter",
      metadata: { value: 4 },
    });
    expect(metric.counts.unknown).toEqual({ "claude_code.new.counter": 1 });
  });
});

describe("who and where", () => {
  it("the person is the e-mail, else the account, else who the operator says, else the installation", () => {
    const user = (attributes: Record<string, string>) =>
      logs(claudeRecord("user_prompt", attributes))[0]?.event.user_id;
    expect(user({})).toBe("u1");
    expect(user({ "enduser.id": "e" })).toBe("e");
    expect(user({ "enduser.id": "e", "user.account_uuid": "a" })).toBe("a");
    expect(user({ "enduser.id": "e", "user.account_id": "a", "user.email": "dev@example.com" })).toBe(
      "dev@example.com",
    );
    const [bare] = logs(claudeRecord("user_prompt", { "user.id": null }, { resource: { "enduser.id": "r" } }));
    expect(bare?.event.user_id).toBe("r");
  });

  it("team, repository, branch and environment come from the record, else from its resource", () => {
    const resource = {
      "service.name": "claude-code",
      "team.id": "platform",
      "vcs.repository.url.full": "https://someone:token@git.example.com/org/shop.git?x=1",
      "vcs.ref.head.name": "feature",
      "deployment.environment.name": "staging",
    };
    const [event] = logs(claudeRecord("user_prompt", { "team.id": "payments" }, { resource }));
    expect(event?.event).toMatchObject({
      team_id: "payments",
      repo: "org/shop",
      branch: "feature",
      environment: "staging",
    });
  });
});
