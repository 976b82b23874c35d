/**
 * Claude Code. Called by normalise.ts. Pure, stateless.
 *
 * Ledgers. Events: model calls and their cost, errors, tools, prompts. Metrics, their only source: lines of code, decisions on
 * edits (with the language, which no event has), pull requests, commits, active time, starts. `token.usage` and `cost.usage`
 * tell the model calls again: kept as custom events that no total sums, to check the events against. Spans tell everything
 * again: ignored.
 *
 * A session's start is the one counted by `session.count` as fresh, dated by the counter's own start: it comes once per real
 * session whatever is repeated, and no record of the events can know that it is the first. `continue` and `resume` count a
 * process that goes on with an old session, under an id that is thrown away; `agents_view` is a dashboard. A session whose
 * metrics are off has no start, and is a session by its other events.
 *
 * Lines are the agent's own figures: it counts the end of a written file as one line more (a new file of 4 lines is 5), and
 * nothing it sends says how many of them are such ends.
 */
import { MAX_DURATION_MS, MAX_LINES, MAX_TOKENS, MAX_UINT32 } from "../../../../schema/limits.ts";
import type { Attributes, DataPoint, LogRecord, Span } from "../model.ts";
import { CLAUDE_CODE, CLAUDE_CODE_EVENTS } from "./claude-code-table.ts";
import { Collector } from "./collector.ts";
import type { Normalised, NormalisedEvent, Normaliser, PriceFacts } from "./contract.ts";
import { eventId, logKey, seriesKey } from "./ids.ts";
import { languageNamed } from "./languages.ts";
import { nameOf } from "./names.ts";
import { addEach, addFact } from "./points.ts";
import { customType, type Draft, type Metadata, makeEvent, modelOf } from "./table.ts";
import { timeOfLog } from "./times.ts";
import { booleanOf, countOf, labelOf, objectOf, textOf, usdOf } from "./values.ts";

const { agent, version, prefix } = CLAUDE_CODE;
const NAME_PREFIX = "claude_code.";
const MICROS = 1_000_000;

export const claudeCode: Normaliser = {
  agent,
  version,
  accepts: (resource, scopeName) =>
    scopeName.startsWith("com.anthropic.claude_code") ||
    labelOf(resource["service.name"])?.startsWith("claude-code") === true,
  logs(records) {
    const out = new Collector();
    for (const record of records) readLog(out, record);
    return out.result;
  },
  metrics(points) {
    const out = new Collector();
    for (const point of points) readPoint(out, point);
    return out.result;
  },
  traces: ignoreSpans,
};

/** Spans tell what the events tell: counted. */
function ignoreSpans(spans: readonly Span[]): Normalised {
  const out = new Collector();
  for (const _ of spans) out.ignored();
  return out.result;
}

function readLog(out: Collector, record: LogRecord): void {
  const { resource, attributes } = record;
  const name = nameOf(record, NAME_PREFIX);
  const at = timeOfLog(record);
  if (name === undefined || at === undefined) {
    out.unknown(name === undefined ? "(no name)" : "(no time)");
    out.ignored();
    return;
  }
  const known = Object.hasOwn(CLAUDE_CODE_EVENTS, name) ? CLAUDE_CODE_EVENTS[name] : undefined;
  if (known === undefined) out.unknown(name);
  const rule = known ?? "at-work";
  if (rule === "at-work" && isStartup(attributes) && wentWell(attributes)) {
    out.ignored();
    return;
  }
  const session = labelOf(attributes["session.id"]) ?? "";
  const natural = naturalKey(name, attributes);
  const key = natural === undefined ? logKey(record) : `${session}\u0000${natural}`;
  const common = { at, seq: countOf(attributes["event.sequence"], MAX_UINT32) };
  const event = (kind: string, draft: Omit<Draft, "at" | "id">): NormalisedEvent =>
    makeEvent(CLAUDE_CODE, resource, attributes, { ...common, id: eventId(agent, kind, key, at), ...draft });
  if (rule === "cost") {
    out.mapped(event("cost", costDraft(attributes)));
  } else if (rule === "error") {
    out.mapped(event(name, errorDraft(name)));
  } else if (rule === "tool_result") {
    const call = event(name, { type: customType(prefix, name), metadata: insideParameters(attributes) });
    if (booleanOf(attributes.success) === false) out.mapped(call, event("tool_error", TOOL_ERROR));
    else out.kept(call);
  } else {
    out.kept(event(name, { type: customType(prefix, name), metadata: insideParameters(attributes) }));
  }
}

