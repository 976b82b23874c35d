/**
 * Codex session logs (~/.codex/sessions/YYYY/MM/DD/rollout-*.jsonl, one JSON record a line) as events.
 * Called by run.ts. Sends counts, names, tokens, models and times; never prompts, answers, code, tool arguments or outputs.
 *
 * What the format does that a reader must know: token counts are totals of the session and are repeated; a fork or
 * sub-agent begins with a copy of its parent's history, stamped with the time of the fork, which must not count again.
 */
import type { EventInput } from "../../schema/event.ts";
import { SECOND_MS } from "../../schema/limits.ts";
import {
  ErrorSchema,
  PatchEndSchema,
  RolloutLineSchema,
  SessionMetaSchema,
  TokenCountSchema,
  ToolCallSchema,
  ToolOutputSchema,
  type Totals,
  TurnContextSchema,
} from "./codex-schema.ts";
import { byLanguage, editsOfCall, editsOfChanges, type Outcome, outcomeOf } from "./codex-tools.ts";
import { buckets, isNothing, usedSince } from "./codex-usage.ts";
import { eventIdOf } from "./event-id.ts";
import { type Found, otherLine } from "./found.ts";
import { branchOf, codeName, label, repoOfCwd, repoOfRemote } from "./names.ts";
import type { FileEdit } from "./patch.ts";
import { type Body, SETTLED_MS, type TranscriptMapper, type TranscriptOptions, tokenCount } from "./transcript.ts";

const AGENT = "codex";
/** Edits are always patches, also when a shell applies them. */
const EDIT_TOOL = "apply_patch";
/** A copied history is written in one go; the fork's own work begins after a model call, seconds later. */
const REPLAY_GAP_MS = 2 * SECOND_MS;

type Payload = { type?: string | undefined; [key: string]: unknown };

interface Call {
  name: string;
  at: number;
  edits: FileEdit[];
}

/** Maps one file. Feed every record, then `end`. */
export class CodexMapper implements TranscriptMapper {
  readonly #options: TranscriptOptions;
  readonly #calls = new Map<string, Call>();
  readonly #edited = new Set<string>();
  #session: string | undefined;
  #common: Pick<EventInput, "repo" | "branch" | "agent_version"> = {};
  #entrypoint: string | undefined;
  #model: string | undefined;
  #firstModel: string | undefined;
  #firstAt = 0;
  #lastAt = 0;
  #lastLine = 0;
  #turns = 0;
  #totals: Totals | undefined;
  #replaying = false;

  constructor(options: TranscriptOptions) {
    this.#options = options;
  }

