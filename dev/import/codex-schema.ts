/**
 * The fields of Codex rollout lines that the importer reads; everything else is dropped by parsing.
 * Used by codex.ts. Tolerant: a field of another shape is as good as absent.
 */
import { z } from "zod";

const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const text = optional(z.string());
const count = z.number().min(0).catch(0).default(0);

/** `{timestamp, type, payload}`: session_meta, turn_context, event_msg, response_item, compacted. */
export const RolloutLineSchema = z.object({
  timestamp: text,
  type: z.string(),
  payload: z.looseObject({ type: text }).optional().catch(undefined),
});

export const SessionMetaSchema = z.object({
  id: text,
  session_id: text,
  cwd: text,
  cli_version: text,
  originator: text,
  model: text,
  forked_from_id: text,
  git: optional(z.object({ branch: text, repository_url: text })),
});

export const TurnContextSchema = z.object({ model: text, cwd: text });

/** Cumulative over the session. `cached` and `cache_write` are parts of `input`, `reasoning` a part of `output`. */
const TotalsSchema = z.object({
  input_tokens: count,
  cached_input_tokens: count,
  cache_write_input_tokens: count,
  output_tokens: count,
  reasoning_output_tokens: count,
});
export type Totals = z.infer<typeof TotalsSchema>;

export const TokenCountSchema = z.object({
  info: z.object({ total_token_usage: optional(TotalsSchema), last_token_usage: optional(TotalsSchema) }),
});

/** function_call (arguments), custom_tool_call (input), local_shell_call (action), web_search_call. */
export const ToolCallSchema = z.object({
  call_id: text,
  id: text,
  name: text,
  arguments: z.unknown().optional(),
  input: z.unknown().optional(),
  action: z.unknown().optional(),
  status: text,
});

export const ToolOutputSchema = z.object({ call_id: text, output: z.unknown().optional() });

/** Written when a patch was applied: the changes by path. */
export const PatchEndSchema = z.object({
  call_id: text,
  success: z.boolean(),
  changes: optional(z.record(z.string(), z.object({ type: text, content: text, unified_diff: text }))),
});

export const ErrorSchema = z.object({ codex_error_info: z.unknown().optional() });
