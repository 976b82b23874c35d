/**
 * A reader of protobuf's wire format that refuses what does not fit, over pbf, which reads on. Used by the protobuf decoders.
 * Messages are read by `next`, whose tags are `field * 8 + wire type`, so that a field of an unexpected wire type is unknown,
 * and unknown fields are skipped. Knows no message.
 */
import { PbfReader } from "pbf";
import { type DecodeBudget, malformed } from "./decode-budget.ts";
import { exactInteger, hexOf, nanosOfHalves } from "./decode-values.ts";

const utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const ASCII_END = 0x80;
const MAX_TAG = 0xffff_ffff;

export class WireReader extends PbfReader {
  readonly budget: DecodeBudget;
  /** The body as one string: a slice of it costs less than decoding each text by itself. Right for ASCII only. */
  readonly #latin1: string;

  constructor(bytes: Uint8Array, budget: DecodeBudget) {
    super(bytes);
    this.budget = budget;
    this.#latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  }

  /** The next field's tag in a message that ends at `end`, 0 at its end; a value that was not read is skipped. */
  next(end: number): number {
    if (this.pos === this._valueStart) this.skip(this.type);
    if (this.pos >= end) {
      if (this.pos > end) throw malformed("a field reaches beyond its message");
      return 0;
    }
    this.budget.work += 1;
    const tag = this.readVarint();
    if (!(tag >= 8 && tag <= MAX_TAG)) throw malformed("a field has no number");
    this.type = tag & 7;
    this._valueStart = this.pos;
    return tag;
  }

  /** The end of the length-delimited value that starts here, inside a message that ends at `end`. */
  open(end: number): number {
    const to = this.readVarint() + this.pos;
    if (!(to <= end)) throw malformed("a length reaches beyond its message");
    return to;
  }

  text(end: number): string {
    const to = this.open(end);
    const from = this.pos;
    const { buf } = this;
    this.budget.work += to - from;
    this.pos = to;
    for (let at = from; at < to; at++) {
      if ((buf[at] ?? 0) >= ASCII_END) return utf8.decode(buf.subarray(from, to));
    }
    return this.#latin1.slice(from, to);
  }

  base64(end: number): string {
    const to = this.open(end);
    const bytes = this.buf.subarray(this.pos, to);
    this.pos = to;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  }

  /** An id of exactly `bytes` bytes as hex; "" for any other. */
  id(end: number, bytes: number): string {
    const to = this.open(end);
    const from = this.pos;
    this.pos = to;
    return to - from === bytes ? hexOf(this.buf, from, to) : "";
  }

  /** An int64, exactly. */
  int64(): number | string {
    const from = this.pos;
    const value = this.readVarint(true);
    if (Number.isSafeInteger(value)) return value;
    let exact = 0n;
    for (let at = from, shift = 0n; at < this.pos; at++, shift += 7n) {
      exact |= BigInt((this.buf[at] ?? 0) & 0x7f) << shift;
    }
    return exactInteger(BigInt.asIntN(64, exact));
  }

  /** A fixed64 of nanoseconds as decimal text. */
  nanos(): string {
    const lo = this.readFixed32();
    return nanosOfHalves(this.readFixed32(), lo);
  }
}
