/** The dialogs of saved metrics, and the one that pins them, loaded when one is first opened. Used by Explore, inside a Suspense that shows nothing meanwhile. */
import { lazy } from "react";

const load = () => import("./saved-dialogs.tsx");

export const SaveDialog = lazy(async () => ({ default: (await load()).SaveDialog }));
export const RenameDialog = lazy(async () => ({ default: (await load()).RenameDialog }));
export const RemoveDialog = lazy(async () => ({ default: (await load()).RemoveDialog }));
export const PinDialog = lazy(async () => ({ default: (await import("../dashboards/pin-dialog.tsx")).PinDialog }));
