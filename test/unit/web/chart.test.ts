/** Windows as chart data, and the decision to keep, update or make a chart. */
import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../../schema/event.ts";
import { WINDOW_MS } from "../../../schema/live.ts";
import { type ChartSpec, decide } from "../../../web/src/chart/decide.ts";
import { LAYERS, layerOf, typeLabel } from "../../../web/src/chart/palette.ts";
import { type ChartData, chartData, gaps, niceCeiling, stack, WINDOWS_IN_SPAN } from "../../../web/src/chart/series.ts";
import { axisTop } from "../../../web/src/chart/time-data.ts";
import { unitFormat } from "../../../web/src/format/unit.ts";
import { noMeasures } from "../../../web/src/live/frames.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 5);
const THIS = NOW - 5_000;
const ALL = { from: 0, until: NOW };
const window = (start: number, types: Record<string, number>) => ({ start, types, measures: noMeasures() });
const column = (data: ChartData, key: string) => data.exact[LAYERS.findIndex((layer) => layer.key === key)];

describe("layers", () => {
  it("give every standard type a place of its own and all custom types one together", () => {
    expect(EVENT_TYPES.map(layerOf)).toEqual([...EVENT_TYPES]);
    expect(layerOf("custom.deploy")).toBe("custom");
    expect(typeLabel("custom.deploy")).toBe("custom.deploy");
    expect(new Set(LAYERS.map((layer) => layer.token)).size).toBe(LAYERS.length);
  });
});

describe("chart data", () => {
  it("has 90 windows that end with the one under way", () => {
    const data = chartData([], NOW, ALL);
    expect(data.starts).toHaveLength(WINDOWS_IN_SPAN);
    expect(data.starts.at(-1)).toBe(THIS);
    expect(data.starts[0]).toBe(THIS - 89 * WINDOW_MS);
  });

  it("shows a known empty window as 0 and an unknown one as a gap", () => {
    const data = chartData([window(THIS, { error: 2 })], NOW, { from: THIS - 2 * WINDOW_MS, until: NOW });
    expect(data.totals.slice(-4)).toEqual([null, 0, 0, 2]);
    expect(gaps(data)).toEqual([[THIS - 89 * WINDOW_MS, THIS - 2 * WINDOW_MS]]);
  });

  it("shows what passed since the connection was lost as a gap, except what arrived", () => {
    const data = chartData([window(THIS - WINDOW_MS, { error: 1 })], NOW, { from: 0, until: NOW - 30_000 });
    expect(data.totals.slice(-5)).toEqual([0, 0, null, 1, null]);
  });

  it("sums custom types into one layer and ignores windows outside the span", () => {
    const data = chartData(
      [
        window(THIS, { "custom.a": 1, "custom.b": 2, error: 4 }),
        window(THIS + WINDOW_MS, { error: 50 }),
        window(THIS - 90 * WINDOW_MS, { error: 50 }),
      ],
      NOW,
      ALL,
    );
    expect(column(data, "custom")?.at(-1)).toBe(3);
    expect(data.sums).toMatchObject({ custom: 3, error: 4, code_generated: 0 });
  });

  it("stacks from the top of the stack down, so that the tallest bar is the total", () => {
    const data = chartData([window(THIS, { code_generated: 5, error: 2, security_alert: 1 })], NOW, ALL);
    const [times, ...series] = stack(data);
    expect(times.at(-1)).toBe((THIS + WINDOW_MS / 2) / 1_000);
    expect(series.map((values) => values.at(-1))).toEqual([8, 7, 5, 5, 5, 5, 5, 5]);
  });
});

describe("the count axis", () => {
  it("grows in steps to round numbers", () => {
    expect([0, 1, 5, 6, 10, 11, 20, 21, 51, 1_001, Number.NaN].map(niceCeiling)).toEqual([
      5, 5, 5, 7.5, 10, 15, 20, 30, 75, 1_500, 5,
    ]);
  });
});

describe("the value axis", () => {
  const steps = unitFormat("ms").steps;
  it.each([
    [850, 1_000],
    [7_000, 8_000],
    [192_000, 240_000],
    [6 * 3_600_000 + 1, 8 * 3_600_000],
    [2 ** 40 - 1, 15_000 * 86_400_000],
  ])("of %i ms ends with a round time, %i", (max, top) => {
    expect(axisTop(max, 1_000, steps)).toBe(top);
  });
  it("of numbers ends with a round number, however large", () => {
    expect([0, 7, 4_321, 1e15, 3e21].map((max) => axisTop(max, 5))).toEqual([5, 7.5, 5_000, 1e15, 3e21]);
  });
});

describe("keep, update or make a chart", () => {
  const spec: ChartSpec = { series: ["a", "b"], data: [1], width: 600, height: 200, paint: "light utc" };

  it("makes one when there is none, or for another set of series", () => {
    expect(decide(null, spec)).toEqual({ kind: "create" });
    expect(decide(spec, { ...spec, series: ["a"] })).toEqual({ kind: "create" });
    expect(decide(spec, { ...spec, series: ["b", "a"] })).toEqual({ kind: "create" });
  });

  it("keeps it when nothing changed", () => {
    expect(decide(spec, { ...spec, series: ["a", "b"] })).toEqual({ kind: "keep" });
  });

  it("never rebuilds for new data, another size, theme or zone", () => {
    const none = { kind: "update", data: false, size: false, paint: false };
    expect(decide(spec, { ...spec, data: [1] })).toEqual({ ...none, data: true });
    expect(decide(spec, { ...spec, width: 601 })).toEqual({ ...none, size: true });
    expect(decide(spec, { ...spec, height: 201 })).toEqual({ ...none, size: true });
    expect(decide(spec, { ...spec, paint: "dark utc" })).toEqual({ ...none, paint: true });
  });
});
