/** Window arithmetic at its edges. */
import { describe, expect, it } from "vitest";
import {
  firstFine,
  firstKept,
  firstOpen,
  firstUnsealed,
  isSkewed,
  windowOf,
  windowStart,
} from "../../../durable-objects/tenant-live/windows.ts";

const W = windowOf(1_800_000_000_000);
const end = windowStart(W + 1);

describe("a window", () => {
  it("holds [start, end)", () => {
    expect([windowOf(windowStart(W)), windowOf(end - 1), windowOf(end)]).toEqual([W, W, W + 1]);
  });

  it("closes 2 min after its end, leaves the live range after 15 min, seals after 2 h, and is forgotten after a day", () => {
    for (const [first, ms] of [
      [firstOpen, 120_000],
      [firstFine, 900_000],
      [firstUnsealed, 7_200_000],
      [firstKept, 86_400_000],
    ] as const) {
      expect([first(end + ms - 1), first(end + ms)]).toEqual([W, W + 1]);
    }
  });
});

describe("an event", () => {
  it("is skewed when it is more than 60 s ahead of the clock", () => {
    expect([isSkewed(60_000, 0), isSkewed(60_001, 0)]).toEqual([false, true]);
  });
});
