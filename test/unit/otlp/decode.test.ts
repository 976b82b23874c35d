import { describe, expect, it } from "vitest";
import { MAX_OTLP_RECORDS } from "../../../schema/limits.ts";
import { decode, type Signal } from "../../../workers/ingest/otlp/decode.ts";
import { DecodeError } from "../../../workers/ingest/otlp/decode-budget.ts";
import { nanosOf, nanosOfHalves } from "../../../workers/ingest/otlp/decode-values.ts";
import { MAX_ATTRIBUTES, MAX_VALUE_DEPTH, MAX_VALUES } from "../../../workers/ingest/otlp/limits.ts";
import type { AttributeValue, LogRecord } from "../../../workers/ingest/otlp/model.ts";
import { toProtobuf } from "../../support/otlp-protobuf.ts";
import { recordings } from "../../support/otlp-recordings.ts";

const bytesOf = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** An export of these log records. */
const logsOf = (...logRecords: unknown[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
const attribute = (value: unknown, key = "k") => ({ key, value });
const recordOf = (...attributes: unknown[]) => logsOf({ attributes });

function logs(root: unknown): LogRecord[] {
  const { otlp } = decode("logs", "json", bytesOf(root));
  return otlp.signal === "logs" ? otlp.records : [];
}

/** One attribute's value as JSON gives it, after checking that protobuf gives the same where it can say it. */
function value(any: unknown, inProtobuf = true): AttributeValue | undefined {
  const root = recordOf(attribute(any));
  const decoded = decode("logs", "json", bytesOf(root)).otlp;
  if (inProtobuf) expect(decode("logs", "protobuf", toProtobuf("logs", root)).otlp).toEqual(decoded);
  return logs(root)[0]?.attributes.k;
}

describe("recorded requests", () => {
  const json = recordings().filter(({ encoding }) => encoding === "json");

  it.each(json)("$name: the same data in protobuf is the same model", ({ signal, bytes }) => {
    const fromJson = decode(signal, "json", bytes);
    const fromProtobuf = decode(signal, "protobuf", toProtobuf(signal, parse(bytes)));
    expect(fromJson.otlp.records.length).toBeGreaterThan(0);
    expect(fromProtobuf.otlp).toEqual(fromJson.otlp);
  });

  it.each(recordings())("$name is read whole, and nothing of it is dropped", ({ signal, encoding, bytes }) => {
    const { otlp, budget } = decode(signal, encoding, bytes);
    expect(otlp.records.length).toBeGreaterThan(0);
    expect(budget.dropped).toBe(0);
    for (const record of otlp.records) expect(Object.keys(record.resource)).toContain("service.name");
  });

  it("give Codex's records their times, names and numbers as sent", () => {
    const codex = json.find(({ name }) => name.startsWith("codex-pretty-logs"));
    const [first] = codex === undefined ? [] : logs(parse(codex.bytes));
    expect(first).toMatchObject({ timeUnixNano: "0", body: null, traceId: "", spanId: "" });
    expect(first?.eventName).toMatch(/^event otel\//);
    expect(first?.observedTimeUnixNano).toMatch(/^1795\d{15}$/);
  });
});

describe("values", () => {
  it.each([
    [{ stringValue: "é 🚀 \u0000" }, "é 🚀 \u0000"],
    [{ stringValue: "" }, ""],
    [{ boolValue: false }, false],
    [{ intValue: 7 }, 7],
    [{ intValue: "7" }, 7],
    [{ intValue: "-9" }, -9],
    [{ intValue: "9007199254740993" }, "9007199254740993"],
    [{ intValue: "9007199254740994" }, 9_007_199_254_740_994],
    [{ intValue: "9223372036854775807" }, "9223372036854775807"],
    [{ intValue: "-9223372036854775808" }, -(2 ** 63)],
    [{ doubleValue: 0.1 }, 0.1],
    [{ doubleValue: "NaN" }, "NaN"],
    [{ doubleValue: "-Infinity" }, "-Infinity"],
    [{ bytesValue: "AQL/" }, "AQL/"],
    [{ arrayValue: { values: [{ intValue: 1 }, { stringValue: "b" }, {}] } }, [1, "b", null]],
    [{ arrayValue: {} }, []],
    [{ kvlistValue: { values: [attribute({ boolValue: true }, "a")] } }, { a: true }],
    [{}, null],
  ])("%j is %j in both encodings", (any, expected) => {
    expect(value(any)).toEqual(expected);
  });

  it.each([
    [null, null],
    [{ stringValue: null }, null],
    [{ intValue: "12.5" }, null],
    [{ intValue: "99999999999999999999999" }, null],
    [{ intValue: null }, null],
    [{ boolValue: "true" }, true],
    [{ doubleValue: "1.5" }, 1.5],
    [{ bytesValue: "AQL_" }, "AQL/"],
    [{ string_value: "snake" }, "snake"],
    [{ int_value: "3" }, 3],
    [{ kvlist_value: { values: [attribute({ int_value: 1 }, "a")] } }, { a: 1 }],
    ["bare", "bare"],
    [{ newKind: 1 }, null],
    [{ stringValue: "\ud800" }, "\ufffd"],
  ])("JSON's %j is %j", (any, expected) => {
    expect(value(any, false)).toEqual(expected);
  });

  it("keep names that an object inherits", () => {
    const names = ["__proto__", "constructor", "toString", ""];
    const root = recordOf(...names.map((name, i) => attribute({ intValue: i }, name)));
    for (const [encoding, bytes] of [
      ["json", bytesOf(root)],
      ["protobuf", toProtobuf("logs", root)],
    ] as const) {
      const { attributes } = decode("logs", encoding, bytes).otlp.records[0] ?? {};
      expect(names.map((name) => attributes?.[name])).toEqual([0, 1, 2, 3]);
    }
    expect(logs(recordOf(attribute({ intValue: 1 }, "a")))[0]?.attributes.constructor).toBeUndefined();
  });

  it("of a repeated key the last is kept", () => {
    const root = recordOf(attribute({ intValue: 1 }), attribute({ intValue: 2 }));
    expect(logs(root)[0]?.attributes).toEqual({ k: 2 });
    expect(decode("logs", "protobuf", toProtobuf("logs", root)).otlp.records[0]?.attributes).toEqual({ k: 2 });
  });
});

describe("tolerance of JSON", () => {
  it("takes snake_case, enums by name and as text, numbers as times, ids in capitals and in base64", () => {
    const id = "0af7651916cd43dd8448eb211c80319c";
    const [record] = logs({
      resource_logs: [
        {
          resource: { attributes: [attribute({ stringValue: "x" }, "service.name")] },
          scope_logs: [
            {
              scope: null,
              log_records: [
                null,
                {
                  time_unix_nano: 1_700_000_000_000_000_000,
                  severity_number: "SEVERITY_NUMBER_WARN2",
                  event_name: "e",
                  trace_id: id.toUpperCase(),
                  span_id: Buffer.from("00f067aa0ba902b7", "hex").toString("base64"),
                  nobody: { knows: [1, { this: null }] },
                },
              ],
            },
          ],
        },
      ],
      entityRefs: [],
    });
    expect(record).toMatchObject({
      timeUnixNano: "1700000000000000000",
      severityNumber: 14,
      eventName: "e",
      body: null,
    });
    expect(record).toMatchObject({ traceId: id, spanId: "00f067aa0ba902b7", observedTimeUnixNano: "0" });
    expect(record?.resource).toEqual({ "service.name": "x" });
  });

  it("takes ids that are empty, zero or no hex for none", () => {
    for (const traceId of ["", "0".repeat(32), "x".repeat(32), "12", null, 5]) {
      expect(logs(logsOf({ traceId }))[0]?.traceId).toBe("");
    }
  });

  it("takes points and statuses by name or number, and values as text", () => {
    const metric = (aggregationTemporality: unknown, point: object) => ({
      name: "m",
      sum: { aggregationTemporality, isMonotonic: true, dataPoints: [point] },
    });
    const metrics = [
      metric("AGGREGATION_TEMPORALITY_CUMULATIVE", { asInt: "12" }),
      metric("2", { asDouble: "1.5" }),
      metric(1, { asInt: 3, flags: 1 }),
      metric(null, { asDouble: "NaN" }),
      metric(9, {}),
    ];
    const root = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
    const { otlp } = decode("metrics", "json", bytesOf(root));
    const points = otlp.signal === "metrics" ? otlp.records : [];
    expect(points.map(({ temporality, value }) => [temporality, value])).toEqual([
      ["cumulative", 12],
      ["cumulative", 1.5],
      ["delta", null],
      ["unspecified", null],
      ["unspecified", null],
    ]);
    const spans = [{ kind: "SPAN_KIND_CLIENT", status: { code: "STATUS_CODE_ERROR" } }, { kind: "3" }];
    const traces = decode("traces", "json", bytesOf({ resourceSpans: [{ scopeSpans: [{ spans }] }] })).otlp;
    const read = traces.signal === "traces" ? traces.records.map(({ kind, statusCode }) => [kind, statusCode]) : [];
    expect(read).toEqual([
      [3, 2],
      [3, 0],
    ]);
  });

  it.each(["{}", '{"resourceLogs":null}', '{"resourceLogs":[]}', '{"resourceLogs":[{}]}', " \n{}\n"])(
    "takes %j for an export of nothing",
    (text) => {
      for (const signal of ["logs", "metrics", "traces"] as const) {
        expect(decode(signal, "json", bytesOf(text)).otlp.records).toEqual([]);
      }
    },
  );

  it.each([
    "",
    "null",
    "[]",
    "1",
    "{",
    '{"resourceLogs":{}}',
    '{"resourceLogs":[1]}',
    '{"resourceLogs":"x"}',
    "\u0000",
  ])("refuses %j", (text) => {
    expect(() => decode("logs", "json", bytesOf(text))).toThrow(DecodeError);
  });

  it("refuses what is not UTF-8", () => {
    expect(() => decode("logs", "json", Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(DecodeError);
  });
});

describe("protobuf", () => {
  const read = (hex: string, signal: Signal = "logs") =>
    decode(signal, "protobuf", new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"))).otlp.records;

  it("takes no bytes for an export of nothing", () => {
    for (const signal of ["logs", "metrics", "traces"] as const) expect(read("", signal)).toEqual([]);
  });

  it("skips unknown fields and known fields of another wire type", () => {
    // A record with field 99 as varint, bytes, fixed32 and fixed64, and severity_number (2) as bytes.
    const record = "9806 05 9a06 01 61 9d06 00000000 9906 0000000000000000 1201 61 62 01 65";
    const length = (text: string): string => (text.replaceAll(" ", "").length / 2).toString(16).padStart(2, "0");
    const scope = `12 ${length(record)} ${record}`;
    const group = `12 ${length(scope)} ${scope}`;
    expect(read(`0a ${length(group)} ${group}`)).toMatchObject([{ severityNumber: 0, eventName: "e" }]);
  });

  it("finds the resource and scope of records that stand before them", () => {
    const resource = "0a 0a 0a 08 0a 01 6b 12 03 0a 01 76"; // {k: "v"}
    const scope = "0a 03 0a 01 73"; // name "s"
    const inner = `12 00 ${scope}`;
    const group = `12 07 ${inner} ${resource}`;
    expect(read(`0a 15 ${group}`)).toMatchObject([{ resource: { k: "v" }, scope: { name: "s" } }]);
  });

  it.each([
    ["a length beyond the end", "0a 05 00"],
    ["a length of 2^63", "0a ffffffffffffffff7f"],
    ["a varint of eleven bytes", "0a ffffffffffffffffffffff01"],
    ["a varint that ends in the middle", "0a 80"],
    ["field number 0", "00 00"],
    ["field number 0 at the very end", "0a 00 00"],
    ["the start of a group", "0b"],
    ["wire type 7", "0f"],
    ["a fixed64 cut off", "0a 06 12 04 12 02 09 00"],
    ["a message that reaches beyond its parent", "0a 04 12 06 12 00 0000 0000"],
    ["a text that reaches beyond its record", "0a 08 12 06 12 02 1a 04 6161"],
  ])("refuses %s", (_, hex) => {
    expect(() => read(hex)).toThrow(DecodeError);
  });

  it("reads 64-bit times exactly", () => {
    for (const time of [
      0n,
      1n,
      999_999_999n,
      10n ** 9n,
      2n ** 32n,
      1_795_368_777_742_000_001n,
      2n ** 63n,
      2n ** 64n - 1n,
    ]) {
      expect(nanosOfHalves(Number(time >> 32n), Number(time & 0xffff_ffffn))).toBe(time.toString());
      expect(nanosOf(time.toString())).toBe(time.toString());
    }
    expect(nanosOf((2n ** 64n).toString())).toBe("0");
  });
});

describe("limits", () => {
  const both = (root: unknown) => [
    () => decode("logs", "json", bytesOf(root)),
    () => decode("logs", "protobuf", toProtobuf("logs", root)),
  ];

  it("takes the greatest number of records, and one more is too large", () => {
    const record = {};
    const all = Array.from({ length: MAX_OTLP_RECORDS }, () => record);
    for (const read of both(logsOf(...all))) expect(read().otlp.records).toHaveLength(MAX_OTLP_RECORDS);
    for (const read of both(logsOf(...all, record)))
      expect(read).toThrow(expect.objectContaining({ kind: "too_large" }));
  });

  it("takes values as deep as they may be, and refuses one level more", () => {
    const nested = (depth: number): unknown =>
      depth === 1 ? { stringValue: "x" } : { arrayValue: { values: [nested(depth - 1)] } };
    for (const read of both(recordOf(attribute(nested(MAX_VALUE_DEPTH))))) expect(read().otlp.records).toHaveLength(1);
    for (const read of both(recordOf(attribute(nested(MAX_VALUE_DEPTH + 1))))) expect(read).toThrow(DecodeError);
    for (const read of both(recordOf(attribute(nested(1_000))))) expect(read).toThrow(DecodeError);
  });

  it("drops attributes above their limit and counts them", () => {
    const many = Array.from({ length: MAX_ATTRIBUTES + 3 }, (_, i) => attribute({ intValue: i }, `k${i}`));
    for (const read of both(recordOf(...many))) {
      const { otlp, budget } = read();
      expect(Object.keys(otlp.records[0]?.attributes ?? {})).toHaveLength(MAX_ATTRIBUTES);
      expect(budget.dropped).toBe(3);
    }
  });

  it("refuses a body of too many values before it makes objects of them", () => {
    const json = bytesOf(`{"resourceLogs":[${"{},".repeat(MAX_VALUES * 2)}{}]}`);
    expect(() => decode("logs", "json", json)).toThrow(expect.objectContaining({ kind: "too_large" }));
    const values = Buffer.alloc((MAX_VALUES + 1) * 2);
    for (let at = 0; at < values.length; at += 2) values[at] = 0x0a;
    const wrap = (tag: number, bytes: Buffer): Buffer => {
      const length: number[] = [];
      for (let rest = bytes.length; ; rest >>>= 7) {
        length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
        if (rest <= 0x7f) break;
      }
      return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
    };
    const body = wrap(0x0a, wrap(0x12, wrap(0x12, wrap(0x32, wrap(0x12, wrap(0x2a, values))))));
    expect(() => decode("logs", "protobuf", new Uint8Array(body))).toThrow(
      expect.objectContaining({ kind: "too_large" }),
    );
  });

  it("is not slowed by braces in text", () => {
    const text = '{"'.repeat(600_000);
    expect(logs(recordOf(attribute({ stringValue: text })))[0]?.attributes.k).toBe(text);
  });
});
