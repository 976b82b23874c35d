/** The scanner of compact JSON logs gives what JSON.parse and a walk give, or nothing. */
import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { inRoot } from "../../../dev/paths.ts";
import { MAX_OTLP_RECORDS } from "../../../schema/limits.ts";
import { decodeJson } from "../../../workers/ingest/otlp/decode.ts";
import { DecodeError } from "../../../workers/ingest/otlp/decode-budget.ts";
import { scanLogRecords } from "../../../workers/ingest/otlp/decode-json-logs.ts";
import { hasControls } from "../../../workers/ingest/otlp/json-scan.ts";
import { MAX_ATTRIBUTES, MAX_VALUE_DEPTH } from "../../../workers/ingest/otlp/limits.ts";
import { seededRandom } from "../../support/fault-proxy.ts";
import { hostileBodies, hostileEvents } from "../../support/hostile.ts";
import { below, mutated, withOtherValue } from "../../support/mutate.ts";
import { exportTexts } from "../../support/otlp-json-text.ts";
import { recordings } from "../../support/otlp-recordings.ts";

const SEED = Number(process.env.TENFOLD_FUZZ_SEED ?? 20_261_123);
/** Mutated bodies; short ones, so that many places are hit. */
const MUTATED = 25_000;
const SEED_BYTES = 12_000;

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** True when the scanner takes the body. Fails when it gives anything but what the other reader gives. */
function takes(bytes: Uint8Array): boolean {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    // Refused before either of them.
    return false;
  }
  const scanned = scanLogRecords(text, bytes);
  if (scanned === undefined) return false;
  let same = false;
  try {
    const { otlp, budget } = decodeJson("logs", text);
    const { records } = otlp;
    same =
      isDeepStrictEqual(scanned.records, records) &&
      // The order of attributes too.
      JSON.stringify(scanned.records) === JSON.stringify(records) &&
      isDeepStrictEqual({ ...scanned.budget }, { ...budget });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  if (!same) expect.fail(`read differently: ${text}`);
  return true;
}

const isCompact = (bytes: Uint8Array): boolean => !bytes.includes(0x0a);

/** Every recorded log export in JSON, of all agents and runs. */
function recorded(): { name: string; bytes: Uint8Array }[] {
  const folder = inRoot("test/fixtures/otlp");
  const runs = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("logs.json.gz"))
    .map((name) => ({ name, bytes: new Uint8Array(gunzipSync(readFileSync(`${folder}/${name}`))) }));
  return [...runs, ...recordings().filter(({ signal, encoding }) => signal === "logs" && encoding === "json")];
}

