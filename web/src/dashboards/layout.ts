/**
 * How tiles lie on the grid: placing a new one, moving, sizing, closing gaps. Used by the dashboard page and the pin dialog. Pure: a gesture is
 * always worked out from the layout it began with, so a tile that comes back to where it was leaves everything as it was.
 */
import { GRID_COLUMNS, MAX_TILE_ROWS, MIN_TILE, overlap, type Tile } from "../../../schema/api/dashboards.ts";

export type Place = Pick<Tile, "x" | "y">;
export type Size = Pick<Tile, "w" | "h">;
export type Step = "left" | "right" | "up" | "down";

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

/** In the order of reading: rows, then columns. It is also the order on a screen with one column. */
export function inReadingOrder(tiles: readonly Tile[]): Tile[] {
  return [...tiles].sort((a, b) => a.y - b.y || a.x - b.x);
}

/** Rows that the grid takes. */
export function rowsOf(tiles: readonly Tile[]): number {
  return Math.max(0, ...tiles.map(({ y, h }) => y + h));
}

/** Every tile as far up as it goes; none overlaps another. A layout made here is left as it is. */
export function compacted(tiles: readonly Tile[]): Tile[] {
  return settled(inReadingOrder(tiles));
}

/** The tile at another place, as far as the grid reaches; what is in its way gives way. */
export function moved(tiles: readonly Tile[], id: string, to: Place): Tile[] {
  const tile = tiles.find(({ metric_id }) => metric_id === id);
  if (tile === undefined) return [...tiles];
  const target = { ...tile, x: clamp(Math.round(to.x), 0, GRID_COLUMNS - tile.w), y: Math.max(0, Math.round(to.y)) };
  const middle = ({ y, h }: Tile): number => y + h / 2;
  // Two tiles change places once the edge that goes ahead has passed the middle of the other.
  const isFirst = (other: Tile): boolean => {
    if (target.y > tile.y) return other.y < tile.y || middle(other) < target.y + target.h;
    if (target.y < tile.y) return other.y < tile.y && middle(other) <= target.y;
    return staysAbove(other, target);
  };
  return around(tiles, target, isFirst);
}

/** The tile with another size, from its upper left corner. */
export function resized(tiles: readonly Tile[], id: string, to: Size): Tile[] {
  const tile = tiles.find(({ metric_id }) => metric_id === id);
  if (tile === undefined) return [...tiles];
  const w = clamp(Math.round(to.w), MIN_TILE, GRID_COLUMNS - tile.x);
  const h = clamp(Math.round(to.h), MIN_TILE, MAX_TILE_ROWS);
  const target = { ...tile, w, h };
  return around(tiles, target, (other) => staysAbove(other, target));
}

/** One step of the arrow keys: to the next column, or past the next tile above or below. Where there is none, nothing changes. */
export function stepped(tiles: readonly Tile[], id: string, step: Step): Tile[] {
  const tile = tiles.find(({ metric_id }) => metric_id === id);
  if (tile === undefined) return [...tiles];
  if (step === "left" || step === "right") {
    return moved(tiles, id, { x: tile.x + (step === "left" ? -1 : 1), y: tile.y });
  }
  const last = step === "up" ? tile.y : rowsOf(tiles);
  for (let distance = 1; distance <= last; distance++) {
    const next = moved(tiles, id, { x: tile.x, y: tile.y + (step === "up" ? -distance : distance) });
    // The tile itself may stay, held by a third one: it was passed all the same, and the next step goes on.
    if (!sameLayout(next, tiles)) return next;
  }
  return [...tiles];
}

/** With a new tile at the first place that is free: no other moves. */
export function withTile(tiles: readonly Tile[], id: string, { w, h }: Size): Tile[] {
  for (let y = 0; ; y++) {
    for (let x = 0; x + w <= GRID_COLUMNS; x++) {
      const tile = { metric_id: id, x, y, w, h };
      if (!tiles.some((other) => overlap(other, tile))) return [...tiles, tile];
    }
  }
}

/** Without a tile; those below it rise. */
export function withoutTile(tiles: readonly Tile[], id: string): Tile[] {
  return compacted(tiles.filter(({ metric_id }) => metric_id !== id));
}

/** Two layouts show the same. */
export function sameLayout(a: readonly Tile[], b: readonly Tile[]): boolean {
  const text = (tiles: readonly Tile[]): string =>
    JSON.stringify(inReadingOrder(tiles).map(({ metric_id, x, y, w, h }) => [metric_id, x, y, w, h]));
  return text(a) === text(b);
}

/** Begins above a tile that keeps its row, and is not in its way. */
function staysAbove(other: Tile, target: Tile): boolean {
  return other.y < target.y && !overlap(other, target);
}

/** The others around a tile that wants to be somewhere: those that come first keep above it, the rest gives way. */
function around(tiles: readonly Tile[], target: Tile, isFirst: (other: Tile) => boolean): Tile[] {
  const others = inReadingOrder(tiles).filter(({ metric_id }) => metric_id !== target.metric_id);
  const [first, rest] = [others.filter(isFirst), others.filter((other) => !isFirst(other))];
  return settled([...first, target, ...rest]);
}

/** One after the other: down to where it is free, then up as far as it is. */
function settled(tiles: readonly Tile[]): Tile[] {
  const placed: Tile[] = [];
  for (const tile of tiles) {
    const at = (y: number): Tile => ({ ...tile, y });
    const isFree = (y: number): boolean => !placed.some((other) => overlap(other, at(y)));
    let { y } = tile;
    while (!isFree(y)) y++;
    while (y > 0 && isFree(y - 1)) y--;
    placed.push(at(y));
  }
  return placed;
}
