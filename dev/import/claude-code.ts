/**
 * Claude Code session logs (~/.claude/projects/<project>/<session>.jsonl, one JSON record a line) as events.
 * Called by run.ts. Sends counts, names, tokens, models and times; never prompts, answers, code, tool arguments or outputs.
 *
 * What the format does that a reader must know: one model answer is written as several lines, each with the usage so far
 * (counted once, the last one holds); a resumed session repeats older records (ids come from the records' own ids, so they
 * are the same events); sub-agents write `isSidechain` lines under their parent's session.
 */
import type { EventInput } from "../../schema/event.ts";
import { editOf, isEditTool, proposedEdit } from "./claude-code-edits.ts";
import {
  AssistantSchema,
  BlockSchema,
  type ClaudeLine,
  ClaudeLineSchema,
  type DatedLine,
  type Usage,
} from "./claude-code-schema.ts";
import { eventIdOf } from "./event-id.ts";
import { type Found, otherLine } from "./found.ts";
import { branchOf, codeName, label, repoOfCwd, repoOfRemote } from "./names.ts";
import type { FileEdit } from "./patch.ts";
import { type Body, SETTLED_MS, type TranscriptOptions, tokenCount } from "./transcript.ts";

const AGENT = "claude-code";
/** Commands typed with a slash and their output are stored as user lines, but are no turns. */
const COMMAND_TEXT = /^<(?:command-|local-command-|bash-)/;
/** Written by the client in the model's place. */
const SYNTHETIC_MODEL = "<synthetic>";

interface Call {
  first: DatedLine;
  line: number;
  model: string;
  usage: Usage;
  requestId: string | undefined;
  costUsd: number | undefined;
}

interface ToolUse {
  name: string;
  at: number;
  proposed: FileEdit | undefined;
}

function isInside(path: string, folder: string): boolean {
  return path === folder || (path.startsWith(folder) && /[\\/]/.test(path.charAt(folder.length)));
}

/** Maps one file. Feed every line, then `end`. */
export class ClaudeCodeMapper {
  readonly #options: TranscriptOptions;
  readonly #calls = new Map<string, Call>();
  readonly #tools = new Map<string, ToolUse>();
  readonly #pullRequests = new Set<string>();
  #first: DatedLine | undefined;
  #firstLine = 0;
  #lastAt = 0;
  #lastLine = 0;
  #turns = 0;
  #sidechainFile = true;
  #projectDir: string | undefined;
  #branch: string | undefined;

  constructor(options: TranscriptOptions) {
    this.#options = options;
  }

  /** Events of one record; costs, start and end come with `end`, when they are complete. */
  *record(json: unknown, line: number): Generator<Found> {
    const parsed = ClaudeLineSchema.safeParse(json);
    if (!parsed.success) {
      yield otherLine("(unexpected shape)");
      return;
    }
    const record = parsed.data;
    const { timestamp } = record;
    if (timestamp === undefined || Number.isNaN(Date.parse(timestamp))) {
      yield otherLine(record.type);
      return;
    }
    const dated = { ...record, timestamp };
    this.#see(dated, line);
    if (record.type === "assistant") yield* this.#assistant(dated, line);
    else if (record.type === "user") yield* this.#user(dated, line);
    else if (record.type === "pr-link") yield* this.#pullRequest(dated, line);
    else if (record.type === "system" && record.subtype === "api_error") {
      const status = record.error?.status;
      yield this.#error(dated, line, { code: "api_error", status_code: status, fatal: false });
    } else yield otherLine(record.subtype === undefined ? record.type : `${record.type}/${record.subtype}`);
  }

