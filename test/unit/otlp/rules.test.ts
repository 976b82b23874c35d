import { describe, expect, it } from "vitest";
import { RulePolicySchema } from "../../../schema/rule-policy.ts";
import { RULE_IDS, SECURITY_RULES } from "../../../schema/security-rules.ts";
import type { OtlpExport } from "../../../workers/ingest/otlp/model.ts";
import type { NormalisedEvent } from "../../../workers/ingest/otlp/normalise/contract.ts";
import { normalise } from "../../../workers/ingest/otlp/normalise/normalise.ts";
import type { RedactedEvent } from "../../../workers/ingest/otlp/redact.ts";
import { withAlerts } from "../../../workers/ingest/otlp/rules.ts";
import { validateEvent } from "../../../workers/ingest/validate.ts";
import { eventsOf, requests } from "../../support/otlp-fixtures.ts";
import { claudeRecord, codexRecord } from "../../support/otlp-records.ts";
import { sourceOf, spanOf } from "../../support/otlp-shapes.ts";

const AT = "2026-11-22T10:00:00.000Z";

function seen(
  agent: string,
  type: string,
  metadata: Record<string, unknown>,
  secretKinds: string[] = [],
): RedactedEvent {
  return {
    agent,
    sources: {},
    redacted: { dropped: 0, hashed: 0, secrets: secretKinds.length },
    secretKinds,
    event: {
      event_id: "018f0000-0000-8000-8000-000000000001",
      event_type: type as "error",
      timestamp: AT,
      user_id: "ada@example.com",
      session_id: "s1",
      seq: 7,
      agent,
      repo: "acme/web",
      metadata,
    },
  };
}

const alertsOf = (events: readonly NormalisedEvent[]) =>
  events.filter(({ event }) => event.event_type === "security_alert");

/** One event for each rule, as the normalisers write it. */
const EXAMPLES: [rule: string, event: RedactedEvent][] = [
  [
    "permission_bypass",
    seen("claude-code", "custom.claude_code.permission_mode_changed", { to_mode: "bypassPermissions" }),
  ],
  [
    "permission_bypass",
    seen("codex", "session_start", { approval_policy: "never", sandbox_policy: "danger-full-access" }),
  ],
  ["permission_bypass", seen("gemini-cli", "session_start", { approval_mode: "yolo" })],
  ["tool_rejected", seen("claude-code", "custom.claude_code.tool_decision", { decision: "reject", tool_name: "Bash" })],
  ["tool_rejected", seen("codex", "custom.codex.tool_decision", { decision: "denied" })],
  ["tool_rejected", seen("codex", "custom.codex.tool_result", { rejected: true, tool_name: "exec_command" })],
  ["tool_rejected", seen("gemini-cli", "custom.gemini_cli.tool_call", { decision: "reject" })],
  ["hook_blocked", seen("claude-code", "custom.claude_code.hook_execution_complete", { num_blocking: 1 })],
  ["hook_blocked", seen("copilot", "custom.copilot.execute_hook", { decision: "block", hook_type: "PreToolUse" })],
  [
    "hook_blocked",
    seen("gemini-cli", "custom.gemini_cli.hook_call", { hook_event_name: "BeforeTool", success: false, exit_code: 2 }),
  ],
  ["sandbox_denied", seen("codex", "custom.codex.sandbox_outcome", { outcome: "denied" })],
  ["mcp_failed", seen("claude-code", "custom.claude_code.mcp_server_connection", { status: "failed" })],
  ["unofficial_plugin", seen("claude-code", "custom.claude_code.plugin_installed", { marketplace_is_official: false })],
  ["auth_failed", seen("claude-code", "custom.claude_code.auth", { success: false })],
  ["auth_failed", seen("codex", "error", { status_code: 401 })],
  ["secret_seen", seen("claude-code", "custom.claude_code.tool_result", { tool_name: "Bash" }, ["aws_access_key"])],
];

/** Normalised and with nothing taken out. */
const redacted = (events: readonly NormalisedEvent[]): RedactedEvent[] =>
  events.map((event) => ({ ...event, redacted: { dropped: 0, hashed: 0, secrets: 0 }, secretKinds: [] }));
const told = (events: readonly NormalisedEvent[]) =>
  alertsOf(withAlerts(redacted(events))).map(({ event }) => [event.metadata?.rule, event.metadata?.detail]);
const logs = (...records: Parameters<typeof claudeRecord>[]): OtlpExport => ({
  signal: "logs",
  records: records.map((one) => claudeRecord(...one)),
});

