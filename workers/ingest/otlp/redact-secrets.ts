/**
 * Removes secrets from texts and from whole values: keys of vendors and our own, tokens, private keys, passwords in addresses,
 * and the text of fields that are named after one. Called by redact (OTLP) and enrich (every event). Pure.
 * Does not look at ids and times of events, which are checked to be nothing else.
 */
import { SECRET_FIELDS, SECRETS } from "../../../schema/secret-pattern.ts";
import { scanFor } from "./redact-scan.ts";

/** What stands in place of a secret: shorter than any, so that no limit is passed by removing one. */
export const REMOVED = "[secret]";

const KINDS = SECRETS.map(({ name, pattern, markers }) => ({
  name,
  pattern: new RegExp(pattern, "g"),
  scan: scanFor(markers),
  keeps: pattern.includes("(?<keep>"),
}));
/** A field's name as it stands in JSON text, inside a text of JSON too. */
const FIELD_MARKERS = [
  "ecret",
  "ECRET",
  'oken"',
  "oken\\",
  "OKEN",
  "uthorization",
  "UTHORIZATION",
  "vateKey",
  "vate_key",
  "VATE_KEY",
  "etKey",
  "et_key",
];
const MARKERS = [...SECRETS.flatMap(({ markers }) => markers), ...FIELD_MARKERS];
const inText = scanFor(MARKERS);
/** JSON may write any character as `\\u00xx`, and a slash with a backslash: such a body is looked at again when it is parsed. */
const inBody = scanFor([...MARKERS, "\\u00", ":\\/"]);
const FIELDS: ReadonlySet<string> = new Set(SECRET_FIELDS);
/**
 * Names that hold no secret and make none of their text. The same few come with every event, so each is looked at once; they
 * come from clients, so what is remembered is bounded.
 */
const harmless = new Set<string>();
const MAX_HARMLESS = 5_000;

/** Counts what was removed, by kind of secret. */
export type SecretCounts = Record<string, number>;

/** False when no value in this JSON text (or plain text) can hold a secret; true costs a closer look. */
export function mayHoldSecret(text: string): boolean {
  return inText.text(text);
}

/** The same of a whole request's JSON as it came, before it is parsed: what makes the look at each event needless. */
export function bodyMayHoldSecret(body: Uint8Array): boolean {
  return inBody.bytes(body);
}

/** The text without secrets; the same string when there is none. */
export function withoutSecrets(text: string, counts: SecretCounts): string {
  if (!inText.text(text)) return text;
  let clean = text;
  for (const kind of KINDS) {
    if (!kind.scan.text(clean)) continue;
    clean = clean.replace(kind.pattern, (match: string, ...rest: unknown[]) => {
      const groups = kind.keeps ? rest.at(-1) : undefined;
      const kept = typeof groups === "object" && groups !== null && "keep" in groups ? String(groups.keep) : "";
      // What an earlier kind took out is not counted again.
      if (!match.includes(REMOVED)) counts[kind.name] = (counts[kind.name] ?? 0) + 1;
      return kept + REMOVED;
    });
  }
  return clean;
}

/** True for the name of a field whose text is a secret by its name. */
function isSecretField(name: string): boolean {
  return !harmless.has(name) && FIELDS.has(name.replace(/[-_]/g, "").toLowerCase());
}

/** A JSON value without secrets, in keys too; the very same value when there is none. Depth is bounded by the caller's limits. */
export function cleanValue(value: unknown, counts: SecretCounts, field = ""): unknown {
  if (typeof value === "string") {
    if (value === "" || value === REMOVED) return value;
    if (isSecretField(field)) {
      counts.named_field = (counts.named_field ?? 0) + 1;
      return REMOVED;
    }
    return withoutSecrets(value, counts);
  }
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? cleanList(value, counts, field) : cleanObject(value, counts);
}

function cleanList(list: unknown[], counts: SecretCounts, field: string): unknown[] {
  let clean = list;
  for (const [i, item] of list.entries()) {
    const next = cleanValue(item, counts, field);
    if (next === item) continue;
    if (clean === list) clean = [...list];
    clean[i] = next;
  }
  return clean;
}

/** The object, or a copy of it with a null prototype: names come from clients. */
export function cleanObject<T extends object>(object: T, counts: SecretCounts): T {
  let copy: Record<string, unknown> | undefined;
  for (const name in object) {
    const value: unknown = object[name];
    // Nearly all: a name that was looked at before, and no object.
    if (typeof value !== "object" && harmless.has(name) && !(typeof value === "string" && inText.text(value))) continue;
    const cleanName = nameWithoutSecrets(name, counts);
    const cleaned = cleanValue(value, counts, name);
    if (cleaned === value && cleanName === name) continue;
    copy ??= Object.assign(Object.create(null) as Record<string, unknown>, object);
    if (cleanName !== name) delete copy[name];
    copy[cleanName] = cleaned;
  }
  return copy === undefined ? object : (copy as T);
}

function nameWithoutSecrets(name: string, counts: SecretCounts): string {
  if (harmless.has(name)) return name;
  const clean = withoutSecrets(name, counts);
  if (clean === name && !isSecretField(name)) {
    if (harmless.size >= MAX_HARMLESS) harmless.clear();
    harmless.add(name);
  }
  return clean;
}

/** How many in all. */
export function sumOf(counts: SecretCounts): number {
  let sum = 0;
  for (const name in counts) sum += counts[name] ?? 0;
  return sum;
}
