/**
 * GitHub Copilot in VS Code and on the command line, by their documentation: nothing of it was recorded. Called by
 * normalise.ts. Pure, stateless.
 *
 * Ledgers. Tokens, cost and failures of model calls: `chat` spans (`invoke_agent` repeats their sum). Sessions, edits and, in
 * VS Code, tool calls: log events. The command line sends no log events: its tool calls are `execute_tool` spans, its session's
 * end and lines the `session.shutdown` event inside a span. Pull requests: metrics (copilot-metrics.ts).
 */
import { MAX_LINES } from "../../../../schema/limits.ts";
import type { Attributes, LogRecord, Span, SpanEvent } from "../model.ts";
import { Collector } from "./collector.ts";
import type { NormalisedEvent, Normaliser } from "./contract.ts";
import { copilotMetrics } from "./copilot-metrics.ts";
import { CARRIED, COPILOT, KEPT, KEPT_SPAN_EVENTS } from "./copilot-table.ts";
import { type SpanMapping, spanEvents } from "./genai-events.ts";
import { type ReadSpan, readSpans } from "./genai-spans.ts";
import { canonical, eventId, logKey, spanKey } from "./ids.ts";
import { report } from "./report.ts";
import { customType, type Draft, type Metadata, makeEvent } from "./table.ts";
import { millisOf, timeOfLog } from "./times.ts";
import { booleanOf, countOf, firstOf, labelOf } from "./values.ts";

const { agent, prefix, version } = COPILOT;
const CHAT = "copilot_chat.";
const CLI = "github.copilot.";
const CLI_SERVICE = "github-copilot";
const CLI_SCOPE = "github.copilot";
const DETAILS = "gen_ai.client.inference.operation.details";
const KNOWN_OPERATIONS: ReadonlySet<string> = new Set(["content_event", "execute_hook"]);

export const copilot: Normaliser = {
  agent,
  version,
  accepts(resource, scopeName) {
    const service = labelOf(resource["service.name"]) ?? "";
    return (
      service.startsWith("copilot") || service.startsWith(CLI_SERVICE) || /^(?:copilot|github\.copilot)/.test(scopeName)
    );
  },
  logs(records) {
    const out = new Collector();
    for (const record of records) readLog(out, record);
    return out.result;
  },
  metrics: copilotMetrics,
  traces(spans) {
    const out = new Collector();
    for (const read of readSpans(spans)) readSpan(out, read);
    return out.result;
  },
};

const MAPPING: SpanMapping = {
  table: COPILOT,
  carried: CARRIED,
  add: ({ attributes, resource, traceId }) => ({
    ...repositoryOf(attributes),
    ...(traceId === "" || firstOf(COPILOT.session, attributes, resource) !== undefined ? {} : { trace_id: traceId }),
  }),
};

function readLog(out: Collector, record: LogRecord): void {
  const sent = labelOf(record.attributes["event.name"]) ?? (typeof record.body === "string" ? record.body : "");
  const at = timeOfLog(record);
  if (sent === DETAILS || at === undefined || !/^[\w.-]+$/.test(sent)) {
    out.ignored();
    return;
  }
  const name = sent.startsWith(CHAT) ? sent.slice(CHAT.length) : sent;
  const attributes = { ...record.attributes, ...repositoryOf(record.attributes) };
  const make = (kind: string, draft: Omit<Draft, "at" | "id">): NormalisedEvent =>
    makeEvent(COPILOT, record.resource, attributes, {
      ...draft,
      at,
      id: eventId(agent, kind, logKey(record), record.spanId),
    });
  switch (name) {
    case "session.start":
      out.mapped(make("start", { type: "session_start", metadata: { entrypoint: "vscode" } }));
      return;
    case "tool.call": {
      const call = make("tool_call", { type: customType(prefix, "tool_call") });
      if (booleanOf(attributes.success) !== false) out.kept(call);
      else out.mapped(call, make("error", { type: "error", metadata: { fatal: false } }));
      return;
    }
    case "edit.hunk.action":
      out.mapped(make("hunk", hunkDraft(attributes)));
      return;
    case "inline.done":
      // Its lines are those of the suggestion, added and removed in one: no line counts come from it.
      out.mapped(make("inline", { type: "code_generated", places: { reply_type: null } }));
      return;
    default:
      if (!KEPT.has(name)) out.unknown(sent);
      out.kept(make(name, { type: customType(prefix, name) }));
  }
}

