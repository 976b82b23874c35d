/**
 * The answers of OTLP/HTTP: in the encoding of the request, errors as google.rpc.Status. Called by the OTLP routes.
 * Exporters send a request again for 429, 502, 503 and 504 and for nothing else; ingest's own faults are 503 for that reason.
 */
import { PbfWriter } from "pbf";
import { ERROR_STATUS, type PublicError } from "../../../schema/errors.ts";
import { errorResponse } from "../../shared/http.ts";
import type { Encoding, Signal } from "./decode.ts";

const MEDIA_TYPES: Record<Encoding, string> = { json: "application/json", protobuf: "application/x-protobuf" };

/** The encoding of a content type, whatever its parameters; undefined when it is neither. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const media = contentType?.split(";")[0]?.trim().toLowerCase();
  return media === MEDIA_TYPES.json ? "json" : media === MEDIA_TYPES.protobuf ? "protobuf" : undefined;
}

/** What was not taken, for the client to see; nothing is sent again for it. */
export interface Refused {
  records: number;
  /** "" when there is nothing to say. */
  message: string;
}

const REJECTED_FIELD: Record<Signal, string> = {
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
  traces: "rejectedSpans",
};

/** 200: `partial_success` is unset when everything was taken. */
export function accepted(signal: Signal, encoding: Encoding, refused: Refused): Response {
  const partial = refused.records > 0 || refused.message !== "";
  if (encoding === "protobuf") return answer(encoding, 200, partial ? partialBytes(refused) : new Uint8Array(0));
  const body = partial
    ? { partialSuccess: { [REJECTED_FIELD[signal]]: String(refused.records), errorMessage: refused.message } }
    : {};
  return answer(encoding, 200, JSON.stringify(body));
}

function partialBytes({ records, message }: Refused): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeMessage(
    1,
    (_, inner) => {
      if (records > 0) inner.writeVarintField(1, records);
      inner.writeStringField(2, message);
    },
    null,
  );
  return pbf.finish();
}

/** google.rpc.Code by HTTP status. */
const RPC_CODES: ReadonlyMap<number, number> = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 5],
  [405, 12],
  [413, 3],
  [415, 3],
  [429, 8],
  [503, 14],
  [504, 4],
]);
const UNKNOWN = 2;
const REQUEST_INFO = "type.googleapis.com/google.rpc.RequestInfo";
/** Seconds after which an error that may pass is worth another try, when nothing better is known. */
const RETRY_AFTER_S = 1;
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The error as google.rpc.Status with the request's id in its details; headers as every error has them. */
export function refusal(encoding: Encoding, requestId: string, error: PublicError): Response {
  const status = ERROR_STATUS[error.code];
  const { headers } = errorResponse(requestId, error);
  const code = RPC_CODES.get(status) ?? UNKNOWN;
  const body =
    encoding === "protobuf"
      ? statusBytes(code, error.message, requestId)
      : JSON.stringify({ code, message: error.message, details: [{ "@type": REQUEST_INFO, requestId }] });
  if (RETRYABLE.has(status) && !headers.has("retry-after")) headers.set("retry-after", String(RETRY_AFTER_S));
  return answer(encoding, status, body, headers);
}

function statusBytes(code: number, message: string, requestId: string): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, code);
  pbf.writeStringField(2, message);
  const info = new PbfWriter();
  info.writeStringField(1, requestId);
  const value = info.finish();
  pbf.writeMessage(
    3,
    (_, any) => {
      any.writeStringField(1, REQUEST_INFO);
      any.writeBytesField(2, value);
    },
    null,
  );
  return pbf.finish();
}

function answer(encoding: Encoding, status: number, body: string | Uint8Array, headers = new Headers()): Response {
  headers.set("content-type", MEDIA_TYPES[encoding]);
  return new Response(body, { status, headers });
}
