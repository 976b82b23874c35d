/**
 * What of an agent's attributes is kept, replaced by a pseudonym, or dropped before anything is stored: the document of
 * `tenant_policies.privacy`, and the defaults under it. Used by the privacy route, the tenant record and redaction at the edge.
 *
 * The first rule that fits an attribute decides: the tenant's, then the defaults, then `unknown`. Times, types and ids of events
 * and sessions are no attributes: without them there is no event. Secrets are removed from everything, whatever a rule says.
 */
import { z } from "zod";

/** As in the normalisers' names; `*` is every agent. */
export const POLICY_AGENTS = ["*", "claude-code", "codex", "gemini-cli", "copilot", "genai"] as const;
export const PRIVACY_ACTIONS = ["keep", "hash", "drop"] as const;
export const PrivacyActionSchema = z.enum(PRIVACY_ACTIONS);
export type PrivacyAction = z.infer<typeof PrivacyActionSchema>;

/** Names longer than this are no attribute of any agent; they fall under `unknown`. */
const MAX_PATTERN = 128;
/** Rules of one tenant; each attribute name is matched once per isolate and minute. */
const MAX_RULES = 200;

export const PrivacyRuleSchema = z.strictObject({
  agent: z.enum(POLICY_AGENTS).default("*"),
  attribute: z
    .string()
    .trim()
    .toLowerCase()
    .min(1)
    .max(MAX_PATTERN)
    .regex(/^[^*]*(?:\*[^*]+)*\*?$/, "`*` stands for any text; two in a row say nothing more")
    .describe("name as the agent sends it, `*` for any part of it; case does not count"),
  action: PrivacyActionSchema,
});
export type PrivacyRule = z.infer<typeof PrivacyRuleSchema>;

export const PrivacyPolicySchema = z.strictObject({
  v: z.literal(1).default(1),
  rules: z.array(PrivacyRuleSchema).max(MAX_RULES).default([]).describe("the first that fits decides"),
  unknown: z
    .enum(["identifiers", ...PRIVACY_ACTIONS])
    .default("identifiers")
    .describe(
      "for attributes that no rule names. identifiers: keep numbers, booleans and short words without spaces, drop texts",
    ),
});
export type PrivacyPolicy = z.infer<typeof PrivacyPolicySchema>;

const rules = (action: PrivacyAction, agent: PrivacyRule["agent"], attributes: readonly string[]): PrivacyRule[] =>
  attributes.map((attribute) => ({ agent, attribute, action }));

/**
 * The name under which the error text of a tool's call is asked for, whatever its agent calls it: unlike an API's, it repeats
 * what the tool was given (paths, the text that was not found).
 */
export const TOOL_ERROR = "tool.error";

/** Prompts, answers, what tools were given and gave back, instructions, bodies. */
const CONTENT = [
  "prompt",
  "prompt_text",
  "user_prompt",
  "response",
  "response_text",
  "request_text",
  "body",
  "body_ref",
  "http.request.body*",
  "http.response.body*",
  "input",
  "output",
  "arguments",
  "function_args",
  "tool_input",
  "tool_output",
  "tool_parameters",
  "tool_result",
  TOOL_ERROR,
  "reasoning",
  "routing.reasoning",
  "category",
  "explanation",
  "gen_ai.prompt*",
  "gen_ai.completion*",
  "gen_ai.input.*",
  "gen_ai.output.messages",
  "gen_ai.system_instructions",
  "gen_ai.tool.definitions",
  "gen_ai.tool.description",
  "gen_ai.agent.description",
  "gen_ai.tool.call.arguments",
  "gen_ai.tool.call.result",
  "gen_ai.tool.message",
  "gen_ai.evaluation.explanation",
  "input.*",
  "output.*",
  "llm.input_messages*",
  "llm.output_messages*",
  "llm.prompts*",
  "llm.prompt_template*",
  "llm.tools*",
  "llm.invocation_parameters",
  "tool.parameters",
  "tool.description",
  "tool.json_schema",
  "retrieval.documents*",
  "traceloop.entity.input",
  "traceloop.entity.output",
  "copilot_chat.*_text",
  "github.copilot.prompt*",
  "exception.stacktrace",
];

/** The machine and the place on it: who works where is not needed for any figure. */
const MACHINE = [
  "host.name",
  "host.id",
  "host.ip",
  "host.mac",
  "process.command*",
  "process.owner",
  "process.executable.*",
  "process.working_directory",
  "process.args*",
  "workspace*",
  "cwd",
  "*.cwd",
  "working_directory",
  "file_path",
  "file.path",
  "path",
  "directory",
  "full_command",
  "bash_command",
  "command",
  "command_line",
  "client.address",
  "network.peer.address",
  "net.*.ip",
];

/** Names that people filter by and figures are made of; some hold a slash, a space or an address. */
const NAMES = [
  "user.*",
  "enduser.*",
  "organization.*",
  "installation.id",
  "session.id",
  "conversation.id",
  "team.id",
  "team",
  "repo",
  "repository",
  "branch",
  "vcs.*",
  "git.*",
  "github.copilot.git.*",
  "service.*",
  "model",
  "model_name",
  "slug",
  "*.model",
  "llm.model_name",
  "event.name",
  "language",
  "programming_language",
  "mimetype",
  "tool_name",
  "function_name",
  "tool.name",
  "gen_ai.tool.name",
  "gen_ai.agent.name",
  "agent.name",
  "agent_type",
  "skill.name",
  "plugin.*",
  "marketplace.*",
  "mcp_server*",
  "mcp_tool*",
  "server_name",
  "hook_*",
  "query_source*",
  "decision_source",
  "endpoint",
  "command_name",
  "error",
  "error_name",
  "error.message",
  "error.type",
  "error_type",
  "exception.message",
  "exception.type",
];

/** What holds for every tenant that has not said otherwise. E-mail addresses stay: they are who used the agent. */
export const DEFAULT_PRIVACY_RULES: readonly PrivacyRule[] = [
  ...rules("drop", "*", CONTENT),
  ...rules("drop", "*", MACHINE),
  ...rules("keep", "*", NAMES),
];

export const NO_PRIVACY_POLICY: PrivacyPolicy = { v: 1, rules: [], unknown: "identifiers" };

/** What `identifiers` keeps of texts: one word without a path, an address or a sentence in it. */
export const IDENTIFIER = /^[A-Za-z0-9_.:+-]{1,64}$/;

/** True when some rule, or the default for unknown names, needs the tenant's pseudonym key. */
export function hashesAnything(policy: PrivacyPolicy): boolean {
  return policy.unknown === "hash" || policy.rules.some(({ action }) => action === "hash");
}