/** A hunk's lines count when they are accepted. */
function hunkDraft(attributes: Attributes): Omit<Draft, "at" | "id"> {
  const accepted = labelOf(attributes.outcome) === "accepted";
  const added = countOf(attributes.lines_added, MAX_LINES) ?? 0;
  const removed = countOf(attributes.lines_removed, MAX_LINES) ?? 0;
  const lines: Metadata = accepted
    ? { lines_added: added, lines_removed: removed }
    : { rejected_lines_added: added, rejected_lines_removed: removed };
  return {
    type: "code_generated",
    metadata: { accepted, ...lines },
    places: { lines_added: null, lines_removed: null, line_count: null },
  };
}

function readSpan(out: Collector, read: ReadSpan): void {
  const { span, kind, operation, leaf } = read;
  const events = span.events.flatMap((event) => lifecycleEvents(span, event));
  const wanted = leaf && kind !== "foreign" && (kind !== "tool" || isCommandLine(span));
  if (wanted) {
    if (kind === "other" && !KNOWN_OPERATIONS.has(operation)) out.unknown(operation);
    events.unshift(...spanEvents(read, MAPPING));
  }
  report(out, events);
}

function isCommandLine({ resource, scope }: Span): boolean {
  return labelOf(resource["service.name"])?.startsWith(CLI_SERVICE) === true || scope.name.startsWith(CLI_SCOPE);
}

/** What the command line tells of a session inside its spans. */
function lifecycleEvents(span: Span, event: SpanEvent): NormalisedEvent[] {
  const name = event.name.startsWith(CLI) ? event.name.slice(CLI.length) : "";
  const at = millisOf(event.timeUnixNano);
  if (at === undefined || (name !== "session.shutdown" && !KEPT_SPAN_EVENTS.has(name))) return [];
  const identity: Record<string, Attributes[string]> = {};
  for (const key of COPILOT.session) identity[key] = span.attributes[key] ?? null;
  const attributes = { ...identity, ...MAPPING.add(span), ...event.attributes };
  const key = [spanKey(span), event.timeUnixNano, canonical(event.attributes)].join("\u0000");
  const make = (kind: string, draft: Omit<Draft, "at" | "id" | "only">): NormalisedEvent =>
    makeEvent(COPILOT, span.resource, attributes, { ...draft, at, id: eventId(agent, kind, key), only: CARRIED });
  if (name !== "session.shutdown") return [make(name, { type: customType(prefix, name) })];
  const added = countOf(event.attributes["github.copilot.lines_added"], MAX_LINES) ?? 0;
  const removed = countOf(event.attributes["github.copilot.lines_removed"], MAX_LINES) ?? 0;
  const end = make("end", { type: "session_end" });
  if (added + removed === 0) return [end];
  const lines = { lines_added: added, lines_removed: removed, accepted: true };
  return [
    end,
    make("lines", { type: "code_generated", metadata: lines, places: { "github.copilot.shutdown_type": null } }),
  ];
}

/** The older names of the same repository and branch. */
function repositoryOf(attributes: Attributes): Attributes {
  const add: Record<string, Attributes[string]> = {};
  const repository = attributes["github.copilot.git.repository"] ?? attributes["copilot_chat.repo.remote_url"];
  const branch = attributes["github.copilot.git.branch"] ?? attributes["copilot_chat.repo.head_branch_name"];
  if (repository !== undefined) add["github.copilot.git.repository"] = repository;
  if (branch !== undefined) add["github.copilot.git.branch"] = branch;
  return add;
}
