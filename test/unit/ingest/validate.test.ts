import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventSchema } from "../../../schema/event.ts";
import {
  MAX_FUTURE_MS,
  MAX_METADATA_BYTES,
  MAX_METADATA_DEPTH,
  MAX_METADATA_KEY_LENGTH,
  RETENTION_MS,
} from "../../../schema/limits.ts";
import { timestampMs } from "../../../workers/ingest/timestamp.ts";
import { checkSchema, validateEvent } from "../../../workers/ingest/validate.ts";
import { makeEvent, oneOfEach } from "../../support/events.ts";

const NOW = Date.parse("2026-11-22T12:00:00.000Z");
const verdict = (event: unknown) => validateEvent(event, NOW);
const codeOf = (event: unknown): string => {
  const result = verdict(event);
  return "code" in result ? result.code : "valid";
};

/** Anything that may stand where a field is expected. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    "",
    " ",
    0,
    -1,
    1.5,
    2 ** 40,
    2 ** 53,
    1e308,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    [],
    {},
    "\ud800",
    "x".repeat(257),
  ),
  fc.constantFrom(
    "2026-02-30T00:00:00Z",
    "2026-11-22T12:00:00+02:00",
    "2026-11-22",
    "0190aaaa-0000-7000-8000-00000000000a",
    "custom.a",
    "custom.",
    "error",
  ),
  fc.anything({ maxDepth: 2 }),
);

describe("the compiled check", () => {
  const valid = fc.constantFrom(
    ...oneOfEach(NOW),
    makeEvent({ event_type: "custom.deploy.done", metadata: { a: 1 } }, NOW),
  );

  it("gives exactly the schema's verdict on mutated events", () => {
    const paths = [
      "event_id",
      "org_id",
      "user_id",
      "session_id",
      "team_id",
      "event_type",
      "event_category",
      "timestamp",
      "seq",
      "environment",
      "agent",
      "model",
      "metadata",
      "extra",
    ];
    const inner = [
      "model",
      "duration_ms",
      "lines_added",
      "accepted",
      "number",
      "url",
      "status_code",
      "fatal",
      "severity",
      "detail",
      "input_tokens",
      "cost_usd",
      "request_id",
      "agent",
      "unknown",
    ];
    fc.assert(
      fc.property(
        valid,
        fc.constantFrom(...paths),
        fc.constantFrom(...inner),
        anything,
        anything,
        fc.nat({ max: 3 }),
        (event, path, field, outer, deep, mode) => {
          const mutated: Record<string, unknown> = { ...event };
          if (mode % 2 === 0) mutated[path] = outer;
          if (mode >= 1) mutated.metadata = { ...(event.metadata ?? {}), [field]: deep };
          if (mode === 3) delete mutated[path];
          expect(checkSchema(mutated) === undefined).toBe(EventSchema.safeParse(mutated).success);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("gives exactly the schema's verdict on arbitrary values", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(checkSchema(value) === undefined).toBe(EventSchema.safeParse(value).success);
      }),
      { numRuns: 2_000 },
    );
  });

  it("accepts one of each type and names the place of a fault", () => {
    for (const event of oneOfEach(NOW)) expect(codeOf(event)).toBe("valid");
    expect(verdict(makeEvent({ event_type: "code_generated", metadata: { lines_added: "5" } }, NOW))).toMatchObject({
      code: "invalid_event",
      path: "metadata.lines_added",
    });
    expect(verdict(makeEvent({ user_id: "" }, NOW))).toMatchObject({ code: "invalid_event", path: "user_id" });
    expect(verdict(makeEvent({ event_type: "nonsense" }, NOW))).toMatchObject({ path: "event_type" });
  });
});

describe("the clock", () => {
  it("takes an event at each limit and refuses one a millisecond past it", () => {
    expect(codeOf(makeEvent({}, NOW + MAX_FUTURE_MS))).toBe("valid");
    expect(codeOf(makeEvent({}, NOW + MAX_FUTURE_MS + 1))).toBe("timestamp_in_future");
    expect(codeOf(makeEvent({}, NOW - RETENTION_MS))).toBe("valid");
    expect(codeOf(makeEvent({}, NOW - RETENTION_MS - 1))).toBe("timestamp_too_old");
  });

  it("reads offsets and more digits than milliseconds", () => {
    const result = verdict(makeEvent({ timestamp: "2026-11-22T13:59:59.123987+02:00" }, NOW));
    expect("timestampMs" in result && result.timestampMs).toBe(Date.parse("2026-11-22T11:59:59.123Z"));
  });
});

describe("the hand-read timestamp", () => {
  it("is what Date.parse says, for every form the schema takes", () => {
    const ms = fc.integer({ min: Date.parse("1990-01-01"), max: Date.parse("2099-12-31") });
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1 }), (times) => {
        for (const time of times) {
          const iso = new Date(time).toISOString();
          for (const form of [iso, iso.replace("Z", "+00:00"), iso.replace(/\.\d+/, ""), iso.replace("Z", "999Z")]) {
            expect([form, timestampMs(form)]).toEqual([form, Date.parse(form)]);
          }
        }
      }),
    );
  });
});

describe("metadata", () => {
  const nested = (depth: number): unknown => (depth <= 1 ? {} : { a: nested(depth - 1) });
  const withMetadata = (metadata: unknown) => makeEvent({ event_type: "custom.x", metadata }, NOW);

  it("may be 20 levels deep and not 21, in objects and in arrays", () => {
    expect(codeOf(withMetadata(nested(MAX_METADATA_DEPTH)))).toBe("valid");
    expect(codeOf(withMetadata(nested(MAX_METADATA_DEPTH + 1)))).toBe("metadata_too_deep");
    expect(codeOf(withMetadata({ a: JSON.parse("[".repeat(50_000) + "]".repeat(50_000)) }))).toBe("metadata_too_deep");
  });

  it("may have 32 KB and not a byte more, counted in UTF-8", () => {
    const frame = JSON.stringify({ a: "" }).length;
    expect(codeOf(withMetadata({ a: "x".repeat(MAX_METADATA_BYTES - frame) }))).toBe("valid");
    expect(codeOf(withMetadata({ a: "x".repeat(MAX_METADATA_BYTES - frame + 1) }))).toBe("metadata_too_large");
    expect(codeOf(withMetadata({ a: "я".repeat(MAX_METADATA_BYTES / 2) }))).toBe("metadata_too_large");
    expect(codeOf(withMetadata({ a: "x".repeat(70_000) }))).toBe("event_too_large");
  });

  it("may have a key of 256 characters and not 257, and never __proto__", () => {
    expect(codeOf(withMetadata({ ["k".repeat(MAX_METADATA_KEY_LENGTH)]: 1 }))).toBe("valid");
    expect(codeOf(withMetadata({ ["k".repeat(MAX_METADATA_KEY_LENGTH + 1)]: 1 }))).toBe("invalid_key");
    expect(codeOf(withMetadata(JSON.parse('{"a":{"__proto__":{"polluted":true}}}')))).toBe("invalid_key");
    expect(codeOf(JSON.parse(JSON.stringify(makeEvent({}, NOW)).replace("{", '{"__proto__":{"x":1},')))).toBe(
      "invalid_key",
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("has no number that JSON cannot say again, and no lone surrogate", () => {
    expect(codeOf(withMetadata(JSON.parse('{"a":1e999}')))).toBe("invalid_number");
    expect(codeOf(withMetadata(JSON.parse('{"a":["x",{"b":-1e999}]}')))).toBe("invalid_number");
    expect(codeOf(withMetadata(JSON.parse('{"a":"\\ud800"}')))).toBe("invalid_unicode");
    expect(codeOf(withMetadata(JSON.parse('{"\\udfff":1}')))).toBe("invalid_unicode");
    expect(codeOf(withMetadata({ a: "\\ud800 as text, and 🚀" }))).toBe("valid");
  });

  it("takes unknown top-level fields in, and its own win", () => {
    const result = verdict(
      makeEvent(
        { event_type: "custom.x", host: "h1", both: 1, region: "spoofed", received_at: 5, metadata: { both: 2 } },
        NOW,
      ),
    );
    expect("metadataText" in result && JSON.parse(result.metadataText)).toEqual({ both: 2, host: "h1", _both: 1 });
  });
});
