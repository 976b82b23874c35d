/**
 * Log records straight from the text of compact JSON, as exporters write it: JSON.parse would make two objects for each attribute.
 * Called by decode.ts. A body of another form (order, spelling, white space, a name twice, a name that is not known here) gives
 * undefined, and decode-json-signals.ts reads it; what is read here is exactly what would be read there (a test holds them equal).
 */
import { DecodeBudget, DecodeError } from "./decode-budget.ts";
import { attributesOf, scopeOf } from "./decode-json.ts";
import { NO_ATTRIBUTES } from "./decode-values.ts";
import { objectOf } from "./json.ts";
import { RecordScanner } from "./json-record.ts";
import { hasControls, JsonScanner, UNEXPECTED } from "./json-scan.ts";
import type { Attributes, LogRecord, Scope } from "./model.ts";

const BEGINNING = '{"resourceLogs":[';

/**
 * The records and what they cost; undefined when the body is not of the expected form, or holds more than is taken. `text`: what
 * `bytes` say.
 */
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

/** Reads one body. Throws UNEXPECTED, and DecodeError for what is above a limit. */
class LogScanner {
  readonly records: LogRecord[] = [];
  readonly budget = new DecodeBudget();
  readonly #scan: JsonScanner;
  readonly #records: RecordScanner;

  constructor(text: string) {
    this.#scan = new JsonScanner(text);
    this.#records = new RecordScanner(this.#scan, this.budget);
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
    for (let more = !scan.takes("]"); more; more = scan.goesOn("]")) {
      scan.take("{");
      this.budget.work += 1;
      read();
    }
  }

  /** Resource and scope may stand behind the records. */
  #readResourceGroup(): void {
    const first = this.records.length;
    let resource: Attributes | undefined;
    this.#members(
      "scopeLogs",
      () => this.#readScopeGroup(),
      (name) => {
        if (name !== "resource" || resource !== undefined) return false;
        resource = attributesOf(objectOf(this.#scan.value())?.attributes, this.budget);
        return true;
      },
    );
    const shared = resource ?? NO_ATTRIBUTES;
    for (const record of this.records.slice(first)) record.resource = shared;
  }

  #readScopeGroup(): void {
    const first = this.records.length;
    let scope: Scope | undefined;
    const read = () => void this.records.push(this.#records.record());
    this.#members("logRecords", read, (name) => {
      if (name !== "scope" || scope !== undefined) return false;
      scope = scopeOf(objectOf(this.#scan.value()), this.budget);
      return true;
    });
    const shared = scope ?? scopeOf(undefined, this.budget);
    for (const record of this.records.slice(first)) record.scope = shared;
  }

  /** The members of a group: its list, which `read` takes one by one; what `other` takes; and the address of a schema, which nobody reads. */
  #members(list: string, read: () => void, other: (name: string) => boolean): void {
    const scan = this.#scan;
    let listed = false;
    for (let more = !scan.takes("}"); more; more = scan.goesOn("}")) {
      scan.take('"');
      const name = scan.textRest();
      scan.take('":');
      if (name === list && !listed) {
        listed = true;
        scan.take("[");
        this.#each(read);
      } else if (name === "schemaUrl") scan.value();
      else if (!other(name)) throw UNEXPECTED;
    }
  }
}
