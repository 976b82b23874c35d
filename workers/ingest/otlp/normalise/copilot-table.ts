/**
 * What GitHub Copilot (VS Code and CLI) documents, by name; nothing here was recorded. Data; read by copilot.ts and
 * copilot-metrics.ts.
 *
 * `copilot_chat.session_id` is the conversation, as is `gen_ai.conversation.id`; the resource's `session.id` is a window of the
 * editor, and stands in where a record names no conversation. A login (`user.name`) comes on one kind of span only: a session
 * would have two users, so it is not used.
 */
import { MODEL, SPAN_ATTRIBUTES } from "./genai-table.ts";
import type { AgentTable, Place } from "./table.ts";

const label = (to: string): Place => ({ to, as: "label" });
const count = (to: string): Place => ({ to, as: "count" });

/** Carried from spans, beside those of the conventions. */
const OWN: Readonly<Record<string, Place>> = {
  "github.copilot.agent.type": label("agent_type"),
  "github.copilot.git.commit_sha": label("commit"),
  "copilot_chat.repo.head_commit_hash": label("commit"),
  "github.copilot.github.org": label("github_org"),
  "copilot_chat.turn_count": count("turn_count"),
  "github.copilot.turn_count": count("turn_count"),
  "github.copilot.turn_id": label("turn_id"),
  "github.copilot.interaction_id": label("interaction_id"),
  "github.copilot.initiator": label("initiator"),
  "github.copilot.auto_mode": { to: "auto_mode", as: "flag" },
  // Copilot's own units, not dollars: never a reported cost.
  "github.copilot.cost": { to: "copilot_cost", as: "number" },
  "github.copilot.aiu": { to: "copilot_aiu", as: "number" },
  "github.copilot.nano_aiu": { to: "copilot_nano_aiu", as: "number" },
  "copilot_chat.copilot_usage_nano_aiu": { to: "copilot_nano_aiu", as: "number" },
  "copilot_chat.time_to_first_token": { to: "ttft_ms", as: "millis" },
  "copilot_chat.debug_name": label("purpose"),
  "copilot_chat.canceled": { to: "canceled", as: "flag" },
  "github.copilot.tool.parameters.edit_type": label("edit_type"),
  "github.copilot.tool.parameters.skill_name": label("skill"),
  "github.copilot.tool.parameters.mcp_tool_name": label("mcp_tool"),
  "github.copilot.tool.parameters.mcp_server_name_hash": label("mcp_server_hash"),
  "github.copilot.hook.decision": label("decision"),
  "github.copilot.hook.type": label("hook_type"),
  "copilot_chat.hook_type": label("hook_type"),
  "copilot_chat.hook_result_kind": label("result"),
  "github.copilot.hook.tool_names": label("hook_tools"),
  "github.copilot.hook.error_message": { to: "message", as: "text" },
  "github.copilot.error_type": label("code"),
  "github.copilot.error_status_code": { to: "status_code", as: "status" },
  "github.copilot.shutdown_type": label("outcome"),
  "github.copilot.abort_reason": label("reason"),
  "github.copilot.total_premium_requests": { to: "premium_requests", as: "number" },
  "github.copilot.files_modified_count": count("files_modified"),
  "github.copilot.pre_tokens": { to: "pre_tokens", as: "tokens" },
  "github.copilot.post_tokens": { to: "post_tokens", as: "tokens" },
  "github.copilot.tokens_removed": { to: "tokens_removed", as: "tokens" },
  "github.copilot.success": { to: "success", as: "flag" },
  "github.copilot.skill.name": label("skill"),
  "github.copilot.skill.plugin_name": label("plugin"),
};

const ELSEWHERE = [
  "event.name",
  "event.timestamp",
  "session.id",
  "copilot_chat.session_id",
  "copilot_chat.chat_session_id",
  "copilot_chat.parent_chat_session_id",
  "conversation_id",
  "gen_ai.conversation.id",
  "trace_id",
  "enduser.id",
  "enduser.pseudo.id",
  "user.email",
  "user.id",
  "user.name",
  "copilot_chat.repo.remote_url",
  "copilot_chat.repo.head_branch_name",
  ...MODEL,
  "model",
  // Content, or the tokens of a turn whose calls are counted one by one.
  "gen_ai.input.messages",
  "gen_ai.output.messages",
  "gen_ai.system_instructions",
  "gen_ai.tool.definitions",
  "gen_ai.tool.call.arguments",
  "gen_ai.tool.call.result",
  "gen_ai.usage.input_tokens",
  "gen_ai.usage.output_tokens",
  "copilot_chat.file.relative_path",
];

export const COPILOT: AgentTable = {
  agent: "copilot",
  version: 1,
  prefix: "copilot",
  session: [
    "copilot_chat.session_id",
    "gen_ai.conversation.id",
    "session.id",
    "conversation_id",
    "copilot_chat.chat_session_id",
    "trace_id",
  ],
  user: ["user.email", "enduser.id", "user.id", "process.user.name", "enduser.pseudo.id", "service.instance.id"],
  agentVersion: ["service.version", "gen_ai.agent.version"],
  model: [...MODEL, "model"],
  attributes: {
    ...SPAN_ATTRIBUTES,
    ...OWN,
    "turn.index": count("turn_index"),
    language_id: label("language"),
    "copilot_chat.language_id": label("language"),
    ...Object.fromEntries(ELSEWHERE.map((name) => [name, null])),
  },
};

/** Attributes of spans and their events that are carried: any other may be content. */
export const CARRIED: readonly string[] = [...Object.keys(SPAN_ATTRIBUTES), ...Object.keys(OWN)];

/** Log records, without `copilot_chat.`, kept as custom events. */
export const KEPT: ReadonlySet<string> = new Set([
  "agent.turn",
  "cloud.session.invoke",
  "edit.feedback",
  "edit.survival",
  "inline_agent_survey",
  "user.feedback",
]);

/** Events inside spans, without `github.copilot.`, kept as custom events. */
export const KEPT_SPAN_EVENTS: ReadonlySet<string> = new Set([
  "hook.error",
  "session.abort",
  "session.compaction_complete",
  "session.truncation",
  "skill.invoked",
]);
