/** Where the bars of a chart stand on the pixels of its canvas. */
import { describe, expect, it } from "vitest";
import { barsAt } from "../../../web/src/chart/bars.ts";

const centersOf = (count: number, column: number): number[] =>
  Array.from({ length: count }, (_, i) => (i + 0.5) * column);

describe("bars", () => {
  it("of wide columns are equally wide, on whole pixels, and leave a gap", () => {
    const bars = barsAt(centersOf(24, 40.3), 40.3, 1);
    expect(new Set(bars.map(({ width }) => width))).toEqual(new Set([33]));
    for (const [i, { left }] of bars.entries()) {
      expect(Number.isInteger(left)).toBe(true);
      expect(left - (bars[i - 1]?.left ?? -100)).toBeGreaterThan(33);
    }
  });

  it("of narrow columns touch and never overlap, so that no pattern appears", () => {
    const bars = barsAt(centersOf(360, 2.7), 2.7, 1);
    for (const [i, { left, width }] of bars.entries()) {
      expect(width).toBeGreaterThanOrEqual(1);
      const next = bars[i + 1];
      if (next !== undefined) expect(left + width).toBe(next.left);
    }
  });

  it("are at most 64 CSS pixels wide, and one pixel where there is less", () => {
    expect(barsAt([500], 1_000, 2)[0]?.width).toBe(128);
    expect(barsAt(centersOf(3, 0.3), 0.3, 1).every(({ width }) => width === 1)).toBe(true);
  });
});
