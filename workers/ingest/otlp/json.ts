/**
 * Bytes to a JSON value within bounds, and readers that take what real exporters write: camelCase or snake_case names, `null` for
 * absent, numbers as text, enums by number or name. Used by the JSON decoders. Knows no message.
 */
import { DecodeError, malformed } from "./decode-budget.ts";
import { numberOf, wellFormed } from "./decode-values.ts";
import { COUNT_TOKENS_FROM, MAX_JSON_TOKENS } from "./limits.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** The body's text. Throws DecodeError, also for more values than are taken. */
export function jsonText(bytes: Uint8Array): string {
  if (bytes.length >= COUNT_TOKENS_FROM) countTokens(bytes);
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed("the body is not UTF-8");
  }
}

/** The body's value. Throws DecodeError. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("the body is not JSON");
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** `[` and `{`, `]` and `}` differ in this bit only. */
const CURLY = 0x20;
const OPEN = 0x7b;

/** Refuses a body that would become too many objects, before any is made. */
function countTokens(bytes: Uint8Array): void {
  let tokens = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (quoted) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (byte === COMMA || (byte | CURLY) === OPEN) tokens += 1;
  }
  if (tokens > MAX_JSON_TOKENS) throw new DecodeError("too_large", "the body holds too many values");
}

/** The value as an object; undefined for anything else. */
export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

const NOTHING: readonly unknown[] = [];

/** A repeated field: absent and null are empty. Throws DecodeError for what is no array. */
export function listOf(value: unknown, name: string): readonly unknown[] {
  if (value === undefined || value === null) return NOTHING;
  if (!Array.isArray(value)) throw malformed(`${name} must be an array`);
  return value;
}

/** A string field; "" for anything else. */
export const textOf = (value: unknown): string => (typeof value === "string" ? wellFormed(value) : "");

/** An enum by number, text of a number, or name; 0 when unknown. */
export function enumOf(value: unknown, names: ReadonlyMap<string, number>): number {
  if (typeof value === "number") return Number.isInteger(value) ? value : 0;
  if (typeof value !== "string") return 0;
  const number = numberOf(value);
  return names.get(value) ?? (number !== undefined && Number.isInteger(number) ? number : 0);
}

/** Enum names as protobuf has them, numbered from 0: prefix and parts. */
export function enumNames(prefix: string, parts: readonly string[]): ReadonlyMap<string, number> {
  return new Map(parts.map((part, number) => [`${prefix}${part}`, number]));
}
