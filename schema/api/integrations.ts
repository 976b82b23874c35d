/**
 * Queries and answers of /api/v1/integrations: what the tenant's agents send, how completely it arrives, and how an agent is set up.
 * Used by workers/api, the OpenAPI document and the page.
 */
import { z } from "zod";
import { MomentSchema, ORG_QUERY } from "./filters.ts";

/** Agents with a set-up snippet; `opentelemetry` is any other that speaks OTLP/HTTP. */
export const SNIPPET_AGENTS = ["claude-code", "codex", "gemini-cli", "copilot", "opentelemetry"] as const;
export const SnippetAgentSchema = z.enum(SNIPPET_AGENTS);
export type SnippetAgent = z.infer<typeof SnippetAgentSchema>;

export const IntegrationsQuerySchema = z.strictObject(ORG_QUERY);

const count = z.number().int();
const share = z.number().min(0).max(1);

export const CompletenessSchema = z.object({
  sessions: count.describe("sessions of the last 24 hours that can be measured"),
  share: share.nullable().describe("records seen of those sent, by gaps in their numbering; null: nothing to measure"),
  missing_records: count,
  ledger_difference: share
    .nullable()
    .describe("tokens by which the agent's own metrics and its events differ, of the larger; null: no metrics"),
});

export const IntegrationSchema = z.object({
  agent: z.string().describe("claude-code, codex, gemini-cli, copilot, genai, or the name an agent gave itself"),
  mapping_version: count,
  first_seen: MomentSchema,
  last_seen: MomentSchema,
  silent: z.boolean().describe("used to send on most days and has been silent for longer than its longest pause"),
  versions: z.array(z.object({ version: z.string(), last_seen: MomentSchema })).describe("latest seen first"),
  records: z.object({
    received: count,
    mapped: count.describe("became an event or a part of one"),
    kept: count.describe("kept as custom.<agent>.<name>"),
    ignored: count.describe("known, and left out on purpose"),
    unknown: count.describe("of a name no table has"),
    rejected: count.describe("refused, with the reason in the answer to the agent"),
  }),
  unknown_names: z.array(z.object({ name: z.string(), count })).describe("most frequent first"),
  completeness: CompletenessSchema.nullable().describe("null: the agent numbers nothing"),
});

export const SilentUserSchema = z.object({
  user_id: z.string(),
  agent: z.string(),
  last_seen: MomentSchema,
  active_days: count.describe("days of the 28 before the last with events"),
  silent_days: count.describe("days since the last event"),
});

export const IntegrationsAnswerSchema = z.object({
  org_id: z.string(),
  agents: z.array(IntegrationSchema).describe("latest seen first"),
  silent_users: z
    .array(SilentUserSchema)
    .describe("people whose agent used to report and stopped, longest silence first, at most 100"),
});
export type IntegrationsAnswer = z.infer<typeof IntegrationsAnswerSchema>;

export const SnippetAnswerSchema = z.object({
  agent: SnippetAgentSchema,
  title: z.string(),
  blocks: z.array(
    z.object({
      label: z.string(),
      file: z.string().nullable().describe("where it belongs; null: a shell"),
      language: z.enum(["shell", "json", "toml"]),
      text: z.string(),
    }),
  ),
  notes: z.array(z.string()),
  key_class: z.enum(["header", "path"]).describe("the class of ingest key that is needed"),
});
export type SnippetAnswer = z.infer<typeof SnippetAnswerSchema>;
