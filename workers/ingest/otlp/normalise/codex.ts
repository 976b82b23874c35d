/**
 * OpenAI Codex (CLI, exec, app server). Called by normalise.ts. Pure, stateless.
 *
 * Ledger: log records, for every fact. Metrics carry no conversation and spans repeat the records, at a thousand a turn: both
 * are ignored and counted.
 *
 * A conversation's start is `conversation_starts`. It comes again at every resume, under the same conversation, so it is dated
 * by the conversation's own id (a UUIDv7 holds its time) and is the same event however often it comes.
 *
 * A model call is the `response.completed` that has tokens; another one without them comes beside it. Input has the cached and
 * the written tokens in it. A broken stream is told by the failing frame and then by a `response.completed` with only an error:
 * the second is the error, because every transport writes it. `success` of a tool says that it ran; whether its command
 * failed stands in the first lines of its output. Lines come from the patches in the arguments, the only place that has them,
 * and so do pull requests, from the commands.
 */
import { MAX_TOKENS } from "../../../../schema/limits.ts";
import type { Attributes, LogRecord } from "../model.ts";
import { commandOf, exitCodeOf, pullRequestNumber, refusedBy } from "./codex-output.ts";
import { patchLines } from "./codex-patch.ts";
import { CODEX, CODEX_EVENTS } from "./codex-table.ts";
import { Collector } from "./collector.ts";
import type { Normalised, NormalisedEvent, Normaliser } from "./contract.ts";
import { eventId, logKey } from "./ids.ts";
import { nameOf } from "./names.ts";
import { opensPullRequest } from "./pull-request.ts";
import { customType, type Draft, makeEvent, modelOf } from "./table.ts";
import { timeOfLog, timeOfUuid } from "./times.ts";
import { booleanOf, countOf, labelOf } from "./values.ts";

const { agent, version, prefix } = CODEX;
const NAME_PREFIX = "codex.";
const FAILED_STATUS = 400;
type Part = Omit<Draft, "at" | "id">;
type EventOf = (kind: string, part: Part) => NormalisedEvent;

export const codex: Normaliser = {
  agent,
  version,
  accepts: (resource, scopeName) =>
    /^codex/i.test(labelOf(resource["service.name"]) ?? "") || /^codex(?:$|[._:])/.test(scopeName),
  logs(records) {
    const out = new Collector();
    for (const record of records) readLog(out, record);
    return out.result;
  },
  metrics: ignoreAll,
  traces: ignoreAll,
};

function ignoreAll(records: readonly unknown[]): Normalised {
  const out = new Collector();
  for (const _ of records) out.ignored();
  return out.result;
}

function readLog(out: Collector, record: LogRecord): void {
  const { resource, attributes } = record;
  const name = nameOf(record, NAME_PREFIX);
  const at = timeOfLog(record);
  const rule = name !== undefined && Object.hasOwn(CODEX_EVENTS, name) ? CODEX_EVENTS[name] : undefined;
  if (name !== undefined && rule === undefined) out.unknown(name);
  if (name === undefined || at === undefined || rule === "ignore") {
    if (name !== undefined && at === undefined) out.unknown("(no time)");
    out.ignored();
    return;
  }
  // Most records are ignored: the key is only made for those that are not.
  let key: string | undefined;
  const event: EventOf = (kind, part) => {
    key ??= keyOf(name, record);
    return makeEvent(CODEX, resource, attributes, { at, id: eventId(agent, kind, key, at), ...part });
  };
  const kept = (): NormalisedEvent => event(name, { type: customType(prefix, name) });
  switch (rule) {
    case "start":
      out.mapped(startOf(record, at));
      return;
    case "request":
      if (failed(attributes)) out.mapped(event(name, errorOf("api_error")));
      else out.kept(kept());
      return;
    case "stream":
      readStream(out, attributes, event, kept);
      return;
    case "tool":
      readTool(out, attributes, event);
      return;
    case "failures":
      if (failed(attributes)) out.kept(kept());
      else out.ignored();
      return;
    default:
      out.kept(kept());
  }
}

/** A call's id within its conversation, else everything the record says. */
function keyOf(name: string, record: LogRecord): string {
  const { attributes } = record;
  const call = labelOf(attributes.call_id);
  if (call === undefined || (name !== "tool_result" && name !== "tool_decision")) return logKey(record);
  return [labelOf(attributes["conversation.id"]) ?? "", name, call].join("\u0000");
}

function failed(attributes: Attributes): boolean {
  const status = countOf(attributes["http.response.status_code"], 999);
  return (
    booleanOf(attributes.success) === false ||
    (status !== undefined && status >= FAILED_STATUS) ||
    labelOf(attributes["error.message"]) !== undefined
  );
}

