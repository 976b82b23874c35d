/**
 * Gemini CLI's `tool_call`: a call of a tool, its failure, the lines it wrote, the pull request it opened. Called by
 * gemini-cli.ts. Pure.
 *
 * A shell command that ran and failed is a call that succeeded, here as in the agent's own counts. How it ended is in
 * `metadata`, only while prompts are logged: it is carried as `exit_code`, and makes no error, or the same run would have
 * more errors with prompts than without.
 *
 * Lines come from the diff in `metadata` (a JSON text; older builds sent its keys one by one) and from nowhere else: a
 * `file_operation` counts the lines of the whole file, its last empty one too, and `lines.changed` is the same diff again.
 */
import { MAX_LINES } from "../../../../schema/limits.ts";
import type { Attributes, AttributeValue, LogRecord } from "../model.ts";
import type { NormalisedEvent } from "./contract.ts";
import { GEMINI } from "./gemini-cli-table.ts";
import { eventId, logKey } from "./ids.ts";
import { languageOf } from "./languages.ts";
import { opensPullRequest } from "./pull-request.ts";
import { type Draft, type Metadata, makeEvent, type Place } from "./table.ts";
import { booleanOf, countOf, objectOf } from "./values.ts";

/** A rejected call did not fail: the user or a policy said no. */
const REJECTED = "reject";

const SHELL = "run_shell_command";
/** Tools whose rejection is a decision against code. */
const EDITS: ReadonlySet<unknown> = new Set(["write_file", "replace"]);

const CALL: Readonly<Record<string, Place>> = {
  metadata: null,
  start_time: null,
  end_time: null,
  error: null,
  "error.message": null,
};

/** The events of one tool_call at `at` ms: the call, and what it did. */
export function toolCallEvents(record: LogRecord, attributes: Attributes, at: number): NormalisedEvent[] {
  const key = logKey(record);
  const make = (kind: string, draft: Omit<Draft, "at" | "id">): NormalisedEvent =>
    makeEvent(GEMINI, record.resource, attributes, {
      ...draft,
      at,
      id: eventId(GEMINI.agent, kind, key, record.spanId),
    });

  const ended = endOf(attributes);
  const events = [make("tool_call", { type: "custom.gemini_cli.tool_call", metadata: ended, places: CALL })];
  const args = objectOf(attributes.function_args);
  const succeeded = booleanOf(attributes.success);
  if (succeeded === false && attributes.decision !== REJECTED) {
    events.push(
      make("error", {
        type: "error",
        metadata: { fatal: false },
        only: ["function_name", "error", "error.message", "error.type", "error_type", "prompt_id", "duration_ms"],
      }),
    );
  }
  if (attributes.decision === REJECTED && EDITS.has(attributes.function_name)) {
    // What was refused changed nothing.
    events.push(
      make("code_generated", {
        type: "code_generated",
        metadata: { accepted: false, ...languageIn(args) },
        only: ["function_name", "decision", "prompt_id"],
      }),
    );
  }
  const lines = linesOf(attributes);
  if (lines !== undefined && succeeded !== false && attributes.decision !== REJECTED) {
    events.push(
      make("code_generated", {
        type: "code_generated",
        metadata: { ...lines, accepted: true, ...languageIn(args) },
        only: ["function_name", "decision", "prompt_id"],
      }),
    );
  }
  // The only sign of a pull request here: what the command prints is not sent, so a command that went well is believed.
  const ran = succeeded === true && attributes.function_name === SHELL && ended.command_failed !== true;
  if (ran && typeof args?.command === "string" && opensPullRequest(args.command)) {
    events.push(make("pr_created", { type: "pr_created", only: ["function_name", "prompt_id"] }));
  }
  return events;
}

/** How a shell command ended, where that is sent. */
function endOf(attributes: Attributes): Metadata {
  const metadata = objectOf(attributes.metadata);
  const code = metadata?.exitCode;
  const failed = metadata?.isError;
  return {
    ...(Number.isSafeInteger(code) ? { exit_code: code } : {}),
    ...(typeof failed === "boolean" ? { command_failed: failed } : {}),
  };
}

/** Of the file that was written, when arguments are sent. */
function languageIn(args: Record<string, unknown> | undefined): Metadata {
  const language = typeof args?.file_path === "string" ? languageOf(args.file_path) : undefined;
  return language === undefined ? {} : { language };
}

/** Lines of the diff that the model wrote, and what its user changed in it by hand; undefined when nothing changed. */
function linesOf(attributes: Attributes): Metadata | undefined {
  const diff = diffOf(attributes);
  const added = countOf(diff("model_added_lines"), MAX_LINES);
  const removed = countOf(diff("model_removed_lines"), MAX_LINES);
  if ((added ?? 0) + (removed ?? 0) === 0) return undefined;
  const lines: Metadata = { lines_added: added ?? 0, lines_removed: removed ?? 0 };
  for (const name of ["user_added_lines", "user_removed_lines"]) {
    const count = countOf(diff(name), MAX_LINES);
    if (count !== undefined && count > 0) lines[name] = count;
  }
  return lines;
}

/** Reads a number of the diff, wherever this build put it. */
function diffOf(attributes: Attributes): (name: string) => AttributeValue | undefined {
  const metadata = objectOf(attributes.metadata);
  const stat = metadata?.diffStat;
  const inner = typeof stat === "object" && stat !== null && !Array.isArray(stat) ? Object.entries(stat) : [];
  const flat = new Map<string, unknown>([...inner, ...Object.entries(metadata ?? {})]);
  return (name) => {
    const value = flat.get(name);
    if (typeof value === "number" || typeof value === "string") return value;
    return attributes[`metadata.${name}`] ?? attributes[`metadata.diffStat.${name}`];
  };
}