/** Records as agents send them, the rule each is for, and the detail, so that a rule names what normalisers write. */
const SENT: [rule: string, sent: OtlpExport, detail: Record<string, unknown>][] = [
  [
    "permission_bypass",
    logs(["permission_mode_changed", { from_mode: "default", to_mode: "bypassPermissions", trigger: "shift_tab" }]),
    { from_mode: "default", to_mode: "bypassPermissions", trigger: "shift_tab" },
  ],
  [
    "tool_rejected",
    logs(["tool_decision", { decision: "reject", source: "user_reject", tool_name: "Bash", tool_use_id: "t" }]),
    { decision: "reject", source: "user_reject", tool_name: "Bash", tool_use_id: "t" },
  ],
  [
    "tool_rejected",
    {
      signal: "logs",
      records: [codexRecord("tool_decision", { decision: "denied", source: "User", tool_name: "shell", call_id: "c" })],
    },
    { decision: "denied", source: "User", tool_name: "shell", call_id: "c" },
  ],
  [
    "hook_blocked",
    logs(["hook_execution_complete", { hook_event: "PreToolUse", hook_name: "PreToolUse:Write", num_blocking: "1" }]),
    { hook_event: "PreToolUse", hook_name: "PreToolUse:Write", num_blocking: 1 },
  ],
  [
    "hook_blocked",
    {
      signal: "traces",
      records: [
        spanOf(sourceOf("copilot-chat", { "session.id": "w" }), {
          id: "h",
          attributes: {
            "gen_ai.operation.name": "execute_hook",
            "copilot_chat.hook_type": "PreToolUse",
            "github.copilot.hook.decision": "block",
          },
        }),
      ],
    },
    { hook_type: "PreToolUse", decision: "block" },
  ],
  [
    "mcp_failed",
    logs([
      "mcp_server_connection",
      {
        status: "failed",
        transport_type: "stdio",
        server_scope: "project",
        error_code: "ENOENT",
        is_plugin: "false",
        server_name: "demo",
      },
    ]),
    { transport_type: "stdio", server_scope: "project", error_code: "ENOENT", is_plugin: false, server_name: "demo" },
  ],
  [
    "unofficial_plugin",
    logs([
      "plugin_installed",
      {
        "marketplace.is_official": "false",
        "install.trigger": "cli",
        "plugin.name": "p",
        "plugin.version": "1",
        "marketplace.name": "m",
      },
    ]),
    { install_trigger: "cli", plugin_name: "p", plugin_version: "1", marketplace_name: "m" },
  ],
  [
    "auth_failed",
    logs([
      "auth",
      { action: "login", success: "false", auth_method: "oauth", error_category: "expired", status_code: "401" },
    ]),
    { action: "login", auth_method: "oauth", error_category: "expired", status_code: 401 },
  ],
  [
    "auth_failed",
    {
      signal: "logs",
      records: [codexRecord("api_request", { "http.response.status_code": 401, endpoint: "/responses" })],
    },
    { status_code: 401, endpoint: "/responses" },
  ],
];

describe("what agents send", () => {
  it.each(SENT)("%s: the alert says what the record said", (rule, sent, detail) => {
    expect(told(normalise(sent).events)).toEqual([[rule, detail]]);
  });

  const recorded = (agent: string, name: string) => told(eventsOf(requests({ agent, name })));

  it("commands that Codex's policy refused, of which it sends no decision, are rejections", () => {
    expect(recorded("codex-cli-0.169.0", "denied-json")).toEqual([
      ["tool_rejected", { tool_name: "exec_command", call_id: "call_pzB1L4IlwnkpFlCDgWrlstxe" }],
      ["tool_rejected", { tool_name: "apply_patch", call_id: "call_9joxctO4XXJPxCX6T45Xc221" }],
    ]);
  });

  it("what a person refuses in Codex is one rejection, although its decision and its result tell of it", () => {
    const call = { tool_name: "exec_command", call_id: "c" };
    const records = [
      codexRecord("tool_decision", { ...call, decision: "denied", source: "User" }),
      codexRecord("tool_result", { ...call, success: "false", output: "exec command rejected by user" }),
    ];
    expect(told(normalise({ signal: "logs", records }).events)).toHaveLength(1);
  });

  it("the recordings' other alerts: a sandbox, a hook, a person, and modes that do not ask", () => {
    const rules = (agent: string, name: string) => recorded(agent, name).map(([rule]) => rule);
    expect(rules("codex-cli-0.169.0", "sandboxed-binary-resattrs")).toEqual(["sandbox_denied"]);
    expect(rules("codex-cli-0.169.0", "good-json")).toEqual(["permission_bypass"]);
    expect(rules("gemini-cli-0.61.0", "err-400")).toEqual(["permission_bypass"]);
    expect(rules("gemini-cli-0.61.0", "tool-not-registered")).toEqual([]);
    expect(rules("claude-code-2.1.330", "mixed-json")).toEqual(["hook_blocked", "tool_rejected"]);
    expect(rules("claude-code-2.1.330", "interactive-reject-json")).toEqual(["tool_rejected"]);
    expect(rules("claude-code-2.1.330", "good-json")).toEqual([]);
  });
});

