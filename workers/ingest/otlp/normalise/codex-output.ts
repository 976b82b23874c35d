/**
 * What the texts of Codex's tool records say: how a command ended, who refused it, what it ran. Used by codex.ts, which has no
 * other place to learn it from. Pure; numbers and verdicts come out, but for the command line, which nothing may carry further.
 */
import { objectOf } from "./values.ts";

/** The tool's status stands before its output, in the first lines; in older builds behind it, both in one JSON object. */
const STATUS_CHARS = 400;
const JSON_OUTPUT = '{"output":';
const JSON_EXIT_CODE = /"metadata":\{"exit_code":(-?\d{1,10})/;
const EXIT_CODE = /(?:^|\n)(?:Process exited with code|Exit code:) (-?\d{1,10})/;
const REFUSED = /\breject/i;
/** A person's refusal; "rejected by user approval settings" is a policy's. */
const BY_PERSON = /\brejected by (?:the )?user\b(?! approval)/i;
/** Where `gh pr create` says what it opened. */
const PULL_REQUEST_NUMBER = /\/pull\/(\d{1,9})\b/;
/** `bash -lc "…"`: the command line is its third word. */
const SHELL = /(?:^|\/)(?:ba|z|da)?sh$/;
const COMMAND_FLAG = /^-\w*c$/;

/** How the command ended; undefined when the output does not say. Quotes inside a JSON text are escaped, so its status is none of them. */
export function exitCodeOf(output: string): number | undefined {
  const found = output.startsWith(JSON_OUTPUT)
    ? JSON_EXIT_CODE.exec(output)
    : EXIT_CODE.exec(output.slice(0, STATUS_CHARS).split("\nOutput:")[0] ?? "");
  return found?.[1] === undefined ? undefined : Number(found[1]);
}

/** Who refused a call that did not run; undefined when nobody did, and it failed. */
export function refusedBy(output: string): "person" | "policy" | undefined {
  const head = output.slice(0, STATUS_CHARS);
  if (!REFUSED.test(head)) return undefined;
  return BY_PERSON.test(head) ? "person" : "policy";
}

/** The number of the pull request that a command said it opened. */
export function pullRequestNumber(output: string): number | undefined {
  const found = PULL_REQUEST_NUMBER.exec(output)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The command line that may run `gh` in a shell tool's arguments: a text, or a program with its arguments; "" when there is none. */
export function commandOf(args: string): string {
  // Most commands are none that is looked for, and need not be parsed.
  const inside = args.includes("gh") ? objectOf(args) : undefined;
  const command = inside?.cmd ?? inside?.command;
  if (typeof command === "string") return command;
  const words: unknown[] = Array.isArray(command) ? command : [];
  if (!words.every((word) => typeof word === "string")) return "";
  const [program = "", flag = "", script = ""] = words;
  return SHELL.test(program) && COMMAND_FLAG.test(flag) ? script : words.join(" ");
}
