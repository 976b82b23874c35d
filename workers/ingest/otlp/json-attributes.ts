/**
 * Attributes of log records from the text of compact JSON. Used by decode-json-logs.ts. Records repeat their attributes in the same
 * order, so what stands between two values is guessed from the record before and compared as a whole; only a wrong guess is read.
 */
import type { DecodeBudget } from "./decode-budget.ts";
import { anyValueOf, attributesOf, booleanOf, doubleOf } from "./decode-json.ts";
import { integerOf, NO_ATTRIBUTES, newRoomyBag } from "./decode-values.ts";
import type { JsonScanner } from "./json-scan.ts";
import { MAX_ATTRIBUTES } from "./limits.ts";
import type { Attributes, AttributeValue } from "./model.ts";

/** A kind of value: what stands before and behind it, and how it is read. */
interface Kind {
  before: string;
  behind: string;
  /** undefined: text. */
  read: ((value: unknown) => AttributeValue) | undefined;
}

const TEXT: Kind = { before: '{"stringValue":"', behind: '"}', read: undefined };
const KINDS: readonly Kind[] = [
  TEXT,
  { before: '{"intValue":', behind: "}", read: integerOf },
  { before: '{"boolValue":', behind: "}", read: booleanOf },
  { before: '{"doubleValue":', behind: "}", read: doubleOf },
];

/** An attribute as it is written, with a value of one kind or (undefined) of another, and the one that came after it last. */
interface Slot {
  name: string;
  kind: Kind | undefined;
  /** From the value's end to the next attribute. */
  behind: string;
  follower: Slot | undefined;
  /** From the value's end to the follower's value. */
  between: string;
  /** The last text: users, sessions and the like repeat, and one string for all is quicker to compare, hash and collect later. */
  text: string;
}

const slotOf = (name: string, kind: Kind | undefined): Slot => ({
  name,
  kind,
  behind: `${kind?.behind ?? ""}}`,
  follower: undefined,
  between: "",
  text: "",
});

export class AttributeScanner {
  readonly #scan: JsonScanner;
  readonly #budget: DecodeBudget;
  readonly #slots = new Map<string, Slot>();
  readonly #start: Slot = { ...slotOf("", undefined), behind: "" };

  constructor(scan: JsonScanner, budget: DecodeBudget) {
    this.#scan = scan;
    this.#budget = budget;
  }

  /** The list that is next. Throws UNEXPECTED, and DecodeError for what is no list. */
  attributes(): Attributes {
    const scan = this.#scan;
    if (!scan.takes("[")) return attributesOf(scan.value(), this.#budget);
    if (scan.takes("]")) return NO_ATTRIBUTES;
    const bag = newRoomyBag();
    let slot = this.#start;
    for (let count = 0; count < MAX_ATTRIBUTES; count++) {
      if (slot.follower !== undefined && scan.takes(slot.between)) slot = slot.follower;
      else {
        scan.take(slot.behind);
        if (count > 0 && !scan.goesOn("]")) return bag;
        slot = this.#next(slot);
      }
      bag[slot.name] = slot.kind === TEXT ? this.#textOf(slot) : this.#valueOf(slot.kind);
    }
    scan.take(`${slot.behind}]`);
    return bag;
  }

  #textOf(slot: Slot): string {
    this.#budget.value();
    const text = this.#scan.textRest();
    if (text !== slot.text) slot.text = text;
    return slot.text;
  }

  /** An AnyValue. */
  value(): AttributeValue {
    const kind = this.#kind();
    const value = this.#valueOf(kind);
    if (kind !== undefined) this.#scan.take(kind.behind);
    return value;
  }

  /** The attribute that begins here, up to its value. Guessed from now on after `before`. */
  #next(before: Slot): Slot {
    const scan = this.#scan;
    const from = scan.at;
    scan.take('{"key":"');
    const name = scan.textRest();
    scan.take('","value":');
    const kind = this.#kind();
    const written = scan.text.slice(from, scan.at);
    let slot = this.#slots.get(written);
    if (slot === undefined) {
      slot = slotOf(name, kind);
      this.#slots.set(written, slot);
    }
    before.follower = slot;
    before.between = before === this.#start ? written : `${before.behind},${written}`;
    return slot;
  }

  #kind(): Kind | undefined {
    return KINDS.find(({ before }) => this.#scan.takes(before));
  }

  #valueOf(kind: Kind | undefined): AttributeValue {
    if (kind === undefined) return anyValueOf(this.#scan.value(), 1, this.#budget);
    this.#budget.value();
    return kind.read === undefined ? this.#scan.textRest() : kind.read(this.#scan.value());
  }
}
