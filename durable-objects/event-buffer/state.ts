/**
 * What EventBuffer knows besides the packs: per sink a cursor, the recorded flush, and its retry state.
 * Pure transitions; PackStore keeps the value as one row, so that saving all of it costs one row written.
 */
import { z } from "zod";
import { MAX_ERROR_TEXT, RETRY_MAX_MS, RETRY_MIN_MS } from "./limits.ts";

/** live: TenantLive. clickhouse: the EU `events`. archive: the EU bucket's `packs/`. */
export const SINKS = ["live", "clickhouse", "archive"] as const;
export type SinkName = (typeof SINKS)[number];

/** A flush's composition: every pack after the cursor up to `to`. Rows never change, so the range says it all. */
const PlanSchema = z.object({
  to: z.number().int().describe("sequence number of the last pack"),
  at: z.number().int().describe("ms; when it was composed"),
});
export type Plan = z.infer<typeof PlanSchema>;

const SinkStateSchema = z.object({
  cursor: z.number().int().describe("sequence number of the last pack that this sink is done with"),
  plan: PlanSchema.nullable(),
  failures: z.number().int().describe("in a row"),
  retry_at: z.number().int().describe("ms; not before"),
  error: z.string().nullable(),
  skipped: z.number().int().describe("packs that the sink passed without taking them"),
});
export type SinkState = z.infer<typeof SinkStateSchema>;

export const BufferStateSchema = z.object({
  v: z.literal(1),
  org_id: z.string().nullable(),
  spilling: z.boolean().describe("the bucket may hold packs under spill/"),
  missed_to: z
    .number()
    .int()
    .nullable()
    .default(null)
    .describe("live misses packs up to this sequence number, or what came before; not yet marked for a rebuild"),
  sinks: z.object({ live: SinkStateSchema, clickhouse: SinkStateSchema, archive: SinkStateSchema }),
});
export type BufferState = z.infer<typeof BufferStateSchema>;

const IDLE: SinkState = { cursor: 0, plan: null, failures: 0, retry_at: 0, error: null, skipped: 0 };

/** The state of an object that was never used. */
export function initialState(): BufferState {
  return {
    v: 1,
    org_id: null,
    spilling: false,
    missed_to: null,
    sinks: { live: IDLE, clickhouse: IDLE, archive: IDLE },
  };
}

/** The same state with one sink replaced. */
export function withSink(state: BufferState, name: SinkName, sink: SinkState): BufferState {
  return { ...state, sinks: { ...state.sinks, [name]: sink } };
}

/** The same state, noting that live misses something that ClickHouse has once it is done with `seq`. */
export function withMissed(state: BufferState, seq: number): BufferState {
  return { ...state, missed_to: Math.max(state.missed_to ?? 0, seq) };
}

/** The packs up to here have passed every sink and may be deleted. */
export function passedByAll(state: BufferState): number {
  return Math.min(...SINKS.map((name) => state.sinks[name].cursor));
}

/** The sink took packs up to `seq`. The plan ends when all of it is done; what is left of it stays recorded. */
export function advanced(sink: SinkState, seq: number, skipped: number): SinkState {
  const done = sink.plan === null || seq >= sink.plan.to;
  const counted = { ...sink, cursor: Math.max(sink.cursor, seq), skipped: sink.skipped + skipped };
  return { ...counted, plan: done ? null : sink.plan, failures: 0, retry_at: 0, error: null };
}

/** The sink failed: the same composition is sent again, later. `random`: 0 <= x < 1. */
export function failed(sink: SinkState, now: number, error: string, random: number): SinkState {
  const failures = sink.failures + 1;
  const retryAt = now + retryDelay(failures, random);
  return { ...sink, failures, retry_at: retryAt, error: error.slice(0, MAX_ERROR_TEXT) };
}

/** ms to wait after the n-th failure in a row: doubles from 1 s to 30 s, up to a fifth earlier so that buffers spread. */
export function retryDelay(failures: number, random: number): number {
  const full = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(failures - 1, 20));
  return Math.max(RETRY_MIN_MS, Math.round(full * (1 - random / 5)));
}
