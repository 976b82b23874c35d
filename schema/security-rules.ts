/**
 * What of an agent's own telemetry is a security alert: rules as data over normalised events. Evaluated at the edge
 * (workers/ingest/otlp/rules.ts) after redaction, shown and set by /api/v1/settings/rules, counted by the compliance score.
 *
 * They start from the signals that Claude Code's documentation names (code.claude.com/docs/en/monitoring-usage) and the recordings of
 * the others. A rule names metadata as the normalisers write it, so a new agent is a line here and no code.
 */

export const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

export const RULE_IDS = [
  "permission_bypass",
  "tool_rejected",
  "hook_blocked",
  "sandbox_denied",
  "mcp_failed",
  "unofficial_plugin",
  "auth_failed",
  "secret_seen",
] as const;
export type RuleId = (typeof RULE_IDS)[number];

/** All conditions of one must hold. `key`: of the event's metadata. */
export type Condition = { key: string; in: readonly (string | number | boolean)[] } | { key: string; above: number };

/** An event that fits: of this agent and type, with all conditions. */
export interface Match {
  agent: string;
  type: string;
  when: readonly Condition[];
}

export interface SecurityRule {
  id: RuleId;
  title: string;
  description: string;
  severity: Severity;
  /** Any of these. Empty: the rule is about something else than metadata (secret_seen). */
  matches: readonly Match[];
  /** Keys of metadata that go into the alert's detail. */
  detail: readonly string[];
}

export const SECURITY_RULES: readonly SecurityRule[] = [
  {
    id: "permission_bypass",
    title: "Permissions bypassed",
    description: "The agent works without asking: permission prompts or the sandbox are switched off.",
    severity: "high",
    matches: [
      {
        agent: "claude-code",
        type: "custom.claude_code.permission_mode_changed",
        when: [{ key: "to_mode", in: ["bypassPermissions"] }],
      },
      {
        agent: "codex",
        type: "session_start",
        when: [
          { key: "approval_policy", in: ["never"] },
          { key: "sandbox_policy", in: ["danger-full-access"] },
        ],
      },
      { agent: "gemini-cli", type: "session_start", when: [{ key: "approval_mode", in: ["yolo"] }] },
      {
        agent: "gemini-cli",
        type: "custom.gemini_cli.plan.approval_mode_switch",
        when: [{ key: "to_mode", in: ["yolo"] }],
      },
    ],
    detail: ["from_mode", "to_mode", "trigger", "approval_policy", "sandbox_policy", "approval_mode"],
  },
  {
    id: "tool_rejected",
    title: "Tool call rejected",
    description: "A person, a policy or a reviewer refused what the agent wanted to run.",
    severity: "low",
    matches: [
      { agent: "claude-code", type: "custom.claude_code.tool_decision", when: [{ key: "decision", in: ["reject"] }] },
      { agent: "codex", type: "custom.codex.tool_decision", when: [{ key: "decision", in: ["denied", "abort"] }] },
      // What a policy refuses has a result and no decision.
      { agent: "codex", type: "custom.codex.tool_result", when: [{ key: "rejected", in: [true] }] },
      { agent: "gemini-cli", type: "custom.gemini_cli.tool_call", when: [{ key: "decision", in: ["reject"] }] },
    ],
    detail: ["tool_name", "decision", "source", "tool_use_id", "call_id"],
  },
  {
    id: "hook_blocked",
    title: "Blocked by a hook",
    description: "A hook of the organisation stopped the agent.",
    severity: "medium",
    matches: [
      {
        agent: "claude-code",
        type: "custom.claude_code.hook_execution_complete",
        when: [{ key: "num_blocking", above: 0 }],
      },
      // Of a hook's exit codes 2 is the one that blocks (google-gemini/gemini-cli docs/hooks).
      { agent: "gemini-cli", type: "custom.gemini_cli.hook_call", when: [{ key: "exit_code", in: [2, "2"] }] },
      { agent: "copilot", type: "custom.copilot.execute_hook", when: [{ key: "decision", in: ["block"] }] },
    ],
    detail: ["hook_event", "hook_event_name", "hook_name", "hook_type", "num_blocking", "decision"],
  },
  {
    id: "sandbox_denied",
    title: "Denied by the sandbox",
    description: "The agent's sandbox refused a command.",
    severity: "medium",
    matches: [{ agent: "codex", type: "custom.codex.sandbox_outcome", when: [{ key: "outcome", in: ["denied"] }] }],
    detail: ["tool_name", "outcome", "call_id"],
  },
  {
    id: "mcp_failed",
    title: "MCP server failed",
    description: "A connection to an MCP server could not be made.",
    severity: "low",
    matches: [
      {
        agent: "claude-code",
        type: "custom.claude_code.mcp_server_connection",
        when: [{ key: "status", in: ["failed"] }],
      },
    ],
    detail: ["server_name", "transport_type", "server_scope", "error_code", "is_plugin"],
  },
  {
    id: "unofficial_plugin",
    title: "Plugin of an unofficial marketplace",
    description: "Somebody installed a plugin that does not come from the agent's own marketplace.",
    severity: "medium",
    matches: [
      {
        agent: "claude-code",
        type: "custom.claude_code.plugin_installed",
        when: [{ key: "marketplace_is_official", in: [false, "false"] }],
      },
    ],
    detail: ["plugin_name", "plugin_version", "marketplace_name", "install_trigger"],
  },
  {
    id: "auth_failed",
    title: "Authentication failed",
    description: "Signing in to the model's provider failed, or it refused the credentials.",
    severity: "medium",
    matches: [
      { agent: "claude-code", type: "custom.claude_code.auth", when: [{ key: "success", in: [false, "false"] }] },
      { agent: "claude-code", type: "error", when: [{ key: "status_code", in: [401, 403] }] },
      { agent: "codex", type: "error", when: [{ key: "status_code", in: [401, 403] }] },
      { agent: "gemini-cli", type: "error", when: [{ key: "status_code", in: [401, 403] }] },
      { agent: "copilot", type: "error", when: [{ key: "status_code", in: [401, 403] }] },
    ],
    detail: ["action", "auth_method", "error_category", "status_code", "endpoint"],
  },
  {
    id: "secret_seen",
    title: "Secret in telemetry",
    description:
      "A key, token or password stood in what the agent sent. It was removed before anything was stored; rotate it.",
    severity: "high",
    matches: [],
    detail: ["tool_name"],
  },
];
