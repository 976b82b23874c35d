/** Which rows of a long list are in the page: all in sight, never many more, also at the ends and when the list shrinks. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeOf, rowWindow, scrolled, scrollTopFor } from "../../../web/src/ui/row-window.ts";

const ROW = 36;
const sightOf = (top: number, height = 600) => ({ top, height });

describe("the rows in the page", () => {
  it("are all that are in sight and at most 28 more, wherever it is scrolled to", () => {
    const places = fc.record({ top: fc.double({ min: 0, max: 4e6, noNaN: true }), count: fc.nat(100_000) });
    fc.assert(
      fc.property(places, ({ top, count }) => {
        const most = Math.max(0, count * ROW - 600);
        const sight = sightOf(Math.min(top, most));
        const { first, end } = rowWindow(placeOf(sight, ROW), count);
        const seenFrom = Math.floor(sight.top / ROW);
        const seenTo = Math.min(count, Math.ceil((sight.top + sight.height) / ROW));
        expect(first).toBeLessThanOrEqual(seenFrom);
        expect(end).toBeGreaterThanOrEqual(seenTo);
        expect(end - first).toBeLessThanOrEqual(seenTo - seenFrom + 28);
      }),
    );
  });

  it("stay the same while less than four rows are scrolled", () => {
    expect(placeOf(sightOf(4 * ROW), ROW)).toEqual(placeOf(sightOf(8 * ROW - 1), ROW));
    expect(placeOf(sightOf(8 * ROW), ROW).at).toBe(8);
  });

  it("are outlined only while it is scrolled far several times in a row", () => {
    const still = { at: 0, time: 0, far: false };
    const leap = scrolled(still, 20, 1_000);
    expect(leap.fast).toBe(false);
    expect(scrolled(leap, 40, 1_016).fast).toBe(true);
    expect(scrolled(leap, 40, 1_500).fast).toBe(false);
    expect(scrolled(leap, 22, 1_016).fast).toBe(false);
  });

  it("are the last ones when a list that was scrolled far becomes short", () => {
    expect(rowWindow(placeOf(sightOf(100_000), ROW), 20)).toEqual({ first: 0, end: 20 });
    expect(rowWindow(placeOf(sightOf(100_000), ROW), 0)).toEqual({ first: 0, end: 0 });
  });

  it("scroll only as far as a row needs", () => {
    expect(scrollTopFor(3, sightOf(0), ROW)).toBeNull();
    expect(scrollTopFor(3, sightOf(200), ROW)).toBe(3 * ROW);
    expect(scrollTopFor(50, sightOf(0), ROW)).toBe(51 * ROW - 600);
  });
});
