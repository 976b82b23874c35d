/** Numbers, money and time as people read them: zero, nothing, huge, negative, not a number. */
import { describe, expect, it } from "vitest";
import { formatUsd, formatUsdExact, parseNanoUsd } from "../../../web/src/format/money.ts";
import { formatCount, formatExact, formatRate } from "../../../web/src/format/number.ts";
import { formatAge, formatClock, formatDuration, formatMinute, formatMoment } from "../../../web/src/format/time.ts";
import { unitFormat } from "../../../web/src/format/unit.ts";

/** The tests write plain spaces and hyphens; the page uses ones that do not break. */
const plain = (text: string): string => text.replaceAll("\u00a0", " ").replaceAll("−", "-");

describe("counts", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [7, "7"],
    [0.25, "0.3"],
    [999, "999"],
    [1_000, "1 K"],
    [1_234, "1.2 K"],
    [12_345, "12.3 K"],
    [123_456, "123 K"],
    [99_960, "100 K"],
    [999_499, "999 K"],
    [999_950, "1 M"],
    [1_500_000, "1.5 M"],
    [2_000_000_000, "2 B"],
    [3.2e12, "3.2 T"],
    [9.87e20, "9.9e20"],
    [-1_234, "-1.2 K"],
    [1_234n, "1.2 K"],
    [Number.MAX_SAFE_INTEGER, "9007 T"],
  ])("shows %s as %s", (value, text) => {
    expect(plain(formatCount(value))).toBe(text);
  });

  it.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "shows %s as a dash, never as 0",
    (value) => {
      expect(formatCount(value)).toBe("—");
      expect(formatRate(value)).toBe("—");
      expect(formatExact(value)).toBe("—");
    },
  );

  it("gives every digit on demand", () => {
    expect(formatExact(1_234_567)).toBe("1,234,567");
    expect(formatExact(-0)).toBe("0");
    expect(formatExact(12.34)).toBe("12.34");
    expect(formatExact(12_345_678_901_234_567_890n)).toBe("12,345,678,901,234,567,890");
  });

  it("shows small rates with a decimal and tiny ones as less than 0.1", () => {
    expect([0, 0.05, 0.34, 12.42, 123.4, 12_345].map((rate) => plain(formatRate(rate)))).toEqual([
      "0",
      "< 0.1",
      "0.3",
      "12.4",
      "123",
      "12.3 K",
    ]);
  });
});

describe("money", () => {
  it.each([
    ["0", "$0.00"],
    ["1", "$0.000000001"],
    ["4200000", "$0.0042"],
    ["4256000", "$0.0043"],
    ["9999999", "$0.01"],
    ["10000000", "$0.01"],
    ["12340000000", "$12.34"],
    ["12345000000", "$12.35"],
    ["1234560000000", "$1,234.56"],
    ["12345000000000", "$12.3 K"],
    ["9000000000000000000000", "$9 T"],
    ["-4200000", "-$0.0042"],
    ["-12340000000", "-$12.34"],
  ])("shows %s nano-USD as %s", (nano, text) => {
    expect(plain(formatUsd(nano))).toBe(text);
  });

  it("shows an unpriced amount as a dash, never as $0", () => {
    for (const value of [null, undefined, "", "1.5", "abc", Number.NaN]) expect(formatUsd(value)).toBe("—");
  });

  it("keeps every digit of amounts that no double holds", () => {
    const nano = "123456789012345678901";
    expect(parseNanoUsd(nano)).toBe(123_456_789_012_345_678_901n);
    expect(formatUsdExact(nano)).toBe("$123,456,789,012.345678901");
    expect(formatUsdExact("4200000")).toBe("$0.0042");
    expect(formatUsdExact("5000000000")).toBe("$5.00");
    expect(plain(formatUsdExact(-1n))).toBe("-$0.000000001");
  });
});

describe("money in a chart, which is drawn as a double", () => {
  const { short, exact } = unitFormat("nano_usd");
  it.each([
    [0, "$0.00"],
    [1e-9, "$0.000000001"],
    [0.1 + 0.2, "$0.30"],
    [12.34, "$12.34"],
    [-12.34, "-$12.34"],
    [123_456.123456789, "$123,456.123456789"],
    [123_456_789.12, "$123,456,789.12"],
    [1e15, "$1,000,000,000,000,000.00"],
    [1e22, "$10,000,000,000,000,000,000,000.00"],
  ])("shows %d with the digits it holds and no others", (usd, text) => {
    expect(plain(exact(usd))).toBe(text);
  });
  it("is short on the axis", () => {
    expect([0, 0.0042, 12_345, 1e15].map((usd) => plain(short(usd)))).toEqual([
      "$0.00",
      "$0.0042",
      "$12.3 K",
      "$1000 T",
    ]);
  });
});

describe("time", () => {
  it.each([
    [0, "0 s"],
    [-5_000, "0 s"],
    [0.4, "1 ms"],
    [850, "850 ms"],
    [12_900, "12 s"],
    [192_000, "3 m 12 s"],
    [180_000, "3 m"],
    [7_500_000, "2 h 5 m"],
    [277_200_000, "3 d 5 h"],
    [2 ** 40 - 1, "12725 d 19 h"],
    [Number.NaN, "—"],
    [null, "—"],
  ])("shows a duration of %s ms as %s", (ms, text) => {
    expect(plain(formatDuration(ms))).toBe(text);
  });

  it("tells ages in one unit", () => {
    expect([-3_000, 900, 4_000, 200_000, 7_300_000, 200_000_000].map((ms) => plain(formatAge(ms)))).toEqual([
      "just now",
      "just now",
      "4 s ago",
      "3 m ago",
      "2 h ago",
      "2 d ago",
    ]);
  });

  it("shows the same moment in UTC whatever the viewer's zone is", () => {
    const at = Date.UTC(2026, 2, 29, 1, 5, 9);
    expect(formatClock(at, "utc")).toBe("01:05:09");
    expect(formatMinute(at, "utc")).toBe("01:05");
    expect(formatMoment(at, "utc")).toBe("29 Mar 2026, 01:05:09 UTC");
    expect(formatClock(Number.NaN, "utc")).toBe("—");
  });

  it("shows midnight as 00, not 24", () => {
    expect(formatClock(Date.UTC(2026, 0, 1), "utc")).toBe("00:00:00");
  });
});
