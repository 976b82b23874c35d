/** Ingest keys: queries, bodies and answers of /api/v1/keys. Used by workers/api, the OpenAPI document and the page. */
import { z } from "zod";
import { StorageRegionSchema } from "../pack.ts";
import { MomentSchema, ORG_QUERY } from "./filters.ts";
import { IdSchema, LIST_QUERY, NameSchema, NextCursorSchema } from "./settings.ts";

/** Address ranges and origins of one key: each is looked at for every request. */
const MAX_RANGES = 50;
const MAX_ORIGINS = 20;
/** Hours for which a rotated key may stay good beside the new one: a month, for fleets that update slowly. */
const MAX_OVERLAP_HOURS = 720;
const USUAL_OVERLAP_HOURS = 24;
/** As text; v6 with its longest prefix. */
const MAX_RANGE_LENGTH = 49;

const allowedIps = z
  .array(z.string().max(MAX_RANGE_LENGTH))
  .max(MAX_RANGES)
  .describe("addresses and CIDR blocks (10.0.0.0/8, 2001:db8::/32) it may be used from; empty: from anywhere");
const allowedOrigins = z
  .array(z.string().max(256))
  .max(MAX_ORIGINS)
  .describe("web origins, with scheme, as browsers send them, whose pages may use it; empty: no browser may");

export const KeySchema = z.object({
  key_id: z.string(),
  name: z.string(),
  class: z.enum(["header", "path"]).describe("path: may also stand in a URL, /i/<key>/…, where logs may see it"),
  region: StorageRegionSchema.describe("where its events are stored"),
  status: z.enum(["active", "expired", "revoked"]),
  allowed_ips: allowedIps,
  allowed_origins: allowedOrigins,
  created_at: MomentSchema,
  expires_at: MomentSchema.nullable(),
  revoked_at: MomentSchema.nullable(),
  last_used_at: MomentSchema.nullable().describe("to the hour"),
  replaced_by: z.string().nullable().describe("the key that it was rotated to"),
});
export type Key = z.infer<typeof KeySchema>;

export const KeysQuerySchema = z.strictObject({ ...ORG_QUERY, ...LIST_QUERY });
export const KeysAnswerSchema = z.object({
  keys: z.array(KeySchema),
  next_cursor: NextCursorSchema,
  regions: z.array(StorageRegionSchema).describe("that a new key may have"),
  proposed_region: StorageRegionSchema.describe("the nearest of them to you"),
});

export const KeyCreateSchema = z.strictObject({
  name: NameSchema,
  class: z.enum(["header", "path"]).default("header"),
  region: StorageRegionSchema.optional().describe("global organisations only, which must choose"),
  allowed_ips: allowedIps.default([]),
  allowed_origins: allowedOrigins.default([]),
  expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
});
export const KeyParamsSchema = z.object({ id: IdSchema });
export const KeyRotateSchema = z.strictObject({
  overlap_hours: z
    .number()
    .min(0)
    .max(MAX_OVERLAP_HOURS)
    .default(USUAL_OVERLAP_HOURS)
    .describe("hours for which the old key stays good"),
});
/** The only answers that hold a key's text. */
export const KeyShownSchema = z.object({ key: z.string().describe("shown once, never again"), details: KeySchema });
export const KeyRotatedSchema = KeyShownSchema.extend({ replaced: KeySchema });
export const KeyChangeSchema = z.object({ before: KeySchema, after: KeySchema });
