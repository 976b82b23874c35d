/** Events of one shape share what a policy makes of it: values, policies and agents must still be told apart. */
import { describe, expect, it } from "vitest";
import { PrivacyPolicySchema } from "../../../schema/privacy-policy.ts";
import type { NormalisedEvent } from "../../../workers/ingest/otlp/normalise/contract.ts";
import { type PrivacyChoice, redact } from "../../../workers/ingest/otlp/redact.ts";

const SOURCES = Object.freeze({ "user.id": "user_id", note: "metadata.note", tool_name: "metadata.tool_name" });

const event = (note: unknown, agent = "claude-code"): NormalisedEvent => ({
  agent,
  sources: SOURCES,
  event: {
    event_id: "00000000-0000-8000-8000-000000000001",
    event_type: "custom.x.y",
    timestamp: "2026-11-22T10:00:00.000Z",
    user_id: "dev",
    session_id: "session-1",
    metadata: { note, tool_name: "Bash" },
  },
});
const policy = (...rules: object[]): PrivacyChoice => PrivacyPolicySchema.parse({ rules });
const notes = (events: NormalisedEvent[], choice: PrivacyChoice): unknown[] =>
  redact(events, choice, "key").events.map(({ event: { metadata } }) => metadata?.note);

describe("events of one shape", () => {
  it("are decided each by its own value where no rule names the attribute", () => {
    const words = "several words of a text";
    expect(notes([event("word"), event(words), event(7), event("other"), event(words)], policy())).toEqual([
      "word",
      undefined,
      7,
      "other",
      undefined,
    ]);
  });

  it("follow the policy they are asked with, whichever came first", () => {
    const dropping = policy({ attribute: "note", action: "drop" });
    const keeping = policy({ attribute: "note", action: "keep" });
    for (const [choice, kept] of [
      [dropping, undefined],
      [keeping, "a b c"],
      ["strictest", undefined],
      [keeping, "a b c"],
      [dropping, undefined],
    ] as const) {
      expect(notes([event("a b c")], choice)).toEqual([kept]);
    }
  });

  it("follow the rules of their agent", () => {
    const ofCodex = policy({ agent: "codex", attribute: "note", action: "drop" });
    const mixed = [event("word"), event("word", "codex"), event("word"), event("word", "codex")];
    expect(notes(mixed, ofCodex)).toEqual(["word", undefined, "word", undefined]);
  });

  it("leave the events they came from as they were", () => {
    const given = event("a text with words");
    redact([given], policy({ attribute: "user.id", action: "hash" }), "key");
    expect(given).toEqual(event("a text with words"));
  });
});
