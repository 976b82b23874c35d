import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { decode, type Encoding, type Signal } from "../../../workers/ingest/otlp/decode.ts";
import { DecodeError } from "../../../workers/ingest/otlp/decode-budget.ts";
import { normaliseByAgent } from "../../../workers/ingest/otlp/normalise/normalise.ts";
import { seededRandom } from "../../support/fault-proxy.ts";
import { below, mutated, withOtherValue } from "../../support/mutate.ts";
import { toProtobuf } from "../../support/otlp-protobuf.ts";
import { recordings } from "../../support/otlp-recordings.ts";

/** Bodies of each decoder: of one signal in one encoding. */
const BODIES = 100_000;
/** A seed keeps the first records of a recording: many small bodies find more than few large ones. Bytes. */
const SEED_BYTES = 3_000;
const SEED = Number(process.env.TENFOLD_FUZZ_SEED ?? 20_261_122);
/** Steps a decoder may take for each byte: a field needs two bytes, a node of JSON too, and each byte of a text is looked at once. */
const STEPS_PER_BYTE = 2;
/** Bodies that are still normalised after they were decoded, one in so many. */
const NORMALISED = 20;

type Node = Record<string, unknown>;

/** The export with its first records only, so that it has about SEED_BYTES. */
function shortened(value: unknown, keep: number): unknown {
  if (Array.isArray(value)) return value.slice(0, keep).map((item) => shortened(item, keep));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Node).map(([key, inner]) => [
      key,
      /attributes|values|buckets?|bounds/i.test(key) ? inner : shortened(inner, keep),
    ]),
  );
}

/** Good bodies of a signal in an encoding: recorded ones, and JSON ones written anew. */
function seeds(signal: Signal, encoding: Encoding): Uint8Array[] {
  const own = recordings().filter((recording) => recording.signal === signal);
  const fromJson = own
    .filter((recording) => recording.encoding === "json")
    .flatMap(({ bytes }) => {
      const root: unknown = JSON.parse(new TextDecoder().decode(bytes));
      const roots = [1, 2].map((keep) => shortened(root, keep));
      return roots.map((some) =>
        encoding === "json" ? new TextEncoder().encode(JSON.stringify(some)) : toProtobuf(signal, some),
      );
    });
  const recorded = own.filter((recording) => recording.encoding === encoding).map(({ bytes }) => bytes);
  return [...fromJson, ...recorded].filter(({ length }) => length < SEED_BYTES * 3);
}

/** Collects everything that can be collected: what a decoder keeps is told from what it only has not given back yet. */
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const DECODERS = (["json", "protobuf"] as const).flatMap((encoding) =>
  (["logs", "metrics", "traces"] as const).map((signal) => ({ encoding, signal })),
);

/** A broken body near one of the seeds. */
function drawn(good: readonly Uint8Array[], encoding: Encoding, random: () => number): Uint8Array {
  const body = good[below(random, good.length)] ?? new Uint8Array(0);
  const other = good[below(random, good.length)] ?? body;
  if (encoding === "json" && random() < 0.3) {
    const root: unknown = JSON.parse(new TextDecoder().decode(body));
    return new TextEncoder().encode(JSON.stringify(withOtherValue(root, random)));
  }
  return mutated(body, other, random);
}

