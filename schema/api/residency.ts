/**
 * The answer of GET /api/v1/settings/residency, and the daily receipt as it is stored. Used by workers/api, workers/shared
 * and the OpenAPI document.
 */
import { z } from "zod";
import { ResidencySchema, StorageRegionSchema } from "../pack.ts";
import { RedactionCountsSchema } from "../redaction.ts";
import { MomentSchema } from "./filters.ts";

export const DATA_KINDS = [
  "requests",
  "events",
  "rollups and reports",
  "live view",
  "telemetry counters",
  "packs in transit",
  "dead letters and spill",
  "configuration",
  "people",
  "logs",
  "API answers",
] as const;

/**
 * Who guarantees a place. platform: Cloudflare pins it, and the deploy check reads it back. operator: a choice of whoever
 * runs Tenfold. emulated: nobody, this is one machine. none: nothing pins it.
 */
export const GuaranteeSchema = z.enum(["platform", "operator", "emulated", "none"]);
export type Guarantee = z.infer<typeof GuaranteeSchema>;

export const DataPlaceSchema = z.object({
  data: z.enum(DATA_KINDS),
  stored: z.string(),
  processed: z.string(),
  guarantee: GuaranteeSchema.describe(
    "platform: pinned by Cloudflare, read back by the deploy check; operator: chosen by whoever runs Tenfold; " +
      "emulated: one machine stands for every region; none: nothing pins it",
  ),
  guaranteed_by: z.string(),
});
export type DataPlace = z.infer<typeof DataPlaceSchema>;

const Sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

export const ReceiptSchema = z.object({
  v: z.literal([1, 2]),
  subject: z.string().describe("an EU organisation, or a region whose copies hold several tenants' packs together"),
  place: z.string(),
  day: z.iso.date().describe("UTC"),
  objects: z.number().int(),
  packs: z.number().int(),
  bytes: z.number().int(),
  redacted: RedactionCountsSchema.optional().describe(
    "taken out of the day's events before they were stored; since v 2",
  ),
  listing_sha256: Sha256Schema.describe("of one line `key size etag` per object, in the order of keys"),
  previous: z
    .object({ day: z.iso.date(), sha256: Sha256Schema })
    .nullable()
    .describe("the receipt before; null for the first"),
  sealed_at: MomentSchema,
  sha256: Sha256Schema.describe("of this receipt as JSON without this field"),
});
export type Receipt = z.infer<typeof ReceiptSchema>;

export const ResidencyAnswerSchema = z.object({
  org_id: z.string(),
  residency: ResidencySchema,
  primary_region: StorageRegionSchema.describe("where the live view is"),
  places: z.array(DataPlaceSchema),
  receipts: z.array(ReceiptSchema).describe("of the last days, oldest first in each place"),
});
