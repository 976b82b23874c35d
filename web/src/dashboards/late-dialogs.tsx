/** The dialogs of dashboards, loaded when one is opened: no first view waits for them. Used by the dashboard pages; each stands in a Suspense. */
import { lazy } from "react";

export const NewDashboardDialog = lazy(async () => ({
  default: (await import("./name-dialogs.tsx")).NewDashboardDialog,
}));
export const EditDashboardDialog = lazy(async () => ({
  default: (await import("./name-dialogs.tsx")).EditDashboardDialog,
}));
export const RemoveDashboardDialog = lazy(async () => ({
  default: (await import("./name-dialogs.tsx")).RemoveDashboardDialog,
}));
export const AddTileDialog = lazy(async () => ({ default: (await import("./tile-dialogs.tsx")).AddTileDialog }));
export const PlaceDialog = lazy(async () => ({ default: (await import("./tile-dialogs.tsx")).PlaceDialog }));
