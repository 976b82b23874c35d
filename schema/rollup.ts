/** What starts the rollup Workflow, and what it answers. Used by workflows/rollup, the operator app and `npm run rollup`. */
import { z } from "zod";
import { OrgIdSchema } from "./operator-tenants.ts";
import { StorageRegionSchema } from "./pack.ts";

/** Which hours and days are looked at: those touched within two hours, within three days, or all. */
const LookSchema = z.enum(["recent", "days", "all"]);
export type Look = z.infer<typeof LookSchema>;

/**
 * Payload of an instance; no personal data. Without `force`: whatever is due. With it: every hour with events of the range, due or not.
 */
export const RollupParamsSchema = z.object({
  region: StorageRegionSchema,
  /** An instance of an older version has none: the next look makes up for it. */
  look: LookSchema.default("recent"),
  force: z.object({ from: z.number(), to: z.number(), org_id: OrgIdSchema.optional() }).optional(),
});
export type RollupParams = z.infer<typeof RollupParamsSchema>;

export const RollupOutcomeSchema = z.object({
  hours: z.number(),
  days: z.number(),
  events: z.number().describe("stored rows the hours were computed from, repeats included"),
  failed: z.number().describe("hours and days that failed; a later run tries them again"),
  reasons: z.array(z.string()),
});
export type RollupOutcome = z.infer<typeof RollupOutcomeSchema>;

/** POST /operator/rollup. */
export const RollupRequestSchema = z.strictObject({
  from: z.iso.datetime().describe("start, whole hours"),
  to: z.iso.datetime().describe("end, exclusive"),
  org: OrgIdSchema.optional().describe("one organisation only"),
});

export const RollupStartedSchema = z.object({
  runs: z.array(z.object({ region: StorageRegionSchema, id: z.string() })),
});

/** GET /operator/rollup/:region/:id. */
export const RollupStatusSchema = z.object({
  status: z.enum(["running", "done", "failed"]),
  outcome: RollupOutcomeSchema.optional(),
});
