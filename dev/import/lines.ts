/**
 * Streams a file's lines, split at \n only: JSON strings may hold U+2028, which node:readline would split at.
 * Used by every line format. Holds one chunk and one line.
 */
import { createReadStream } from "node:fs";
import { MB } from "../../schema/limits.ts";

/** Transcripts hold whole files and images in one line; beyond this a line is skipped, not collected. */
export const MAX_LINE_BYTES = 64 * MB;
const CHUNK_BYTES = 1 * MB;
const NEWLINE = 10;

/** One line without its end. `text` is undefined when the line cannot be read, `reason` says why. */
export type Line =
  | { number: number; text: string; last: boolean }
  | { number: number; text: undefined; reason: string };

/** `onBytes` is told the size of each chunk read. `last`: the file ended without a newline, so it may be half written. */
export async function* readLines(path: string, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let parts: Buffer[] = [];
  let size = 0;
  let number = 0;

  const finish = (last: boolean): Line => {
    number++;
    const bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    const whole = size;
    parts = [];
    size = 0;
    if (whole > MAX_LINE_BYTES) return { number, text: undefined, reason: `line of ${whole} bytes is too long` };
    try {
      // The decoder drops a byte order mark, as JSON parsers expect.
      return { number, text: decoder.decode(bytes), last };
    } catch {
      return { number, text: undefined, reason: "not UTF-8" };
    }
  };
  const collect = (bytes: Buffer): void => {
    size += bytes.length;
    if (size <= MAX_LINE_BYTES) parts.push(bytes);
    else parts = [];
  };

  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    onBytes(chunk.length);
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      collect(chunk.subarray(from, end));
      from = end + 1;
      yield finish(false);
    }
    if (from < chunk.length) collect(chunk.subarray(from));
  }
  if (size > 0) yield finish(true);
}
