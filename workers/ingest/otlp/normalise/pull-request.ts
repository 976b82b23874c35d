/**
 * Whether a shell command opens a pull request. Used where an agent tells its commands and has no counter of pull requests
 * (codex.ts, gemini-cli-tools.ts). Pure; whether the command went well is the caller's to know. Reads as a shell does only as
 * far as is needed not to take a text for a command: quotes, comments and here-documents are left out.
 */

/** Characters of a command that are read: a script longer than this is none that an agent types, and its time is bounded. */
const MAX_COMMAND = 4_096;
const MENTION = /\bgh\s+pr\s+create\b/;
/** Where a command begins, after variables set for it alone; asking for help or for a rehearsal opens nothing. */
const OPENS =
  /(?:^|[;&|(\n])[^\S\n]*(?:[A-Za-z_]\w*=[^\s;&|(]*[^\S\n]+)*gh[^\S\n]+pr[^\S\n]+create(?![\w-])(?![^;&|\n]*\s--(?:help|dry-run)\b)/;
const HERE_DOCUMENT = /<<-?[^\S\n]*(["']?)([A-Za-z_]\w*)\1/;

/** `git push && gh pr create --fill` -> true. */
export function opensPullRequest(command: string): boolean {
  const text = command.slice(0, MAX_COMMAND);
  return MENTION.test(text) && OPENS.test(unquoted(withoutHereDocuments(text)));
}

function withoutHereDocuments(text: string): string {
  let end: string | undefined;
  const kept: string[] = [];
  for (const line of text.split("\n")) {
    if (end === undefined) {
      kept.push(line);
      end = HERE_DOCUMENT.exec(line)?.[2];
    } else if (line.trim() === end) end = undefined;
  }
  return kept.join("\n");
}

/** Without what stands in quotes and comments; a quote that is not closed takes the rest with it. */
function unquoted(text: string): string {
  let out = "";
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== "") {
      if (char === quote) quote = "";
      else if (char === "\\" && quote === '"') at++;
    } else if (char === "\\") at++;
    else if (char === "'" || char === '"') {
      quote = char;
      // What is left of a quoted word, so that it still is one.
      out += "_";
    } else if (char === "#" && /(?:^|[\s;&|(])$/.test(out.slice(-1))) {
      const end = text.indexOf("\n", at);
      if (end < 0) break;
      at = end - 1;
    } else out += char;
  }
  return out;
}
