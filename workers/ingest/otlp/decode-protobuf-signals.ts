/** The three signals' records out of protobuf. Called by decode.ts; labels and skipping as in decode-protobuf.ts. */

import { AttributeReader, NO_SCOPE, readValue } from "./decode-protobuf.ts";
import { NO_ATTRIBUTES, NO_RECORDED_VALUE, newRoomyBag, temporalityOf } from "./decode-values.ts";
import { MAX_SPAN_EVENTS } from "./limits.ts";
import type { DataPoint, LogRecord, Span, SpanEvent } from "./model.ts";
import type { WireReader } from "./protobuf.ts";

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

export function readLogRecord(reader: WireReader, end: number, records: LogRecord[]): void {
  reader.budget.record();
  const attributes = new AttributeReader(newRoomyBag());
  const record: LogRecord = {
    resource: NO_ATTRIBUTES,
    scope: NO_SCOPE,
    timeUnixNano: "0",
    observedTimeUnixNano: "0",
    severityNumber: 0,
    severityText: "",
    eventName: "",
    body: null,
    attributes: attributes.bag,
    traceId: "",
    spanId: "",
  };
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    switch (tag) {
      case 9:
        record.timeUnixNano = reader.nanos();
        break;
      case 16:
        record.severityNumber = reader.readVarint(true);
        break;
      case 26:
        record.severityText = reader.text(end);
        break;
      case 42:
        reader.budget.value();
        record.body = readValue(reader, reader.open(end), 1);
        break;
      case 50:
        attributes.read(reader, end);
        break;
      case 74:
        record.traceId = reader.id(end, TRACE_ID_BYTES);
        break;
      case 82:
        record.spanId = reader.id(end, SPAN_ID_BYTES);
        break;
      case 89:
        record.observedTimeUnixNano = reader.nanos();
        break;
      case 98:
        record.eventName = reader.text(end);
        break;
    }
  }
  records.push(record);
}

/** Where each kind of point has its fields; times are 2 and 3 in all. 0: it has none. */
interface PointLayout {
  kind: DataPoint["kind"];
  attributes: number;
  count: number;
  /** Double that is the value: of a number itself, else the sum. */
  value: number;
  asInt: number;
  flags: number;
}

const NUMBER = { attributes: 58, count: 0, value: 33, asInt: 49, flags: 64 } as const;
/** By the label of Metric's `data` member. */
const LAYOUTS: ReadonlyMap<number, PointLayout> = new Map<number, PointLayout>([
  [42, { kind: "gauge", ...NUMBER }],
  [58, { kind: "sum", ...NUMBER }],
  [74, { kind: "histogram", attributes: 74, count: 33, value: 41, asInt: 0, flags: 80 }],
  [82, { kind: "exponential_histogram", attributes: 10, count: 33, value: 41, asInt: 0, flags: 80 }],
  [90, { kind: "summary", attributes: 58, count: 33, value: 41, asInt: 0, flags: 64 }],
]);

/** A Metric: each of its points. Its name and unit may stand behind them. */
export function readMetric(reader: WireReader, end: number, points: DataPoint[]): void {
  const first = points.length;
  let metric = "";
  let unit = "";
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    const layout = LAYOUTS.get(tag);
    if (layout !== undefined) readPoints(reader, reader.open(end), layout, points);
    else if (tag === 10) metric = reader.text(end);
    else if (tag === 26) unit = reader.text(end);
  }
  for (let i = first; i < points.length; i++) {
    const point = points[i];
    if (point === undefined) continue;
    point.metric = metric;
    point.unit = unit;
  }
}

function readPoints(reader: WireReader, end: number, layout: PointLayout, points: DataPoint[]): void {
  const first = points.length;
  let temporality = 0;
  let monotonic = false;
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag === 10) points.push(readPoint(reader, reader.open(end), layout));
    else if (tag === 16) temporality = reader.readVarint();
    else if (tag === 24) monotonic = reader.readVarint() !== 0;
  }
  for (let i = first; i < points.length; i++) {
    const point = points[i];
    if (point === undefined) continue;
    point.temporality = temporalityOf(temporality);
    point.monotonic = monotonic && layout.kind === "sum";
  }
}

function readPoint(reader: WireReader, end: number, layout: PointLayout): DataPoint {
  reader.budget.record();
  const attributes = new AttributeReader();
  const point: DataPoint = {
    resource: NO_ATTRIBUTES,
    scope: NO_SCOPE,
    metric: "",
    unit: "",
    kind: layout.kind,
    temporality: "unspecified",
    monotonic: false,
    attributes: attributes.bag,
    startTimeUnixNano: "0",
    timeUnixNano: "0",
    value: null,
    count: 0,
  };
  let flags = 0;
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag === layout.attributes) attributes.read(reader, end);
    else if (tag === 17) point.startTimeUnixNano = reader.nanos();
    else if (tag === 25) point.timeUnixNano = reader.nanos();
    else if (tag === layout.count) point.count = reader.readFixed64();
    else if (tag === layout.value) point.value = reader.readDouble();
    else if (tag === layout.asInt) point.value = reader.readSFixed64();
    else if (tag === layout.flags) flags = reader.readVarint();
  }
  if ((flags & NO_RECORDED_VALUE) !== 0 || !Number.isFinite(point.value)) point.value = null;
  return point;
}

export function readSpan(reader: WireReader, end: number, spans: Span[]): void {
  reader.budget.record();
  const attributes = new AttributeReader();
  const span: Span = {
    resource: NO_ATTRIBUTES,
    scope: NO_SCOPE,
    traceId: "",
    spanId: "",
    parentSpanId: "",
    name: "",
    kind: 0,
    startTimeUnixNano: "0",
    endTimeUnixNano: "0",
    attributes: attributes.bag,
    events: [],
    statusCode: 0,
    statusMessage: "",
  };
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    switch (tag) {
      case 10:
        span.traceId = reader.id(end, TRACE_ID_BYTES);
        break;
      case 18:
        span.spanId = reader.id(end, SPAN_ID_BYTES);
        break;
      case 34:
        span.parentSpanId = reader.id(end, SPAN_ID_BYTES);
        break;
      case 42:
        span.name = reader.text(end);
        break;
      case 48:
        span.kind = reader.readVarint(true);
        break;
      case 57:
        span.startTimeUnixNano = reader.nanos();
        break;
      case 65:
        span.endTimeUnixNano = reader.nanos();
        break;
      case 74:
        attributes.read(reader, end);
        break;
      case 90:
        if (span.events.length < MAX_SPAN_EVENTS) span.events.push(readSpanEvent(reader, reader.open(end)));
        else reader.budget.dropped += 1;
        break;
      case 122:
        readStatus(reader, reader.open(end), span);
        break;
    }
  }
  spans.push(span);
}

function readSpanEvent(reader: WireReader, end: number): SpanEvent {
  reader.budget.value();
  const attributes = new AttributeReader();
  const event: SpanEvent = { name: "", timeUnixNano: "0", attributes: attributes.bag };
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag === 9) event.timeUnixNano = reader.nanos();
    else if (tag === 18) event.name = reader.text(end);
    else if (tag === 26) attributes.read(reader, end);
  }
  return event;
}

function readStatus(reader: WireReader, end: number, span: Span): void {
  for (let tag = reader.next(end); tag !== 0; tag = reader.next(end)) {
    if (tag === 18) span.statusMessage = reader.text(end);
    else if (tag === 24) span.statusCode = reader.readVarint(true);
  }
}
