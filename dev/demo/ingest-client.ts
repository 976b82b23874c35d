/**
 * Sends events to POST <url>/v1/events and does not give up lightly: the same bytes again after 429, 5xx, a cut connection
 * or silence, honouring Retry-After. Used by the demo agents and the importers.
 * It keeps no queue and starts no timer of its own between calls; events must carry their event_id, so that a repeat is
 * recognised.
 */
import { gzipSync, constants as zlib, zstdCompressSync } from "node:zlib";
import { type IngestAnswer, IngestAnswerSchema } from "../../schema/event.ts";
import { MAX_EVENTS_PER_REQUEST, SECOND_MS } from "../../schema/limits.ts";
import { type Batch, cutBatches } from "./batches.ts";
import { isRetryable, retryAfterMs, waitBeforeRetry } from "./retry.ts";

/** An answer takes milliseconds; after this the connection is taken for dead. */
const REQUEST_TIMEOUT_MS = 30 * SECOND_MS;

export type BodyEncoding = "identity" | "gzip" | "zstd";

export interface IngestClientOptions {
  /** Origin of the server, e.g. http://127.0.0.1:8787. */
  url: string;
  key: string;
  encoding?: BodyEncoding;
  /** Events a request, up to the contract's 1,000. */
  maxEvents?: number;
  /** Attempts of one request before it is reported as failed; unlimited when absent (end it with `signal`). */
  maxAttempts?: number;
  /** Ends waiting and retrying; what is not acknowledged by then is reported as failed. */
  signal?: AbortSignal;
  requestTimeoutMs?: number;
  /** Told before each wait: the demo prints it, tests count it. */
  onRetry?: (retry: { attempt: number; waitMs: number; reason: string }) => void;
  /** Replaceable for tests. */
  wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** One event the server (or a limit) refused; `index` counts in the list given to `send`. */
export type Rejection = IngestAnswer["rejected"][number];

/** Events of whole requests that were refused or given up. */
export interface SendFailure {
  events: number;
  /** HTTP status; 0 when there was no answer. */
  status: number;
  code: string;
  message: string;
}

/** Every event given to `send` is in exactly one of accepted, duplicates, rejected or a failure. */
export interface SendResult {
  accepted: number;
  duplicates: number;
  rejected: Rejection[];
  failures: SendFailure[];
}

export interface IngestClient {
  /** Sends all events, request after request. Never throws for what a server or a network does. */
  send(events: readonly object[]): Promise<SendResult>;
}

type Attempt =
  | { kind: "answer"; answer: IngestAnswer }
  | { kind: "retry"; reason: string; status: number; askedMs: number | undefined }
  | { kind: "refused"; failure: Omit<SendFailure, "events"> };

/** Resolves after `ms`, or at once when the signal fires. */
export function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}

function encode(body: string, encoding: BodyEncoding): Uint8Array<ArrayBuffer> {
  if (encoding === "gzip") return new Uint8Array(gzipSync(body, { level: 1 }));
  if (encoding === "zstd") {
    return new Uint8Array(zstdCompressSync(body, { params: { [zlib.ZSTD_c_compressionLevel]: 1 } }));
  }
  return new Uint8Array(Buffer.from(body));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the server said, in words for a person. */
function refusal(status: number, text: string): Omit<SendFailure, "events"> {
  const body = parseJson(text);
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  const field = (name: "code" | "message"): string | undefined => {
    if (typeof error !== "object" || error === null || !(name in error)) return undefined;
    const value: unknown = Reflect.get(error, name);
    return typeof value === "string" ? value : undefined;
  };
  return { status, code: field("code") ?? `http_${status}`, message: field("message") ?? text.slice(0, 200) };
}

async function attempt(request: Request, timeoutMs: number, signal: AbortSignal | undefined): Promise<Attempt> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(request, { signal: signal === undefined ? limit : AbortSignal.any([limit, signal]) });
    const text = await response.text();
    if (response.status === 202) {
      const answer = IngestAnswerSchema.safeParse(parseJson(text));
      if (answer.success) return { kind: "answer", answer: answer.data };
      return { kind: "refused", failure: { status: 202, code: "bad_answer", message: "202 with an unreadable body" } };
    }
    if (!isRetryable(response.status)) return { kind: "refused", failure: refusal(response.status, text) };
    const askedMs = retryAfterMs(response.headers.get("retry-after"), Date.now());
    return { kind: "retry", reason: `HTTP ${response.status}`, status: response.status, askedMs };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    return { kind: "retry", reason, status: 0, askedMs: undefined };
  }
}

/** A client for one ingest key. */
export function createIngestClient(options: IngestClientOptions): IngestClient {
  const { url, key, encoding = "identity", maxAttempts = Number.POSITIVE_INFINITY, signal } = options;
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, wait = waitFor, onRetry } = options;
  const endpoint = new URL("/v1/events", url);
  const headers: Record<string, string> = {
    authorization: `Bearer ${key}`,
    "content-type": "application/json",
    ...(encoding === "identity" ? {} : { "content-encoding": encoding }),
  };

  async function deliver(batch: Batch): Promise<{ answer: IngestAnswer } | { failure: SendFailure }> {
    const events = batch.indexes.length;
    const body = encode(batch.body, encoding);
    for (let n = 1; ; n++) {
      const request = new Request(endpoint, { method: "POST", headers, body });
      const result = await attempt(request, requestTimeoutMs, signal);
      if (result.kind === "answer") return { answer: result.answer };
      if (result.kind === "refused") return { failure: { events, ...result.failure } };
      if (n >= maxAttempts || signal?.aborted === true) {
        return {
          failure: { events, status: result.status, code: "gave_up", message: `${result.reason}, ${n} attempts` },
        };
      }
      const waitMs = waitBeforeRetry(n, result.askedMs, Math.random());
      onRetry?.({ attempt: n, waitMs, reason: result.reason });
      await wait(waitMs, signal);
    }
  }

  async function send(events: readonly object[]): Promise<SendResult> {
    const { batches, tooLarge } = cutBatches(events, options.maxEvents ?? MAX_EVENTS_PER_REQUEST);
    const total: SendResult = { accepted: 0, duplicates: 0, rejected: [], failures: [] };
    for (const index of tooLarge) {
      total.rejected.push({ index, code: "event_too_large", message: "not sent: more bytes than one event may have" });
    }
    for (const batch of batches) {
      const outcome = await deliver(batch);
      if ("failure" in outcome) {
        total.failures.push(outcome.failure);
        continue;
      }
      total.accepted += outcome.answer.accepted;
      total.duplicates += outcome.answer.duplicates;
      for (const one of outcome.answer.rejected) {
        total.rejected.push({ ...one, index: batch.indexes[one.index] ?? one.index });
      }
    }
    return total;
  }

  return { send };
}
