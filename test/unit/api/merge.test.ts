import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDecimals, countDistinctKeys, figure, moneyFigure } from "../../../workers/api/merge.ts";
import { bucketStarts, chooseInterval, resolveRange, STEP_MS } from "../../../workers/api/range.ts";
import { buildSeries, cellsOf, largestGroups } from "../../../workers/api/series.ts";

const key = fc.bigInt({ min: 0n, max: 40n }).map((n) => n.toString(16).toUpperCase().padStart(16, "0"));
const keys = fc.uniqueArray(key, { maxLength: 40 });
const pack = (list: readonly string[]): string => [...list].sort().join("");

describe("distinct keys", () => {
  it("of two regions are counted as a set would", () => {
    fc.assert(fc.property(keys, keys, (a, b) => countDistinctKeys([pack(a), pack(b)]) === new Set([...a, ...b]).size));
  });

  it("of one region, or none, are counted too", () => {
    fc.assert(fc.property(keys, (a) => countDistinctKeys([pack(a)]) === a.length));
    expect(countDistinctKeys([])).toBe(0);
  });
});

describe("money", () => {
  it("adds without loss beyond 64 bits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n }), { maxLength: 5 }),
        (values) => addDecimals(values.map(String)) === values.reduce((sum, value) => sum + value, 0n).toString(),
      ),
    );
  });

  it("changes by a ratio, and by none when there was nothing before", () => {
    expect(moneyFigure("150", "100")).toEqual({ value: "150", previous: "100", change: 0.5 });
    expect(moneyFigure("0", "3").change).toBe(-1);
    expect(figure("5", "0").change).toBeNull();
    expect(figure("1", "3").change).toBeCloseTo(-2 / 3, 4);
  });
});

describe("ranges", () => {
  const range = fc
    .tuple(fc.integer({ min: Date.UTC(2020), max: Date.UTC(2030) }), fc.integer({ min: 1, max: 396 * 86_400_000 }))
    .map(([from, span]) => ({ from, to: from + span }));

  it("are covered by their buckets without a gap, and the chosen interval keeps them few", () => {
    fc.assert(
      fc.property(range, (of) => {
        const step = STEP_MS[chooseInterval("auto", of)];
        const starts = bucketStarts(of, step);
        const [first = 0] = starts;
        const last = starts.at(-1) ?? 0;
        return (
          first <= of.from &&
          of.from < first + step &&
          last < of.to &&
          of.to <= last + step &&
          starts.length === (last - first) / step + 1 &&
          starts.length <= 400
        );
      }),
    );
  });

  it("are read in any offset", () => {
    const read = resolveRange({ from: "2026-11-20T02:00:00+02:00", to: "2026-11-20T00:00:00.001Z" }, 0);
    expect(read.to - read.from).toBe(1);
  });
});

describe("groups", () => {
  it("are ranked over both regions together", () => {
    const us = [
      { name: "a", weight: "5" },
      { name: "b", weight: "4" },
    ];
    const eu = [
      { name: "b", weight: "4" },
      { name: "c", weight: "6" },
    ];
    expect(largestGroups([us, eu], 2)).toEqual(["b", "c"]);
  });

  it("that are called like nothing, or like the rest, stay apart from the rest", () => {
    const row = (name: string, known: number, value: string, is_total = 0) => ({
      is_total,
      current: 1,
      bucket: "7",
      known,
      name,
      value,
      state: "",
    });
    const cells = cellsOf([[row("", 1, "1"), row("", 0, "2"), row("", 1, "1", 1), row("", 0, "2", 1)]]);
    const values = new Map([...cells].map(([key, [part]]) => [key, part?.value ?? ""]));
    const shape = { metric: "events", first: 7, buckets: 1, groups: [""], compared: false } as const;
    expect(buildSeries(values, shape)).toEqual([
      { group: "", other: false, total: 1, values: [1] },
      { group: null, other: true, total: 2, values: [2] },
    ]);
  });
});
