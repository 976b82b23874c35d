/**
 * Dashboards: saved metrics as tiles on a grid, one person's own or shared with the organisation. Queries, bodies and answers of
 * /api/v1/dashboards, and the rules of the grid, which the page keeps by construction and the API checks. Used by workers/api, the OpenAPI
 * document and the page.
 */
import { z } from "zod";
import { MomentSchema, ORG_QUERY } from "./filters.ts";
import { IdSchema, LIST_QUERY, NameSchema, NextCursorSchema } from "./settings.ts";

/** Shared dashboards of one organisation: what people can find again. */
export const MAX_SHARED_DASHBOARDS = 100;
/** Dashboards of one person's own; counted by person, so that nobody uses up what others have. */
export const MAX_OWN_DASHBOARDS = 20;
/** Tiles of one dashboard: each asks a question whenever the page refreshes, and four of one tenant run at a time. */
export const MAX_TILES = 24;
/** Columns of the grid: divides into halves, thirds and quarters. */
export const GRID_COLUMNS = 12;
/** Columns and rows of a tile: below, title and figure do not fit; above, a tile is larger than a screen. */
export const MIN_TILE = 3;
export const MAX_TILE_ROWS = 20;
/** As far down as tiles can be stacked. */
const MAX_Y = MAX_TILES * MAX_TILE_ROWS;

const integer = (min: number, max: number) => z.number().int().min(min).max(max);

/** A metric is on a dashboard once, so its id is the tile's. */
export const TileSchema = z.strictObject({
  metric_id: IdSchema,
  x: integer(0, GRID_COLUMNS - MIN_TILE).describe("column of its left edge"),
  y: integer(0, MAX_Y).describe("row of its upper edge"),
  w: integer(MIN_TILE, GRID_COLUMNS).describe("columns"),
  h: integer(MIN_TILE, MAX_TILE_ROWS).describe("rows"),
});
export type Tile = z.infer<typeof TileSchema>;

/** Two tiles share a cell. */
export function overlap(a: Omit<Tile, "metric_id">, b: Omit<Tile, "metric_id">): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** A layout in which each tile is inside the grid, no two overlap, and no metric comes twice. */
export const TilesSchema = z
  .array(TileSchema)
  .max(MAX_TILES)
  .superRefine((tiles, context) => {
    const refuse = (index: number, message: string): void =>
      context.addIssue({ code: "custom", path: [index], message });
    for (const [index, tile] of tiles.entries()) {
      if (tile.x + tile.w > GRID_COLUMNS) refuse(index, `reaches beyond the ${GRID_COLUMNS} columns`);
      for (const before of tiles.slice(0, index)) {
        if (before.metric_id === tile.metric_id) refuse(index, "is a metric that the dashboard has already");
        else if (overlap(before, tile)) refuse(index, "overlaps another tile");
      }
    }
  });

export const DashboardSchema = z.object({
  dashboard_id: z.string(),
  name: z.string(),
  shared: z.boolean().describe("true: everyone in the organisation sees it; false: only you do"),
  items: z.array(TileSchema).describe("a tile whose metric was removed since stays, until somebody removes it"),
  version: z.number().int().describe("counts changes; a change names the version it was made from"),
  created_by: z.string().describe("user id"),
  created_at: MomentSchema,
  updated_at: MomentSchema,
});
export type Dashboard = z.infer<typeof DashboardSchema>;

export const DashboardsQuerySchema = z.strictObject({ ...ORG_QUERY, ...LIST_QUERY });
export const DashboardsAnswerSchema = z.object({
  dashboards: z.array(DashboardSchema).describe("your own and the shared ones, in the order of their ids"),
  next_cursor: NextCursorSchema,
});

export const DashboardParamsSchema = z.object({ id: IdSchema });
export const DashboardCreateSchema = z.strictObject({
  name: NameSchema.describe("unique among your own, or among the shared ones"),
  shared: z.boolean().default(false),
  items: TilesSchema.default([]),
});
export const DashboardPatchSchema = z
  .strictObject({
    version: z.number().int().min(1).describe("the version you saw; 409 when there is a newer one"),
    name: NameSchema.optional(),
    shared: z.boolean().optional().describe("false: it becomes yours alone"),
    items: TilesSchema.optional(),
  })
  .refine(
    ({ version: _, ...patch }) => Object.values(patch).some((value) => value !== undefined),
    "names nothing to change",
  );
export const DashboardChangeSchema = z.object({
  before: DashboardSchema.nullable(),
  after: DashboardSchema.nullable(),
});