/** Before the first prompt of a process, a record may stand under an id that never becomes a session. */
function isStartup(attributes: Attributes): boolean {
  return labelOf(attributes["prompt.id"]) === undefined;
}

function wentWell(attributes: Attributes): boolean {
  const blocked = countOf(attributes.num_blocking, MAX_UINT32) ?? 0;
  return booleanOf(attributes.success) !== false && labelOf(attributes.status) !== "failed" && blocked === 0;
}

/** Ids that the model's API or the agent gave; one call may be refused, and asked for and answered: the name is part of the key. */
function naturalKey(name: string, attributes: Attributes): string | undefined {
  const id =
    name === "tool_result" || name === "tool_decision"
      ? labelOf(attributes.tool_use_id)
      : name === "api_request"
        ? (labelOf(attributes.request_id) ?? labelOf(attributes.client_request_id))
        : undefined;
  return id === undefined ? undefined : `${name}\u0000${id}`;
}

function costDraft(attributes: Attributes): Omit<Draft, "at" | "id"> {
  const read = (name: string): number => countOf(attributes[name], MAX_TOKENS) ?? 0;
  const written = read("cache_creation_tokens");
  const oneHour = read("cache_creation_1h_tokens");
  // Older versions send no split: five minutes is what the agent asks for unless told otherwise.
  const fiveMinutes =
    attributes.cache_creation_5m_tokens === undefined
      ? Math.max(0, written - oneHour)
      : read("cache_creation_5m_tokens");
  const micros = countOf(attributes.cost_usd_micros, Number.MAX_SAFE_INTEGER);
  const cost = micros === undefined ? usdOf(attributes.cost_usd) : usdOf(micros / MICROS);
  const price: PriceFacts = {
    provider: providerOf(labelOf(attributes["anthropic.provider"])),
    model: modelOf(labelOf(attributes.model) ?? ""),
    service_tier: labelOf(attributes.speed) === "fast" ? "fast" : "",
    input_tokens: read("input_tokens"),
    cache_read_tokens: read("cache_read_tokens"),
    cache_write_5m_tokens: fiveMinutes,
    cache_write_1h_tokens: oneHour,
    output_tokens: read("output_tokens"),
    context_tokens: read("input_tokens") + read("cache_read_tokens") + fiveMinutes + oneHour,
  };
  if (attributes.cache_creation_5m_tokens === undefined && fiveMinutes > 0) price.cache_write_ttl_assumed = true;
  const metadata: Metadata = { cache_write_tokens: Math.max(written, fiveMinutes + oneHour) };
  if (cost !== undefined) metadata.cost_usd = cost;
  return { type: "cost_incurred", metadata, places: { cost_usd: null, cost_usd_micros: null }, price };
}

/** Names of the semantic conventions for the agent's own. */
function providerOf(sent: string | undefined): string {
  switch (sent) {
    case "bedrock":
      return "aws.bedrock";
    case "vertex":
      return "gcp.vertex_ai";
    case "foundry":
      return "azure.ai.inference";
    default:
      return "anthropic";
  }
}

/** api_error and api_retries_exhausted are sent when the agent has given up. */
function errorDraft(name: string): Omit<Draft, "at" | "id"> {
  const fatal = name === "api_error" || name === "api_retries_exhausted";
  return { type: "error", metadata: { code: name, fatal }, places: { error: { to: "message", as: "text" } } };
}

