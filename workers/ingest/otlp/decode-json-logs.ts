/**
 * Log records straight from the text of compact JSON, as exporters write it: JSON.parse would make two objects for each attribute.
 * Called by decode.ts. A body of another form (order, spelling, white space, a name twice, a name that is not known here) gives
 * undefined, and decode-json-signals.ts reads it; what is read here is exactly what would be read there (property-tested).
 */
import { DecodeBudget, DecodeError } from "./decode-budget.ts";
import { attributesOf, scopeOf } from "./decode-json.ts";
import { logRecordOf } from "./decode-json-signals.ts";
import { NO_SCOPE } from "./decode-protobuf.ts";
import { NO_ATTRIBUTES } from "./decode-values.ts";
import { objectOf } from "./json.ts";
import { AttributeScanner } from "./json-attributes.ts";
import { hasControls, JsonScanner, UNEXPECTED } from "./json-scan.ts";
import type { Attributes, AttributeValue, LogRecord, Scope } from "./model.ts";

/** The records and what they cost; undefined when the body is not of the expected form, or holds more than is taken. */
export function scanLogRecords(
  text: string,
  bytes: Uint8Array,
): { records: LogRecord[]; budget: DecodeBudget } | undefined {
  if (!text.startsWith(BEGINNING) || hasControls(bytes)) return undefined;
  const scanner = new LogScanner(text);
  try {
    scanner.readBody();
    return scanner;
  } catch (error) {
    // A body that is refused is refused by the other decoder, which says why.
    if (error === UNEXPECTED || error instanceof DecodeError) return undefined;
    throw error;
  }
}

const BEGINNING = '{"resourceLogs":[';

/** Members of a record, with what stands before their values; others that exporters write. */
const FIELDS = [
  "timeUnixNano",
  "observedTimeUnixNano",
  "severityNumber",
  "severityText",
  "eventName",
  "traceId",
  "spanId",
] as const;
const IGNORED = ["droppedAttributesCount", "flags"] as const;
interface Member {
  name: (typeof FIELDS)[number] | (typeof IGNORED)[number] | "body" | "attributes";
  text: string;
  place: number;
}
const MEMBERS: readonly Member[] = [...FIELDS, "body" as const, "attributes" as const, ...IGNORED].map(
  (name, place) => ({
    name,
    text: `"${name}":`,
    place,
  }),
);

/** Reads one body. Throws UNEXPECTED, and DecodeError for what is above a limit. */
class LogScanner {
  readonly records: LogRecord[] = [];
  readonly budget = new DecodeBudget();
  readonly #scan: JsonScanner;
  readonly #attributes: AttributeScanner;
  /** By place of a member: the one that came after it last. */
  readonly #followers: Member[] = [];

  constructor(text: string) {
    this.#scan = new JsonScanner(text);
    this.#attributes = new AttributeScanner(this.#scan, this.budget);
  }

  readBody(): void {
    const scan = this.#scan;
    scan.at = BEGINNING.length;
    this.#each(() => this.#readResourceGroup());
    scan.take("}");
    if (scan.at !== scan.text.length) throw UNEXPECTED;
  }

  /** Reads the objects of a list whose bracket is taken, each with `read` from behind its opening brace. */
  #each(read: () => void): void {
    const scan = this.#scan;
    if (scan.takes("]")) return;
    do {
      scan.take("{");
      this.budget.work += 1;
      read();
    } while (scan.goesOn("]"));
  }

  /** Resource and scope may stand behind the records. */
  #readResourceGroup(): void {
    const first = this.records.length;
    let resource: Attributes | undefined;
    let read = false;
    this.#members((name) => {
      if (name === "resource" && resource === undefined) {
        resource = attributesOf(objectOf(this.#scan.value())?.attributes, this.budget);
      } else if (name === "scopeLogs" && !read) {
        read = true;
        this.#scan.take("[");
        this.#each(() => this.#readScopeGroup());
      } else this.#skip(name);
    });
    const shared = resource ?? NO_ATTRIBUTES;
    for (const record of this.records.slice(first)) record.resource = shared;
  }

  #readScopeGroup(): void {
    const first = this.records.length;
    let scope: Scope | undefined;
    let read = false;
    this.#members((name) => {
      if (name === "scope" && scope === undefined) {
        scope = scopeOf(objectOf(this.#scan.value()), this.budget);
      } else if (name === "logRecords" && !read) {
        read = true;
        this.#scan.take("[");
        this.#each(() => this.#readRecord());
      } else this.#skip(name);
    });
    const shared = scope ?? scopeOf(undefined, this.budget);
    for (const record of this.records.slice(first)) record.scope = shared;
  }

  /** Calls `read` with each member's name, its value being next; takes the closing brace. */
  #members(read: (name: string) => void): void {
    const scan = this.#scan;
    if (scan.takes("}")) return;
    do {
      scan.take('"');
      const name = scan.textRest();
      scan.take('":');
      read(name);
    } while (scan.goesOn("}"));
  }

  /** A member that nobody reads. */
  #skip(name: string): void {
    if (name !== "schemaUrl") throw UNEXPECTED;
    this.#scan.value();
  }

  #readRecord(): void {
    const scan = this.#scan;
    this.budget.record();
    const fields: Record<(typeof FIELDS)[number], unknown> = {
      timeUnixNano: undefined,
      observedTimeUnixNano: undefined,
      severityNumber: undefined,
      severityText: undefined,
      eventName: undefined,
      traceId: undefined,
      spanId: undefined,
    };
    let body: AttributeValue | undefined;
    let attributes: Attributes | undefined;
    let place = MEMBERS.length;
    if (!scan.takes("}")) {
      do {
        const member = this.#member(place);
        const { name } = member;
        place = member.place;
        switch (name) {
          case "body":
            if (body !== undefined) throw UNEXPECTED;
            body = this.#attributes.value();
            break;
          case "attributes":
            if (attributes !== undefined) throw UNEXPECTED;
            attributes = this.#attributes.attributes();
            break;
          case "droppedAttributesCount":
          case "flags":
            scan.value();
            break;
          default:
            // Of a name that stands there twice the last counts, here as there.
            fields[name] = scan.value();
        }
      } while (scan.goesOn("}"));
    }
    this.records.push(logRecordOf(fields, body ?? null, attributes ?? NO_ATTRIBUTES, NO_ATTRIBUTES, NO_SCOPE));
  }

  /** The member that begins here, its value being next. */
  #member(before: number): Member {
    const scan = this.#scan;
    const guess = this.#followers[before];
    if (guess !== undefined && scan.takes(guess.text)) return guess;
    const member = MEMBERS.find(({ text }) => scan.takes(text));
    if (member === undefined) throw UNEXPECTED;
    this.#followers[before] = member;
    return member;
  }
}
