/** The timeline of a session and the tree of an event's metadata: lanes, rows, pixels, keys, zoom, odd values. */
import { describe, expect, it } from "vitest";
import { jsonRows, jsonText, plainText } from "../../../web/src/sessions/json-tree.ts";
import { laneOf, MAX_LANE_ROWS, timelineOf } from "../../../web/src/sessions/timeline-lanes.ts";
import {
  boxOf,
  dragSpan,
  GUTTER,
  itemAt,
  keyTarget,
  layoutOf,
  MIN_BAR,
  panTo,
  ticksOf,
  timeAt,
  xOf,
  zoomBy,
} from "../../../web/src/sessions/timeline-layout.ts";
import { paintTimeline, type Surface, tokenOf } from "../../../web/src/sessions/timeline-paint.ts";
import { exactValues } from "../../../web/src/sessions/timeline-tooltip.tsx";
import { eventOf, SESSION_START, workOf } from "../../support/session-script.ts";

const WIDTH = 1_000;
const s = (second: number): number => SESSION_START + second * 1_000;

describe("lanes", () => {
  it.each([
    ["cost_incurred", "", "model"],
    ["code_generated", "Edit", "edits"],
    ["error", "Bash", "errors"],
    ["security_alert", "", "errors"],
    ["session_start", "", "other"],
    ["pr_created", "", "other"],
    ["custom.turn", "", "turns"],
    ["custom.claude_code.user_prompt", "", "turns"],
    ["custom.gemini_cli.tool_call", "", "tools"],
    ["custom.copilot.something", "Bash", "tools"],
    ["custom.anything", "", "other"],
  ])("%s with tool %j is in %s", (event_type, tool_name, lane) => {
    expect(laneOf(eventOf(0, event_type, {}, { tool_name }))).toBe(lane);
  });

  it("draw a call up to its event, a turn until the next one, and what took no time as a moment", () => {
    const { items, from, to } = timelineOf([
      eventOf(0, "session_start"),
      eventOf(10, "custom.turn"),
      eventOf(20, "cost_incurred", { duration_ms: 8_000 }),
      eventOf(30, "custom.turn"),
      eventOf(40, "error", { duration_ms: 5_000 }),
    ]);
    expect(items.map((item) => [item.from - SESSION_START, item.to - SESSION_START])).toEqual([
      [0, 0],
      [10_000, 30_000],
      [12_000, 20_000],
      [30_000, 40_000],
      [40_000, 40_000],
    ]);
    expect([from, to]).toEqual([s(0), s(40)]);
  });

  it("do not believe durations that are no number, negative or begin long before the session", () => {
    for (const duration_ms of ["8000", -1, Number.NaN, 1e12]) {
      const [, call] = timelineOf([eventOf(0, "session_start"), eventOf(20, "cost_incurred", { duration_ms })]).items;
      expect(call?.from).toBe(s(20));
    }
  });

  it("give what overlaps rows of its own, reuse a row that is free, and stop at the greatest number of rows", () => {
    const tool = (end: number, seconds: number) => eventOf(end, "custom.tool_call", { duration_ms: seconds * 1_000 });
    const { items, rows } = timelineOf([tool(10, 10), tool(12, 9), tool(20, 11), tool(30, 10)]);
    expect(items.map(({ row }) => row)).toEqual([0, 1, 2, 0]);
    expect(rows.tools).toBe(3);
    const after = timelineOf([tool(10, 10), tool(20, 10), eventOf(5, "error"), eventOf(5, "error", {}, { seq: 1 })]);
    expect(after.items.map(({ row }) => row)).toEqual([0, 0, 0, 1]);
    const crowd = timelineOf(Array.from({ length: 20 }, (_, i) => tool(100 + i, 90)));
    expect(crowd.rows.tools).toBe(MAX_LANE_ROWS);
    // Rows hold nothing twice, except the last one.
    for (let row = 0; row < MAX_LANE_ROWS - 1; row++) {
      const bars = crowd.items.filter((item) => item.row === row).sort((a, b) => a.from - b.from);
      for (const [i, bar] of bars.slice(1).entries()) expect(bar.from).toBeGreaterThanOrEqual(bars[i]?.to ?? 0);
    }
  });

  it("sum cost exactly, also beyond what a double holds", () => {
    const cost = (second: number, amount: string | null) =>
      eventOf(second, "cost_incurred", {}, { cost_nano_usd: amount });
    const { cost: steps } = timelineOf([cost(1, "9007199254740993"), cost(2, null), cost(3, "1")]);
    expect(steps.map(({ total }) => total)).toEqual([9007199254740993n, 9007199254740994n]);
  });
});