/** Milliseconds of decoding a body once more: what is slow only once was a collection of garbage, not the body. */
function timeOf(signal: Signal, encoding: Encoding, body: Uint8Array): number {
  const started = performance.now();
  try {
    decode(signal, encoding, body);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return performance.now() - started;
}

describe.each(DECODERS)("the decoder of $signal in $encoding", ({ signal, encoding }) => {
  it(`ends ${BODIES} broken bodies in an export or a DecodeError, in steps that their bytes allow`, () => {
    const random = seededRandom(SEED);
    const good = seeds(signal, encoding);
    expect(good.length).toBeGreaterThan(1);
    let [decoded, refused, records, slowest] = [0, 0, 0, 0];
    for (let n = 0; n < BODIES; n++) {
      const broken = drawn(good, encoding, random);
      const started = performance.now();
      try {
        const { otlp, budget } = decode(signal, encoding, broken);
        if (budget.work > broken.length * STEPS_PER_BYTE + 10) {
          expect.fail(`${budget.work} steps for ${broken.length} bytes: ${Buffer.from(broken).toString("base64")}`);
        }
        decoded += 1;
        records += otlp.records.length;
        if (n % NORMALISED === 0) normaliseByAgent(otlp);
      } catch (error) {
        if (!(error instanceof DecodeError)) {
          console.error(`${signal} ${Buffer.from(broken).toString("base64")}`);
          throw error;
        }
        refused += 1;
      }
      const took = performance.now() - started;
      if (took > slowest) slowest = Math.max(slowest, Math.min(took, timeOf(signal, encoding, broken)));
    }
    console.log(
      `${signal} in ${encoding}: ${decoded} decoded, ${refused} refused, ${records} records, slowest ${slowest.toFixed(1)} ms`,
    );
    // Bodies that are all refused, or all good, would prove little.
    expect(decoded).toBeGreaterThan(BODIES / 50);
    expect(refused).toBeGreaterThan(BODIES / 5);
    expect(records).toBeGreaterThan(BODIES / 50);
  });

  it("keeps nothing of the bodies it has read", () => {
    const random = seededRandom(SEED);
    const good = seeds(signal, encoding);
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const run = (bodies: number): void => {
      for (let n = 0; n < bodies; n++) {
        const body = good[n % good.length] ?? new Uint8Array(0);
        try {
          decode(signal, encoding, mutated(body, body, random));
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }
    };
    run(5_000);
    const before = used();
    run(20_000);
    // 20,000 bodies of some 3 KB are 60 MB.
    expect(used() - before).toBeLessThan(5_000_000);
  });
});

describe("bodies made to be slow", () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const filled = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte);
  const MB = 1_000_000;
  const bodies: Record<string, Uint8Array> = {
    "16 MB of zeros": filled(0, 16 * MB),
    "16 MB of open brackets": filled(0x5b, 16 * MB),
    "16 MB of open braces": filled(0x7b, 16 * MB),
    "16 MB of 0xff": filled(0xff, 16 * MB),
    "16 MB of one unknown field": filled(0x7a, 16 * MB),
    "a million nested groups of protobuf": filled(0x0a, MB),
    "a text of quotes and backslashes": text(`{"resourceLogs":["${'\\"'.repeat(MB)}"]}`),
    "a number of a million digits": text(
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":${"9".repeat(MB)}}]}]}]}`,
    ),
    "an integer text of a million digits": text(
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"${"9".repeat(MB)}","body":{"intValue":"${"9".repeat(MB)}"}}]}]}]}`,
    ),
    "a key repeated 100,000 times": text(
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[${'{"key":"a"},'.repeat(100_000)}{}]}]}]}]}`,
    ),
    "a million texts, and one backslash behind them": text(
      `{"resourceLogs":[{"schemaUrl":"","resource":{"a":[${'"",'.repeat(MB)}"\\n"]}}]}`,
    ),
    "a million attributes, and one backslash behind them": text(
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${'{"eventName":""},'.repeat(MB / 20)}{"eventName":"\\n"}]}]}]}`,
    ),
    "a text of a million escapes, and no quote behind it": text(
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"${"\\n".repeat(MB)}`,
    ),
    "numbers with no end": text(`{"resourceLogs":[{"schemaUrl":${"1 ".repeat(MB)}`),
    "names that all differ, each behind a wrong guess": text(
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${Array.from({ length: 40 }, (_, r) => `{"attributes":[${Array.from({ length: 1_000 }, (_, i) => `{"key":"${"k".repeat(300)}${r}-${i}","value":{"intValue":1}}`).join(",")}]}`).join(",")}]}]}]}`,
    ),
    "unknown keys 500,000 deep": text(`{"a":${"[".repeat(500_000)}${"]".repeat(500_000)}}`),
  };

  it.each(Object.entries(bodies))("%s ends, whoever reads it", (_, body) => {
    for (const encoding of ["json", "protobuf"] as const) {
      for (const signal of ["logs", "metrics", "traces"] as const) {
        try {
          const { budget } = decode(signal, encoding, body);
          expect(budget.work).toBeLessThanOrEqual(body.length * STEPS_PER_BYTE + 10);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }
    }
  });
});
