/**
 * Moments as people read them where clocks change: in 2026 Berlin goes back at 01:00 UTC on 25 October, New York at 06:00 UTC on
 * 1 November, Berlin forward at 01:00 UTC on 29 March.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { fromLocalInput, toLocalInput } from "../../../web/src/app/local-input.ts";
import { type TimePainter, timeChartOptions } from "../../../web/src/chart/time-options.ts";
import type { Zone } from "../../../web/src/format/time.ts";

const HOUR = 3_600_000;
const zone = process.env.TZ;

/** The formats of a browser in this zone; they are made once per page. */
async function formatsIn(timezone: string) {
  process.env.TZ = timezone;
  vi.resetModules();
  return await import("../../../web/src/format/time.ts");
}
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

describe("the hour that comes twice", () => {
  it.each([
    ["Europe/Berlin", Date.UTC(2026, 9, 25, 0), "25 Oct, 02:00 CEST – 02:00 CET", "25 Oct, 02:00 CET – 03:00 CET"],
    [
      "America/New_York",
      Date.UTC(2026, 10, 1, 5),
      "1 Nov, 01:00 GMT-4 – 01:00 GMT-5",
      "1 Nov, 01:00 GMT-5 – 02:00 GMT-5",
    ],
  ])("in %s is told apart by its zone, which no other hour names", async (timezone, first, once, again) => {
    const { formatBucket } = await formatsIn(timezone);
    expect(formatBucket(first, HOUR, "local")).toBe(once);
    expect(formatBucket(first + HOUR, HOUR, "local")).toBe(again);
    expect(formatBucket(first + 12 * HOUR, HOUR, "local")).not.toMatch(/[A-Z]{2}/);
    expect(formatBucket(first, HOUR, "utc")).not.toMatch(/[A-Z]{2}/);
  });

  it("is one hour of a day that has 25, which is named by its date", async () => {
    const { formatBucket, formatRange } = await formatsIn("Europe/Berlin");
    const midnight = Date.UTC(2026, 9, 24, 22);
    expect(formatBucket(midnight, 25 * HOUR, "local")).toBe("25 Oct 2026");
    expect(formatRange(midnight, midnight + 25 * HOUR, "local")).toBe("25 Oct 2026");
    const spring = Date.UTC(2026, 2, 28, 23);
    expect(formatBucket(spring, 23 * HOUR, "local")).toBe("29 Mar 2026");
    expect(formatRange(spring, spring + 23 * HOUR, "local")).toBe("29 Mar 2026");
  });
});

describe("a chosen range", () => {
  it("is named by its days, or by both its ends where it does not hold whole days", async () => {
    const { formatRange } = await formatsIn("Europe/Berlin");
    const midnight = Date.UTC(2026, 10, 19, 23);
    expect(formatRange(midnight, midnight + 72 * HOUR, "local")).toBe("20 Nov – 22 Nov 2026");
    expect(formatRange(midnight, midnight + 72 * HOUR, "utc")).toBe("19 Nov, 23:00 – 22 Nov, 23:00");
    expect(formatRange(midnight + 14 * HOUR, midnight + 38 * HOUR, "local")).toBe("20 Nov, 14:00 – 21 Nov, 14:00");
    expect(formatRange(midnight + 14 * HOUR, midnight + 16 * HOUR, "local")).toBe("20 Nov, 14:00 – 16:00");
  });

  it("is typed in the shown zone, also in the hour that a change of the clock skips", () => {
    process.env.TZ = "Europe/Berlin";
    expect(fromLocalInput("2026-10-25T03:00", "local")).toBe(Date.UTC(2026, 9, 25, 2));
    expect(fromLocalInput("2026-03-29T02:30", "local")).toBe(Date.UTC(2026, 2, 29, 1, 30));
    expect(fromLocalInput("2026-03-29T02:30", "utc")).toBe(Date.UTC(2026, 2, 29, 2, 30));
    expect(fromLocalInput("", "local")).toBeNull();
    for (const at of [Date.UTC(2026, 9, 25, 2), Date.UTC(2026, 2, 29, 1)]) {
      expect(fromLocalInput(toLocalInput(at, "local"), "local")).toBe(at);
    }
  });
});

it("the time axis is divided by the clock that is shown, whatever the browser's zone is", () => {
  process.env.TZ = "Asia/Kolkata";
  const hourIn = (shown: Zone): number | undefined => {
    const painter: TimePainter = {
      zone: () => shown,
      color: () => "",
      font: () => "",
      data: () => ({ starts: [], end: 0, series: [] }),
      format: String,
      onHover: () => undefined,
      onZoom: () => undefined,
    };
    const size = { width: 600, height: 200 };
    const options = timeChartOptions(painter, {
      kind: "line",
      shown: [],
      ...size,
      sync: undefined,
      least: 5,
      whole: true,
    });
    return options.tzDate?.(Date.UTC(2026, 10, 22) / 1_000).getHours();
  };
  expect(hourIn("utc")).toBe(0);
  expect(hourIn("local")).toBe(5);
});
