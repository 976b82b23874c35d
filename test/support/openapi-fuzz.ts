/**
 * Requests drawn from an OpenAPI document: every value is valid, on a bound, past it, of another type, like SQL, huge or of
 * strange characters. Used by test/e2e/fuzz.test.ts. The same numbers give the same requests.
 */
import { type Contract, fillPath, type Operation, type SchemaNode, SchemaNodeSchema } from "./openapi.ts";

export interface FuzzRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export type Random = () => number;

/** Numbers in [0, 1) that are the same for a seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = <T>(random: Random, items: readonly T[]): T => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
};

const SQL = [
  "' OR 1=1 --",
  "'; DROP TABLE events; --",
  "{p0:String}",
  "\\' UNION SELECT * FROM system.tables",
  "1) OR (1=1",
  "%27%20OR",
  "$(id)",
  "../../etc/passwd",
  "__proto__",
  "constructor",
];
const STRANGE = [
  "",
  " ",
  "\u0000",
  "\u202eabc",
  "🚀".repeat(40),
  "مرحبا",
  "e\u0301",
  "\ufeff",
  "\ud800",
  "<script>alert(1)</script>",
  "a\r\nset-cookie: x=1",
  "null",
  "undefined",
  "NaN",
  "-0",
  "1e999",
];
const TYPES: unknown[] = [null, true, 0, -1, 1.5, 1e308, "text", [], {}, [[[]]], { a: { b: 1 } }];
/** Characters of a huge query value and a huge body value. */
const LONG_QUERY = 6_000;
const LONG_BODY = 40_000;
const MAX_DEPTH = 6;

/** One request of an operation. `ids`: values that mean something to the system, tried in path and text places. */
export function drawRequest(
  contract: Contract,
  operation: Operation,
  ids: readonly string[],
  random: Random,
): FuzzRequest {
  const value = (schema: SchemaNode | undefined): string => String(textOf(contract, schema ?? {}, ids, random));
  const parameters = operation.parameters ?? [];
  const target = fillPath(operation.path, (name) => {
    const filled = value(parameters.find((one) => one.in === "path" && one.name === name)?.schema);
    // A dot segment would be another path before the request is made; the encoded slash stays in its place.
    return /^\.{0,2}$/.test(filled) ? "x" : wellFormed(filled);
  });
  const query = new URLSearchParams();
  for (const { name, in: place, required, schema } of parameters) {
    // Nearly every drawn org is a foreign one, which ends a request before anything else is looked at.
    const share = required === true ? 0.95 : name === "org" ? 0.05 : 0.3;
    if (place !== "query" || random() > share) continue;
    for (let times = random() < 0.05 ? 2 : 1; times > 0; times--) query.append(name, wellFormed(value(schema)));
  }
  if (random() < 0.05) query.append(pick(random, ["org_id", "x", "limit", "__proto__", "sql"]), value({}));
  const headers: Record<string, string> = {};
  for (const { name, in: place, schema } of parameters) {
    // The id is drawn below: it is echoed, so it must not be a word of a tenant.
    if (place === "header" && name !== "X-Request-Id" && random() < 0.3)
      headers[name.toLowerCase()] = value(schema).replace(/[^\x20-\x7e]/g, "?");
  }
  if (random() < 0.1)
    headers["x-request-id"] = pick(random, [...SQL, ...STRANGE, "a-good-one-1234", "x".repeat(500)])
      .replace(/[^\x20-\x7e]/g, "?")
      .slice(0, 200);
  const body = operation.requestBody === undefined ? undefined : drawBody(contract, operation, ids, random, headers);
  const text = query.size === 0 ? target : `${target}?${query}`;
  return { method: operation.method, target: text, headers, body };
}

function drawBody(
  contract: Contract,
  operation: Operation,
  ids: readonly string[],
  random: Random,
  headers: Record<string, string>,
): string {
  const contents = Object.entries(operation.requestBody?.content ?? {});
  const [type, { schema }] = pick(random, contents);
  headers["content-type"] = random() < 0.04 ? pick(random, ["text/xml", "application/json; charset=x", "a/b"]) : type;
  const shape = random();
  if (shape < 0.03) return pick(random, ["", "{", "[]", "null", '"x"', "\u0000", '{"a":1}{"b":2}', "[".repeat(3_000)]);
  if (shape < 0.05) return JSON.stringify(pick(random, TYPES));
  return JSON.stringify(drawValue(contract, schema, ids, random, 0)) ?? "null";
}

