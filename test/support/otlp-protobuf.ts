/**
 * OTLP JSON to protobuf, for tests and benches that send the same data in both encodings. Written from opentelemetry-proto's
 * field numbers, on its own: it shares nothing with the decoders but the writer of wire format. Fields nobody reads are written too.
 */
import { PbfWriter } from "pbf";

type Node = Record<string, unknown>;
type Write = (node: Node, pbf: PbfWriter) => void;

const nodes = (value: unknown): Node[] => (Array.isArray(value) ? (value as Node[]) : []);
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;
const filled = (value: unknown): boolean => value !== undefined && value !== null && value !== "";

function each(pbf: PbfWriter, field: number, value: unknown, write: Write): void {
  for (const node of nodes(value)) pbf.writeMessage(field, write, node);
}

function one(pbf: PbfWriter, field: number, value: unknown, write: Write): void {
  if (isNode(value)) pbf.writeMessage(field, write, value);
}

function text(pbf: PbfWriter, field: number, value: unknown): void {
  if (filled(value)) pbf.writeStringField(field, String(value));
}

function fixed64(pbf: PbfWriter, field: number, value: unknown): void {
  if (!filled(value) || String(value) === "0") return;
  const bits = BigInt.asUintN(64, BigInt(value as string | number));
  pbf.writeTag(field, 1);
  pbf.writeFixed32(Number(bits & 0xffff_ffffn));
  pbf.writeFixed32(Number(bits >> 32n));
}

function double(pbf: PbfWriter, field: number, value: unknown): void {
  if (filled(value)) pbf.writeDoubleField(field, Number(value));
}

function varint(pbf: PbfWriter, field: number, value: unknown): void {
  if (!filled(value)) return;
  let bits = BigInt.asUintN(64, BigInt(value as string | number));
  pbf.writeTag(field, 0);
  for (; bits > 0x7fn; bits >>= 7n) {
    pbf.writeVarint(Number(bits & 0x7fn));
    pbf.buf[pbf.pos - 1] = Number(bits & 0x7fn) | 0x80;
  }
  pbf.writeVarint(Number(bits));
}

function id(pbf: PbfWriter, field: number, value: unknown): void {
  if (filled(value)) pbf.writeBytesField(field, Buffer.from(String(value), "hex"));
}

const anyValue: Write = (node, pbf) => {
  if (typeof node.stringValue === "string") {
    pbf.writeStringField(1, node.stringValue);
  } else if (typeof node.boolValue === "boolean") {
    pbf.writeTag(2, 0);
    pbf.writeVarint(node.boolValue ? 1 : 0);
  } else if (filled(node.intValue)) varint(pbf, 3, node.intValue);
  else if (filled(node.doubleValue)) double(pbf, 4, node.doubleValue);
  else if (isNode(node.arrayValue)) one(pbf, 5, node.arrayValue, (list, p) => each(p, 1, list.values, anyValue));
  else if (isNode(node.kvlistValue)) one(pbf, 6, node.kvlistValue, (list, p) => each(p, 1, list.values, keyValue));
  else if (typeof node.bytesValue === "string") pbf.writeBytesField(7, Buffer.from(node.bytesValue, "base64"));
};

const keyValue: Write = (node, pbf) => {
  text(pbf, 1, node.key);
  one(pbf, 2, node.value, anyValue);
};

const attributes = (pbf: PbfWriter, field: number, node: Node): void => each(pbf, field, node.attributes, keyValue);

const resource: Write = (node, pbf) => {
  attributes(pbf, 1, node);
  varint(pbf, 2, node.droppedAttributesCount);
};

const scope: Write = (node, pbf) => {
  text(pbf, 1, node.name);
  text(pbf, 2, node.version);
  attributes(pbf, 3, node);
};

const logRecord: Write = (node, pbf) => {
  fixed64(pbf, 1, node.timeUnixNano);
  varint(pbf, 2, node.severityNumber);
  text(pbf, 3, node.severityText);
  one(pbf, 5, node.body, anyValue);
  attributes(pbf, 6, node);
  varint(pbf, 7, node.droppedAttributesCount);
  id(pbf, 9, node.traceId);
  id(pbf, 10, node.spanId);
  fixed64(pbf, 11, node.observedTimeUnixNano);
  text(pbf, 12, node.eventName);
};

