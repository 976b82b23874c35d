/** Exports of a Claude-like agent, and a way to post them: what the OTLP tests share. Tenants, keys and queues are the ingest tests'. */
import { PbfReader } from "pbf";
import { createIngestApp } from "../../../workers/ingest/app.ts";
import type { Encoding, Signal } from "../../../workers/ingest/otlp/decode.ts";
import { IntegrationCounter } from "../../../workers/ingest/otlp/integration-counter.ts";
import type { Env } from "../../../workers/shared/env.ts";
import type { QuotaGate } from "../../../workers/shared/quota.ts";
import { toProtobuf } from "../../support/otlp-protobuf.ts";
import { post } from "../ingest/world.ts";

export { base, makeKey, Sinks, setUp } from "../ingest/world.ts";

export const TYPES: Record<Encoding, string> = { json: "application/json", protobuf: "application/x-protobuf" };
export const ENCODINGS = ["json", "protobuf"] as const;

const attribute = (key: string, value: string | number | boolean) => ({
  key,
  value:
    typeof value === "string"
      ? { stringValue: value }
      : typeof value === "boolean"
        ? { boolValue: value }
        : Number.isInteger(value)
          ? { intValue: String(value) }
          : { doubleValue: value },
});
export const attributes = (values: Record<string, string | number | boolean>) =>
  Object.entries(values).map(([key, value]) => attribute(key, value));

export const nanos = (ms: number): string => `${Math.trunc(ms)}000000`;
const RESOURCE = { attributes: attributes({ "service.name": "claude-code", "service.version": "2.1.330" }) };
const SCOPES = {
  logs: "com.anthropic.claude_code.events",
  metrics: "com.anthropic.claude_code",
  traces: "com.anthropic.claude_code.tracing",
};

/** One api_request, which is one cost_incurred. */
export function apiRequest(id: string, at = Date.now(), more: Record<string, string | number | boolean> = {}) {
  return {
    timeUnixNano: nanos(at),
    body: { stringValue: "claude_code.api_request" },
    attributes: attributes({
      "event.name": "api_request",
      "session.id": "session-1",
      "user.id": "user-1",
      model: "claude-opus-4-8",
      request_id: id,
      input_tokens: 10,
      output_tokens: 20,
      cost_usd: 0.25,
      ...more,
    }),
  };
}

export const logsOf = (...logRecords: unknown[]) => ({
  resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ scope: { name: SCOPES.logs, version: "2.1.330" }, logRecords }] }],
});

/** A cumulative counter of lines added. */
export function linesOf(points: { start: number; at: number; value: number; session?: string }[]) {
  const dataPoints = points.map(({ start, at, value, session = "session-1" }) => ({
    startTimeUnixNano: nanos(start),
    timeUnixNano: nanos(at),
    asDouble: value,
    attributes: attributes({ "session.id": session, "user.id": "user-1", type: "added" }),
  }));
  const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints };
  const metrics = [{ name: "claude_code.lines_of_code.count", sum }];
  return {
    resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ scope: { name: SCOPES.metrics }, metrics }] }],
  };
}

export const spansOf = (count: number, at = Date.now()) => ({
  resourceSpans: [
    {
      resource: RESOURCE,
      scopeSpans: [
        {
          scope: { name: SCOPES.traces },
          spans: Array.from({ length: count }, (_, i) => ({
            traceId: "0af7651916cd43dd8448eb211c80319c",
            spanId: (i + 1).toString(16).padStart(16, "0"),
            name: "claude_code.tool",
            startTimeUnixNano: nanos(at - 5),
            endTimeUnixNano: nanos(at),
            attributes: attributes({ "session.id": "session-1" }),
          })),
        },
      ],
    },
  ],
});

/** The export's bytes. */
export function bodyOf(signal: Signal, encoding: Encoding, root: unknown): Uint8Array {
  return encoding === "json" ? new TextEncoder().encode(JSON.stringify(root)) : toProtobuf(signal, root);
}

