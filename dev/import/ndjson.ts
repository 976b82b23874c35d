/**
 * NDJSON files of events: one event a line, as POST /v1/events takes it. Called by run.ts.
 */
import { checkedEvent } from "./event-check.ts";
import type { Found } from "./found.ts";
import type { Line } from "./lines.ts";

/** A bad line is a problem with its number; the others go on. */
export async function* readNdjson(lines: AsyncIterable<Line>): AsyncGenerator<Found> {
  for await (const line of lines) {
    if (line.text === undefined) {
      yield { kind: "problem", line: line.number, reason: line.reason };
      continue;
    }
    if (line.text.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(line.text);
    } catch (error) {
      yield { kind: "problem", line: line.number, reason: `not JSON: ${error instanceof Error ? error.message : ""}` };
      continue;
    }
    yield checkedEvent(value, line.number);
  }
}