const numberPoint: Write = (node, pbf) => {
  fixed64(pbf, 2, node.startTimeUnixNano);
  fixed64(pbf, 3, node.timeUnixNano);
  double(pbf, 4, node.asDouble);
  if (filled(node.asInt)) {
    const bits = BigInt.asUintN(64, BigInt(node.asInt as string | number));
    pbf.writeTag(6, 1);
    pbf.writeFixed32(Number(bits & 0xffff_ffffn));
    pbf.writeFixed32(Number(bits >> 32n));
  }
  attributes(pbf, 7, node);
  varint(pbf, 8, node.flags);
};

const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);

const histogramPoint: Write = (node, pbf) => {
  fixed64(pbf, 2, node.startTimeUnixNano);
  fixed64(pbf, 3, node.timeUnixNano);
  fixed64(pbf, 4, node.count);
  double(pbf, 5, node.sum);
  pbf.writePackedFixed64(6, numbers(node.bucketCounts));
  // Not packed, as an old writer would.
  for (const bound of numbers(node.explicitBounds)) pbf.writeDoubleField(7, bound);
  attributes(pbf, 9, node);
  varint(pbf, 10, node.flags);
  double(pbf, 11, node.min);
  double(pbf, 12, node.max);
};

const exponentialPoint: Write = (node, pbf) => {
  attributes(pbf, 1, node);
  fixed64(pbf, 2, node.startTimeUnixNano);
  fixed64(pbf, 3, node.timeUnixNano);
  fixed64(pbf, 4, node.count);
  double(pbf, 5, node.sum);
  varint(pbf, 10, node.flags);
};

const summaryPoint: Write = (node, pbf) => {
  fixed64(pbf, 2, node.startTimeUnixNano);
  fixed64(pbf, 3, node.timeUnixNano);
  fixed64(pbf, 4, node.count);
  double(pbf, 5, node.sum);
  attributes(pbf, 7, node);
  varint(pbf, 8, node.flags);
};

/** Points first: a reader must not count on what stands behind them. */
const data =
  (point: Write): Write =>
  (node, pbf) => {
    each(pbf, 1, node.dataPoints, point);
    varint(pbf, 2, node.aggregationTemporality);
    if (node.isMonotonic === true) varint(pbf, 3, 1);
  };

const metric: Write = (node, pbf) => {
  text(pbf, 1, node.name);
  text(pbf, 2, node.description);
  text(pbf, 3, node.unit);
  one(pbf, 5, node.gauge, data(numberPoint));
  one(pbf, 7, node.sum, data(numberPoint));
  one(pbf, 9, node.histogram, data(histogramPoint));
  one(pbf, 10, node.exponentialHistogram, data(exponentialPoint));
  one(pbf, 11, node.summary, data(summaryPoint));
};

const spanEvent: Write = (node, pbf) => {
  fixed64(pbf, 1, node.timeUnixNano);
  text(pbf, 2, node.name);
  attributes(pbf, 3, node);
};

const span: Write = (node, pbf) => {
  id(pbf, 1, node.traceId);
  id(pbf, 2, node.spanId);
  id(pbf, 4, node.parentSpanId);
  text(pbf, 5, node.name);
  varint(pbf, 6, node.kind);
  fixed64(pbf, 7, node.startTimeUnixNano);
  fixed64(pbf, 8, node.endTimeUnixNano);
  attributes(pbf, 9, node);
  each(pbf, 11, node.events, spanEvent);
  one(pbf, 15, node.status, (status, p) => {
    text(p, 2, status.message);
    varint(p, 3, status.code);
  });
};

const SIGNALS = {
  logs: ["resourceLogs", "scopeLogs", "logRecords", logRecord],
  metrics: ["resourceMetrics", "scopeMetrics", "metrics", metric],
  traces: ["resourceSpans", "scopeSpans", "spans", span],
} as const;

/** The export request's bytes. `root`: an export as JSON.parse gives it, well formed. */
export function toProtobuf(signal: keyof typeof SIGNALS, root: unknown): Uint8Array {
  const [resources, scopes, records, write] = SIGNALS[signal];
  const pbf = new PbfWriter();
  if (!isNode(root)) return pbf.finish();
  each(pbf, 1, root[resources], (group, p) => {
    one(p, 1, group.resource, resource);
    each(p, 2, group[scopes], (inner, q) => {
      one(q, 1, inner.scope, scope);
      each(q, 2, inner[records], write);
      text(q, 3, inner.schemaUrl);
    });
    text(p, 3, group.schemaUrl);
  });
  return pbf.finish();
}