export interface Sending {
  env: Env;
  key: string | undefined;
  signal?: Signal;
  encoding?: Encoding;
  headers?: Record<string, string>;
  path?: string;
  app?: Parameters<typeof post>[5];
}

/** A fresh isolate's app, whose counts of agents go nowhere: a request would wait seconds for their report. */
export const freshApp = (gate?: QuotaGate) =>
  createIngestApp(undefined, gate, new IntegrationCounter(async () => undefined, 0));

/** Posts a body as it is. */
export function send(body: BodyInit | null, sending: Sending): Promise<Response> {
  const {
    env,
    key,
    signal = "logs",
    encoding = "json",
    headers = {},
    path = `/v1/${signal}`,
    app = freshApp(),
  } = sending;
  return post(env, key, body, { "content-type": TYPES[encoding], ...headers }, path, app);
}

/** Posts an export. */
export function exportTo(root: unknown, sending: Sending): Promise<Response> {
  const { signal = "logs", encoding = "json" } = sending;
  return send(bodyOf(signal, encoding, root), sending);
}

/** An answer in the words of its encoding, whichever that is. */
export interface Told {
  status: number;
  retryAfter: string | null;
  /** google.rpc.Status. */
  code: number;
  message: string;
  requestId: string;
  /** Of a partial success; undefined: unset. */
  rejected: number | undefined;
  /** Bytes of the body. */
  bytes: number;
}

/** Reads an answer, and fails when its body is not in the encoding that was asked for. */
export async function told(response: Response, encoding: Encoding): Promise<Told> {
  if (response.headers.get("content-type") !== TYPES[encoding]) {
    throw new Error(`${response.status} in ${response.headers.get("content-type")}: ${await response.text()}`);
  }
  const body = new Uint8Array(await response.arrayBuffer());
  const shared = { status: response.status, retryAfter: response.headers.get("retry-after"), bytes: body.length };
  return { ...shared, ...(encoding === "json" ? ofJson(body) : ofProtobuf(body, response.ok)) };
}

type Read = Pick<Told, "code" | "message" | "requestId" | "rejected">;
const NOTHING: Read = { code: 0, message: "", requestId: "", rejected: undefined };

interface JsonAnswer {
  code?: number;
  message?: string;
  details?: { requestId?: string }[];
  partialSuccess?: Record<string, string>;
}

function ofJson(body: Uint8Array): Read {
  const answer: JsonAnswer = JSON.parse(new TextDecoder().decode(body));
  const partial = answer.partialSuccess;
  const count = partial?.rejectedLogRecords ?? partial?.rejectedDataPoints ?? partial?.rejectedSpans;
  return {
    code: answer.code ?? 0,
    message: answer.message ?? partial?.errorMessage ?? "",
    requestId: answer.details?.[0]?.requestId ?? "",
    rejected: partial === undefined ? undefined : Number(count),
  };
}

function ofProtobuf(body: Uint8Array, ok: boolean): Read {
  if (ok) {
    return new PbfReader(body).readFields(
      (tag, read, pbf) => {
        if (tag !== 1) return;
        read.rejected = 0;
        pbf.readMessage((inner) => {
          if (inner === 1) read.rejected = pbf.readVarint();
          if (inner === 2) read.message = pbf.readString();
        }, null);
      },
      { ...NOTHING },
    );
  }
  return new PbfReader(body).readFields(
    (tag, read, pbf) => {
      if (tag === 1) read.code = pbf.readVarint();
      if (tag === 2) read.message = pbf.readString();
      if (tag === 3) {
        pbf.readMessage((any) => {
          if (any !== 2) return;
          pbf.readMessage((inner) => {
            if (inner === 1) read.requestId = pbf.readString();
          }, null);
        }, null);
      }
    },
    { ...NOTHING },
  );
}
