/**
 * Reads compact JSON from its text piece by piece, for bodies of a known form: no object is made for what only carries a value.
 * Used by decode-json-logs.ts. It takes a part of JSON and never decides that a body is wrong: whatever it does not expect throws
 * UNEXPECTED, and JSON.parse reads the body. What it takes, JSON.parse takes too, and gives the same.
 * Linear: no place of the text is looked at more than a few times, however the body is made.
 */
import { wellFormed } from "./decode-values.ts";

/** Thrown for what is not of the expected form. Made once: it is no error of anybody's. */
export const UNEXPECTED = new Error("not the expected form");

const ZERO = 0x30;
const NINE = 0x39;
/** Digits that a double surely holds. */
const SURE_DIGITS = 15;
const SCALAR_END = /[,}\]]/g;
/** What matters when the end of a list or object is looked for; a string is passed over as a whole. */
const STRUCTURE = /["{}[\]]/g;

/** True when one of the bytes is a control character: JSON forbids them in strings, and compact JSON has none outside. */
export function hasControls(bytes: Uint8Array): boolean {
  const words = bytes.length >> 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // Of four bytes at once: a byte below 0x20 borrows from its highest bit when 0x20 is taken from it.
  let found = 0;
  for (let i = 0; i < words; i++) {
    const word = view.getInt32(i << 2, true);
    found |= (word - 0x20202020) & ~word & 0x80808080;
  }
  for (let at = words << 2; at < bytes.length; at++) if ((bytes[at] ?? 0) < 0x20) return true;
  return found !== 0;
}

export class JsonScanner {
  readonly text: string;
  /** What is read next. */
  at = 0;
  /** The first backslash behind the place from which it was last looked for. */
  #backslash = -1;

  /** `text` has no control characters (hasControls): nothing here looks for them in strings. */
  constructor(text: string) {
    this.text = text;
  }

  /** Takes this text if it is next. A slice is no copy, and strings are compared by words. */
  takes(expected: string): boolean {
    const end = this.at + expected.length;
    if (this.text.slice(this.at, end) !== expected) return false;
    this.at = end;
    return true;
  }

  /** Takes this text. */
  take(expected: string): void {
    if (!this.takes(expected)) throw UNEXPECTED;
  }

  /** Between elements: true after a comma, false after `close`. */
  goesOn(close: string): boolean {
    if (this.takes(",")) return true;
    this.take(close);
    return false;
  }

  /** A string whose opening quote is taken, as text that can be stored; its closing quote is next. */
  textRest(): string {
    const { text, at } = this;
    const quote = text.indexOf('"', at);
    if (this.#backslashFrom(at) > quote && quote !== -1) {
      this.at = quote;
      return text.slice(at, quote);
    }
    this.at = this.#endOfString(at);
    const value = parse(text.slice(at - 1, this.at + 1));
    if (typeof value !== "string") throw UNEXPECTED;
    return wellFormed(value);
  }

  /** Any value. */
  value(): unknown {
    const { text, at } = this;
    switch (text[at]) {
      case '"': {
        this.at++;
        const value = this.textRest();
        this.at++;
        return value;
      }
      case "{":
      case "[":
        this.at = this.#endOfNested(at);
        return parse(text.slice(at, this.at));
      default:
        return this.#scalar();
    }
  }

  /** A number, true, false or null. */
  #scalar(): unknown {
    const { text, at: from } = this;
    let at = from;
    let number = 0;
    for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) {
      number = number * 10 + code - ZERO;
    }
    const digits = at - from;
    const sure = digits > 0 && digits <= SURE_DIGITS && (digits === 1 || text.charCodeAt(from) !== ZERO);
    SCALAR_END.lastIndex = at;
    this.at = SCALAR_END.exec(text)?.index ?? text.length;
    return sure && this.at === at ? number : parse(text.slice(from, this.at));
  }

  /** Where the next backslash is. */
  #backslashFrom(at: number): number {
    if (this.#backslash < at) {
      const found = this.text.indexOf("\\", at);
      this.#backslash = found === -1 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#backslash;
  }

  /** The quote that closes the string whose text begins here. */
  #endOfString(from: number): number {
    let quote = this.text.indexOf('"', from);
    for (let backslash = this.#backslashFrom(from); backslash < quote; backslash = this.#backslashFrom(backslash + 2)) {
      if (quote === backslash + 1) quote = this.text.indexOf('"', quote + 1);
    }
    if (quote === -1) throw UNEXPECTED;
    return quote;
  }

  /** Behind the list or object that begins here. */
  #endOfNested(from: number): number {
    let depth = 0;
    STRUCTURE.lastIndex = from;
    for (let found = STRUCTURE.exec(this.text); found !== null; found = STRUCTURE.exec(this.text)) {
      const [mark] = found;
      if (mark === '"') STRUCTURE.lastIndex = this.#endOfString(found.index + 1) + 1;
      else if (mark === "{" || mark === "[") depth++;
      else if (--depth === 0) return found.index + 1;
    }
    throw UNEXPECTED;
  }
}

/** JSON.parse judges what is not plain. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw UNEXPECTED;
  }
}
