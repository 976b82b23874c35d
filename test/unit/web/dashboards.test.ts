/** The grid of a dashboard: no tile over another or outside, whatever is moved; a gesture that comes back changes nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  GRID_COLUMNS,
  MAX_TILE_ROWS,
  MAX_TILES,
  MIN_TILE,
  type Tile,
  TilesSchema,
} from "../../../schema/api/dashboards.ts";
import { makeTurns } from "../../../web/src/api/turns.ts";
import { heightOf, offsetOf, pitchOf } from "../../../web/src/dashboards/geometry.ts";
import {
  compacted,
  inReadingOrder,
  moved,
  resized,
  rowsOf,
  type Step,
  sameLayout,
  stepped,
  withoutTile,
  withTile,
} from "../../../web/src/dashboards/layout.ts";
import { firstSize, kindOf } from "../../../web/src/dashboards/tile-kinds.ts";

const tile = (metric_id: string, x: number, y: number, w: number, h: number): Tile => ({ metric_id, x, y, w, h });
const find = (tiles: readonly Tile[], id: string): Tile | undefined => tiles.find(({ metric_id }) => metric_id === id);

const size = fc.record({
  w: fc.integer({ min: MIN_TILE, max: GRID_COLUMNS }),
  h: fc.integer({ min: MIN_TILE, max: MAX_TILE_ROWS }),
});
/** Layouts as people make them: tiles put on the grid, and some of them moved. */
const layouts = fc
  .tuple(
    fc.array(size, { minLength: 1, maxLength: MAX_TILES }),
    fc.array(fc.tuple(fc.nat(MAX_TILES), fc.integer({ min: -2, max: 14 }), fc.nat(60)), { maxLength: 6 }),
  )
  .map(([sizes, moves]) => {
    let tiles = sizes.reduce<Tile[]>((before, one, i) => withTile(before, `m${i}`, one), []);
    for (const [at, x, y] of moves) tiles = moved(tiles, `m${at % tiles.length}`, { x, y });
    return tiles;
  });
const layoutAndTile = layouts.chain((tiles) =>
  fc.tuple(fc.constant(tiles), fc.constantFrom(...tiles.map(({ metric_id }) => metric_id))),
);

/** What the API takes: inside the grid, no overlap, no metric twice. */
function expectSound(tiles: readonly Tile[], before: readonly Tile[]): void {
  expect(TilesSchema.safeParse(tiles).error?.issues).toBeUndefined();
  expect(tiles.map(({ metric_id }) => metric_id).sort()).toEqual(before.map(({ metric_id }) => metric_id).sort());
  expect(sameLayout(compacted(tiles), tiles)).toBe(true);
}

