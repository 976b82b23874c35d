/**
 * The hot history: windows of a range as a view sees them. Called by the object's shell. Pure but for reading windows.
 */
import { LIVE_VERSION, type LiveHistory, type WindowView } from "../../schema/live.ts";
import type { LiveStore } from "./store.ts";
import type { View } from "./view.ts";
import { firstKept, watermark, windowOf } from "./windows.ts";

/** Windows of 24 hours, and some ahead of the clock. */
const MAX_WINDOWS = 9_000;

/** Windows that start in [from, to), ms, oldest first; windows without an event are left out. */
export function historyOf(store: LiveStore, view: View, from: number, to: number, now: number): LiveHistory {
  const { state } = store;
  const first = Math.max(windowOf(from), firstKept(now));
  const last = windowOf(to - 1) + 1;
  const ids = new Set(store.storedWindows(first, last, MAX_WINDOWS));
  for (const id of state.windows.keys()) if (id >= first && id < last) ids.add(id);
  let complete = from >= store.meta.held_from;
  const windows: WindowView[] = [];
  for (const id of [...ids].sort((a, b) => a - b).slice(0, MAX_WINDOWS)) {
    const window = store.currentWindow(id);
    if (window === undefined) continue;
    if (window.grain === "coarse" && !view.answersCoarse) complete = false;
    const seen = view.window(window, state.registry);
    if (seen !== undefined) windows.push(seen);
  }
  return { v: LIVE_VERSION, at: now, watermark: watermark(now), complete, windows };
}