/** A failed attempt: whether it was the last one, no record says. */
const errorOf = (code: string): Part => ({ type: "error", metadata: { code, fatal: false } });

function startOf(record: LogRecord, at: number): NormalisedEvent {
  const { resource, attributes } = record;
  const conversation = labelOf(attributes["conversation.id"]);
  const begun = conversation === undefined ? undefined : timeOfUuid(conversation);
  const key = begun === undefined ? logKey(record) : (conversation ?? "");
  return makeEvent(CODEX, resource, attributes, {
    type: "session_start",
    at: begun ?? at,
    id: eventId(agent, "start", key),
  });
}

function readStream(out: Collector, attributes: Attributes, event: EventOf, kept: () => NormalisedEvent): void {
  const kind = labelOf(attributes["event.kind"]);
  const hasError = labelOf(attributes["error.message"]) !== undefined;
  if (kind !== "response.completed") {
    if (hasError) out.kept(kept());
    else out.ignored();
  } else if (attributes.input_token_count !== undefined || attributes.output_token_count !== undefined) {
    out.mapped(event("cost", costOf(attributes)));
  } else if (hasError) {
    out.mapped(event("stream_error", errorOf("response_failed")));
  } else out.ignored();
}

function costOf(attributes: Attributes): Part {
  const read = (name: string): number => countOf(attributes[name], MAX_TOKENS) ?? 0;
  const input = read("input_token_count");
  const cached = Math.min(read("cached_token_count"), input);
  const written = Math.min(read("cache_write_token_count"), input - cached);
  const fresh = input - cached - written;
  const output = read("output_token_count");
  return {
    type: "cost_incurred",
    metadata: {
      input_tokens: fresh,
      output_tokens: output,
      cache_read_tokens: cached,
      cache_write_tokens: written,
      reasoning_tokens: read("reasoning_token_count"),
    },
    places: {
      input_token_count: null,
      output_token_count: null,
      cached_token_count: null,
      cache_write_token_count: null,
      reasoning_token_count: null,
      "event.kind": null,
    },
    price: {
      provider: "openai",
      model: modelOf(labelOf(attributes.model) ?? labelOf(attributes.slug) ?? ""),
      service_tier: labelOf(attributes.service_tier) ?? "",
      input_tokens: fresh,
      cache_read_tokens: cached,
      cache_write_5m_tokens: written,
      cache_write_1h_tokens: 0,
      output_tokens: output,
      context_tokens: input,
    },
  };
}

const CALL = ["tool_name", "call_id", "tool_namespace", "mcp_server", "agent_name", "originator"];

function readTool(out: Collector, attributes: Attributes, event: EventOf): void {
  const output = typeof attributes.output === "string" ? attributes.output : "";
  const exitCode = exitCodeOf(output);
  const ran = booleanOf(attributes.success) !== false;
  const success = ran && (exitCode ?? 0) === 0;
  const tool = labelOf(attributes.tool_name) ?? "";
  const refused = ran ? undefined : refusedBy(output);
  const outcome = {
    success,
    ...(exitCode === undefined ? {} : { exit_code: exitCode }),
    // A person's refusal is told by a tool_decision too, a policy's by this record alone: the names keep them apart.
    ...(refused === "person" ? { declined: true } : {}),
    ...(refused === "policy" ? { rejected: true } : {}),
  };
  const call = event("tool_result", { type: customType(prefix, "tool_result"), metadata: outcome });
  const args = typeof attributes.arguments === "string" ? attributes.arguments : "";
  const edits = success || refused !== undefined ? patchLines(tool, args) : [];
  const events = edits.map(({ language, added, removed }) =>
    event(`edit ${language}`, {
      type: "code_generated",
      metadata: {
        accepted: success,
        ...(language === "" ? {} : { language }),
        // What was refused changed nothing.
        ...(success ? { lines_added: added, lines_removed: removed } : {}),
      },
      only: CALL,
    }),
  );
  if (success && opensPullRequest(commandOf(args))) {
    const number = pullRequestNumber(output);
    const metadata = number === undefined ? {} : { number };
    events.push(event("pull_request", { type: "pr_created", metadata, only: CALL }));
  }
  if (!success) {
    const code = exitCode === undefined || exitCode === 0 ? "tool_error" : "exit_code";
    const metadata = { code, fatal: false, ...(exitCode === undefined ? {} : { exit_code: exitCode }) };
    events.push(event("tool_error", { type: "error", metadata, only: CALL }));
  }
  if (events.length > 0) out.mapped(call, ...events);
  else out.kept(call);
}