describe("any layout", () => {
  it("has no tile over another, outside the grid or hanging, after any move", () => {
    fc.assert(
      fc.property(
        layoutAndTile,
        fc.integer({ min: -20, max: 30 }),
        fc.integer({ min: -20, max: 500 }),
        ([tiles, id], x, y) => {
          const next = moved(tiles, id, { x, y });
          expectSound(next, tiles);
          const { w, h } = find(tiles, id) ?? {};
          expect(find(next, id)).toMatchObject({ w, h, x: Math.min(GRID_COLUMNS - (w ?? 0), Math.max(0, x)) });
        },
      ),
    );
  });

  it("has none after any change of size, and no size beyond the limits", () => {
    fc.assert(
      fc.property(
        layoutAndTile,
        fc.integer({ min: -5, max: 40 }),
        fc.integer({ min: -5, max: 40 }),
        ([tiles, id], w, h) => {
          const next = resized(tiles, id, { w, h });
          expectSound(next, tiles);
          // Narrower or lower, it may rise past what held it.
          expect(find(next, id)?.x).toBe(find(tiles, id)?.x);
          expect(find(next, id)?.y).toBeLessThanOrEqual(find(tiles, id)?.y ?? 0);
        },
      ),
    );
  });

  it("has none after any steps of the keys, and after a tile was taken away or added", () => {
    const steps = fc.array(fc.constantFrom<Step>("left", "right", "up", "down"), { maxLength: 8 });
    fc.assert(
      fc.property(layoutAndTile, steps, size, ([tiles, id], keys, one) => {
        const next = keys.reduce((before, key) => stepped(before, id, key), tiles);
        expectSound(next, tiles);
        expectSound(
          withoutTile(next, id),
          tiles.filter(({ metric_id }) => metric_id !== id),
        );
        if (next.length < MAX_TILES) expectSound(withTile(next, "new", one), [...tiles, tile("new", 0, 0, 3, 3)]);
      }),
    );
  });

  it("is as it was when a tile comes back to its place or size within one gesture", () => {
    fc.assert(
      fc.property(layoutAndTile, ([tiles, id]) => {
        const { x = 0, y = 0, w = 0, h = 0 } = find(tiles, id) ?? {};
        expect(sameLayout(moved(tiles, id, { x, y }), tiles)).toBe(true);
        expect(sameLayout(resized(tiles, id, { w, h }), tiles)).toBe(true);
      }),
    );
  });

  it("can be brought to the top by going up, and to the end by going down", () => {
    fc.assert(
      fc.property(layoutAndTile, ([tiles, id]) => {
        const far = (step: Step): Tile[] => {
          let at = tiles;
          for (let i = 0; i < 2 * MAX_TILES; i++) {
            const next = stepped(at, id, step);
            if (sameLayout(next, at)) break;
            at = next;
          }
          return at;
        };
        expect(find(far("up"), id)?.y).toBe(0);
        const down = far("down");
        const { x = 0, y = 0, w = 0, h = 0 } = find(down, id) ?? {};
        const below = down.filter((other) => other.y >= y + h && other.x < x + w && x < other.x + other.w);
        expect(below).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});

describe("moving", () => {
  const stack = [tile("a", 0, 0, 6, 4), tile("b", 0, 4, 6, 4), tile("c", 6, 0, 6, 4)];

  it("changes places with the tile below once its middle is passed, and not before", () => {
    expect(sameLayout(moved(stack, "a", { x: 0, y: 2 }), stack)).toBe(true);
    expect(moved(stack, "a", { x: 0, y: 3 })).toEqual(
      expect.arrayContaining([tile("b", 0, 0, 6, 4), tile("a", 0, 4, 6, 4)]),
    );
  });

  it("changes places with the tile above once its middle is passed, and not before", () => {
    expect(sameLayout(moved(stack, "b", { x: 0, y: 2 }), stack)).toBe(true);
    expect(moved(stack, "b", { x: 0, y: 1 })).toEqual(
      expect.arrayContaining([tile("b", 0, 0, 6, 4), tile("a", 0, 4, 6, 4)]),
    );
  });

  it("beside pushes what is there down and lets what was below rise", () => {
    expect(inReadingOrder(moved(stack, "a", { x: 6, y: 0 }))).toEqual([
      tile("b", 0, 0, 6, 4),
      tile("a", 6, 0, 6, 4),
      tile("c", 6, 4, 6, 4),
    ]);
  });

  it("by keys goes past a tile also where a third one holds it in its row", () => {
    const held = [tile("a", 0, 0, 4, 3), tile("b", 4, 0, 3, 3), tile("c", 3, 3, 3, 3), tile("d", 0, 3, 3, 4)];
    const once = stepped(held, "a", "down");
    const twice = stepped(once, "a", "down");
    expect([find(once, "a"), find(twice, "a")]).toEqual([tile("a", 0, 6, 4, 3), tile("a", 0, 6, 4, 3)]);
    expect([find(once, "d")?.y, find(twice, "d")?.y]).toEqual([9, 0]);
  });

  it("by keys goes past one tile at a time, and stays where there is nothing to pass", () => {
    expect(find(stepped(stack, "a", "down"), "a")).toEqual(tile("a", 0, 4, 6, 4));
    expect(find(stepped(stepped(stack, "a", "down"), "a", "up"), "a")).toEqual(tile("a", 0, 0, 6, 4));
    expect(sameLayout(stepped(stack, "b", "down"), stack)).toBe(true);
    expect(sameLayout(stepped(stack, "a", "up"), stack)).toBe(true);
    expect(sameLayout(stepped(stack, "a", "left"), stack)).toBe(true);
  });

  it("a tile that is not there changes nothing", () => {
    expect(moved(stack, "x", { x: 3, y: 3 })).toEqual(stack);
    expect(resized(stack, "x", { w: 3, h: 3 })).toEqual(stack);
  });
});

describe("a new tile", () => {
  it("takes the first free place, beside before below", () => {
    const one = withTile([], "a", { w: 6, h: 6 });
    expect(one).toEqual([tile("a", 0, 0, 6, 6)]);
    const two = withTile(one, "b", { w: 6, h: 4 });
    expect(find(two, "b")).toEqual(tile("b", 6, 0, 6, 4));
    expect(find(withTile(two, "c", { w: 6, h: 3 }), "c")).toEqual(tile("c", 6, 4, 6, 3));
    expect(find(withTile(two, "c", { w: 12, h: 3 }), "c")).toEqual(tile("c", 0, 6, 12, 3));
    expect(rowsOf(two)).toBe(6);
  });
});

describe("what a tile is", () => {
  it("follows from its question: time makes a chart, nothing to split by makes figures, the rest a table", () => {
    expect(kindOf({ dimensions: ["agent", "time"] })).toBe("chart");
    expect(kindOf({ dimensions: [] })).toBe("figures");
    expect(kindOf({ dimensions: ["agent"] })).toBe("table");
    expect(firstSize(null)).toEqual({ w: MIN_TILE, h: MIN_TILE });
  });

  it("is where the pointer is, whatever cell it would fall into", () => {
    const pitch = pitchOf(12 * 84 - 16);
    expect(pitch).toEqual({ x: 84, y: 56 });
    const from = tile("a", 2, 3, 6, 4);
    for (const shown of [from, tile("a", 4, 0, 6, 4)]) {
      const offset = offsetOf({ x: 100, y: -40 }, from, shown, pitch);
      expect(shown.x * pitch.x + offset.x).toBe(from.x * pitch.x + 100);
      expect(shown.y * pitch.y + offset.y).toBe(from.y * pitch.y - 40);
    }
    expect([heightOf(3), heightOf(6)]).toEqual([152, 320]);
  });
});

describe("questions of one page", () => {
  it("run so many at a time, in the order they came, also when some fail", async () => {
    const inTurn = makeTurns(2);
    let running = 0;
    let most = 0;
    const began: number[] = [];
    const work = (n: number) => async (): Promise<number> => {
      began.push(n);
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      if (n % 3 === 0) throw new Error("refused");
      return n;
    };
    const results = await Promise.allSettled(Array.from({ length: 9 }, (_, n) => inTurn(work(n))));
    expect(results.map(({ status }) => status === "fulfilled")).toEqual(
      Array.from({ length: 9 }, (_, n) => n % 3 !== 0),
    );
    expect([most, began]).toEqual([2, [0, 1, 2, 3, 4, 5, 6, 7, 8]]);
    expect(await inTurn(async () => "free again")).toBe("free again");
  });
});
