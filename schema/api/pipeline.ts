/**
 * Answer of GET /api/v1/settings/pipeline: how far the organisation's history is behind its events. Used by workers/api, the OpenAPI
 * document and the page.
 */
import { z } from "zod";
import { StorageRegionSchema } from "../pack.ts";
import { MomentSchema } from "./filters.ts";

/** Failures listed of one region; more are counted. */
export const MAX_FAILURES = 50;

const count = z.number().int();

export const PipelineRegionSchema = z.object({
  region: StorageRegionSchema,
  last_run: MomentSchema.nullable().describe("when an hour was last rolled up; null: never"),
  waiting_hours: count.describe("hours that are over and have events no run has seen; queries read them as they are"),
  oldest_waiting_hour: MomentSchema.nullable(),
  running_hours: count,
  waiting_days: count,
  lag_seconds: z
    .number()
    .describe("since the first of the events that wait arrived last in its hour; 0 when none wait"),
  failed_count: count,
  failed: z
    .array(
      z.object({
        kind: z.enum(["hour", "day"]),
        start: MomentSchema,
        reason: z.string().describe("timeout, memory, unavailable, or clickhouse_ and a code"),
        attempts: count,
        next_try: MomentSchema,
      }),
    )
    .describe(`newest first, at most ${MAX_FAILURES}`),
});
export type PipelineRegion = z.infer<typeof PipelineRegionSchema>;

export const PipelineAnswerSchema = z.object({
  org_id: z.string(),
  regions: z.array(PipelineRegionSchema),
  live_stale: z.boolean().describe("the live view missed events and is about to be rebuilt from the history"),
});
