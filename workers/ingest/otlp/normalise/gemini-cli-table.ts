/**
 * What Gemini CLI sends, by name: which events are kept, which say nothing new, and where each attribute goes. Read by
 * gemini-cli.ts and gemini-cli-tools.ts. Data only.
 *
 * Events are the ledger of every fact. `service.version` is the version of Node, and nothing else names the CLI's own: events
 * of this agent have no agent_version.
 */
import type { AgentTable } from "./table.ts";

export const GEMINI: AgentTable = {
  agent: "gemini-cli",
  version: 1,
  prefix: "gemini_cli",
  session: ["session.id"],
  user: ["user.email", "enduser.id", "user.id", "installation.id"],
  agentVersion: [],
  model: ["model", "model_name"],
  attributes: {
    "event.name": null,
    "event.timestamp": null,
    eventName: null,
    "session.id": null,
    "user.email": null,
    "enduser.id": null,
    "user.id": null,
    model: null,
    interactive: null,
    "experiments.ids": null,
    "installation.id": null,
    // The same value under two names; whichever comes is taken.
    model_name: null,
    function_name: { to: "tool_name", as: "label" },
    duration: { to: "duration_ms", as: "millis" },
    duration_ms: { to: "duration_ms", as: "millis" },
    "http.status_code": { to: "status_code", as: "status" },
    status_code: { to: "status_code", as: "status" },
    "error.type": { to: "code", as: "label" },
    error_type: { to: "code", as: "label" },
    "error.message": { to: "message", as: "text" },
    error_message: { to: "message", as: "text" },
    error: { to: "message", as: "text" },
    // Content that no view shows: never carried, whatever the policy.
    request_text: null,
    response_text: null,
    reasoning: null,
    analysis: null,
    hook_input: null,
    hook_output: null,
    stdout: null,
    stderr: null,
    user_prompt: null,
    trusted_content: null,
    policy: null,
    tool_call: null,
    verdict_rationale: null,
  },
};

/** Names of log records, without `gemini_cli.`, that become `custom.gemini_cli.<name>`: useful, but no fact of a total. */
export const KEPT: ReadonlySet<string> = new Set([
  "agent.finish",
  "agent.recovery_attempt",
  "agent.start",
  "api_key_updated",
  "approval_mode_duration",
  "approval_mode_switch",
  "browser_agent.cleanup",
  "browser_agent.connection",
  "browser_agent.task.outcome",
  "chat.content_retry",
  "chat.content_retry_failure",
  "chat.invalid_chunk",
  "chat_compression",
  "conseca.policy_generation",
  "conseca.verdict",
  "credit_purchase_click",
  "credits_used",
  "extension_disable",
  "extension_enable",
  "extension_install",
  "extension_uninstall",
  "extension_update",
  "file_operation",
  "flash_fallback",
  "hook_call",
  "ide_connection",
  "loop_detected",
  "loop_detection_disabled",
  "malformed_json_response",
  "model_routing",
  "network_retry_attempt",
  "plan.approval_mode_duration",
  "plan.approval_mode_switch",
  "plan.execution",
  "plan_execution",
  "rewind",
  "slash_command",
  "slash_command.model",
  "tool_output_masking",
  "tool_output_truncated",
  "user_prompt",
  "web_fetch_fallback_attempt",
]);

/**
 * Names that say again what another record says (api_request: its response or error; operation.details: the same call twice
 * more), or what nobody asks about.
 */
export const IGNORED: ReadonlySet<string> = new Set([
  "api_request",
  "browser_agent.vision.status",
  "edit_correction",
  "edit_strategy",
  "empty_wallet_menu_shown",
  "gen_ai.client.inference.operation.details",
  "keychain.availability",
  "kitty_sequence_overflow",
  "llm_loop_check",
  "next_speaker_check",
  "onboarding.start",
  "onboarding.success",
  "overage_menu_shown",
  "overage_option_selected",
  "ripgrep_fallback",
  "startup_stats",
  "token_storage.initialization",
]);