  *record(json: unknown, line: number): Generator<Found> {
    const parsed = RolloutLineSchema.safeParse(json);
    if (!parsed.success) {
      yield otherLine("(unexpected shape)");
      return;
    }
    const { type, payload } = parsed.data;
    const at = Date.parse(parsed.data.timestamp ?? "");
    if (Number.isNaN(at) || payload === undefined) {
      yield otherLine(type);
      return;
    }
    if (this.#firstAt === 0) this.#firstAt = at;
    if (at - Math.max(this.#lastAt, this.#firstAt) >= REPLAY_GAP_MS) this.#replaying = false;
    this.#lastAt = Math.max(this.#lastAt, at);
    this.#lastLine = line;
    if (type === "session_meta") this.#meta(payload);
    else if (type === "turn_context") this.#context(payload);
    else if (type === "event_msg" && payload.type === "token_count") yield* this.#tokens(payload, at, line);
    else if (this.#replaying) yield otherLine("(copied history)");
    else if (type === "event_msg") yield* this.#message(payload, at, line);
    else if (type === "response_item") yield* this.#item(payload, at, line);
    else yield otherLine(type);
  }

  /** The session's start and, when the log is quiet, its end. */
  *end(): Generator<Found> {
    if (this.#firstAt === 0) return;
    const model = this.#firstModel;
    const { repo, branch } = this.#common;
    yield this.#event(this.#firstAt, 1, ["start"], {
      event_type: "session_start",
      ...(model === undefined ? {} : { model }),
      metadata: {
        agent: AGENT,
        ...(model === undefined ? {} : { model }),
        ...(repo === undefined ? {} : { repo }),
        ...(branch === undefined ? {} : { branch }),
        ...(this.#entrypoint === undefined ? {} : { entrypoint: this.#entrypoint }),
      },
    });
    if (this.#options.now - this.#lastAt < SETTLED_MS) return;
    yield this.#event(this.#lastAt, this.#lastLine, ["end", this.#lastAt], {
      event_type: "session_end",
      metadata: { duration_ms: this.#lastAt - this.#firstAt },
    });
  }

  /** The first one is the file's own; a second one with another id is its parent's, at the head of a copied history. */
  #meta(payload: Payload): void {
    const meta = SessionMetaSchema.safeParse(payload);
    if (!meta.success) return;
    const { id, session_id, cwd, cli_version, originator, git, model, forked_from_id } = meta.data;
    const session = label(id ?? session_id);
    if (this.#session !== undefined) {
      if (session !== this.#session) this.#replaying = true;
      return;
    }
    this.#session = session ?? this.#options.fallbackSession;
    this.#replaying = forked_from_id !== undefined;
    this.#entrypoint = label(originator);
    this.#setModel(model);
    const repo = repoOfRemote(git?.repository_url) ?? repoOfCwd(cwd);
    const branch = branchOf(git?.branch);
    const version = label(cli_version);
    this.#common = {
      ...(repo === undefined ? {} : { repo }),
      ...(branch === undefined ? {} : { branch }),
      ...(version === undefined ? {} : { agent_version: version }),
    };
  }

  #context(payload: Payload): void {
    const context = TurnContextSchema.safeParse(payload);
    if (!context.success) return;
    this.#setModel(context.data.model);
    if (this.#common.repo === undefined) {
      const repo = repoOfCwd(context.data.cwd);
      if (repo !== undefined) this.#common = { ...this.#common, repo };
    }
  }

  #setModel(model: string | undefined): void {
    this.#model = label(model) ?? this.#model;
    this.#firstModel ??= this.#model;
  }

  *#tokens(payload: Payload, at: number, line: number): Generator<Found> {
    const counted = TokenCountSchema.safeParse(payload);
    const last = counted.data?.info.last_token_usage;
    const total = counted.data?.info.total_token_usage;
    if (total === undefined && last === undefined) {
      yield otherLine("token_count (no totals)");
      return;
    }
    const used = total === undefined ? last : usedSince(this.#totals, total, last);
    if (total !== undefined) this.#totals = total;
    if (used === undefined || isNothing(used) || this.#replaying) {
      yield otherLine(this.#replaying ? "(copied history)" : "token_count (repeated)");
      return;
    }
    const model = this.#model;
    const counts = buckets(used);
    yield this.#event(at, line, ["cost", line], {
      event_type: "cost_incurred",
      ...(model === undefined ? {} : { model }),
      metadata: {
        ...(model === undefined ? {} : { model }),
        input_tokens: tokenCount(counts.input_tokens),
        output_tokens: tokenCount(counts.output_tokens),
        cache_read_tokens: tokenCount(counts.cache_read_tokens),
        cache_write_tokens: tokenCount(counts.cache_write_tokens),
        reasoning_tokens: tokenCount(counts.reasoning_tokens),
      },
    });
  }