describe("security rules", () => {
  it.each(EXAMPLES)("%s: an event that fits gives one alert, valid and about the same session", (rule, event) => {
    const all = withAlerts([event]);
    expect(all[0]).toBe(event);
    const alerts = alertsOf(all);
    expect(alerts.map((one) => one.event.metadata?.rule)).toEqual([rule]);
    const [alert] = alerts;
    expect(alert?.event).toMatchObject({
      user_id: "ada@example.com",
      session_id: "s1",
      timestamp: AT,
      repo: "acme/web",
    });
    expect(alert?.event.seq).toBeUndefined();
    expect(validateEvent(alert?.event, Date.parse(AT))).toHaveProperty("envelope");
  });

  it("has an example here for every rule there is", () => {
    expect(new Set(EXAMPLES.map(([rule]) => rule))).toEqual(new Set(RULE_IDS));
    expect(SECURITY_RULES.map(({ id }) => id)).toEqual([...RULE_IDS]);
  });

  it.each([
    seen("claude-code", "custom.claude_code.permission_mode_changed", { to_mode: "plan" }),
    seen("codex", "session_start", { approval_policy: "never", sandbox_policy: "read-only" }),
    seen("claude-code", "custom.claude_code.tool_decision", { decision: "accept" }),
    seen("claude-code", "custom.claude_code.hook_execution_complete", { num_blocking: 0 }),
    seen("gemini-cli", "custom.claude_code.tool_decision", { decision: "reject" }),
    seen("claude-code", "custom.claude_code.tool_result", {}, []),
    seen("codex", "custom.codex.tool_result", { success: false, exit_code: 3 }),
    seen("copilot", "custom.copilot.execute_hook", { decision: "pass" }),
    seen("gemini-cli", "custom.gemini_cli.hook_call", { success: false, exit_code: 1 }),
  ])("says nothing of an event that does not fit: $event.event_type", (event) => {
    expect(withAlerts([event])).toEqual([event]);
  });

  it("gives the same alert for the same record, and another for another record or rule", () => {
    const [, event] = EXAMPLES[0] ?? [];
    const other = EXAMPLES[3]?.[1];
    if (event === undefined || other === undefined) throw new Error("examples");
    const ids = (events: RedactedEvent[]) => alertsOf(withAlerts(events)).map((one) => one.event.event_id);
    expect(ids([event])).toEqual(ids([structuredClone(event)]));
    expect(new Set(ids([event, other])).size).toBe(2);
    const later = structuredClone(event);
    later.event.timestamp = "2026-11-22T10:00:00.001Z";
    expect(ids([later])).not.toEqual(ids([event]));
  });

  it("copies only the detail that a rule names, out of what redaction left", () => {
    const event = seen("claude-code", "custom.claude_code.tool_decision", {
      decision: "reject",
      tool_name: "Bash",
      tool_parameters: "rm -rf /",
    });
    const [alert] = alertsOf(withAlerts([event]));
    expect(alert?.event.metadata?.detail).toEqual({ decision: "reject", tool_name: "Bash" });
  });

  it("follows the tenant: a rule that is off is silent, a severity of its own is used", () => {
    const policy = RulePolicySchema.parse({
      rules: { tool_rejected: { enabled: false }, secret_seen: { severity: "critical" } },
    });
    const rejected = EXAMPLES.find(([rule]) => rule === "tool_rejected")?.[1];
    const secret = EXAMPLES.find(([rule]) => rule === "secret_seen")?.[1];
    if (rejected === undefined || secret === undefined) throw new Error("examples");
    const alerts = alertsOf(withAlerts([rejected, secret], policy));
    expect(alerts.map((one) => [one.event.metadata?.rule, one.event.metadata?.severity])).toEqual([
      ["secret_seen", "critical"],
    ]);
    expect(alerts[0]?.event.metadata?.detail).toEqual({ kinds: ["aws_access_key"], tool_name: "Bash" });
  });

  it("refuses a rule it does not know and a severity there is not", () => {
    expect(RulePolicySchema.safeParse({ rules: { nonsense: {} } }).success).toBe(false);
    expect(RulePolicySchema.safeParse({ rules: { mcp_failed: { severity: "dire" } } }).success).toBe(false);
  });
});
