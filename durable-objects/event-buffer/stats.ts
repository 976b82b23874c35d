/**
 * What the pipeline page shows of a buffer: how much waits, for which sink, since when, and why. Pure.
 */
import type { PackStore } from "./pack-store.ts";
import type { SinkName } from "./state.ts";

export interface SinkStats {
  /** Packs that this sink still has to take. */
  packs: number;
  /** Age of the oldest of them in ms; 0 when there is none. */
  oldest_age_ms: number;
  /** Failures in a row, and the last error's text, cut; null when the last flush was good. */
  failures: number;
  error: string | null;
  /** Packs passed over: too old for live, live skipped ahead, or dead letters. */
  skipped: number;
}

export interface EventBufferStats {
  v: 1;
  /** Packs and bytes in SQLite that wait for at least one sink. */
  packs: number;
  bytes: number;
  /** The bucket may hold packs beyond the cap. */
  spilling: boolean;
  spill_error: string | null;
  sinks: Record<SinkName, SinkStats>;
}

export function bufferStats(store: PackStore, spillError: string | null, now: number): EventBufferStats {
  const of = (name: SinkName): SinkStats => {
    const { cursor, failures, error, skipped } = store.state.sinks[name];
    const oldest = store.oldestAfter(cursor);
    const age = oldest === undefined ? 0 : Math.max(0, now - oldest.appendedAt);
    return { packs: store.lastSeq - cursor, oldest_age_ms: age, failures, error, skipped };
  };
  return {
    v: 1,
    packs: store.waiting,
    bytes: store.bytes,
    spilling: store.state.spilling,
    spill_error: spillError,
    sinks: { live: of("live"), clickhouse: of("clickhouse"), archive: of("archive") },
  };
}
