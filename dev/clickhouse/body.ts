/**
 * Takes one request body off the wire. Rows of an INSERT go to a file as they came (compressed, never parsed here); a
 * statement is read as text. Called by handler.ts. The engine reads the file, the caller removes it.
 */

import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { refuse } from "./errors.ts";
import { classify, type Statement } from "./statement.ts";

/** How much of a body is read before it must be clear whether it is an INSERT: ClickHouse's max_query_size. */
const HEAD_BYTES = 256 * 1024;
/** A statement is held in memory; rows are not. */
const MAX_STATEMENT_BYTES = 16 * 1024 * 1024;

export interface Received {
  /** The statement without its rows. */
  text: string;
  statement: Statement;
  /** How the engine must unpack the rows in the file. */
  compression: string;
}

interface Codec {
  engineName: string;
  decode: (() => Transform) | undefined;
  failure: Parameters<typeof refuse>[0];
}

const CODECS: ReadonlyMap<string, Codec> = new Map([
  ["", { engineName: "none", decode: undefined, failure: "STD_EXCEPTION" }],
  ["identity", { engineName: "none", decode: undefined, failure: "STD_EXCEPTION" }],
  ["gzip", { engineName: "gzip", decode: () => createGunzip(), failure: "ZLIB_INFLATE_FAILED" }],
  ["deflate", { engineName: "deflate", decode: () => createInflate(), failure: "ZLIB_INFLATE_FAILED" }],
  ["br", { engineName: "br", decode: () => createBrotliDecompress(), failure: "BROTLI_READ_FAILED" }],
  ["zstd", { engineName: "zstd", decode: () => createZstdDecompress(), failure: "ZSTD_DECODER_FAILED" }],
] satisfies [string, Codec][]);

export async function receive(request: IncomingMessage, query: string, path: string): Promise<Received> {
  const codec = codecOf(request.headers["content-encoding"]);
  if (query.trim() === "") return receiveAll(request, codec, path);
  const statement = classify(query);
  if (statement.kind !== "insert") {
    const rest = await readText(decoded(request, codec));
    const text = rest.trim() === "" ? query : `${query}\n${rest}`;
    return { text, statement: text === query ? statement : classify(text), compression: "none" };
  }
  const [text, inline] = [query.slice(0, statement.dataAt), query.slice(statement.dataAt)];
  if (inline.trim() !== "") {
    await spool(joined([Buffer.from(`${inline}\n`)], decoded(request, codec)), path);
    return { text, statement, compression: "none" };
  }
  const bytes = await spool(request, path);
  return { text, statement, compression: bytes === 0 ? "none" : codec.engineName };
}

/** The statement is in the body, in front of the rows. */
async function receiveAll(request: IncomingMessage, codec: Codec, path: string): Promise<Received> {
  const source = decoded(request, codec)[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  const head = Buffer.concat(await readUpTo(source, HEAD_BYTES, chunks));
  // One character a byte: offsets are byte offsets, and a character cut at the end of the head does no harm.
  const found = classify(head.toString("latin1"));
  if (found.kind === "insert") {
    const text = head.subarray(0, found.dataAt).toString("utf8");
    await spool(joined([head.subarray(found.dataAt)], { [Symbol.asyncIterator]: () => source }), path);
    return { text, statement: classify(text), compression: "none" };
  }
  const all = Buffer.concat(await readUpTo(source, MAX_STATEMENT_BYTES, [head]));
  if (all.length > MAX_STATEMENT_BYTES) throw tooLong();
  const text = all.toString("utf8");
  return { text, statement: classify(text), compression: "none" };
}

function codecOf(encoding: string | undefined): Codec {
  const codec = CODECS.get((encoding ?? "").toLowerCase());
  if (codec === undefined) throw refuse("NOT_IMPLEMENTED", `Unknown compression method ${encoding}`);
  return codec;
}

async function* decoded(request: IncomingMessage, codec: Codec): AsyncGenerator<Uint8Array> {
  if (codec.decode === undefined) {
    yield* request;
    return;
  }
  const decoder = codec.decode();
  const feeding = pipeline(request, decoder).catch(() => undefined);
  try {
    yield* decoder;
  } catch (error) {
    if (request.errored) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw refuse(codec.failure, `Cannot decompress the request body: ${reason}`, error);
  }
  await feeding;
}

async function readUpTo(source: AsyncIterator<Uint8Array>, limit: number, chunks: Uint8Array[]): Promise<Uint8Array[]> {
  let size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  while (size <= limit) {
    const step = await source.next();
    if (step.done) break;
    chunks.push(step.value);
    size += step.value.length;
  }
  return chunks;
}

export async function readText(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks = await readUpTo(source[Symbol.asyncIterator](), MAX_STATEMENT_BYTES, []);
  const all = Buffer.concat(chunks);
  if (all.length > MAX_STATEMENT_BYTES) throw tooLong();
  return all.toString("utf8");
}

function tooLong(): Error {
  return refuse("SYNTAX_ERROR", `Max query size exceeded: ${MAX_STATEMENT_BYTES} bytes`);
}

async function* joined(first: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}

async function spool(source: AsyncIterable<Uint8Array>, path: string): Promise<number> {
  const file = createWriteStream(path, { highWaterMark: 1024 * 1024 });
  await pipeline(source, file);
  return file.bytesWritten;
}