  *#message(payload: Payload, at: number, line: number): Generator<Found> {
    if (payload.type === "user_message") {
      this.#turns++;
      yield this.#event(at, line, ["turn", line], { event_type: "custom.turn", metadata: { turn: this.#turns } });
    } else if (payload.type === "error" || payload.type === "stream_error") {
      const info = ErrorSchema.safeParse(payload).data?.codex_error_info;
      const named = typeof info === "object" && info !== null ? Object.keys(info)[0] : info;
      yield this.#event(at, line, ["error", line], {
        event_type: "error",
        metadata: { code: codeName(named) ?? payload.type, fatal: payload.type === "error" },
      });
    } else if (payload.type === "patch_apply_end") {
      yield* this.#patchEnd(payload, at, line);
    } else yield otherLine(`event_msg/${payload.type ?? ""}`);
  }

  *#patchEnd(payload: Payload, at: number, line: number): Generator<Found> {
    const patch = PatchEndSchema.safeParse(payload);
    if (!patch.success || !patch.data.success) {
      yield otherLine("event_msg/patch_apply_end (failed)");
      return;
    }
    yield* this.#edits(patch.data.call_id ?? `line-${line}`, editsOfChanges(patch.data.changes), at, line);
  }

  *#item(payload: Payload, at: number, line: number): Generator<Found> {
    const { type } = payload;
    if (type === "function_call" || type === "custom_tool_call" || type === "local_shell_call") {
      const call = ToolCallSchema.safeParse(payload).data;
      const id = call?.call_id ?? call?.id;
      if (call === undefined || id === undefined) return;
      const name = label(call.name) ?? (type === "local_shell_call" ? "local_shell" : type);
      this.#calls.set(id, { name, at, edits: editsOfCall(name, call.arguments ?? call.input ?? call.action) });
    } else if (type === "function_call_output" || type === "custom_tool_call_output") {
      const output = ToolOutputSchema.safeParse(payload).data;
      if (output?.call_id !== undefined) yield* this.#toolEnd(output.call_id, outcomeOf(output.output), at, line);
    } else if (type === "web_search_call") {
      // It carries no output of its own: the call is its result.
      yield this.#event(at, line, ["tool", `line-${line}`], {
        event_type: "custom.tool_call",
        metadata: { tool_name: "web_search", success: payload.status !== "failed" },
      });
    } else yield otherLine(`response_item/${type ?? ""}`);
  }

  *#toolEnd(id: string, { failed, exitCode }: Outcome, at: number, line: number): Generator<Found> {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    const tool = call === undefined ? {} : { tool_name: call.name };
    const duration = call === undefined ? {} : { duration_ms: Math.max(0, at - call.at) };
    yield this.#event(at, line, ["tool", id], {
      event_type: "custom.tool_call",
      metadata: { ...tool, ...duration, success: !failed },
    });
    if (failed) {
      yield this.#event(at, line, ["tool-error", id], {
        event_type: "error",
        metadata: {
          code: exitCode === undefined ? "tool_error" : "exit_code",
          fatal: false,
          ...(exitCode === undefined ? {} : { exit_code: exitCode }),
          ...tool,
        },
      });
    } else if (call !== undefined) yield* this.#edits(id, call.edits, at, line);
  }

  /** A patch may be told twice, by its call and by its application: the first one counts. */
  *#edits(id: string, edits: FileEdit[], at: number, line: number): Generator<Found> {
    if (edits.length === 0 || this.#edited.has(id)) return;
    this.#edited.add(id);
    for (const { language, added, removed } of byLanguage(edits)) {
      yield this.#event(at, line, ["edit", id, language ?? ""], {
        event_type: "code_generated",
        metadata: {
          ...(language === undefined ? {} : { language }),
          lines_added: added,
          lines_removed: removed,
          accepted: true,
          tool_name: EDIT_TOOL,
        },
      });
    }
  }

  #event(at: number, line: number, key: (string | number)[], body: Body): Found {
    const session = this.#session ?? this.#options.fallbackSession;
    const event: EventInput = {
      event_id: eventIdOf(AGENT, session, ...key),
      user_id: this.#options.user,
      session_id: session,
      timestamp: new Date(at).toISOString(),
      seq: line,
      agent: AGENT,
      ...this.#common,
      ...body,
    };
    return { kind: "event", line, event };
  }
}