const TOOL_ERROR: Omit<Draft, "at" | "id"> = {
  type: "error",
  metadata: { code: "tool_error", fatal: false },
  places: { error: { to: "message", as: "text" } },
  only: ["tool_name", "tool_use_id", "error_type", "prompt.id", "request_id", "agent_id", "app.entrypoint"],
};

/** Names inside the JSON of `tool_parameters` that are no content: which MCP tool, which commit. */
function insideParameters(attributes: Attributes): Metadata {
  const inside = objectOf(attributes.tool_parameters);
  const metadata: Metadata = {};
  for (const name of ["mcp_server_name", "mcp_tool_name", "git_commit_id"]) {
    const value = inside?.[name];
    if (typeof value === "string" && value !== "") metadata[name] = textOf(value, 100);
  }
  return metadata;
}

function readPoint(out: Collector, point: DataPoint): void {
  const { metric, resource, attributes } = point;
  const event = (draft: Draft): NormalisedEvent => makeEvent(CLAUDE_CODE, resource, attributes, draft);
  const custom = (name: string, metadata: (amount: number) => Metadata) => (amount: number, at: number, id: string) =>
    event({ type: customType(prefix, name), at, id, metadata: metadata(amount) });
  switch (metric) {
    case "claude_code.session.count":
      readStart(out, point);
      return;
    case "claude_code.lines_of_code.count": {
      const side = labelOf(attributes.type) === "removed" ? "lines_removed" : "lines_added";
      addFact(out, "mapped", agent, point, (amount, at, id) => {
        const lines = Math.min(Math.round(amount), MAX_LINES);
        return event({ type: "code_generated", at, id, metadata: { [side]: lines }, places: { type: null } });
      });
      return;
    }
    case "claude_code.code_edit_tool.decision": {
      const accepted = labelOf(attributes.decision) === "accept";
      addEach(out, "mapped", agent, point, (_, at, id) => {
        const language = labelOf(attributes.language);
        const metadata = { accepted, ...(language === undefined ? {} : { language: languageNamed(language) }) };
        return event({ type: "code_generated", at, id, metadata });
      });
      return;
    }
    case "claude_code.pull_request.count":
      addEach(out, "mapped", agent, point, (_, at, id) => event({ type: "pr_created", at, id }));
      return;
    case "claude_code.commit.count":
      addFact(
        out,
        "kept",
        agent,
        point,
        custom("commit", (amount) => ({ count: amount })),
      );
      return;
    case "claude_code.active_time.total":
      addFact(
        out,
        "kept",
        agent,
        point,
        custom("active_time", (s) => ({ duration_ms: Math.min(Math.round(s * 1_000), MAX_DURATION_MS) })),
      );
      return;
    case "claude_code.cost.usage":
      addFact(
        out,
        "kept",
        agent,
        point,
        custom("cost_usage", (usd) => ({ check: true, usd })),
      );
      return;
    case "claude_code.token.usage":
      addFact(
        out,
        "kept",
        agent,
        point,
        custom("token_usage", (tokens) => ({ check: true, tokens })),
      );
      return;
    default: {
      const name = metric.startsWith(NAME_PREFIX) ? metric.slice(NAME_PREFIX.length) : metric;
      out.unknown(metric);
      addFact(
        out,
        "kept",
        agent,
        point,
        custom(name, (value) => ({ value })),
      );
    }
  }
}

/** The fact is the start itself, dated by the counter's start: however often the point is sent again, it is the same event. */
function readStart(out: Collector, point: DataPoint): void {
  const { resource, attributes, startTimeUnixNano, timeUnixNano } = point;
  if ((labelOf(attributes.start_type) ?? "fresh") !== "fresh") {
    out.ignored();
    return;
  }
  const dated = startTimeUnixNano === "0" ? point : { ...point, timeUnixNano: startTimeUnixNano };
  const id = eventId(agent, "start", seriesKey(point), startTimeUnixNano === "0" ? timeUnixNano : startTimeUnixNano);
  addFact(out, "mapped", agent, dated, (_, at) =>
    makeEvent(CLAUDE_CODE, resource, attributes, { type: "session_start", at, id }),
  );
}
