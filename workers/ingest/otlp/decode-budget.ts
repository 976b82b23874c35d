/**
 * What a decoder may spend on one body, and the one error it throws. Used by both decoders.
 * Counters, not clocks: the same body always ends the same way.
 */
import { MAX_OTLP_RECORDS } from "../../../schema/limits.ts";
import { MAX_VALUES } from "./limits.ts";

/** The body is no OTLP export (`malformed`), or holds more than is taken (`too_large`). The message is for the client. */
export class DecodeError extends Error {
  override name = "DecodeError";
  readonly kind: "malformed" | "too_large";

  constructor(kind: "malformed" | "too_large", message: string) {
    super(message);
    this.kind = kind;
  }
}

export const malformed = (message: string): DecodeError => new DecodeError("malformed", message);

/** One per body. */
export class DecodeBudget {
  records = 0;
  values = 0;
  /** Attributes and span events above their limits. */
  dropped = 0;
  /** Steps taken, each at a byte or a node of its own: never more than a small multiple of the body's bytes. */
  work = 0;

  /** Takes one record. Throws DecodeError `too_large`. */
  record(): void {
    this.work += 1;
    this.records += 1;
    if (this.records > MAX_OTLP_RECORDS) {
      throw new DecodeError("too_large", `at most ${MAX_OTLP_RECORDS} records a request`);
    }
  }

  /** Takes one attribute value, nested or not. Throws DecodeError `too_large`. */
  value(): void {
    this.work += 1;
    this.values += 1;
    if (this.values > MAX_VALUES) throw new DecodeError("too_large", `at most ${MAX_VALUES} values a request`);
  }
}
