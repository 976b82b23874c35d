/**
 * The fields of Claude Code's records that the importer reads; everything else in a record is dropped by parsing.
 * Used by claude-code.ts. Tolerant: a field of another shape is as good as absent.
 */
import { z } from "zod";

const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const count = z.number().nullish().catch(undefined);

export const ClaudeLineSchema = z.object({
  type: z.string(),
  subtype: optional(z.string()),
  timestamp: optional(z.string()),
  uuid: optional(z.string()),
  sessionId: optional(z.string()),
  cwd: optional(z.string()),
  gitBranch: optional(z.string()),
  version: optional(z.string()),
  entrypoint: optional(z.string()),
  requestId: optional(z.string()),
  isSidechain: optional(z.boolean()),
  isMeta: optional(z.boolean()),
  isCompactSummary: optional(z.boolean()),
  isApiErrorMessage: optional(z.boolean()),
  apiErrorStatus: count,
  error: optional(
    z
      .union([z.string(), z.object({ status: count, type: optional(z.string()) })])
      .transform((error) => (typeof error === "string" ? { type: error, status: undefined } : error)),
  ),
  /** Written by versions before 1.0.9. */
  costUSD: optional(z.number().min(0).max(1_000_000)),
  message: optional(z.looseObject({ content: z.unknown().optional() })),
  toolUseResult: z.unknown().optional(),
  prNumber: optional(z.number().int().min(0).max(4_294_967_295)),
  prUrl: optional(z.string().max(2_048)),
  prRepository: optional(z.string()),
});
export type ClaudeLine = z.infer<typeof ClaudeLineSchema>;
/** A record with a readable time. */
export type DatedLine = ClaudeLine & { timestamp: string };

const UsageSchema = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
});
export type Usage = z.infer<typeof UsageSchema>;

export const AssistantSchema = z.object({
  id: optional(z.string()),
  model: optional(z.string()),
  usage: optional(UsageSchema),
  content: z.array(z.unknown()).catch([]),
});

const ReplacementSchema = z.object({
  old_string: optional(z.string()),
  new_string: optional(z.string()),
  content: optional(z.string()),
  new_source: optional(z.string()),
});

/** The arguments of Edit, MultiEdit, Write and NotebookEdit. */
const EditInputSchema = ReplacementSchema.extend({
  file_path: optional(z.string()),
  notebook_path: optional(z.string()),
  edits: optional(z.array(ReplacementSchema)),
});
export type EditInput = z.infer<typeof EditInputSchema>;

/** Only the content blocks that say something about tools. */
export const BlockSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("tool_use"),
    id: z.string(),
    name: z.string(),
    input: EditInputSchema.catch({}),
  }),
  z.object({ type: z.literal("tool_result"), tool_use_id: z.string(), is_error: optional(z.boolean()) }),
]);

/** The result of Edit, MultiEdit and Write. */
export const EditResultSchema = z.object({
  filePath: z.string(),
  type: optional(z.string()),
  content: optional(z.string()),
  structuredPatch: z.array(z.object({ lines: z.array(z.unknown()) })),
});
