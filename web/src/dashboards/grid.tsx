/**
 * The tiles on their grid: CSS places them, this file moves them, by pointer (head and corner) and by keys (arrows on the handle, with Shift the
 * size). What is in a tile is tile.tsx. On a narrow screen the grid is one column in the order of reading, and nothing is dragged.
 */
import { type KeyboardEvent, type PointerEvent, type ReactElement, useId, useRef, useState } from "react";
import type { CustomMetric } from "../../../schema/api/custom-metrics.ts";
import type { Tile } from "../../../schema/api/dashboards.ts";
import type { View } from "../app/use-view.ts";
import { IconGrip } from "../ui/icons.tsx";
import { heightOf, placeWords } from "./geometry.ts";
import { inReadingOrder, resized, type Step, sameLayout, stepped } from "./layout.ts";
import { type TileActions, TileBody } from "./tile.tsx";
import { type Dragged, type GestureKind, useGesture } from "./use-gesture.ts";

/** What in a tile's head is pressed for itself, not to drag. */
const CONTROLS = "button:not([data-handle]), a, input, select, label, [role=menu]";
/** Rows of a tile in which a failure has to be short. */
const LOW = 4;
const STEPS: Record<string, Step> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};
const GROWTH: Record<Step, { w: number; h: number }> = {
  left: { w: -1, h: 0 },
  right: { w: 1, h: 0 },
  up: { w: 0, h: -1 },
  down: { w: 0, h: 1 },
};

export function TileGrid({
  tiles,
  metrics,
  view,
  isFixed,
  actions,
  onChange,
}: {
  tiles: readonly Tile[];
  /** By id; a tile without one shows that its metric was deleted. Null: not known yet. */
  metrics: ReadonlyMap<string, CustomMetric> | null;
  view: View;
  /** Only to look at. */
  isFixed: boolean;
  actions: TileActions;
  onChange(next: readonly Tile[]): void;
}): ReactElement {
  const grid = useRef<HTMLUListElement>(null);
  const help = useId();
  const [said, setSaid] = useState("");
  const nameOf = (id: string): string => metrics?.get(id)?.name ?? (metrics === null ? "the tile" : "Deleted metric");
  const apply = (next: readonly Tile[], id: string): void => {
    const tile = next.find(({ metric_id }) => metric_id === id);
    if (tile === undefined) return;
    setSaid(sameLayout(next, tiles) ? `${nameOf(id)} cannot go further` : `${nameOf(id)}: ${placeWords(tile)}`);
    onChange(next);
  };
  const { dragged, begin } = useGesture(grid, tiles, apply);
  const onKey = (tile: Tile, event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { w, h } = GROWTH[step];
    const id = tile.metric_id;
    apply(event.shiftKey ? resized(tiles, id, { w: tile.w + w, h: tile.h + h }) : stepped(tiles, id, step), id);
  };
  const places = new Map((dragged?.layout ?? tiles).map((tile) => [tile.metric_id, tile]));
  return (
    <>
      <ul ref={grid} className="tile-grid" aria-label="Tiles" data-dragging={dragged?.kind}>
        {inReadingOrder(tiles).map((tile) => (
          <li
            key={tile.metric_id}
            className="grid-tile"
            data-tile={tile.metric_id}
            data-low={(places.get(tile.metric_id) ?? tile).h <= LOW ? "" : undefined}
            data-dragged={dragged?.id === tile.metric_id ? dragged.kind : undefined}
            style={styleOf(places.get(tile.metric_id) ?? tile, dragged)}
            onPointerDown={(event: PointerEvent<HTMLElement>) => {
              const target = event.target instanceof Element ? event.target : null;
              if (isFixed || target === null || target.closest(CONTROLS) !== null) return;
              if (target.closest(".panel-head, [data-handle]") !== null) begin("move", tile, event);
            }}
          >
            {isFixed ? null : (
              <button
                type="button"
                data-handle
                className="tile-handle"
                aria-label={`Move or resize ${nameOf(tile.metric_id)}`}
                aria-describedby={help}
                onKeyDown={(event) => onKey(tile, event)}
              >
                <IconGrip />
              </button>
            )}
            <TileBody
              id={tile.metric_id}
              metric={metrics === null ? null : metrics.get(tile.metric_id)}
              height={heightOf((places.get(tile.metric_id) ?? tile).h)}
              view={view}
              isFixed={isFixed}
              actions={actions}
            />
            {isFixed ? null : <Corner onBegin={(event) => begin("size", tile, event)} />}
          </li>
        ))}
        {dragged?.kind === "move" ? <Landing tile={places.get(dragged.id)} /> : null}
      </ul>
      <p id={help} className="visually-hidden">
        Arrow keys move the tile, with Shift they resize it.
      </p>
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </>
  );
}

/** For pointers only: keys resize on the handle. */
function Corner({ onBegin }: { onBegin(event: PointerEvent): void }): ReactElement {
  return <span className="tile-corner" data-kind={"size" satisfies GestureKind} onPointerDown={onBegin} />;
}

/** Where the tile would fall. */
function Landing({ tile }: { tile: Tile | undefined }): ReactElement | null {
  return tile === undefined ? null : <li className="tile-landing" aria-hidden="true" style={styleOf(tile, null)} />;
}

function styleOf({ metric_id, x, y, w, h }: Tile, dragged: Dragged | null) {
  const isMoved = dragged?.kind === "move" && dragged.id === metric_id;
  return {
    gridColumn: `${x + 1} / span ${w}`,
    gridRow: `${y + 1} / span ${h}`,
    // What its rows are high anyway; on a narrow screen there are none.
    height: heightOf(h),
    ...(isMoved ? { transform: `translate(${dragged.offset.x}px, ${dragged.offset.y}px)` } : {}),
  };
}
