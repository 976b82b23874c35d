/** Dialogs about one tile: which metric to add, and its place and size in numbers (the way without dragging). Used by dashboard-page.tsx. */
import { Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { CustomMetric } from "../../../schema/api/custom-metrics.ts";
import { GRID_COLUMNS, MAX_TILE_ROWS, MIN_TILE, type Tile } from "../../../schema/api/dashboards.ts";
import { alongSearch } from "../app/nav.ts";
import { Dialog } from "../settings/dialog.tsx";
import { Field } from "../settings/field.tsx";
import { moved, resized, rowsOf } from "./layout.ts";

export function AddTileDialog({
  metrics,
  onAdd,
  onClose,
}: {
  /** Those that are not on it. */
  metrics: readonly CustomMetric[];
  onAdd(metric: CustomMetric): void;
  onClose(): void;
}): ReactElement {
  const [id, setId] = useState(metrics[0]?.metric_id);
  const chosen = metrics.find(({ metric_id }) => metric_id === id);
  return (
    <Dialog
      title="Add a metric"
      onClose={onClose}
      onSubmit={() => {
        if (chosen === undefined) return;
        onAdd(chosen);
        onClose();
      }}
      actions={
        <>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={chosen === undefined}>
            Add
          </button>
        </>
      }
    >
      {metrics.length === 0 ? (
        <p className="text-muted">
          Every saved metric is on it. Build and save another one in{" "}
          <Link to="/explore" search={alongSearch} className="text-accent-text underline">
            Explore
          </Link>
          .
        </p>
      ) : (
        <Field label="Saved metric" hint={chosen?.description === "" ? undefined : chosen?.description}>
          <select
            className="select max-w-full border-line-strong"
            value={id}
            onChange={(event) => setId(event.target.value)}
          >
            {metrics.map(({ metric_id, name }) => (
              <option key={metric_id} value={metric_id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      )}
    </Dialog>
  );
}

type Numbers = Record<"x" | "y" | "w" | "h", number>;

export function PlaceDialog({
  tiles,
  id,
  name,
  onPlace,
  onClose,
}: {
  tiles: readonly Tile[];
  id: string;
  name: string;
  onPlace(next: readonly Tile[]): void;
  onClose(): void;
}): ReactElement | null {
  const tile = tiles.find(({ metric_id }) => metric_id === id);
  const [numbers, setNumbers] = useState<Numbers>({
    x: (tile?.x ?? 0) + 1,
    y: (tile?.y ?? 0) + 1,
    w: tile?.w ?? MIN_TILE,
    h: tile?.h ?? MIN_TILE,
  });
  const limits: Record<keyof Numbers, { label: string; min: number; max: number }> = {
    x: { label: "Column", min: 1, max: GRID_COLUMNS - MIN_TILE + 1 },
    y: { label: "Row", min: 1, max: rowsOf(tiles) + 1 },
    w: { label: "Width", min: MIN_TILE, max: GRID_COLUMNS },
    h: { label: "Height", min: MIN_TILE, max: MAX_TILE_ROWS },
  };
  const keys = ["x", "y", "w", "h"] as const;
  const ready = keys.every((key) => numbers[key] >= limits[key].min && numbers[key] <= limits[key].max);
  const place = (): void => {
    if (!ready) return;
    // Narrower before it moves right, wider after it moved left: both ends have room then.
    const small = resized(tiles, id, { w: Math.min(numbers.w, tile?.w ?? numbers.w), h: numbers.h });
    const there = moved(small, id, { x: numbers.x - 1, y: numbers.y - 1 });
    onPlace(resized(there, id, { w: numbers.w, h: numbers.h }));
    onClose();
  };
  return (
    <Dialog
      title={`Move and resize ${name}`}
      onClose={onClose}
      onSubmit={place}
      actions={
        <>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={!ready}>
            Apply
          </button>
        </>
      }
    >
      <div className="grid grid-cols-2 gap-4">
        {keys.map((key) => (
          <Field key={key} label={limits[key].label} hint={`${limits[key].min} to ${limits[key].max}`}>
            <input
              type="number"
              className="input"
              min={limits[key].min}
              max={limits[key].max}
              step={1}
              value={Number.isNaN(numbers[key]) ? "" : numbers[key]}
              onChange={(event) => setNumbers({ ...numbers, [key]: event.target.valueAsNumber })}
            />
          </Field>
        ))}
      </div>
      <p className="text-2 text-muted">
        Other tiles give way, and gaps close upwards. A narrow screen shows one tile under another, row by row.
      </p>
    </Dialog>
  );
}
