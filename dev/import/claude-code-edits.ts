/**
 * Line counts of Claude Code's edits, from a tool's arguments or its result. Used by claude-code.ts. Pure.
 */
import { type EditInput, EditResultSchema } from "./claude-code-schema.ts";
import { languageOf } from "./names.ts";
import { countDiffLines, countLines, type FileEdit } from "./patch.ts";

const EDIT_TOOLS = new Set(["Edit", "MultiEdit", "Write", "NotebookEdit"]);

export function isEditTool(name: string): boolean {
  return EDIT_TOOLS.has(name);
}

/** What an edit would change, from its arguments: used only if it is refused. Undefined for other tools. */
export function proposedEdit(name: string, input: EditInput): FileEdit | undefined {
  if (!isEditTool(name)) return undefined;
  const total: FileEdit = { language: languageOf(input.file_path ?? input.notebook_path), added: 0, removed: 0 };
  for (const edit of input.edits ?? [input]) {
    total.added += countLines(edit.new_string ?? edit.content ?? edit.new_source);
    total.removed += countLines(edit.old_string);
  }
  return total;
}

/** What an edit did change, from its result; undefined when the result is not an edit's. */
export function editOf(result: unknown): FileEdit | undefined {
  const edit = EditResultSchema.safeParse(result);
  if (!edit.success) return undefined;
  const { filePath, structuredPatch, content } = edit.data;
  const language = languageOf(filePath);
  if (structuredPatch.length > 0) {
    return { language, ...countDiffLines(structuredPatch.flatMap((hunk) => hunk.lines)) };
  }
  // A new file has no patch: all its lines are new.
  return { language, added: countLines(content), removed: 0 };
}