describe("the scanner of JSON logs", () => {
  it("takes every recording that is written compactly, and reads it as the other reader does", () => {
    const compact = recorded().filter(({ bytes }) => isCompact(bytes));
    expect(compact.length).toBeGreaterThan(40);
    expect(compact.filter(({ bytes }) => !takes(bytes)).map(({ name }) => name)).toEqual([]);
  });

  it("takes what exporters may write, whatever is in it", () => {
    fc.assert(
      fc.property(exportTexts.exporter, (text) => takes(encoder.encode(text))),
      { numRuns: 2_000, seed: SEED },
    );
  });

  it("reads no valid or broken spelling differently", () => {
    let [taken, left] = [0, 0];
    fc.assert(
      fc.property(exportTexts.any, (text) => {
        if (takes(encoder.encode(text))) taken++;
        else left++;
      }),
      { numRuns: 7_000, seed: SEED },
    );
    expect(taken).toBeGreaterThan(2_000);
    expect(left).toBeGreaterThan(500);
  });

  it(`reads none of ${MUTATED} mutated recordings differently`, () => {
    const random = seededRandom(SEED);
    const good = recorded()
      .map(({ bytes }) => bytes)
      .filter((bytes) => isCompact(bytes) && bytes.length < SEED_BYTES);
    const roots = good.map((bytes): unknown => JSON.parse(utf8.decode(bytes)));
    let taken = 0;
    for (let n = 0; n < MUTATED; n++) {
      const at = below(random, good.length);
      const body = good[at] ?? new Uint8Array(0);
      const other = good[below(random, good.length)] ?? body;
      const broken =
        random() < 0.4
          ? encoder.encode(JSON.stringify(withOtherValue(roots[at], random)))
          : mutated(body, other, random);
      if (takes(broken)) taken++;
    }
    expect(taken).toBeGreaterThan(MUTATED / 10);
    expect(taken).toBeLessThan(MUTATED * 0.9);
  });

  it("takes no body that is made to break readers of events", () => {
    const texts = hostileEvents().map(({ text }) => encoder.encode(text));
    for (const bytes of [...texts, ...hostileBodies().map((body) => body.bytes)]) expect(takes(bytes)).toBe(false);
    // As values inside an export they are taken or left, but never read differently.
    for (const { text } of hostileEvents()) {
      for (const place of [
        `"body":${text}`,
        `"attributes":[{"key":"k","value":${text}}]`,
        `"attributes":[{"key":"k","value":{"stringValue":${JSON.stringify(text)}}}]`,
      ]) {
        takes(encoder.encode(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${place}}]}]}]}`));
      }
    }
  });

  it("leaves what is above a limit to the reader that refuses it", () => {
    const logs = (record: string, times = 1): Uint8Array =>
      encoder.encode(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${Array(times).fill(record).join(",")}]}]}]}`);
    const many = (count: number) =>
      `{"attributes":[${Array.from({ length: count }, (_, i) => `{"key":"k${i}","value":{"intValue":${i}}}`).join(",")}]}`;
    const deep = (depth: number): string =>
      depth === 1 ? '{"stringValue":"x"}' : `{"arrayValue":{"values":[${deep(depth - 1)}]}}`;
    expect(takes(logs(many(MAX_ATTRIBUTES)))).toBe(true);
    expect(takes(logs(many(MAX_ATTRIBUTES + 1)))).toBe(false);
    expect(takes(logs(`{"body":${deep(MAX_VALUE_DEPTH)}}`))).toBe(true);
    expect(takes(logs(`{"body":${deep(MAX_VALUE_DEPTH + 1)}}`))).toBe(false);
    expect(takes(logs("{}", MAX_OTLP_RECORDS))).toBe(true);
    expect(takes(logs("{}", MAX_OTLP_RECORDS + 1))).toBe(false);
  });

  const inRecord = (inside: string): string => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${inside}}]}]}]}`;
  const MANY = 20_000;
  it.each([
    ["texts in a value of its own, and one backslash behind them", `"body":{"a":[${'"",'.repeat(MANY)}"\\n"]}`],
    ["members, and one backslash behind them", `${'"eventName":"",'.repeat(MANY)}"eventName":"\\n"`],
    ["a text of escapes, and a quote far behind them", `"eventName":"${"\\n".repeat(MANY)}${"x".repeat(MANY)}"`],
    ["a text of escaped quotes", `"eventName":"${'\\"'.repeat(MANY)}"`],
    ["a text of escapes without an end", `"eventName":"${"\\n".repeat(MANY)}`],
    ["attributes with numbers", `"attributes":[${'{"key":"k","value":{"intValue":1}},'.repeat(1_000)}{}]`],
  ])("looks at each place a few times only: %s", (_, inside) => {
    const text = inRecord(inside);
    const bytes = encoder.encode(text);
    const native = String.prototype.indexOf;
    let passed = 0;
    const spy = vi.spyOn(String.prototype, "indexOf").mockImplementation(function (this: string, what, from = 0) {
      const found = native.call(this, what, from);
      passed += (found === -1 ? this.length : found) - from;
      return found;
    });
    try {
      scanLogRecords(text, bytes);
    } finally {
      spy.mockRestore();
    }
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThan(4 * text.length);
  });

  it("sees a control character wherever it stands", () => {
    for (const other of [0x20, 0x7f, 0x80, 0xff]) {
      for (let length = 0; length < 14; length++) {
        const bytes = new Uint8Array(length + 3).fill(other).subarray(3);
        expect(hasControls(bytes)).toBe(false);
        for (let at = 0; at < length; at++) {
          for (const control of [0, 1, 0x1f]) {
            const marked = new Uint8Array(length + 3).fill(other).subarray(3);
            marked[at] = control;
            expect(hasControls(marked)).toBe(true);
          }
        }
      }
    }
  });
});
