/**
 * Codex's attributes and what becomes of its event names. Data only; used by codex.ts. Names are those of 0.169.0 as recorded,
 * and of its source for what was not.
 */
import type { AgentTable } from "./table.ts";

export const CODEX: AgentTable = {
  agent: "codex",
  version: 1,
  prefix: "codex",
  session: ["conversation.id", "thread.id", "session.id"],
  user: ["user.email", "user.account_id", "enduser.id", "user.id"],
  agentVersion: ["app.version", "service.version"],
  model: ["model", "slug"],
  attributes: {
    "event.name": null,
    "event.timestamp": null,
    "conversation.id": null,
    "thread.id": null,
    "session.id": null,
    "user.email": null,
    "user.account_id": null,
    "enduser.id": null,
    "user.id": null,
    "app.version": null,
    "service.version": null,
    "service.name": null,
    model: null,
    slug: null,
    "host.name": null,
    // Which credentials are present where says nothing about the work.
    "auth.header_attached": null,
    "auth.header_name": null,
    "auth.retry_after_unauthorized": null,
    "auth.connection_reused": null,
    "auth.reauth": null,
    "auth.env_openai_api_key_present": null,
    "auth.env_codex_api_key_present": null,
    "auth.env_codex_api_key_enabled": null,
    "auth.env_provider_key_name": null,
    "auth.env_provider_key_present": null,
    "auth.env_refresh_token_url_override_present": null,
    "config.legacy_multi_agent_disabled_sources": null,
    // Equals input + output in every record: no tokens of tools.
    tool_token_count: null,
    originator: { to: "entrypoint", as: "label" },
    "terminal.type": { to: "terminal", as: "label" },
    "auth.request_id": { to: "request_id", as: "label" },
    "http.response.status_code": { to: "status_code", as: "status" },
    "error.message": { to: "message", as: "text" },
    "event.kind": { to: "kind", as: "label" },
    provider_name: { to: "provider", as: "label" },
    reasoning_effort: { to: "effort", as: "label" },
    model_reasoning_effort: { to: "effort", as: "label" },
    prompt: { to: "prompt", as: "text" },
    arguments: { to: "arguments", as: "text" },
    output: { to: "output", as: "text" },
    success: { to: "success", as: "flag" },
    prompt_length: { to: "prompt_length", as: "count" },
    attempt: { to: "attempt", as: "count" },
    tool_result_seq: { to: "tool_result_seq", as: "count" },
    ttft_ms: { to: "ttft_ms", as: "millis" },
    context_window: { to: "context_window", as: "tokens" },
    auto_compact_token_limit: { to: "auto_compact_token_limit", as: "tokens" },
    "usage.estimated_usd": { to: "estimated_usd", as: "number" },
    "turn.id": { to: "turn_id", as: "label" },
  },
};

/**
 * What becomes of a record by its event's name. `start`, `request`, `stream`, `tool`: see codex.ts. `keep`: a custom event.
 * `failures`: as `keep`, but ignored when it went well; transports and phases succeed many times a turn.
 */
export const CODEX_EVENTS: Readonly<
  Record<string, "start" | "request" | "stream" | "tool" | "keep" | "failures" | "ignore">
> = {
  conversation_starts: "start",
  api_request: "request",
  sse_event: "stream",
  tool_result: "tool",
  tool_decision: "keep",
  user_prompt: "keep",
  turn_ttft: "keep",
  turn_cost: "keep",
  sandbox_outcome: "keep",
  auth_recovery: "keep",
  skill_invocation: "keep",
  agent_response: "keep",
  guardian_assessment: "keep",
  websocket_connect: "failures",
  websocket_request: "failures",
  websocket_event: "failures",
  startup_phase: "ignore",
};
