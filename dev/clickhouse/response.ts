/**
 * Writes answers as ClickHouse's HTTP interface does: headers, summary, compression, and an error either with its own status
 * or, once rows have been sent, at the end of a connection that is then cut. Called by handler.ts and server.ts.
 */

import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { hostname } from "node:os";
import type { Transform } from "node:stream";
import { constants, createBrotliCompress, createDeflate, createGzip, createZstdCompress } from "node:zlib";
import { type ClickHouseError, statusOf } from "./errors.ts";
import type { Outcome, Run } from "./run.ts";

export interface About {
  version: string;
  timezone: string;
}

export interface AnswerOptions {
  queryId: string;
  format: string;
  acceptEncoding: string;
  /** Bytes kept back before the status is decided. */
  bufferBytes: number;
  /** Rows count as written rather than as a result. */
  writes: boolean;
}

/** A client that takes nothing for so long has stalled (http_send_timeout); its query must not keep a slot. */
const SEND_TIMEOUT_MS = 30_000;
/** Length of the tag by which a client recognises an error behind rows (EXCEPTION_TAG_LENGTH). */
const EXCEPTION_TAG_CHARS = 16;
/** Fast settings: the client is on the same machine. */
const ZSTD_LEVEL = 1;
const GZIP_LEVEL = 3;
const BROTLI_QUALITY = 1;

const CONTENT_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^JSON.*EachRow|^JSONLines|^NDJSON/i, "application/x-ndjson; charset=UTF-8"],
  [/^JSON/i, "application/json; charset=UTF-8"],
  [/^(CSV)/i, "text/csv; charset=UTF-8"],
  [/^(TSV|TabSeparated)/i, "text/tab-separated-values; charset=UTF-8"],
  [/^(Native|RowBinary|Parquet|Arrow|ORC|Avro|MsgPack|Protobuf|CapnProto|Npy|BSON)/i, "application/octet-stream"],
];

/** Most preferred first. */
const ENCODERS: readonly (readonly [string, () => Transform])[] = [
  ["zstd", () => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } })],
  ["br", () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })],
  ["gzip", () => createGzip({ level: GZIP_LEVEL })],
  ["deflate", () => createDeflate({ level: GZIP_LEVEL })],
];

export function chooseEncoder(acceptEncoding: string): readonly [string, () => Transform] | undefined {
  const accepted = acceptEncoding
    .toLowerCase()
    .split(",")
    .map((entry) => entry.split(";"))
    .filter(([, quality]) => !/^\s*q=0(\.0*)?\s*$/.test(quality ?? ""))
    .map(([name]) => (name ?? "").trim());
  return ENCODERS.find(([name]) => accepted.includes(name));
}

export function contentTypeOf(format: string): string {
  return CONTENT_TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? "text/plain; charset=UTF-8";
}

/** Read rows of a SELECT are not known from the engine in process, so they stay 0. */
export function summaryOf(outcome: Extract<Outcome, { ok: true }> | undefined, writes: boolean): string {
  const [rows, bytes] = [String(outcome?.rows ?? 0), String(outcome?.bytes ?? 0)];
  const written = { read_rows: rows, read_bytes: bytes, written_rows: rows, written_bytes: bytes };
  const nothing = { read_rows: "0", read_bytes: "0", written_rows: "0", written_bytes: "0" };
  return JSON.stringify({
    ...(writes ? written : nothing),
    total_rows_to_read: "0",
    result_rows: rows,
    result_bytes: bytes,
    elapsed_ns: String(outcome?.elapsedNs ?? 0),
  });
}

/** The message of an error behind rows, framed so that a client can find it from the end of the body. */
export function exceptionFrame(message: string, tag: string): Buffer {
  const text = Buffer.from(message.endsWith("\n") ? message : `${message}\n`);
  return Buffer.concat([
    Buffer.from(`\r\n__exception__\r\n${tag}\r\n`),
    text,
    Buffer.from(`${text.length} ${tag}\r\n__exception__\r\n`),
  ]);
}

export function errorText(error: ClickHouseError, about: About): string {
  return `${error.line} (version ${about.version})\n`;
}

export function sendError(response: ServerResponse, error: ClickHouseError, about: About, queryId?: string): void {
  if (response.headersSent || response.destroyed) return;
  setCommonHeaders(response, about, queryId);
  response.setHeader("Content-Type", "text/plain; charset=UTF-8");
  response.setHeader("X-ClickHouse-Exception-Code", error.code);
  if (error.code === 194) response.setHeader("WWW-Authenticate", 'Basic realm="ClickHouse server HTTP API"');
  response.statusCode = statusOf(error.code);
  response.end(errorText(error, about));
}

function setCommonHeaders(response: ServerResponse, about: About, queryId: string | undefined): void {
  response.setHeader("X-ClickHouse-Server-Display-Name", hostname());
  if (queryId !== undefined) response.setHeader("X-ClickHouse-Query-Id", queryId);
  response.setHeader("X-ClickHouse-Timezone", about.timezone);
}

/** Sends a run's output to its end; resolves when nothing more will be written. */
export async function sendRun(response: ServerResponse, run: Run, about: About, options: AnswerOptions): Promise<void> {
  const tag = randomBytes(EXCEPTION_TAG_CHARS / 2).toString("hex");
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let out: ServerResponse | Transform | undefined;
  for await (const chunk of run.output) {
    if (response.destroyed) continue;
    if (out !== undefined) {
      await write(out, chunk, response);
      continue;
    }
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes <= options.bufferBytes) continue;
    out = open(response, about, options, tag, undefined);
    for (const early of held.splice(0)) await write(out, early, response);
  }
  const outcome = await run.done;
  if (response.destroyed) return;
  if (outcome.ok) {
    out ??= open(response, about, options, tag, outcome);
    out.end(Buffer.concat(held));
  } else if (out === undefined) {
    sendError(response, outcome.error, about, options.queryId);
  } else {
    out.write(exceptionFrame(errorText(outcome.error, about), tag), () => flush(out).then(() => cut(response)));
  }
}

function open(
  response: ServerResponse,
  about: About,
  options: AnswerOptions,
  tag: string,
  outcome: Extract<Outcome, { ok: true }> | undefined,
): ServerResponse | Transform {
  setCommonHeaders(response, about, options.queryId);
  response.setHeader("Content-Type", contentTypeOf(options.format));
  response.setHeader("X-ClickHouse-Format", options.format);
  response.setHeader("X-ClickHouse-Exception-Tag", tag);
  response.setHeader("X-ClickHouse-Summary", summaryOf(outcome, options.writes));
  const encoder = chooseEncoder(options.acceptEncoding);
  if (encoder === undefined) return response;
  const [name, create] = encoder;
  response.setHeader("Content-Encoding", name);
  const compressor = create();
  compressor.pipe(response);
  return compressor;
}

async function write(out: ServerResponse | Transform, chunk: Uint8Array, response: ServerResponse): Promise<void> {
  if (out.write(chunk) || response.destroyed) return;
  await new Promise<void>((resolve) => {
    const proceed = () => {
      clearTimeout(stalled);
      out.off("drain", proceed);
      response.off("close", proceed);
      resolve();
    };
    const stalled = setTimeout(() => response.destroy(), SEND_TIMEOUT_MS);
    out.once("drain", proceed);
    response.once("close", proceed);
  });
}

function flush(out: ServerResponse | Transform | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (out !== undefined && "flush" in out && typeof out.flush === "function") out.flush(() => resolve());
    else resolve();
  });
}

/** Without the last chunk of the body no client can take the answer for complete. */
function cut(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null) return;
  socket.end(() => socket.destroy());
}
