/**
 * Reads a request's body within limits: bytes on the wire, bytes after decompression, bytes held by the whole isolate.
 * Called by the routes; knows nothing of what the bytes mean.
 */
import { gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { PublicError } from "../../schema/errors.ts";
import { MAX_BODY_BYTES_IN_FLIGHT } from "../../schema/limits.ts";

/** Bytes of bodies held at a time; above the limit requests are refused with 503 and a short Retry-After. */
export class BodyBudget {
  #held = 0;
  readonly #limit: number;

  constructor(limit: number = MAX_BODY_BYTES_IN_FLIGHT) {
    this.#limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** Takes `bytes` or throws PublicError overloaded. */
  take(bytes: number): void {
    if (this.#held + bytes > this.#limit) {
      throw new PublicError("overloaded", "too many bodies in flight, please retry", { retryAfter: 1 });
    }
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/** What `readBody` needs of a request. */
export interface BodySource {
  stream: ReadableStream<Uint8Array> | null;
  contentLength: string | undefined;
  contentEncoding: string | undefined;
}

type Inflate = (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;
const INFLATE: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ["gzip", gunzipSync],
  ["x-gzip", gunzipSync],
  ["deflate", inflateSync],
  ["zstd", zstdDecompressSync],
]);

const tooLarge = (limit: number): PublicError =>
  new PublicError("payload_too_large", `the body is larger than ${limit} bytes after decompression`);

/**
 * Reads and inflates a body of at most `limit` bytes, lets `use` have it, and gives the budget back afterwards.
 * Throws PublicError payload_too_large, unsupported_media_type, invalid_body, empty_body or overloaded.
 */
export async function withBody<T>(
  source: BodySource,
  limit: number,
  budget: BodyBudget,
  use: (body: Uint8Array) => Promise<T>,
): Promise<T> {
  const encoding = (source.contentEncoding ?? "identity").trim().toLowerCase();
  const inflate = INFLATE.get(encoding);
  if (inflate === undefined && encoding !== "identity" && encoding !== "") {
    throw new PublicError("unsupported_media_type", "content-encoding must be gzip, zstd, deflate or identity");
  }
  const declared = Number(source.contentLength);
  if (declared > limit) throw tooLarge(limit);
  let held = 0;
  const take = (bytes: number): void => {
    budget.take(bytes);
    held += bytes;
  };
  try {
    const raw = await readStream(source.stream, declared, limit, take).catch(brokenOff);
    if (raw.length === 0) throw new PublicError("empty_body", "the body is empty");
    if (inflate === undefined) return await use(raw);
    take(Math.min(limit, raw.length * 20));
    return await use(inflateBounded(inflate, raw, limit));
  } finally {
    budget.give(held);
  }
}

/** A client that hangs up in mid-body is no fault of ours, and nobody reads the answer. */
function brokenOff(cause: unknown): never {
  if (cause instanceof PublicError) throw cause;
  throw new PublicError("invalid_body", "the body broke off", { cause });
}

async function readStream(
  stream: ReadableStream<Uint8Array> | null,
  declared: number,
  limit: number,
  take: (bytes: number) => void,
): Promise<Uint8Array> {
  if (stream === null) return new Uint8Array(0);
  if (Number.isInteger(declared) && declared >= 0) {
    take(declared);
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    if (bytes.length > limit) throw tooLarge(limit);
    return bytes;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    take(chunk.length);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Inflates with a maximum output: a bomb stops at the limit, it is never expanded. */
function inflateBounded(inflate: Inflate, raw: Uint8Array, limit: number): Uint8Array {
  try {
    return inflate(raw, { maxOutputLength: limit });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE" || cause instanceof RangeError) throw tooLarge(limit);
    throw new PublicError("invalid_body", "the body does not match its content-encoding", { cause });
  }
}
