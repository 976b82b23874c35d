/** The three signals' records out of JSON. Called by decode.ts; names in both spellings as in decode-json.ts. */
import type { DecodeBudget } from "./decode-budget.ts";
import { anyValueOf, attributesOf, eachRecord, elements, type GroupNames } from "./decode-json.ts";
import { idOf, NO_RECORDED_VALUE, nanosOf, newRoomyBag, numberOf, temporalityOf } from "./decode-values.ts";
import { enumNames, enumOf, type JsonObject, objectOf, textOf } from "./json.ts";
import { MAX_SPAN_EVENTS } from "./limits.ts";
import type { Attributes, AttributeValue, DataPoint, LogRecord, Scope, Span, SpanEvent } from "./model.ts";

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

const LOGS: GroupNames = {
  resources: ["resourceLogs", "resource_logs"],
  scopes: ["scopeLogs", "scope_logs"],
  records: ["logRecords", "log_records"],
};
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const SEVERITIES = enumNames("SEVERITY_NUMBER_", [
  "UNSPECIFIED",
  ...LEVELS.flatMap((level) => [level, `${level}2`, `${level}3`, `${level}4`]),
]);

export function logRecordsOf(root: unknown, budget: DecodeBudget): LogRecord[] {
  const records: LogRecord[] = [];
  eachRecord(root, LOGS, budget, (record, resource, scope) => {
    budget.record();
    const body = record.body === undefined ? null : anyValueOf(record.body, 1, budget);
    records.push(logRecordOf(record, body, attributesOf(record.attributes, budget, newRoomyBag), resource, scope));
  });
  return records;
}

/** A record out of its plain fields and what was read of the others. */
export function logRecordOf(
  record: JsonObject,
  body: AttributeValue,
  attributes: Attributes,
  resource: Attributes,
  scope: Scope,
): LogRecord {
  return {
    resource,
    scope,
    timeUnixNano: nanosOf(record.timeUnixNano ?? record.time_unix_nano),
    observedTimeUnixNano: nanosOf(record.observedTimeUnixNano ?? record.observed_time_unix_nano),
    severityNumber: enumOf(record.severityNumber ?? record.severity_number, SEVERITIES),
    severityText: textOf(record.severityText ?? record.severity_text),
    eventName: textOf(record.eventName ?? record.event_name),
    body,
    attributes,
    traceId: idOf(record.traceId ?? record.trace_id, TRACE_ID_BYTES),
    spanId: idOf(record.spanId ?? record.span_id, SPAN_ID_BYTES),
  };
}

const METRICS: GroupNames = {
  resources: ["resourceMetrics", "resource_metrics"],
  scopes: ["scopeMetrics", "scope_metrics"],
  records: ["metrics", "metrics"],
};
const POINTS = ["dataPoints", "data_points"] as const;
const TEMPORALITIES = enumNames("AGGREGATION_TEMPORALITY_", ["UNSPECIFIED", "DELTA", "CUMULATIVE"]);
const KINDS: readonly (readonly [DataPoint["kind"], string, string])[] = [
  ["gauge", "gauge", "gauge"],
  ["sum", "sum", "sum"],
  ["histogram", "histogram", "histogram"],
  ["exponential_histogram", "exponentialHistogram", "exponential_histogram"],
  ["summary", "summary", "summary"],
];

export function dataPointsOf(root: unknown, budget: DecodeBudget): DataPoint[] {
  const points: DataPoint[] = [];
  eachRecord(root, METRICS, budget, (metric, resource, scope) => {
    const [name, unit] = [textOf(metric.name), textOf(metric.unit)];
    for (const [kind, camel, snake] of KINDS) {
      const data = objectOf(metric[camel] ?? metric[snake]);
      if (data === undefined) continue;
      const temporality = enumOf(data.aggregationTemporality ?? data.aggregation_temporality, TEMPORALITIES);
      const monotonic = data.isMonotonic ?? data.is_monotonic;
      const shared = {
        resource,
        scope,
        metric: name,
        unit,
        kind,
        temporality: kind === "gauge" || kind === "summary" ? ("unspecified" as const) : temporalityOf(temporality),
        monotonic: kind === "sum" && (monotonic === true || monotonic === "true"),
      };
      for (const point of elements(data, POINTS, budget)) points.push(pointOf(point, shared, budget));
    }
  });
  return points;
}

type SharedByPoints = Pick<DataPoint, "resource" | "scope" | "metric" | "unit" | "kind" | "temporality" | "monotonic">;

function pointOf(point: JsonObject, shared: SharedByPoints, budget: DecodeBudget): DataPoint {
  budget.record();
  const isNumber = shared.kind === "gauge" || shared.kind === "sum";
  const value = numberOf(isNumber ? (point.asDouble ?? point.as_double ?? point.asInt ?? point.as_int) : point.sum);
  const count = numberOf(point.count) ?? 0;
  const absent = ((numberOf(point.flags) ?? 0) & NO_RECORDED_VALUE) !== 0;
  return {
    ...shared,
    attributes: attributesOf(point.attributes, budget),
    startTimeUnixNano: nanosOf(point.startTimeUnixNano ?? point.start_time_unix_nano),
    timeUnixNano: nanosOf(point.timeUnixNano ?? point.time_unix_nano),
    value: value === undefined || absent || !Number.isFinite(value) ? null : value,
    count: isNumber || !(count >= 0 && count < 2 ** 64) ? 0 : count,
  };
}

const TRACES: GroupNames = {
  resources: ["resourceSpans", "resource_spans"],
  scopes: ["scopeSpans", "scope_spans"],
  records: ["spans", "spans"],
};
const SPAN_KINDS = enumNames("SPAN_KIND_", ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]);
const STATUS_CODES = enumNames("STATUS_CODE_", ["UNSET", "OK", "ERROR"]);

export function spansOf(root: unknown, budget: DecodeBudget): Span[] {
  const spans: Span[] = [];
  eachRecord(root, TRACES, budget, (span, resource, scope) => {
    spans.push(spanOf(span, resource, scope, budget));
  });
  return spans;
}

function spanOf(span: JsonObject, resource: Attributes, scope: Scope, budget: DecodeBudget): Span {
  budget.record();
  const status = objectOf(span.status);
  return {
    resource,
    scope,
    traceId: idOf(span.traceId ?? span.trace_id, TRACE_ID_BYTES),
    spanId: idOf(span.spanId ?? span.span_id, SPAN_ID_BYTES),
    parentSpanId: idOf(span.parentSpanId ?? span.parent_span_id, SPAN_ID_BYTES),
    name: textOf(span.name),
    kind: enumOf(span.kind, SPAN_KINDS),
    startTimeUnixNano: nanosOf(span.startTimeUnixNano ?? span.start_time_unix_nano),
    endTimeUnixNano: nanosOf(span.endTimeUnixNano ?? span.end_time_unix_nano),
    attributes: attributesOf(span.attributes, budget),
    events: spanEventsOf(span, budget),
    statusCode: enumOf(status?.code, STATUS_CODES),
    statusMessage: textOf(status?.message),
  };
}

function spanEventsOf(span: JsonObject, budget: DecodeBudget): SpanEvent[] {
  const events: SpanEvent[] = [];
  for (const event of elements(span, ["events", "events"], budget)) {
    if (events.length >= MAX_SPAN_EVENTS) {
      budget.dropped += 1;
      continue;
    }
    budget.value();
    events.push({
      name: textOf(event.name),
      timeUnixNano: nanosOf(event.timeUnixNano ?? event.time_unix_nano),
      attributes: attributesOf(event.attributes, budget),
    });
  }
  return events;
}
