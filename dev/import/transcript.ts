/**
 * What the importers of agents' session logs share: reading JSON lines into a mapper, options, bounded counts.
 * Used by claude-code.ts, codex.ts and run.ts.
 */
import type { EventInput } from "../../schema/event.ts";
import { MAX_TOKENS, MINUTE_MS } from "../../schema/limits.ts";
import { type Found, otherLine } from "./found.ts";
import type { Line } from "./lines.ts";

/** A log that is quiet for this long belongs to a session that has ended; before that, the end is not claimed. */
export const SETTLED_MS = 30 * MINUTE_MS;

export interface TranscriptOptions {
  user: string;
  /** The session's id when no record has one: the file's name. */
  fallbackSession: string;
  /** Now, ms since the epoch. */
  now: number;
}

/** An event's type, model and metadata, whichever type it is. */
export type Body = EventInput extends infer E
  ? E extends EventInput
    ? Pick<E, "event_type" | "metadata" | "model">
    : never
  : never;

/** Turns a log's records into findings; `end` is called once, after the last record. */
export interface TranscriptMapper {
  record(json: unknown, line: number): Iterable<Found>;
  end(): Iterable<Found>;
}

/** A token count inside the contract's bounds. */
export function tokenCount(value: number | null | undefined): number {
  return Math.min(Math.max(0, Math.round(value ?? 0)), MAX_TOKENS);
}

/** Feeds a log's lines to a mapper. A last line that is half written is no problem: it will be whole later. */
export async function* readTranscript(lines: AsyncIterable<Line>, mapper: TranscriptMapper): AsyncGenerator<Found> {
  for await (const line of lines) {
    if (line.text === undefined) {
      yield { kind: "problem", line: line.number, reason: line.reason };
      continue;
    }
    if (line.text.trim() === "") continue;
    let json: unknown;
    try {
      json = JSON.parse(line.text);
    } catch {
      if (line.last) yield otherLine("(unfinished last line)");
      else yield { kind: "problem", line: line.number, reason: "not JSON" };
      continue;
    }
    yield* mapper.record(json, line.number);
  }
  yield* mapper.end();
}
