/**
 * Lines that Codex's patches add and remove, counted from a tool's arguments. Used by codex.ts. Pure: numbers and languages come
 * out, never text. A deleted file's lines are not in its patch, so they are not counted.
 */
import { languageOf } from "./languages.ts";

/** Added and removed in the files of one language; "" when it is unknown. */
export interface PatchLines {
  language: string;
  added: number;
  removed: number;
}

const BEGIN = "*** Begin Patch";
const END = "*** End Patch";
const FILE = /^\*\*\* (?:Add|Update|Delete) File: (.+)$/;
/** Tools that take a command: a model without the patch tool runs it as a program, with the patch as its here-document. */
const PATCH_PROGRAM = /\bapply_?patch\b/;
const MAX_DEPTH = 4;
/** Languages told apart in one call; the files of others count together, so that a call makes few events. */
const MAX_LANGUAGES = 8;

/** What a call's arguments ask to change, by language; empty when they hold no patch. */
export function patchLines(tool: string, args: string): PatchLines[] {
  if (!args.includes(BEGIN)) return [];
  const texts = tool === "apply_patch" ? textsOf(args) : textsOf(args).filter((text) => PATCH_PROGRAM.test(text));
  const byLanguage = new Map<string, PatchLines>();
  for (const text of texts) countPatches(text, byLanguage);
  return [...byLanguage.values()];
}

/** The texts that may hold a patch: the arguments themselves, or what stands in their JSON, whose parts belong to one command. */
function textsOf(args: string): string[] {
  if (!args.startsWith("{") && !args.startsWith("[")) return [args];
  try {
    const found: string[] = [];
    collect(JSON.parse(args), found, 0);
    return [found.join("\n")];
  } catch {
    // Cut by the agent's own limit: no JSON any more, but its line ends are still escaped.
    return [args.replaceAll("\\n", "\n")];
  }
}

function collect(value: unknown, found: string[], depth: number): void {
  if (typeof value === "string") found.push(value);
  else if (typeof value === "object" && value !== null && depth < MAX_DEPTH) {
    for (const inner of Object.values(value)) collect(inner, found, depth + 1);
  }
}

function countPatches(text: string, byLanguage: Map<string, PatchLines>): void {
  let inside = false;
  let file: PatchLines | undefined;
  for (const raw of text.split("\n")) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (!inside) {
      inside = line.trimEnd().endsWith(BEGIN);
      continue;
    }
    const name = FILE.exec(line)?.[1];
    if (name !== undefined) {
      const known = languageOf(name) ?? "";
      const language = byLanguage.has(known) || byLanguage.size < MAX_LANGUAGES ? known : "";
      file = byLanguage.get(language) ?? { language, added: 0, removed: 0 };
      byLanguage.set(language, file);
    } else if (line.startsWith(END)) {
      inside = false;
      file = undefined;
    } else if (file !== undefined && line.startsWith("+")) file.added++;
    else if (file !== undefined && line.startsWith("-")) file.removed++;
  }
}
