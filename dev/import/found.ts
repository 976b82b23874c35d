/**
 * What a reader of any format says about a file: events, problems, and lines it knows nothing about.
 * Shared by the readers and run.ts.
 */
import type { EventInput } from "../../schema/event.ts";

/** One finding; `line` counts from 1. */
export type Found =
  | { kind: "event"; line: number; event: EventInput }
  | { kind: "problem"; line: number; reason: string }
  /** A line of a kind that carries nothing for us; counted by name, never an error. */
  | { kind: "other"; name: string };

/** A name for `other`, bounded so that a strange file cannot fill the summary. */
export function otherLine(name: unknown): Found {
  return { kind: "other", name: typeof name === "string" && name !== "" ? name.slice(0, 60) : "(no type)" };
}
