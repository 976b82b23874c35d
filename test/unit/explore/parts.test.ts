/** Parts of two regions put together equal the part over all values at once. */
import { describe, expect, it } from "vitest";
import { histogramQuantile, mergeParts, rational, wholeOrNull } from "../../../workers/api/explore/parts.ts";

describe("parts of regions", () => {
  it("add up exactly, past what a double holds", () => {
    expect(mergeParts("sum", ["9007199254740993", "9007199254740993"])).toBe("18014398509481986");
    expect(mergeParts("float", ["0.5", "1e20"])).toBe("100000000000000000000");
  });

  it("keep the smallest and the largest, and leave out what has no value", () => {
    expect(mergeParts("min", ["10", null, "9"])).toBe("9");
    expect(mergeParts("max", ["-10", "-9"])).toBe("-9");
    expect(mergeParts("float_min", ["1.5", "-2e3"])).toBe("-2e3");
    expect(mergeParts("float_max", [null, "1.5"])).toBe("1.5");
    for (const kind of ["sum", "float", "min", "max", "float_min", "float_max", "histogram", "only"] as const) {
      expect(mergeParts(kind, [null, null])).toBeNull();
    }
  });

  it("unite distinct values and never add them", () => {
    const keys = (...numbers: number[]): string => numbers.map((n) => String(n).padStart(16, "0")).join("");
    expect(mergeParts("keys", [keys(1, 2, 3), keys(2, 3, 4)])).toBe("4");
    expect(mergeParts("keys", [keys(1), null])).toBe("1");
    expect(mergeParts("keys", [])).toBe("0");
  });

  it("refuse to guess where only one region may answer", () => {
    expect(mergeParts("only", ["5"])).toBe("5");
    expect(() => mergeParts("only", ["5", "6"])).toThrow(TypeError);
  });

  it("give the percentile of all values out of both histograms", () => {
    const bin = (value: number): number => new Uint32Array(new Float32Array([value]).buffer)[0] ?? 0;
    const histogram = (values: number[]): string => {
      const bins: Record<string, number> = {};
      for (const value of values) {
        const key = String(Math.floor(bin(value) / 65_536));
        bins[key] = (bins[key] ?? 0) + 1;
      }
      return JSON.stringify(bins);
    };
    // Values that 8 bits of mantissa hold exactly.
    const a = [1, 2, 3, 200, -5, 0];
    const b = [4, 5, 6, 100, -1];
    const all = [...a, ...b].sort((x, y) => x - y);
    const merged = mergeParts("histogram", [histogram(a), histogram(b)]) ?? "";
    for (const level of [0.5, 0.9, 0.95, 0.99]) {
      expect(histogramQuantile(merged, level)).toBe(all[Math.ceil(all.length * level) - 1]);
    }
    expect(histogramQuantile("{}", 0.5)).toBeNull();
  });
});

describe("whole numbers", () => {
  it.each([
    [7n, 2n, "4"],
    [-7n, 2n, "-4"],
    [7n, -2n, "-4"],
    [6n, 4n, "2"],
    [1n, 3n, "0"],
    [10n ** 30n, 7n, "142857142857142857142857142857"],
  ])("%d by %d is %s", (a, b, quotient) => {
    expect(rational(a, b)).toBe(quotient);
  });

  it("come out of doubles only where those are finite", () => {
    expect([wholeOrNull(1e21), wholeOrNull(-1.5), wholeOrNull(Number.NaN)]).toEqual([
      "1000000000000000000000",
      "-1",
      null,
    ]);
  });
});
