/**
 * What the fault harness tells its Worker, and what the Worker tells back. Used by worker.ts (in workerd) and run.ts (in node).
 * The schema only; every fault is off by default.
 */
import { z } from "zod";

/** Path of the control route; it exists in the harness's Worker alone. Under /operator, where no asset is asked first. */
export const CONTROL_PATH = "/operator/__chaos";

export const WorkerFaultsSchema = z.strictObject({
  d1: z.enum(["up", "down"]).default("up"),
  r2: z.enum(["up", "down"]).default("up"),
  /** full: `send` rejects. lost: it stores and then rejects, so that the pack is spilled as well. */
  queues: z.enum(["up", "full", "lost"]).default("up"),
  /** Added to the clock of ingest requests, ms: the edge that takes a request is not the machine that counts it. */
  skewMs: z.number().int().default(0),
});
export type WorkerFaults = z.infer<typeof WorkerFaultsSchema>;

export const NO_FAULTS: WorkerFaults = WorkerFaultsSchema.parse({});

/** `binding.method`, with the object's name, the kind of SQL statement or ClickHouse's database -> calls since the start. */
export const CallsSchema = z.record(z.string(), z.number());
export type Calls = z.infer<typeof CallsSchema>;

/** Among the calls: packs that a queue took and no consumer has acknowledged (owed-packs.ts); absent when none is. */
export const OWED = "packs owed by queues";
