/**
 * What Codex's tool records say about outcome and edits. Used by codex.ts. Pure; only numbers and names come out.
 */
import { z } from "zod";
import type { PatchEndSchema } from "./codex-schema.ts";
import { languageOf } from "./names.ts";
import { countLines, countUnifiedDiff, editsOfPatch, type FileEdit, patchText } from "./patch.ts";

/** The status stands in the first lines of an output. */
const STATUS_CHARS = 400;
/** The client's own words for a call that never ran. */
const FAILED_TEXT = /^(?:apply_patch verification failed|failed to|Script failed)/;
const EXIT_TEXT = /(?:Process exited with code|Exit code:) (\d+)/;

const StructuredOutputSchema = z.object({ metadata: z.object({ exit_code: z.number() }) });
const ContentSchema = z.object({ content: z.unknown().optional() });
const TextPartSchema = z.object({ text: z.string() });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface Outcome {
  failed: boolean;
  exitCode: number | undefined;
}

/** Whether a tool failed, from its output in any of its forms: JSON text with metadata, a status line, content parts. */
export function outcomeOf(output: unknown): Outcome {
  if (typeof output === "string") {
    const json = output.startsWith("{") ? StructuredOutputSchema.safeParse(parsed(output)) : undefined;
    const head = output.slice(0, STATUS_CHARS);
    const match = EXIT_TEXT.exec(head);
    const exitCode =
      json?.success === true ? json.data.metadata.exit_code : match === null ? undefined : Number(match[1]);
    return { failed: exitCode === undefined ? FAILED_TEXT.test(head) : exitCode !== 0, exitCode };
  }
  if (Array.isArray(output)) {
    const part = TextPartSchema.safeParse(output[0]);
    return outcomeOf(part.success ? part.data.text : "");
  }
  const inner = ContentSchema.safeParse(output);
  return outcomeOf(inner.success && inner.data.content !== undefined ? inner.data.content : "");
}

/**
 * Edits that a call's arguments ask for: apply_patch itself, or a shell that runs it. Not those of `exec`, a script that
 * calls tools: the patches it applies are told on their own.
 */
export function editsOfCall(name: string, args: unknown): FileEdit[] {
  if (name === "exec") return [];
  const value = typeof args === "string" && args.startsWith("{") ? (parsed(args) ?? args) : args;
  const patch = patchText(value);
  return patch === undefined ? [] : editsOfPatch(patch);
}

/** Edits that were applied. */
export function editsOfChanges(changes: z.infer<typeof PatchEndSchema>["changes"]): FileEdit[] {
  return Object.entries(changes ?? {}).map(([path, change]) => {
    const language = languageOf(path);
    if (change.type === "add") return { language, added: countLines(change.content), removed: 0 };
    if (change.type === "delete") return { language, added: 0, removed: countLines(change.content) };
    return { language, ...countUnifiedDiff(change.unified_diff) };
  });
}

/** One edit a language: what a call's files come to. */
export function byLanguage(edits: readonly FileEdit[]): FileEdit[] {
  const sums = new Map<string | undefined, FileEdit>();
  for (const edit of edits) {
    const sum = sums.get(edit.language) ?? { language: edit.language, added: 0, removed: 0 };
    sums.set(edit.language, { ...sum, added: sum.added + edit.added, removed: sum.removed + edit.removed });
  }
  return [...sums.values()];
}
