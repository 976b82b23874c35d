/** What tiles do, as functions that stay the same while what they do follows the last render: a tile is not drawn again because another moved. */
import { useLayoutEffect, useMemo, useRef } from "react";
import type { TileActions } from "./tile.tsx";

export function useTileActions(given: TileActions): TileActions {
  const latest = useRef(given);
  useLayoutEffect(() => {
    latest.current = given;
  });
  return useMemo(
    () => ({
      onOpen: (metric) => latest.current.onOpen(metric),
      onPlace: (id) => latest.current.onPlace(id),
      onRemove: (id) => latest.current.onRemove(id),
      onZoom: (from, to) => latest.current.onZoom(from, to),
    }),
    [],
  );
}
