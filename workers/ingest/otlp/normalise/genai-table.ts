/**
 * Attributes of the GenAI conventions, old and new, of OpenInference, OpenLLMetry and the Vercel AI SDK, and where they go.
 * Data; read by genai.ts and copilot.ts.
 *
 * Of an agent nobody knows any other attribute may be content: only what stands here is carried, so prompts, messages,
 * arguments and results never are.
 */
import type { AgentTable, Place } from "./table.ts";

const label = (to: string): Place => ({ to, as: "label" });

/** Attributes that are carried, and their keys in metadata. */
export const SPAN_ATTRIBUTES: Readonly<Record<string, Place>> = {
  "gen_ai.operation.name": label("operation"),
  "gen_ai.provider.name": label("provider"),
  "gen_ai.system": label("provider"),
  "gen_ai.agent.name": label("agent_name"),
  "gen_ai.agent.id": label("agent_id"),
  "gen_ai.workflow.name": label("workflow"),
  "traceloop.workflow.name": label("workflow"),
  "gen_ai.prompt.name": label("prompt_name"),
  "gen_ai.response.id": label("request_id"),
  "gen_ai.response.finish_reasons": label("finish_reasons"),
  "llm.response.finish_reason": label("finish_reasons"),
  "gen_ai.response.time_to_first_chunk": { to: "ttft_s", as: "number" },
  "gen_ai.conversation.compacted": { to: "compacted", as: "flag" },
  "gen_ai.request.reasoning.level": label("reasoning_level"),
  "gen_ai.tool.name": label("tool_name"),
  "gen_ai.tool.type": label("tool_type"),
  "gen_ai.tool.call.id": label("tool_call_id"),
  "gen_ai.tool.call_id": label("tool_call_id"),
  "tool_call.id": label("tool_call_id"),
  "ai.toolCall.id": label("tool_call_id"),
  "mcp.method.name": label("mcp_method"),
  "server.address": label("server_address"),
  "error.type": label("code"),
  "exception.type": label("code"),
  "exception.message": { to: "message", as: "text" },
  "http.response.status_code": { to: "status_code", as: "status" },
  "http.status_code": { to: "status_code", as: "status" },
  "gen_ai.evaluation.name": label("evaluation"),
  "gen_ai.evaluation.score.value": { to: "score", as: "number" },
  "gen_ai.evaluation.score.label": label("score_label"),
};

/** Identity and model go to fields of the event; the lists below say from where. */
const SESSION = [
  "gen_ai.conversation.id",
  "session.id",
  "gen_ai.session.id",
  "traceloop.association.properties.session_id",
  "traceloop.association.properties.thread_id",
  "langfuse.session.id",
  "ai.telemetry.metadata.sessionId",
  "trace_id",
] as const;
const USER = [
  "enduser.id",
  "user.email",
  "user.id",
  "traceloop.association.properties.user_id",
  "langfuse.user.id",
  "ai.telemetry.metadata.userId",
  "service.instance.id",
] as const;
/** What answered is what is priced; what was asked for stands in when nothing says. */
export const MODEL = [
  "gen_ai.response.model",
  "llm.response.model_name",
  "llm.response.model",
  "gen_ai.request.model",
  "llm.model_name",
  "llm.request.model_name",
  "llm.request.model",
  "ai.response.model",
  "ai.model.id",
  "embedding.model_name",
] as const;

const none = (names: readonly string[]): Readonly<Record<string, Place>> =>
  Object.fromEntries(names.map((name) => [name, null]));

export const GENAI: AgentTable = {
  agent: "genai",
  version: 1,
  prefix: "genai",
  session: SESSION,
  user: USER,
  agentVersion: ["gen_ai.agent.version", "service.version"],
  model: MODEL,
  attributes: { ...SPAN_ATTRIBUTES, ...none([...SESSION, ...USER, ...MODEL]) },
};
