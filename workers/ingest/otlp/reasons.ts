/** Why parts of an export were not taken, put into the one sentence that a partial success has room for. Used by accept.ts. Pure. */
import { MAX_ERROR_MESSAGE, MAX_REASONS } from "./limits.ts";
import type { Refused } from "./respond.ts";

export class Reasons {
  /** Code -> how often, and the first message. */
  readonly #refused = new Map<string, { count: number; message: string }>();
  readonly #notes: string[] = [];

  /** So many events are not stored. */
  refuse(code: string, message: string, count: number): void {
    if (count === 0) return;
    const known = this.#refused.get(code);
    if (known === undefined) this.#refused.set(code, { count, message });
    else known.count += count;
  }

  /** Something that costs no event. */
  note(message: string, count: number): void {
    if (count > 0) this.#notes.push(`${count} ${message}`);
  }

  /** The answer's part. A record may make several events, so no more records are refused than came. */
  told(records: number): Refused {
    const all = [...this.#refused];
    const total = all.reduce((sum, [, { count }]) => sum + count, 0);
    const lines = all
      .slice(0, MAX_REASONS)
      .map(([code, { count, message }]) => `${count} refused (${code}): ${message}`);
    if (all.length > MAX_REASONS) lines.push(`${all.length - MAX_REASONS} more reasons`);
    return {
      records: Math.min(total, records),
      message: [...lines, ...this.#notes].join("; ").slice(0, MAX_ERROR_MESSAGE),
    };
  }
}
