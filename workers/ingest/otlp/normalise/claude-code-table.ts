/**
 * Claude Code's attributes and what becomes of its event names. Data only; used by claude-code.ts. Names are those of 2.1.197
 * and 2.1.330 as recorded, and of the vendor's documentation for what was not.
 */
import type { AgentTable, Place } from "./table.ts";

const flag = (to: string): Place => ({ to, as: "flag" });
const count = (to: string): Place => ({ to, as: "count" });
const millis = (to: string): Place => ({ to, as: "millis" });
const tokens = (to: string): Place => ({ to, as: "tokens" });
const text = (to: string): Place => ({ to, as: "text" });

export const CLAUDE_CODE: AgentTable = {
  agent: "claude-code",
  version: 1,
  prefix: "claude_code",
  session: ["session.id"],
  user: ["user.email", "user.account_id", "user.account_uuid", "enduser.id", "user.id"],
  agentVersion: ["app.version", "service.version"],
  model: ["model"],
  attributes: {
    "event.name": null,
    "event.timestamp": null,
    "event.sequence": null,
    "session.id": null,
    "user.email": null,
    "user.account_id": null,
    "user.account_uuid": null,
    "enduser.id": null,
    "user.id": null,
    "app.version": null,
    "service.version": null,
    "service.name": null,
    model: null,
    // The prompt again, and whole requests and answers, which are nobody's to keep.
    prompt_text: null,
    body: null,
    body_ref: null,
    "app.entrypoint": { to: "entrypoint", as: "label" },
    "terminal.type": { to: "terminal", as: "label" },
    "anthropic.provider": { to: "provider", as: "label" },
    prompt: text("prompt"),
    response: text("response"),
    error: text("error"),
    prompt_length: count("prompt_length"),
    response_length: count("response_length"),
    success: flag("success"),
    managed_only: flag("managed_only"),
    safe_mode: flag("safe_mode"),
    is_plugin: flag("is_plugin"),
    is_async: flag("is_async"),
    tool_input_size_bytes: count("tool_input_size_bytes"),
    tool_result_size_bytes: count("tool_result_size_bytes"),
    num_hooks: count("num_hooks"),
    num_success: count("num_success"),
    num_blocking: count("num_blocking"),
    num_non_blocking_error: count("num_non_blocking_error"),
    num_cancelled: count("num_cancelled"),
    num_outputs_persisted: count("num_outputs_persisted"),
    stdout_chars: count("stdout_chars"),
    additional_context_chars: count("additional_context_chars"),
    system_message_chars: count("system_message_chars"),
    initial_user_message_chars: count("initial_user_message_chars"),
    total_duration_ms: millis("total_duration_ms"),
    total_retry_duration_ms: millis("total_retry_duration_ms"),
    total_attempts: count("total_attempts"),
    attempt: count("attempt"),
    pre_tokens: tokens("pre_tokens"),
    post_tokens: tokens("post_tokens"),
    // A subagent's total is that of its last request only: kept to look at, in no column that is summed.
    total_tokens: tokens("last_request_tokens"),
    total_tool_uses: count("total_tool_uses"),
    cache_creation_tokens: tokens("cache_write_tokens"),
    cache_creation_5m_tokens: tokens("cache_write_5m_tokens"),
    cache_creation_1h_tokens: tokens("cache_write_1h_tokens"),
    ttft_ms: millis("ttft_ms"),
  },
};

/**
 * What becomes of a record by its event's name. `cost`, `error`, `tool_result`: see claude-code.ts. `keep`: a custom event.
 * `at-work`: as `keep` once there is a prompt. Before the first one of a process it is startup noise and ignored unless it tells
 * of a failure: it may stand under an id that never becomes a session (2.1.330 starts `--continue` under a throw-away id).
 * From a process's first prompt on nothing is ignored, so that a gap in `event.sequence` is a loss. Names that are not here are
 * `at-work`.
 */
export const CLAUDE_CODE_EVENTS: Readonly<Record<string, "cost" | "error" | "tool_result" | "keep" | "at-work">> = {
  api_request: "cost",
  api_error: "error",
  api_retries_exhausted: "error",
  api_refusal: "error",
  internal_error: "error",
  tool_result: "tool_result",
  tool_decision: "keep",
  user_prompt: "keep",
  assistant_response: "keep",
  permission_mode_changed: "keep",
  plugin_installed: "keep",
  skill_activated: "keep",
  at_mention: "keep",
  compaction: "keep",
  subagent_completed: "keep",
  feedback_survey: "keep",
  hook_plugin_metrics: "keep",
  api_request_body: "keep",
  api_response_body: "keep",
  auth: "at-work",
  mcp_server_connection: "at-work",
  managed_settings_resolved: "at-work",
  plugin_loaded: "at-work",
  hook_registered: "at-work",
  hook_execution_start: "at-work",
  hook_execution_complete: "at-work",
  retention_sweep: "at-work",
};
