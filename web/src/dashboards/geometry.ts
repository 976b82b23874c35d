/** Grid cells in CSS pixels, as dashboards.css draws them. Pure; used by the grid and its gestures. */
import { GRID_COLUMNS, type Tile } from "../../../schema/api/dashboards.ts";

/** CSS pixels of a row, and between two tiles; the same in dashboards.css. */
const ROW = 40;
const GAP = 16;

/** CSS pixels. */
export interface Point {
  x: number;
  y: number;
}

/** How far apart two neighbouring cells begin, in a grid of this width. */
export function pitchOf(gridWidth: number): Point {
  return { x: (gridWidth + GAP) / GRID_COLUMNS, y: ROW + GAP };
}

export function heightOf(rows: number): number {
  return rows * (ROW + GAP) - GAP;
}

/** The part of a pixel distance that is left when the tile is drawn in another cell than the one it was taken from. */
export function offsetOf(delta: Point, from: Pick<Tile, "x" | "y">, shown: Pick<Tile, "x" | "y">, pitch: Point): Point {
  return { x: delta.x + (from.x - shown.x) * pitch.x, y: delta.y + (from.y - shown.y) * pitch.y };
}

/** Where a tile lies, for people who hear it. */
export function placeWords({ x, y, w, h }: Omit<Tile, "metric_id">): string {
  return `column ${x + 1} of ${GRID_COLUMNS}, row ${y + 1}; ${w} wide, ${h} high`;
}
