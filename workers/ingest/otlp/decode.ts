/**
 * One OTLP/HTTP body to the model. Called by accept.ts with inflated bytes; knows nothing of requests.
 * Bounded: time and memory are linear in the bytes, and what is above the limits is refused or dropped and counted.
 */
import { DecodeBudget, DecodeError, malformed } from "./decode-budget.ts";
import { scanLogRecords } from "./decode-json-logs.ts";
import { dataPointsOf, logRecordsOf, spansOf } from "./decode-json-signals.ts";
import { readGroups } from "./decode-protobuf.ts";
import { readLogRecord, readMetric, readSpan } from "./decode-protobuf-signals.ts";
import { jsonText, parseJson } from "./json.ts";
import type { OtlpExport } from "./model.ts";
import { WireReader } from "./protobuf.ts";

export type Signal = OtlpExport["signal"];
export type Encoding = "json" | "protobuf";

/** What a body held, and what it cost. `budget.dropped`: attributes and span events above their limits, which are not in it. */
export interface Decoded {
  otlp: OtlpExport;
  budget: DecodeBudget;
}

/** Decodes a body. Throws DecodeError and nothing else. */
export function decode(signal: Signal, encoding: Encoding, bytes: Uint8Array): Decoded {
  if (encoding === "protobuf") {
    const budget = new DecodeBudget();
    return { otlp: decodeProtobuf(signal, bytes, budget), budget };
  }
  const text = jsonText(bytes);
  const scanned = signal === "logs" ? scanLogRecords(text, bytes) : undefined;
  return scanned === undefined
    ? decodeJson(signal, text)
    : { otlp: { signal: "logs", records: scanned.records }, budget: scanned.budget };
}

/** Any JSON body, by way of JSON.parse. */
export function decodeJson(signal: Signal, text: string): Decoded {
  const budget = new DecodeBudget();
  return { otlp: exportOf(signal, parseJson(text), budget), budget };
}

function exportOf(signal: Signal, root: unknown, budget: DecodeBudget): OtlpExport {
  switch (signal) {
    case "logs":
      return { signal, records: logRecordsOf(root, budget) };
    case "metrics":
      return { signal, records: dataPointsOf(root, budget) };
    case "traces":
      return { signal, records: spansOf(root, budget) };
  }
}

function decodeProtobuf(signal: Signal, bytes: Uint8Array, budget: DecodeBudget): OtlpExport {
  const reader = new WireReader(bytes, budget);
  try {
    switch (signal) {
      case "logs":
        return { signal, records: readGroups(reader, readLogRecord) };
      case "metrics":
        return { signal, records: readGroups(reader, readMetric) };
      case "traces":
        return { signal, records: readGroups(reader, readSpan) };
    }
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    if (isFormatError(error)) throw malformed("the body is not protobuf");
    throw error;
  }
}

/** pbf throws plain Errors for a bad varint or wire type, and DataView a RangeError beyond the end. */
function isFormatError(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && error.constructor === Error);
}
