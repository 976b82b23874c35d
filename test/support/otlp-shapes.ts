/** Records written by hand, by the documented shapes: for agents and conventions of which nothing was recorded. */
import type { Attributes, DataPoint, LogRecord, Scope, Span, SpanEvent } from "../../workers/ingest/otlp/model.ts";

/** 2026-11-22T12:00:00Z. */
const BASE_S = 1_795_348_800;

/** Nanoseconds as text, `ms` after the base. */
export const nanosAt = (ms: number): string => `${BASE_S * 1_000 + ms}000000`;

export interface Source {
  resource: Attributes;
  scope: Scope;
}

export function sourceOf(service: string, more: Attributes = {}, scope = service): Source {
  return {
    resource: { "service.name": service, ...more },
    scope: { name: scope, version: "", attributes: {} },
  };
}

export interface SpanShape {
  id: string;
  parent?: string;
  trace?: string;
  name?: string;
  attributes: Attributes;
  events?: SpanEvent[];
  failed?: string;
  /** ms after the base. */
  from?: number;
  to?: number;
}

/** A span of 250 ms unless told otherwise; `failed`: its status message. */
export function spanOf(source: Source, shape: SpanShape): Span {
  const {
    id,
    parent = "",
    trace = "t1",
    name = id,
    attributes,
    events = [],
    failed,
    from = 0,
    to = from + 250,
  } = shape;
  return {
    ...source,
    traceId: trace,
    spanId: id,
    parentSpanId: parent,
    name,
    kind: 3,
    startTimeUnixNano: nanosAt(from),
    endTimeUnixNano: nanosAt(to),
    attributes,
    events,
    statusCode: failed === undefined ? 0 : 2,
    statusMessage: failed ?? "",
  };
}

export interface LogShape {
  attributes: Attributes;
  body?: string;
  eventName?: string;
  trace?: string;
  span?: string;
  at?: number;
}

export function logOf(source: Source, shape: LogShape): LogRecord {
  const { attributes, body = null, eventName = "", trace = "", span = "", at = 0 } = shape;
  return {
    ...source,
    timeUnixNano: nanosAt(at),
    observedTimeUnixNano: nanosAt(at),
    severityNumber: 0,
    severityText: "",
    eventName,
    body,
    attributes,
    traceId: trace,
    spanId: span,
  };
}

/** A cumulative counter's point; `at`: ms after the base, where its series starts. */
export function pointOf(
  source: Source,
  metric: string,
  value: number,
  attributes: Attributes = {},
  at = 1_000,
): DataPoint {
  return {
    ...source,
    metric,
    unit: "",
    kind: "sum",
    temporality: "cumulative",
    monotonic: true,
    attributes,
    startTimeUnixNano: nanosAt(0),
    timeUnixNano: nanosAt(at),
    value,
    count: 0,
  };
}
