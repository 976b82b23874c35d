/**
 * Agents without a file of their own, by the GenAI conventions (old and new), OpenInference, OpenLLMetry and the Vercel AI SDK.
 * The last of normalise.ts's list: takes every record nobody else knows. Pure, stateless.
 *
 * Ledger: leaf spans of model calls and tools. A log record `…operation.details` inside a span tells that span's call again;
 * one outside any span (tracing off) is itself the account of its call. Metrics only check: a service that sends nothing else
 * shows up with its tokens as checks, because no single request can tell that spans will never come.
 *
 * Of such agents only listed attributes, numbers and flags are carried: any other text may be content.
 */
import type { Attributes, DataPoint, LogRecord, Span } from "../model.ts";
import { Collector } from "./collector.ts";
import type { NormalisedEvent, Normaliser } from "./contract.ts";
import { type SpanMapping, spanEvents } from "./genai-events.ts";
import { readSpans } from "./genai-spans.ts";
import { GENAI, SPAN_ATTRIBUTES } from "./genai-table.ts";
import { eventId, logKey } from "./ids.ts";
import { addFact } from "./points.ts";
import { report } from "./report.ts";
import { customType, makeEvent } from "./table.ts";
import { timeOfLog } from "./times.ts";
import { firstOf, labelOf } from "./values.ts";

const DETAILS = "gen_ai.client.inference.operation.details";
/** Texts of one call each, and nothing else. */
const CONTENT = /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|choice|content\.(?:prompt|completion))$/;
const CONVENTION = /^(?:gen_ai|llm|ai|openinference|traceloop|mcp)\./;
/** A name, not a sentence. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]*(?:[.:/][A-Za-z0-9_-]+)*$/;
const MAX_NAME = 100;
/** What SDKs write when nobody named the service. */
const UNNAMED = /^unknown_service/;
/** ms to ns, as text. */
const NANO_ZEROS = "000000";
const CARRIED = Object.keys(SPAN_ATTRIBUTES);

/** Metrics of the conventions that repeat the tokens of calls, and the amount's name. */
const CHECKS =
  /^gen_ai\.client\.(?:token\.usage|inference\.usage\.[a-z_.]+|inference\.operation\.(?:input|output)_tokens)$|^llm\.[a-z_.]*token/;

export const genai: Normaliser = {
  agent: GENAI.agent,
  version: GENAI.version,
  accepts: () => true,
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
  traces(spans) {
    const out = new Collector();
    for (const read of readSpans(spans)) {
      if (read.kind === "foreign" || !read.leaf) {
        out.ignored();
        continue;
      }
      const events = spanEvents(read, MAPPING).map((made) => named(made, read.span.resource));
      if (read.kind === "other" && !KNOWN_OPERATIONS.has(read.operation)) out.unknown(read.operation);
      report(out, events);
    }
    return out.result;
  },
};

/** Operations of the conventions that are no call of a model or tool. */
const KNOWN_OPERATIONS: ReadonlySet<string> = new Set([
  "create_memory",
  "delete_memory",
  "evaluation",
  "guardrail",
  "plan",
  "retrieval",
  "search_memory",
  "update_memory",
]);

const MAPPING: SpanMapping = {
  table: GENAI,
  carried: CARRIED,
  add: ({ attributes, resource, traceId }) => traceSession(attributes, resource, traceId),
};

/** Without a conversation or session a trace is the session. */
function traceSession(attributes: Attributes, resource: Attributes, traceId: string): Attributes {
  if (traceId === "" || firstOf(GENAI.session, attributes, resource) !== undefined) return {};
  return { trace_id: traceId };
}

/** People know the agent by its service's name; the family stays `genai`. */
function named(made: NormalisedEvent, resource: Attributes): NormalisedEvent {
  const service = labelOf(resource["service.name"]);
  if (service !== undefined && !UNNAMED.test(service)) made.event.agent = service;
  return made;
}

function readLog(out: Collector, record: LogRecord): void {
  const name = nameOf(record);
  const at = timeOfLog(record);
  if (name === undefined || at === undefined || CONTENT.test(name) || (name === DETAILS && record.spanId !== "")) {
    out.ignored();
    return;
  }
  const { resource } = record;
  if (name === DETAILS) {
    const [read] = readSpans([asSpan(record, at)]);
    report(out, read === undefined ? [] : spanEvents(read, MAPPING).map((made) => named(made, resource)));
    return;
  }
  if (name !== "gen_ai.evaluation.result") out.unknown(name);
  const attributes = { ...record.attributes, ...traceSession(record.attributes, resource, record.traceId) };
  const made = makeEvent(GENAI, resource, attributes, {
    type: customType(GENAI.prefix, name),
    at,
    id: eventId(GENAI.agent, name, logKey(record)),
    only: [...CARRIED, ...plainNames(record.attributes)],
  });
  out.kept(named(made, resource));
}

/** `event.name`, else the record's own name, else a body that is one. */
function nameOf({ attributes, eventName, body }: LogRecord): string | undefined {
  const candidates = [attributes["event.name"], eventName, typeof body === "string" && body.includes(".") ? body : ""];
  for (const candidate of candidates) {
    const name = typeof candidate === "string" && candidate.length <= MAX_NAME ? candidate : "";
    if (NAME.test(name)) return name;
  }
  return undefined;
}

/** Attributes whose value cannot be content: numbers and flags. */
function plainNames(attributes: Attributes): string[] {
  return Object.keys(attributes).filter((name) => {
    const value = attributes[name];
    return typeof value === "number" || typeof value === "boolean";
  });
}

/** A call told by a log record reads like the span it has not got. */
function asSpan(record: LogRecord, at: number): Span {
  const { resource, scope, attributes, timeUnixNano, traceId } = record;
  return {
    resource,
    scope,
    attributes: { ...attributes, "gen_ai.operation.name": attributes["gen_ai.operation.name"] ?? "chat" },
    traceId,
    spanId: "",
    parentSpanId: "",
    name: DETAILS,
    kind: 0,
    startTimeUnixNano: "0",
    endTimeUnixNano: timeUnixNano === "0" ? `${at}${NANO_ZEROS}` : timeUnixNano,
    events: [],
    statusCode: 0,
    statusMessage: "",
  };
}

function readPoint(out: Collector, point: DataPoint): void {
  const { metric, resource, attributes } = point;
  if (!CHECKS.test(metric)) {
    if (CONVENTION.test(metric) && !/\.(?:duration|latency|time_[a-z_]+)$/.test(metric)) out.unknown(metric);
    out.ignored();
    return;
  }
  addFact(out, "kept", GENAI.agent, point, (amount, at, id) =>
    named(
      makeEvent(GENAI, resource, attributes, {
        type: customType(GENAI.prefix, "token_usage"),
        at,
        id,
        metadata: { check: true, tokens: amount, metric },
        only: [...CARRIED, "gen_ai.token.type"],
      }),
      resource,
    ),
  );
}
