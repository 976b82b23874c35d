/**
 * What a schema cannot say of `metadata`: bytes, depth, keys, numbers, Unicode. One walk, bounded in depth.
 * Called by validate. Does not look at meanings.
 */
import {
  MAX_EVENT_BYTES,
  MAX_METADATA_BYTES,
  MAX_METADATA_DEPTH,
  MAX_METADATA_KEY_LENGTH,
} from "../../schema/limits.ts";
import type { Verdict } from "./verdict.ts";

/** JSON.stringify writes a lone surrogate as \udXXX; preceded by an even number of backslashes it is not literal text. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/** Serialises metadata, or says why it is refused. The result is what ClickHouse stores. */
export function serialiseMetadata(metadata: object): string | Verdict {
  const fault = walk(metadata, 1, "metadata");
  if (fault !== undefined) return fault;
  const text = JSON.stringify(metadata);
  if (text.length * 3 > MAX_METADATA_BYTES) {
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_EVENT_BYTES)
      return { code: "event_too_large", path: "metadata", message: `an event has at most ${MAX_EVENT_BYTES} bytes` };
    if (bytes > MAX_METADATA_BYTES) {
      return {
        code: "metadata_too_large",
        path: "metadata",
        message: `at most ${MAX_METADATA_BYTES} bytes, got ${bytes}`,
      };
    }
  }
  if (text.includes("\\ud") && LONE_SURROGATE.test(text)) {
    return { code: "invalid_unicode", path: "metadata", message: "metadata has a lone surrogate" };
  }
  return text;
}

function walk(value: unknown, depth: number, path: string): Verdict | undefined {
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : { code: "invalid_number", path, message: "the number is out of range" };
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (depth > MAX_METADATA_DEPTH) {
    return { code: "metadata_too_deep", path: "metadata", message: `at most ${MAX_METADATA_DEPTH} levels` };
  }
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = walk(item, depth + 1, path);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  for (const key in value) {
    if (key === "__proto__" || key.length > MAX_METADATA_KEY_LENGTH) {
      const message =
        key === "__proto__"
          ? "the key __proto__ is not allowed"
          : `a key has at most ${MAX_METADATA_KEY_LENGTH} characters`;
      return { code: "invalid_key", path, message };
    }
    const item: unknown = (value as Record<string, unknown>)[key];
    if (typeof item === "number" || (typeof item === "object" && item !== null)) {
      const fault = walk(item, depth + 1, path);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}
