/**
 * One log record from the text of compact JSON. Used by decode-json-logs.ts. Resource and scope are put in by it.
 */
import type { DecodeBudget } from "./decode-budget.ts";
import { logRecordOf } from "./decode-json-signals.ts";
import { NO_SCOPE } from "./decode-protobuf.ts";
import { NO_ATTRIBUTES } from "./decode-values.ts";
import { AttributeScanner } from "./json-attributes.ts";
import { type JsonScanner, UNEXPECTED } from "./json-scan.ts";
import type { Attributes, AttributeValue, LogRecord } from "./model.ts";

const FIELDS = [
  "timeUnixNano",
  "observedTimeUnixNano",
  "severityNumber",
  "severityText",
  "eventName",
  "traceId",
  "spanId",
] as const;
type Field = (typeof FIELDS)[number];
const OTHERS = ["body", "attributes", "droppedAttributesCount", "flags"] as const;

/** A member that exporters write; there are no others here. */
interface Member {
  name: Field | (typeof OTHERS)[number];
  /** What stands before its value. */
  text: string;
  place: number;
}

const MEMBERS: readonly Member[] = [...FIELDS, ...OTHERS].map((name, place) => ({ name, text: `"${name}":`, place }));
const BEFORE_ALL = MEMBERS.length;

/** Reads the records of one body. */
export class RecordScanner {
  readonly #scan: JsonScanner;
  readonly #budget: DecodeBudget;
  readonly #attributes: AttributeScanner;
  /** By place of a member: the one that came after it last. */
  readonly #followers: Member[] = [];

  constructor(scan: JsonScanner, budget: DecodeBudget) {
    this.#scan = scan;
    this.#budget = budget;
    this.#attributes = new AttributeScanner(scan, budget);
  }

  /** The record whose opening brace is taken. Throws UNEXPECTED, and DecodeError for what is above a limit. */
  record(): LogRecord {
    const scan = this.#scan;
    this.#budget.record();
    const fields: Record<Field, unknown> = {
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
    let place = BEFORE_ALL;
    for (let more = !scan.takes("}"); more; more = scan.goesOn("}")) {
      const member = this.#member(place);
      const { name } = member;
      place = member.place;
      switch (name) {
        case "body":
          // Twice would count twice.
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
          // Of a name that stands there twice the last counts, as it does for JSON.parse.
          fields[name] = scan.value();
      }
    }
    return logRecordOf(fields, body ?? null, attributes ?? NO_ATTRIBUTES, NO_ATTRIBUTES, NO_SCOPE);
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
