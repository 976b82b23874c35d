/**
 * OTLP JSON to the model: what all signals share. Called by decode-json-signals.ts. Unknown keys are never looked at.
 */
import { type DecodeBudget, malformed } from "./decode-budget.ts";
import {
  type Bag,
  base64Of,
  doubleValue,
  integerOf,
  NO_ATTRIBUTES,
  newBag,
  numberOf,
  wellFormed,
} from "./decode-values.ts";
import { type JsonObject, listOf, objectOf, textOf } from "./json.ts";
import { MAX_ATTRIBUTES, MAX_VALUE_DEPTH } from "./limits.ts";
import type { Attributes, AttributeValue, Scope } from "./model.ts";

/** Names of a signal's two group levels and its records, in both spellings. */
export interface GroupNames {
  resources: readonly [string, string];
  scopes: readonly [string, string];
  records: readonly [string, string];
}

/** Calls `read` with every element of the third level and what it shares. */
export function eachRecord(
  root: unknown,
  names: GroupNames,
  budget: DecodeBudget,
  read: (record: JsonObject, resource: Attributes, scope: Scope) => void,
): void {
  const top = objectOf(root);
  if (top === undefined) throw malformed("the body must be an object");
  for (const group of elements(top, names.resources, budget)) {
    const resource = attributesOf(objectOf(group.resource)?.attributes, budget);
    for (const inner of elements(group, names.scopes, budget)) {
      const scope = scopeOf(objectOf(inner.scope), budget);
      for (const record of elements(inner, names.records, budget)) read(record, resource, scope);
    }
  }
}

/** The objects of a repeated field; null elements are no elements. */
export function* elements(
  holder: JsonObject,
  [camel, snake]: readonly [string, string],
  budget: DecodeBudget,
): Generator<JsonObject> {
  for (const element of listOf(holder[camel] ?? holder[snake], camel)) {
    budget.work += 1;
    if (element === null) continue;
    const object = objectOf(element);
    if (object === undefined) throw malformed(`${camel} must hold objects`);
    yield object;
  }
}

export function scopeOf(scope: JsonObject | undefined, budget: DecodeBudget): Scope {
  return {
    name: textOf(scope?.name),
    version: textOf(scope?.version),
    attributes: attributesOf(scope?.attributes, budget),
  };
}

/** KeyValues, up to their limit; `makeBag`: what they are put into. */
export function attributesOf(value: unknown, budget: DecodeBudget, makeBag: () => Bag = newBag): Attributes {
  const list = listOf(value, "attributes");
  if (list.length === 0) return NO_ATTRIBUTES;
  if (list.length > MAX_ATTRIBUTES) budget.dropped += list.length - MAX_ATTRIBUTES;
  return fill(makeBag(), list, Math.min(list.length, MAX_ATTRIBUTES), 1, budget);
}

function fill(bag: Bag, list: readonly unknown[], length: number, depth: number, budget: DecodeBudget): Bag {
  for (let i = 0; i < length; i++) {
    const pair = objectOf(list[i]);
    if (pair === undefined) {
      if (list[i] === null) continue;
      throw malformed("attributes must hold objects");
    }
    bag[textOf(pair.key)] = anyValueOf(pair.value, depth, budget);
  }
  return bag;
}

/** An AnyValue. A bare string, number or boolean in its place is taken as what it looks like. */
export function anyValueOf(value: unknown, depth: number, budget: DecodeBudget): AttributeValue {
  budget.value();
  if (typeof value !== "object" || value === null) return bareValue(value);
  const any = value as JsonObject;
  if (typeof any.stringValue === "string") return wellFormed(any.stringValue);
  if (any.intValue !== undefined) return integerOf(any.intValue);
  if (any.boolValue !== undefined) return booleanOf(any.boolValue);
  if (any.doubleValue !== undefined) return doubleOf(any.doubleValue);
  if (any.arrayValue !== undefined) return arrayOf(objectOf(any.arrayValue), depth, budget);
  if (any.kvlistValue !== undefined) return mapOf(objectOf(any.kvlistValue), depth, budget);
  if (typeof any.bytesValue === "string") return base64Of(any.bytesValue);
  return snakeValue(any, depth, budget);
}

function snakeValue(any: JsonObject, depth: number, budget: DecodeBudget): AttributeValue {
  if (typeof any.string_value === "string") return wellFormed(any.string_value);
  if (any.int_value !== undefined) return integerOf(any.int_value);
  if (any.bool_value !== undefined) return booleanOf(any.bool_value);
  if (any.double_value !== undefined) return doubleOf(any.double_value);
  if (any.array_value !== undefined) return arrayOf(objectOf(any.array_value), depth, budget);
  if (any.kvlist_value !== undefined) return mapOf(objectOf(any.kvlist_value), depth, budget);
  return typeof any.bytes_value === "string" ? base64Of(any.bytes_value) : null;
}

function bareValue(value: unknown): AttributeValue {
  if (typeof value === "string") return wellFormed(value);
  return typeof value === "boolean" || typeof value === "number" ? value : null;
}

export function booleanOf(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  return value === "true" ? true : value === "false" ? false : null;
}

export function doubleOf(value: unknown): number | string | null {
  const number = numberOf(value);
  return number === undefined ? null : doubleValue(number);
}

function arrayOf(array: JsonObject | undefined, depth: number, budget: DecodeBudget): AttributeValue[] {
  if (depth >= MAX_VALUE_DEPTH) throw malformed(`values nest at most ${MAX_VALUE_DEPTH} deep`);
  return listOf(array?.values, "values").map((element) => anyValueOf(element, depth + 1, budget));
}

function mapOf(map: JsonObject | undefined, depth: number, budget: DecodeBudget): Bag {
  if (depth >= MAX_VALUE_DEPTH) throw malformed(`values nest at most ${MAX_VALUE_DEPTH} deep`);
  const list = listOf(map?.values, "values");
  return fill(newBag(), list, list.length, depth + 1, budget);
}
