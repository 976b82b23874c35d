/**
 * Bytes to candidate events: a JSON array, {"events":[...]}, one object, or NDJSON. Decides shape only, not validity.
 * Called by the events route. One unreadable NDJSON line costs that line, not the request.
 */
import { PublicError } from "../../schema/errors.ts";
import { MAX_EVENT_BYTES, MAX_EVENTS_PER_REQUEST } from "../../schema/limits.ts";
import type { Verdict } from "./verdict.ts";

/** One thing the client meant as an event: a JSON value, or the verdict on text that is none. */
export type Candidate = { value: unknown } | { verdict: Verdict };

const MAX_MESSAGE = 200;

const unreadable = (message: string, cause?: unknown): PublicError =>
  new PublicError("invalid_body", message, { cause });

/** Candidates in order. Throws PublicError invalid_encoding, invalid_body, empty_body or too_many_events. */
export function parseBody(bytes: Uint8Array, contentType: string | undefined): Candidate[] {
  const lines = isNdjson(contentType);
  const candidates = decodeUtf8(
    bytes,
    (text) => (lines ? parseLines(text.split("\n")) : parseText(text)),
    () => parseByteLines(bytes),
  );
  if (candidates.length > MAX_EVENTS_PER_REQUEST) {
    throw new PublicError(
      "too_many_events",
      `at most ${MAX_EVENTS_PER_REQUEST} events a request, got ${candidates.length}`,
    );
  }
  if (candidates.length > 0 && candidates.every((c) => "verdict" in c && c.verdict.code === "invalid_json")) {
    throw unreadable("no event could be read: the body is not JSON");
  }
  return candidates;
}

function isNdjson(contentType: string | undefined): boolean {
  return /^application\/(x-ndjson|ndjson|jsonl|x-jsonlines)\b/i.test(contentType ?? "");
}

function decodeUtf8(bytes: Uint8Array, parse: (text: string) => Candidate[], fallback: () => Candidate[]): Candidate[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return fallback();
  }
  return parse(text);
}

function parseText(text: string): Candidate[] {
  const start = text.search(/\S/);
  if (start < 0) throw new PublicError("empty_body", "the body is empty");
  const first = text[start];
  if (first !== "[" && first !== "{") throw unreadable("the body must be a JSON array, an object or NDJSON");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const lines = text.split("\n");
    if (first === "{" && lines.length > 1) return parseLines(lines);
    throw unreadable(cause instanceof Error ? cause.message.slice(0, MAX_MESSAGE) : "not JSON", cause);
  }
  return listOf(value).map((item) => ({ value: item }));
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "object" && value !== null && "events" in value && !("event_type" in value)) {
    if (!Array.isArray(value.events)) throw unreadable('"events" must be an array');
    return value.events;
  }
  return [value];
}

function parseLines(lines: readonly string[]): Candidate[] {
  const candidates: Candidate[] = [];
  for (const line of lines) if (line.trim() !== "") candidates.push(parseLine(line));
  return candidates;
}

function parseLine(line: string): Candidate {
  if (line.length > MAX_EVENT_BYTES) {
    return { verdict: { code: "event_too_large", message: `an event has at most ${MAX_EVENT_BYTES} bytes` } };
  }
  try {
    return { value: JSON.parse(line) };
  } catch {
    return { verdict: { code: "invalid_json", message: "this line is not JSON" } };
  }
}

/** Not UTF-8 as a whole: NDJSON loses only the lines that are not; any other shape is refused. */
function parseByteLines(bytes: Uint8Array): Candidate[] {
  const start = bytes.findIndex((byte) => byte > 0x20);
  if (bytes[start] !== 0x7b || !bytes.includes(0x0a)) {
    throw new PublicError("invalid_encoding", "the body is not UTF-8");
  }
  const candidates: Candidate[] = [];
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, from);
    const to = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(from, to);
    from = to + 1;
    if (line.every((byte) => byte <= 0x20)) continue;
    const bad: Candidate[] = [{ verdict: { code: "invalid_unicode", message: "this line is not UTF-8" } }];
    candidates.push(
      ...decodeUtf8(
        line,
        (text) => [parseLine(text)],
        () => bad,
      ),
    );
  }
  if (candidates.every((c) => "verdict" in c)) throw new PublicError("invalid_encoding", "the body is not UTF-8");
  return candidates;
}
