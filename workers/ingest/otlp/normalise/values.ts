/**
 * Attribute values as the types our events take. Used by every normaliser. Pure.
 *
 * Tolerant: agents send numbers as strings, booleans as strings and `{}` for what is unset. What cannot be read is undefined,
 * never a guess; nothing here throws.
 */
import { MAX_COST_USD, MAX_ID_LENGTH } from "../../../../schema/limits.ts";
import type { Attributes, AttributeValue } from "../model.ts";

/**
 * UTF-16 units kept of a free text (prompt, output, message). Agents cut at 2 K to 60 K; metadata has 32 KB in all, a unit takes
 * up to 6 bytes as JSON, and an event has at most two or three such texts.
 */
export const MAX_TEXT = 2_048;

/** What agents write in place of a text that they were told to hold back. */
const isWithheld = (value: AttributeValue): boolean => value === "<REDACTED>" || value === "[REDACTED]";
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** A finite number, also from its decimal text. */
export function numberOf(value: AttributeValue | undefined): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.length > 40 || !DECIMAL.test(value)) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** A whole number in [0, max], rounded; undefined outside. */
export function countOf(value: AttributeValue | undefined, max: number): number | undefined {
  const number = numberOf(value);
  if (number === undefined) return undefined;
  const whole = Math.round(number);
  return whole >= 0 && whole <= max ? whole : undefined;
}

/** USD of one event, inside the bounds of the contract. */
export function usdOf(value: AttributeValue | undefined): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number >= 0 && number <= MAX_COST_USD ? number : undefined;
}

/** A boolean, also from its name in any case. */
export function booleanOf(value: AttributeValue | undefined): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") return undefined;
  const name = value.toLowerCase();
  return name === "true" ? true : name === "false" ? false : undefined;
}

/** Text of at most `max` UTF-16 units, well-formed; numbers and booleans as text; lists and maps as JSON. Undefined when empty or withheld. */
export function textOf(value: AttributeValue | undefined, max = MAX_TEXT): string | undefined {
  if (value === undefined || value === null || value === "" || isWithheld(value)) return undefined;
  const text = typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
  return (text.length > max ? text.slice(0, max) : text).toWellFormed();
}

/** A label people filter by: text of at most 256 units. */
export function labelOf(value: AttributeValue | undefined): string | undefined {
  return textOf(value, MAX_ID_LENGTH);
}

/** A scalar as sent (texts bounded), lists and maps as JSON text; undefined for what says nothing: null, "", [] and {}. */
export function scalarOf(value: AttributeValue | undefined): string | number | boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "object" && value !== null && Object.keys(value).length === 0) return undefined;
  return textOf(value);
}

/** The first of these attributes that says something, and its name. */
export function firstOf(
  names: readonly string[],
  ...places: readonly Attributes[]
): { name: string; value: string } | undefined {
  for (const place of places) {
    for (const name of names) {
      const value = labelOf(place[name]);
      if (value !== undefined) return { name, value };
    }
  }
  return undefined;
}

/** JSON text of an object as its entries; undefined when it is none. Arguments of tools come like this. */
export function objectOf(value: AttributeValue | undefined): Record<string, unknown> | undefined {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  if (typeof value !== "string" || !value.startsWith("{")) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