describe("the layout", () => {
  const timeline = timelineOf(workOf(100));

  it("maps time to pixels and back, with every item in its lane", () => {
    const layout = layoutOf(timeline, null, WIDTH);
    for (const at of [s(0), s(33), s(99)]) expect(timeAt(layout, xOf(layout, at))).toBeCloseTo(at, 3);
    for (const item of timeline.items) {
      const box = boxOf(layout, item);
      const lane = layout.lanes.find(({ key }) => key === item.lane);
      expect(box).not.toBeNull();
      if (box === null || lane === undefined) continue;
      expect(box.width).toBeGreaterThanOrEqual(MIN_BAR);
      expect(box.x).toBeGreaterThanOrEqual(GUTTER);
      expect(box.x + box.width).toBeLessThanOrEqual(WIDTH);
      expect(box.y).toBeGreaterThanOrEqual(lane.top);
      expect(box.y + box.height).toBeLessThanOrEqual(lane.top + lane.height);
    }
  });

  it("keeps rows and height when zoomed, and leaves out what is out of sight", () => {
    const whole = layoutOf(timeline, null, WIDTH);
    const zoomed = layoutOf(timeline, { from: s(20), to: s(30) }, WIDTH);
    expect(zoomed.height).toBe(whole.height);
    const seen = timeline.items.filter((item) => boxOf(zoomed, item) !== null);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.every((item) => item.to >= s(20) && item.from <= s(30))).toBe(true);
  });

  it("finds what is under the pointer, the nearest in reach, or nothing", () => {
    const layout = layoutOf(timeline, null, WIDTH);
    timeline.items.forEach((item, i) => {
      const box = boxOf(layout, item);
      if (box === null || item.lane !== "errors") return;
      expect(itemAt(layout, box.x + 1, box.y + 1)).toBe(i);
      expect(itemAt(layout, box.x - 5, box.y + 1)).toBe(i);
      expect(itemAt(layout, box.x - 20, box.y + 1)).not.toBe(i);
    });
    expect(itemAt(layout, 500, layout.height - 2)).toBeNull();
  });

  it("has a place for one event, none, and events of one moment", () => {
    for (const events of [[], [eventOf(0, "error")], [eventOf(0, "error"), eventOf(0, "custom.turn")]]) {
      const layout = layoutOf(timelineOf(events), null, WIDTH);
      expect(layout.view.to).toBeGreaterThan(layout.view.from);
      for (const item of layout.timeline.items) expect(boxOf(layout, item)?.width).toBe(MIN_BAR);
      expect(ticksOf(layout, SESSION_START).length).toBeLessThan(50);
    }
    expect(layoutOf(timeline, null, 0).width).toBe(0);
  });

  it.each([1, 50, 3_000, 90_000, 7_200_000, 30 * 86_400_000, 400 * 86_400_000])(
    "labels %i ms at round distances that do not touch",
    (length) => {
      const layout = { view: { from: s(0), to: s(0) + length }, width: WIDTH };
      const ticks = ticksOf(layout, SESSION_START);
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThan(13);
      expect(ticks[0]).toBe(SESSION_START);
    },
  );

  it("of 5,000 events is made and searched within a frame's reach", () => {
    const started = performance.now();
    const big = timelineOf(workOf(5_000));
    const layout = layoutOf(big, null, WIDTH);
    for (let x = 0; x < 20; x++) itemAt(layout, x * 50, 60);
    expect(big.items).toHaveLength(5_000);
    // Far above what it takes (20 ms), far below what a quadratic way would.
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe("moving through time", () => {
  const timeline = timelineOf(workOf(100));
  const layout = layoutOf(timeline, null, WIDTH);

  it.each([
    ["ArrowRight", null, 0],
    ["ArrowLeft", null, 99],
    ["ArrowRight", 98, 99],
    ["ArrowRight", 99, 99],
    ["ArrowLeft", 0, 0],
    ["PageDown", 5, 15],
    ["PageUp", 5, 0],
    ["Home", 50, 0],
    ["End", null, 99],
    ["a", 5, null],
    ["toString", 5, null],
  ])("%s from %s leads to %s", (key, from, to) => {
    expect(keyTarget(key, from, 100)).toBe(to);
  });

  it("leads nowhere without events", () => {
    expect(keyTarget("End", null, 0)).toBeNull();
  });

  it("zooms around a moment, never beyond the session, and out to the whole", () => {
    const half = zoomBy(layout, 0.5, s(50));
    expect(half).not.toBeNull();
    if (half === null) return;
    expect(half.to - half.from).toBeCloseTo((layout.view.to - layout.view.from) / 2, 3);
    expect(half.from).toBeLessThan(s(50));
    expect(half.to).toBeGreaterThan(s(50));
    const zoomed = layoutOf(timeline, half, WIDTH);
    expect(zoomBy(zoomed, 2, s(50))).toBeNull();
    let view = layout;
    for (let i = 0; i < 40; i++) view = layoutOf(timeline, zoomBy(view, 0.5, s(99)), WIDTH);
    expect(view.view.to - view.view.from).toBeCloseTo(20, 1);
    expect(view.view.to).toBeGreaterThanOrEqual(s(99));
  });

  it("drags in both directions, and takes a short drag for a click", () => {
    const span = dragSpan(layout, 600, 300);
    expect(span).toEqual(dragSpan(layout, 300, 600));
    expect(span?.from).toBeCloseTo(timeAt(layout, 300), 3);
    expect(dragSpan(layout, 300, 303)).toBeNull();
  });

  it("moves the view only for what is out of sight", () => {
    const view = { from: 100, to: 200 };
    expect(panTo(view, 150)).toBe(view);
    expect(panTo(view, 500)).toEqual({ from: 450, to: 550 });
  });
});

describe("the drawing", () => {
  it("draws each item in sight in its type's colour", () => {
    const fills: [string, number][] = [];
    const surface: Surface = {
      fillStyle: "",
      strokeStyle: "",
      globalAlpha: 1,
      lineWidth: 1,
      clearRect: () => {},
      fillRect: (_x, _y, width) => {
        fills.push([String(surface.fillStyle), width]);
      },
      beginPath: () => {},
      moveTo: () => {},
      lineTo: () => {},
      stroke: () => {},
      fill: () => {},
      closePath: () => {},
    };
    const layout = layoutOf(timelineOf(workOf(30)), null, WIDTH);
    paintTimeline(surface, layout, (token) => token, []);
    expect(fills.filter(([color]) => color === "--type-error")).toHaveLength(3);
    expect(fills.filter(([color]) => color === "--type-code-generated")).toHaveLength(3);
  });

  it("shows a failed tool as an error, and every digit on hover", () => {
    const event = eventOf(5, "custom.tool_call", { success: false, duration_ms: 1_234 }, { cost_nano_usd: "4200" });
    const [item] = timelineOf([event]).items;
    expect(item && tokenOf(item)).toBe("--type-error");
    expect(item && exactValues(item, 9_000_000_000n, "utc")).toEqual([
      ["At", "22 Nov 2026, 09:00:05.000 UTC"],
      ["Took", "1,234 ms"],
      ["Cost", "$0.0000042"],
      ["Cost so far", "$9.00"],
    ]);
  });
});

describe("the tree of a value", () => {
  const NONE: ReadonlySet<string> = new Set();
  const texts = (value: unknown, toggled = NONE): string[] =>
    jsonRows(value, toggled).map(
      ({ depth, name, text }) => `${" ".repeat(depth)}${name === null ? "" : `${name}: `}${text}`,
    );

  it("opens the first levels, closes and opens others, each member by its own path", () => {
    const value = { a: { b: { c: 1 } }, "a/b": [true, null, ""], "": 0 };
    expect(texts(value)).toEqual(["a: { 1 }", " b: { 1 }", "a/b: [ 3 ]", " 0: true", " 1: null", " 2: ", ": 0"]);
    expect(texts(value, new Set(["/a/b"]))).toContain("  c: 1");
    expect(texts(value, new Set(["/a"]))).toEqual(["a: { 1 }", "a/b: [ 3 ]", " 0: true", " 1: null", " 2: ", ": 0"]);
    const paths = jsonRows({ "a/b": { c: 1 }, a: { "b/c": 1, b: { c: 1 } } }, new Set(["/a/b"])).map(
      ({ path }) => path,
    );
    expect(new Set(paths).size).toBe(paths.length);
  });

  it("shows a part of what is long or wide, and says so", () => {
    const wide = jsonRows(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i])), NONE);
    expect(wide).toHaveLength(101);
    expect(wide.at(-1)?.text).toBe("4900 more");
    const [long] = jsonRows({ text: "x".repeat(100_000) }, NONE);
    expect(long?.text.length).toBeLessThan(2_100);
    expect(long?.text).toContain("100000 characters");
    const many = Array.from({ length: 90 }, () => Array.from({ length: 90 }, () => 1));
    expect(jsonRows(many, NONE).length).toBeLessThanOrEqual(1_001);
  });

  it("does not recurse into what is deep", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 50_000; i++) deep = { d: deep };
    const toggled = new Set(Array.from({ length: 3_000 }, (_, i) => "/d".repeat(i + 2)).slice(1));
    expect(jsonRows(deep, toggled).length).toBeLessThanOrEqual(1_001);
  });

  it("writes out what would hide or turn the text, and leaves scripts and emoji alone", () => {
    expect(plainText("a\u202eb\u0000c\ud800\u200b")).toBe("a\\u202eb\\u0000c\\ud800\\u200b");
    expect(plainText("ليلى 👩‍💻 é\n\t")).toBe("ليلى 👩‍💻 é\n\t");
  });

  it("shows numbers as they are, and keys that objects inherit as any other", () => {
    expect(texts(JSON.parse('{"a":1e308,"b":-0,"c":1e-7,"__proto__":1,"constructor":"x"}'))).toEqual([
      "a: 1e+308",
      "b: -0",
      "c: 1e-7",
      "__proto__: 1",
      "constructor: x",
    ]);
    expect(jsonRows({}, NONE)).toEqual([]);
    expect(jsonText({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}');
  });
});
