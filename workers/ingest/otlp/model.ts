/**
 * OTLP in memory, whatever its encoding was: what both decoders produce and the normalisers read.
 * Flat: every record carries its resource and scope by reference. Types only.
 */

/**
 * An attribute's value. 64-bit integers are numbers when a double holds them, else decimal strings; bytes are base64; an empty
 * AnyValue (`{}`) and `null` are null.
 */
export type AttributeValue = string | number | boolean | null | AttributeValue[] | { [key: string]: AttributeValue };
/** Own keys only (made with a null prototype): names come from clients. The last of a repeated key wins. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface Scope {
  name: string;
  version: string;
  attributes: Attributes;
}

/** What all records share. Times are decimal nanoseconds since the epoch as sent; "0" when absent. */
interface Common {
  resource: Attributes;
  scope: Scope;
}

export interface LogRecord extends Common {
  timeUnixNano: string;
  observedTimeUnixNano: string;
  severityNumber: number;
  severityText: string;
  /** The record's own eventName field; Codex writes a source position there. */
  eventName: string;
  body: AttributeValue;
  attributes: Attributes;
  /** Lower-case hex; "" when absent or all zero. */
  traceId: string;
  spanId: string;
}

export interface DataPoint extends Common {
  metric: string;
  unit: string;
  kind: "sum" | "gauge" | "histogram" | "exponential_histogram" | "summary";
  temporality: "unspecified" | "delta" | "cumulative";
  monotonic: boolean;
  attributes: Attributes;
  startTimeUnixNano: string;
  timeUnixNano: string;
  /** The number of a sum or gauge; the `sum` of a histogram or summary; null when there is none. */
  value: number | null;
  /** Observations of a histogram or summary; 0 for the others. */
  count: number;
}

export interface SpanEvent {
  name: string;
  timeUnixNano: string;
  attributes: Attributes;
}

export interface Span extends Common {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attributes;
  events: SpanEvent[];
  /** 0 unset, 1 ok, 2 error. */
  statusCode: number;
  statusMessage: string;
}

/** One decoded request: records of one signal. */
export type OtlpExport =
  | { signal: "logs"; records: LogRecord[] }
  | { signal: "metrics"; records: DataPoint[] }
  | { signal: "traces"; records: Span[] };
