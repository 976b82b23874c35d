/**
 * When each timer of the object is due, from its state. Used by the object's shell.
 */
import { HOT_HISTORY_MS, WINDOW_MS } from "../../schema/live.ts";
import type { SessionRegistry } from "./registry.ts";
import { IDLE_AFTER_MS, sessionState } from "./session-record.ts";
import { FLUSH_AFTER_MS, type LiveStore } from "./store.ts";
import { type Due, EXPIRE_EVERY_MS, GRANTS_EVERY_MS, grouped, IDLE_EVERY_MS, SEAL_EVERY_MS } from "./timers.ts";
import { SEAL_AFTER_MS, type WindowId, windowStart } from "./windows.ts";

const sealsAt = (window: WindowId): number => windowStart(window) + WINDOW_MS + SEAL_AFTER_MS;

/** Timers that only a flush or an export changes: read from storage after those, not at every apply. */
export function slowTimers(store: LiveStore): Due {
  const due: Due = {};
  const { window: unexported } = store.firstStored(store.meta.exported_before);
  const { window: oldest, identities } = store.firstStored(0);
  const seals = [unexported, identities].filter((id) => id !== undefined).map(sealsAt);
  if (seals.length > 0) due.seal = grouped(Math.min(...seals), SEAL_EVERY_MS);
  if (oldest !== undefined) due.expire = grouped(windowStart(oldest) + WINDOW_MS + HOT_HISTORY_MS, EXPIRE_EVERY_MS);
  return due;
}

/** When what storage does not have as it is must be flushed. */
export function flushDue(store: LiveStore, now: number): number | undefined {
  const since = store.unflushedSince(now);
  return since === undefined ? undefined : since + FLUSH_AFTER_MS;
}

/** When expired grants must be closed. */
export function grantsDue(firstExpiry: number | undefined): number | undefined {
  return firstExpiry === undefined ? undefined : grouped(firstExpiry, GRANTS_EVERY_MS);
}

/** When the first running session falls idle, if nothing is heard of it. */
export function idleDue(registry: SessionRegistry, now: number): number | undefined {
  let first: number | undefined;
  for (const record of registry.records()) {
    if (sessionState(record, now) === "running") first = Math.min(first ?? Infinity, record.last_at + IDLE_AFTER_MS);
  }
  return first === undefined ? undefined : grouped(Math.max(first, now + 1), IDLE_EVERY_MS);
}
