/**
 * The small conversions that both decoders share, so that a fact reads the same whatever its encoding was. Pure.
 */
import { MAX_INT64_TEXT } from "./limits.ts";
import type { Attributes, AttributeValue } from "./model.ts";

/** Attributes under construction. */
export type Bag = Record<string, AttributeValue>;

/** Made by a constructor, V8 keeps a bag's keys in a shape while they are few; `Object.create(null)` would be a slow dictionary at once. */
class Empty {}
Object.setPrototypeOf(Empty.prototype, null);
Reflect.deleteProperty(Empty.prototype, "constructor");

/** A new bag: names come from clients, so it inherits nothing. */
export const newBag = (): Bag => new Empty() as Bag;

/**
 * V8 gives objects as much room as their constructor assigns properties, and makes a dictionary of one that gets a dozen names more:
 * slower to fill, to walk and to write as JSON. Log records have 19 to 27 attributes.
 */
class Roomy {
  [name: string]: unknown;

  constructor(fill?: null) {
    if (fill === undefined) return;
    this.a = this.b = this.c = this.d = this.e = this.f = this.g = this.h = fill;
    this.i = this.j = this.k = this.l = this.m = this.n = this.o = this.p = fill;
  }
}
Object.setPrototypeOf(Roomy.prototype, null);
Reflect.deleteProperty(Roomy.prototype, "constructor");
// It takes back what the first few objects have not used.
for (let i = 0; i < 8; i++) new Roomy(null);

/** A new bag as newBag() makes it, with room for a log record's attributes or an event's metadata; some 100 bytes more. */
export const newRoomyBag = (): Bag => new Roomy() as Bag;

export const NO_ATTRIBUTES: Attributes = Object.freeze(newBag());

const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const DIGITS = /^\d+$/;
const INTEGER = /^-?\d+$/;
const ZEROS = /^0*$/;
const HEX = /^[0-9a-f]*$/;

/** A 64-bit integer as the model has it: a number when a double holds it, else decimal text. */
export function exactInteger(value: bigint): number | string {
  const number = Number(value);
  return BigInt(number) === value ? number : value.toString();
}

/** An integer out of JSON: a number, or decimal text of at most 64 bits. null when it is neither. */
export function integerOf(value: unknown): number | string | null {
  if (typeof value === "number") return Number.isFinite(value) ? Math.trunc(value) + 0 : null;
  if (typeof value !== "string" || value.length > MAX_INT64_TEXT || !INTEGER.test(value)) return null;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number + 0;
  const exact = BigInt(value);
  return exact > MAX_INT64 || exact < MIN_INT64 ? null : exactInteger(exact);
}

/** A number out of JSON, finite or not: a number, or text of one. undefined when it is neither. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isNaN(number) && value !== "NaN" ? undefined : number;
}

/** A double as an attribute: what is not finite has no number in JSON, so it is text, as protobuf writes it there. */
export function doubleValue(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Decimal nanoseconds out of JSON: text or number; "0" for what is no time of 64 bits. */
export function nanosOf(value: unknown): string {
  if (typeof value === "string" && value.length <= MAX_INT64_TEXT && DIGITS.test(value)) {
    if (value.length < MAX_INT64_TEXT && !value.startsWith("0")) return value;
    const exact = BigInt(value);
    return exact > MAX_UINT64 ? "0" : exact.toString();
  }
  const number = numberOf(value);
  if (number === undefined || !(number >= 0 && number < 2 ** 64)) return "0";
  return BigInt(Math.round(number)).toString();
}

const LIMB = 65_536;
const BILLION = 1_000_000_000;

/** The same out of the two halves of a fixed64: long division by 10^9 in 16-bit limbs, several times faster than BigInt. */
export function nanosOfHalves(hi: number, lo: number): string {
  if (hi === 0) return String(lo);
  let rest = hi >>> 16;
  let seconds = Math.floor(rest / BILLION);
  rest = (rest % BILLION) * LIMB + (hi & 0xffff);
  seconds = seconds * LIMB + Math.floor(rest / BILLION);
  rest = (rest % BILLION) * LIMB + (lo >>> 16);
  seconds = seconds * LIMB + Math.floor(rest / BILLION);
  rest = (rest % BILLION) * LIMB + (lo & 0xffff);
  seconds = seconds * LIMB + Math.floor(rest / BILLION);
  const nanos = String(rest % BILLION);
  return seconds === 0 ? nanos : `${seconds}${"0".repeat(9 - nanos.length)}${nanos}`;
}

/** Text that can be stored: a lone surrogate becomes U+FFFD, as it does in protobuf. */
export const wellFormed = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed());

/** A trace or span id of `bytes` bytes out of JSON: hex in either case, or the base64 of plain protobuf JSON. "" when it is none. */
export function idOf(value: unknown, bytes: number): string {
  if (typeof value !== "string" || value === "") return "";
  if (value.length === bytes * 2) {
    const hex = value.toLowerCase();
    return HEX.test(hex) && !ZEROS.test(hex) ? hex : "";
  }
  if (value.length !== Math.ceil(bytes / 3) * 4) return "";
  const raw = Buffer.from(value, "base64");
  return raw.length === bytes ? hexOf(raw, 0, bytes) : "";
}

const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Bytes as lower-case hex; "" when all are zero. */
export function hexOf(bytes: Uint8Array, from: number, to: number): string {
  let hex = "";
  let any = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    any |= byte;
    hex += HEX_OF_BYTE[byte];
  }
  return any === 0 ? "" : hex;
}

/** Base64 in either alphabet, with or without padding, in the one that the model has. */
export const base64Of = (text: string): string => Buffer.from(text, "base64").toString("base64");

const TEMPORALITIES = ["unspecified", "delta", "cumulative"] as const;

/** AggregationTemporality by its number. */
export function temporalityOf(value: number): (typeof TEMPORALITIES)[number] {
  return TEMPORALITIES[value] ?? "unspecified";
}

/** DataPointFlags: the point says that there is no value. */
export const NO_RECORDED_VALUE = 1;