  /** What only the whole file can tell: each model call once, the session's start and, when it is quiet, its end. */
  *end(): Generator<Found> {
    for (const [key, call] of this.#calls) yield this.#cost(key, call);
    const first = this.#first;
    if (first === undefined || this.#sidechainFile) return;
    const session = this.#session(first);
    const model = this.#calls.values().next().value?.model;
    const common = this.#common(first);
    yield this.#event(first, this.#firstLine, ["start", session], {
      event_type: "session_start",
      ...(model === undefined ? {} : { model }),
      metadata: {
        agent: AGENT,
        ...(model === undefined ? {} : { model }),
        ...(common.repo === undefined ? {} : { repo: common.repo }),
        ...(common.branch === undefined ? {} : { branch: common.branch }),
        ...(first.entrypoint === undefined ? {} : { entrypoint: label(first.entrypoint) }),
      },
    });
    if (this.#options.now - this.#lastAt < SETTLED_MS) return;
    const last = { ...first, timestamp: new Date(this.#lastAt).toISOString() };
    yield this.#event(last, this.#lastLine, ["end", session, this.#lastAt], {
      event_type: "session_end",
      metadata: { duration_ms: this.#lastAt - Date.parse(first.timestamp) },
    });
  }

  #see(record: DatedLine, line: number): void {
    if (record.isSidechain !== true) this.#sidechainFile = false;
    this.#projectDir ??= record.cwd;
    this.#branch = record.gitBranch ?? this.#branch;
    const session = this.#session(record);
    const own = this.#options.fallbackSession;
    // Records copied from the session this one resumes may come first: the file's own session is the one it is named after.
    if (this.#first === undefined || (session === own && this.#session(this.#first) !== own)) {
      this.#first = record;
      this.#firstLine = line;
      this.#lastAt = 0;
    }
    if (session === this.#session(this.#first)) {
      this.#lastAt = Math.max(this.#lastAt, Date.parse(record.timestamp));
      this.#lastLine = line;
    }
  }

  *#assistant(record: DatedLine, line: number): Generator<Found> {
    if (record.isApiErrorMessage === true) {
      const code = codeName(record.error?.type) ?? "api_error";
      yield this.#error(record, line, { code, status_code: record.apiErrorStatus, fatal: true });
      return;
    }
    const parsed = AssistantSchema.safeParse(record.message);
    if (!parsed.success) {
      yield otherLine("assistant (unexpected shape)");
      return;
    }
    const { id, model, usage, content } = parsed.data;
    if (usage !== undefined && model !== undefined && model !== SYNTHETIC_MODEL) {
      const key = `${id ?? record.uuid ?? line}|${record.requestId ?? ""}`;
      const known = this.#calls.get(key);
      this.#calls.set(key, {
        first: known?.first ?? record,
        line: known?.line ?? line,
        model,
        usage,
        requestId: record.requestId,
        costUsd: record.costUSD ?? known?.costUsd,
      });
    }
    for (const raw of content) {
      const block = BlockSchema.safeParse(raw);
      if (!block.success || block.data.type !== "tool_use") continue;
      const { id: toolId, name, input } = block.data;
      const at = Date.parse(record.timestamp);
      if (!this.#tools.has(toolId)) this.#tools.set(toolId, { name, at, proposed: proposedEdit(name, input) });
    }
  }

  *#user(record: DatedLine, line: number): Generator<Found> {
    const content = record.message?.content;
    const blocks = (Array.isArray(content) ? content : []).flatMap((raw) => {
      const block = BlockSchema.safeParse(raw);
      return block.success ? [block.data] : [];
    });
    const results = blocks.filter((block) => block.type === "tool_result");
    for (const result of results) {
      const detail = results.length === 1 ? record.toolUseResult : undefined;
      yield* this.#toolResult(record, line, result.tool_use_id, result.is_error === true, detail);
    }
    if (results.length > 0) return;
    const isCommand = typeof content === "string" && COMMAND_TEXT.test(content);
    if (record.isMeta === true || record.isCompactSummary === true || record.isSidechain === true || isCommand) {
      yield otherLine(isCommand ? "user (command)" : "user (not a turn)");
      return;
    }
    this.#turns++;
    yield this.#event(record, line, ["turn", record.uuid ?? `${this.#session(record)}:${line}`], {
      event_type: "custom.turn",
      metadata: { turn: this.#turns },
    });
  }

  *#toolResult(record: DatedLine, line: number, id: string, failed: boolean, detail: unknown): Generator<Found> {
    const use = this.#tools.get(id);
    this.#tools.delete(id);
    const tool = use === undefined ? {} : { tool_name: label(use.name) };
    const duration = use === undefined ? {} : { duration_ms: Math.max(0, Date.parse(record.timestamp) - use.at) };
    yield this.#event(record, line, ["tool", id], {
      event_type: "custom.tool_call",
      metadata: { ...tool, ...duration, success: !failed },
    });
    // The result of a refused call is a fixed sentence of the client's, not an object.
    const refused = typeof detail === "string" && detail.startsWith("User rejected");
    const edit = refused ? use?.proposed : failed ? undefined : editOf(detail);
    if (edit !== undefined && (use === undefined || isEditTool(use.name))) {
      yield this.#event(record, line, ["edit", id], {
        event_type: "code_generated",
        metadata: {
          ...(edit.language === undefined ? {} : { language: edit.language }),
          lines_added: edit.added,
          lines_removed: edit.removed,
          accepted: !refused,
          ...tool,
        },
      });
    } else if (failed && !refused) {
      yield this.#event(record, line, ["tool-error", id], {
        event_type: "error",
        metadata: { code: "tool_error", fatal: false, ...tool },
      });
    }
  }

  *#pullRequest(record: DatedLine, line: number): Generator<Found> {
    const { prUrl, prNumber, prRepository } = record;
    const key = prUrl ?? `${prRepository}#${prNumber}`;
    // The link is written again at every resume; the first one dates it.
    if (this.#pullRequests.has(key)) return;
    this.#pullRequests.add(key);
    yield this.#event(record, line, ["pr", this.#session(record), key], {
      event_type: "pr_created",
      metadata: {
        ...(prRepository === undefined ? {} : { repo: repoOfRemote(prRepository) }),
        ...(prNumber === undefined ? {} : { number: prNumber }),
        ...(prUrl === undefined ? {} : { url: prUrl }),
      },
    });
  }

  #cost(key: string, call: Call): Found {
    const { usage } = call;
    return this.#event(call.first, call.line, ["cost", key], {
      event_type: "cost_incurred",
      model: label(call.model),
      metadata: {
        model: label(call.model),
        input_tokens: tokenCount(usage.input_tokens),
        output_tokens: tokenCount(usage.output_tokens),
        cache_read_tokens: tokenCount(usage.cache_read_input_tokens),
        cache_write_tokens: tokenCount(usage.cache_creation_input_tokens),
        ...(call.costUsd === undefined ? {} : { cost_usd: call.costUsd }),
        ...(call.requestId === undefined ? {} : { request_id: label(call.requestId) }),
        ...(call.first.isSidechain === true ? { sidechain: true } : {}),
      },
    });
  }

  #error(
    record: DatedLine,
    line: number,
    error: { code: string; status_code: number | null | undefined; fatal: boolean },
  ): Found {
    const { status_code, ...rest } = error;
    return this.#event(record, line, ["error", record.uuid ?? `${this.#session(record)}:${line}`], {
      event_type: "error",
      metadata: { ...rest, ...(typeof status_code === "number" ? { status_code } : {}) },
    });
  }

  #session(record: ClaudeLine): string {
    return label(record.sessionId) ?? this.#options.fallbackSession;
  }

  #common(record: ClaudeLine): {
    repo?: string | undefined;
    branch?: string | undefined;
    agent_version?: string | undefined;
  } {
    // Records without a place of their own (links) belong to the project; a shell's `cd` inside it changes nothing.
    const { cwd = this.#projectDir } = record;
    const inside = cwd !== undefined && this.#projectDir !== undefined && isInside(cwd, this.#projectDir);
    const repo = repoOfCwd(inside ? this.#projectDir : cwd);
    const branch = branchOf(record.gitBranch ?? this.#branch);
    const version = label(record.version);
    return {
      ...(repo === undefined ? {} : { repo }),
      ...(branch === undefined ? {} : { branch }),
      ...(version === undefined ? {} : { agent_version: version }),
    };
  }

  #event(record: DatedLine, line: number, key: (string | number)[], body: Body): Found {
    const event: EventInput = {
      event_id: eventIdOf(AGENT, ...key),
      user_id: this.#options.user,
      session_id: this.#session(record),
      timestamp: new Date(record.timestamp).toISOString(),
      seq: line,
      agent: AGENT,
      ...this.#common(record),
      ...body,
    };
    return { kind: "event", line, event };
  }
}