const wellFormed = (text: string): string => text.toWellFormed();

/** What a schema node means, with references followed and one alternative taken. */
function resolved(contract: Contract, node: SchemaNode, random: Random): SchemaNode {
  const name = node.$ref?.split("/").at(-1);
  if (name !== undefined) return resolved(contract, contract.schemas[name] ?? {}, random);
  const alternatives = node.anyOf ?? node.oneOf;
  if (alternatives !== undefined) return resolved(contract, SchemaNodeSchema.parse(pick(random, alternatives)), random);
  if (node.allOf === undefined) return node;
  const parts = node.allOf.map((one) => resolved(contract, SchemaNodeSchema.parse(one), random));
  return Object.assign({}, node, ...parts);
}

function drawValue(
  contract: Contract,
  given: SchemaNode,
  ids: readonly string[],
  random: Random,
  depth: number,
): unknown {
  const node = resolved(contract, given, random);
  if (random() < 0.04) return pick(random, TYPES);
  if (depth > MAX_DEPTH) return null;
  if (node.properties !== undefined) {
    const made: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(node.properties)) {
      const wanted = node.required?.includes(name) === true ? 0.97 : 0.5;
      if (random() < wanted) made[name] = drawValue(contract, SchemaNodeSchema.parse(schema), ids, random, depth + 1);
    }
    if (random() < 0.04)
      Object.defineProperty(made, pick(random, ["__proto__", "admin", "org_id", ""]), { value: "x", enumerable: true });
    return made;
  }
  if (node.items !== undefined || node.type === "array") {
    const item = SchemaNodeSchema.safeParse(node.items);
    const length = random() < 0.02 ? 1_500 : Math.floor(random() * 4);
    return Array.from({ length }, () => drawValue(contract, item.data ?? {}, ids, random, depth + 1));
  }
  if (node.type === "object") return { [pick(random, ["a", "model", "x.y"])]: pick(random, TYPES) };
  const text = textOf(contract, node, ids, random, LONG_BODY);
  return node.type === "string" || typeof text !== "string" ? text : random() < 0.5 ? text : Number(text);
}

/** A scalar for a node; text unless the node says otherwise. */
function textOf(
  contract: Contract,
  given: SchemaNode,
  ids: readonly string[],
  random: Random,
  long = LONG_QUERY,
): unknown {
  const node = resolved(contract, given, random);
  const kind = random();
  if (kind < 0.55) return validOf(node, ids, random);
  if (kind < 0.7) return boundOf(node, random);
  if (kind < 0.8) return pick(random, SQL);
  if (kind < 0.9) return pick(random, STRANGE);
  if (kind < 0.95) return pick(random, ids);
  if (kind < 0.97) return "x".repeat(long);
  return pick(random, ["true", "[]", "{}", "1", "-1", "1.5"]);
}

function validOf(node: SchemaNode, ids: readonly string[], random: Random): unknown {
  if (node.const !== undefined) return node.const;
  if (node.enum !== undefined && node.enum.length > 0) return pick(random, node.enum);
  if (node.type === "boolean") return random() < 0.5;
  if (node.type === "integer" || node.type === "number") return Math.floor((node.minimum ?? 0) + random() * 100);
  if (node.format === "date-time")
    return new Date(Date.now() - random() * 86_400_000 * pick(random, [0.01, 1, 40])).toISOString();
  if (node.format === "uuid") return crypto.randomUUID();
  if (node.format === "email") return `fuzz${Math.floor(random() * 1e6)}@fuzz.example`;
  return random() < 0.5 ? pick(random, ids) : pick(random, ["codex", "main", "acme/web", "events", "1h", "day"]);
}

function boundOf(node: SchemaNode, random: Random): unknown {
  if (node.type === "integer" || node.type === "number") {
    const { minimum = 0, maximum = 2 ** 53 } = node;
    return pick(random, [minimum, minimum - 1, maximum, maximum + 1, 0, -0, 2 ** 63, Number.MAX_VALUE]);
  }
  if (node.format === "date-time") {
    return pick(random, [
      "1970-01-01T00:00:00Z",
      "9999-12-31T23:59:59.999Z",
      "0000-00-00T00:00:00Z",
      "2026-02-30T00:00:00Z",
      "+275760-09-13T00:00:00.001Z",
      "2026-11-22",
    ]);
  }
  const { minLength = 0, maxLength = 256 } = node;
  return "b".repeat(Math.max(0, pick(random, [minLength, minLength - 1, maxLength, maxLength + 1])));
}
