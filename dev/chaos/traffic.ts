/**
 * Agents that never give up: each makes batches and sends every one until it is acknowledged, some twice, some after a
 * connection cut in the middle of a request. Keeps the books of what must be stored. Used by run.ts and the e2e tests.
 */
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { z } from "zod";
import { EVENT_TYPES } from "../../schema/event.ts";
import type { Books } from "../../test/support/ledger.ts";

export interface AgentOptions {
  /** Where to send; asked for at every request. */
  url: () => string;
  orgId: string;
  key: string;
  random: () => number;
  /** Events of a request. */
  batch: number;
  /** Requests a second; as fast as they are answered by default. */
  rate?: number;
  /** Share of acknowledged requests sent again, byte for byte. */
  twice?: number;
  /** Share of requests before which half of another one is sent and the connection cut. */
  cut?: number;
  /** How far the agent's clock may be behind, ms. */
  behindMs?: number;
  /** Resolves when the agent may send; for pauses. */
  gate?: () => Promise<void>;
  /** Marks the events, to tell runs apart. */
  user?: string;
}

/** Events of requests that were cut: nothing of them may ever be stored. */
export const HALF_TYPE = "custom.half";
/** An agent's clock is at most this far ahead; live sums an event more than 60 s ahead in another window. */
const AHEAD_MS = 15_000;
const RETRY_MS = 150;
/** No fault lasts this long; time spent at the gate is not counted. */
const GIVE_UP_MS = 150_000;
const ANSWER_TIMEOUT_MS = 20_000;
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const AnswerSchema = z.object({ accepted: z.number(), rejected: z.array(z.unknown()) });

/** What agents saw; several agents may share one. */
export interface Seen {
  /** Unique identities acknowledged, per `org/type`. */
  books: Books;
  requests: number;
  /** Answers by status; 0 is none. */
  statuses: Record<number, number>;
  cuts: number;
  /** What no client should ever see. */
  unexpected: string[];
}

export const nothingSeen = (): Seen => ({ books: {}, requests: 0, statuses: {}, cuts: 0, unexpected: [] });

/** Sends until `signal` aborts; resolves when the last request is acknowledged. Rejects when one never is. */
export async function runAgent(options: AgentOptions, seen: Seen, signal: AbortSignal): Promise<void> {
  const { random, rate } = options;
  const started = Date.now();
  for (let n = 0; !signal.aborted; n++) {
    if (rate !== undefined) await delay(Math.max(0, started + (n / rate) * 1_000 - Date.now()));
    await options.gate?.();
    if (random() < (options.cut ?? 0)) await sendHalf(options, seen);
    const events = Array.from({ length: options.batch }, () => makeEvent(options));
    for (const { event_type } of events) {
      const name = `${options.orgId}/${event_type}`;
      seen.books[name] = (seen.books[name] ?? 0) + 1;
    }
    const body = encode(events, n);
    await sendUntilAcknowledged(options, body, seen);
    if (random() < (options.twice ?? 0)) await sendUntilAcknowledged(options, body, seen);
  }
}

function makeEvent(options: AgentOptions, type?: string): { event_type: string } & Record<string, unknown> {
  const { random } = options;
  const event_type = type ?? EVENT_TYPES[Math.floor(random() * EVENT_TYPES.length)] ?? "error";
  const at = Date.now() + AHEAD_MS * random() - (options.behindMs ?? 0) * random();
  return {
    event_id: crypto.randomUUID(),
    event_type,
    user_id: options.user ?? `user-${Math.floor(random() * 40)}`,
    session_id: `session-${Math.floor(random() * 200)}`,
    timestamp: new Date(at).toISOString(),
    agent: "chaos",
    metadata: event_type === "cost_incurred" ? { model: "m-1", input_tokens: 1_000, cost_usd: 0.0123 } : { note: "x" },
  };
}

interface Body {
  bytes: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

/** JSON and NDJSON, plain, gzip and zstd, in turn. */
function encode(events: readonly unknown[], n: number): Body {
  const lines = n % 2 === 0;
  const text = lines ? events.map((event) => JSON.stringify(event)).join("\n") : JSON.stringify(events);
  const encoding = (["identity", "gzip", "zstd"] as const)[n % 3] ?? "identity";
  const bytes = encoding === "gzip" ? gzipSync(text) : encoding === "zstd" ? zstdCompressSync(text) : Buffer.from(text);
  const type = lines ? "application/x-ndjson" : "application/json";
  return { bytes: new Uint8Array(bytes), headers: { "content-type": type, "content-encoding": encoding } };
}

async function sendUntilAcknowledged(options: AgentOptions, body: Body, seen: Seen): Promise<void> {
  let deadline = Date.now() + GIVE_UP_MS;
  for (;;) {
    const { status, text } = await postOnce(options, body);
    seen.requests += 1;
    seen.statuses[status] = (seen.statuses[status] ?? 0) + 1;
    if (status === 202) {
      const { rejected } = AnswerSchema.parse(JSON.parse(text));
      if (rejected.length > 0) seen.unexpected.push(`${rejected.length} events rejected: ${text.slice(0, 200)}`);
      return;
    }
    if (status !== 0 && !RETRYABLE.has(status)) seen.unexpected.push(`${status}: ${text.slice(0, 200)}`);
    if (Date.now() > deadline) throw new Error(`no 202 in ${GIVE_UP_MS} ms, last status ${status}`);
    await delay(RETRY_MS * (1 + options.random()));
    const stopped = Date.now();
    await options.gate?.();
    deadline += Date.now() - stopped;
  }
}

/** Status 0: no answer. */
async function postOnce({ url, key }: AgentOptions, body: Body): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(`${url()}/v1/events`, {
      method: "POST",
      body: body.bytes,
      headers: { authorization: `Bearer ${key}`, ...body.headers },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: "" };
  }
}

/** Half of a request, cut where a reader that does not look closely would take it for a whole one: after a line. */
async function sendHalf(options: AgentOptions, seen: Seen): Promise<void> {
  const { hostname, port } = new URL(options.url());
  const lines = Array.from({ length: 4 }, () => JSON.stringify(makeEvent(options, HALF_TYPE)));
  const half = `${lines.slice(0, 2).join("\n")}\n`;
  const chunked = options.random() < 0.5;
  const length = chunked ? "transfer-encoding: chunked" : `content-length: ${lines.join("\n").length}`;
  const head = [
    "POST /v1/events HTTP/1.1",
    `host: ${hostname}:${port}`,
    `authorization: Bearer ${options.key}`,
    "content-type: application/x-ndjson",
    length,
  ];
  const part = chunked ? `${half.length.toString(16)}\r\n${half}\r\n` : half;
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${head.join("\r\n")}\r\n\r\n${part}`, () => {
        // Long enough to be read, so that the Worker is in the middle of the body when it ends.
        setTimeout(() => socket.destroy(), 50);
      });
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  });
  seen.cuts += 1;
}
