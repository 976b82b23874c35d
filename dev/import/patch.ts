/**
 * Counts lines of edits without keeping them: structured patches, unified diffs, apply_patch texts, new files.
 * Used by the transcript importers. Pure; what goes in never comes out, only numbers and languages.
 */
import { patchLines } from "../../workers/ingest/otlp/normalise/codex-patch.ts";

export interface LineCount {
  added: number;
  removed: number;
}

/** One file's edit. */
export interface FileEdit extends LineCount {
  language: string | undefined;
}

/** Lines of a text; the end of the last line is no line of its own. */
export function countLines(text: unknown): number {
  if (typeof text !== "string" || text === "") return 0;
  const ends = text.split("\n").length;
  return text.endsWith("\n") ? ends - 1 : ends;
}

/** Added and removed among diff lines (`+`, `-`), file headers left out. */
export function countDiffLines(lines: readonly unknown[]): LineCount {
  let added = 0;
  let removed = 0;
  for (const line of lines) {
    if (typeof line !== "string") continue;
    if (line.startsWith("+")) added++;
    else if (line.startsWith("-")) removed++;
  }
  return { added, removed };
}

/** A unified diff of one file; headers before the first hunk are skipped. */
export function countUnifiedDiff(diff: unknown): LineCount {
  if (typeof diff !== "string") return { added: 0, removed: 0 };
  const lines = diff.split("\n");
  const hunk = lines.findIndex((line) => line.startsWith("@@"));
  return countDiffLines(hunk < 0 ? lines : lines.slice(hunk + 1));
}

const PATCH_BEGIN = "*** Begin Patch";

/** The edits of an apply_patch text, one a language; empty when the text holds no patch. A deleted file's lines are not in it. */
export function editsOfPatch(text: string): FileEdit[] {
  return patchLines("apply_patch", text).map(({ language, added, removed }) => ({
    language: language === "" ? undefined : language,
    added,
    removed,
  }));
}

/** The patch inside a tool's arguments, wherever an agent put it: a string, a command array, a shell here-document. */
export function patchText(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") return value.includes(PATCH_BEGIN) ? value : undefined;
  if (typeof value !== "object" || value === null || depth > 3) return undefined;
  for (const inner of Object.values(value)) {
    const found = patchText(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
