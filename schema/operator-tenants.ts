/**
 * Bodies and answers of the operator's tenant routes. Used by workers/operator and `npm run tenant`.
 */
import { z } from "zod";
import { MemberSchema } from "./api/members.ts";
import {
  FEATURE_NAMES,
  FeaturesSchema,
  NameSchema,
  PlanSchema,
  QUOTA_NAMES,
  QuotasSchema,
  SlugSchema,
  TenantConfigSchema,
} from "./api/settings.ts";
import { ResidencySchema, StorageRegionSchema } from "./pack.ts";

/** Queues that a tenant's packs may be spread over: EVENTS_0 to EVENTS_3. */
const MAX_QUEUE_SHARDS = 4;
/** Buffer objects of one eu tenant; each takes about 1,000 packs a second. */
const MAX_BUFFER_SHARDS = 32;

/** Org ids stand in object names, URLs and logs. */
export const OrgIdSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$/, "3 to 64 of A-Z a-z 0-9 _ -");

export const TenantCreateSchema = z
  .strictObject({
    org_id: OrgIdSchema.optional().describe("default: org_<slug>"),
    name: NameSchema,
    slug: SlugSchema,
    residency: ResidencySchema.describe("never changes"),
    primary_region: StorageRegionSchema.optional().describe("global tenants: where the live object is; default us"),
    plan: PlanSchema.default("starter"),
    admin_email: z.email().max(254).optional().describe("first admin; a new account gets a password, shown once"),
  })
  .refine(
    ({ residency, primary_region }) =>
      residency === "global" || primary_region === undefined || primary_region === residency,
    "only a global tenant chooses its primary region",
  );
export type TenantCreate = z.infer<typeof TenantCreateSchema>;

/** One override: a value, or `default` for what the plan says. */
const orDefault = <T extends z.ZodType>(value: T) => z.union([value, z.literal("default")]).optional();
const { shape: quota } = QuotasSchema;
const { shape: feature } = FeaturesSchema;

export const TenantPatchSchema = z.strictObject({
  name: NameSchema.optional(),
  plan: PlanSchema.optional(),
  billing_email: z.email().max(254).nullable().optional(),
  stripe_customer_id: z.string().min(1).max(255).nullable().optional(),
  queue_shards: z.number().int().min(1).max(MAX_QUEUE_SHARDS).optional(),
  buffer_shards: z.number().int().min(1).max(MAX_BUFFER_SHARDS).optional(),
  max_events_per_second: orDefault(quota.max_events_per_second),
  max_events_per_day: orDefault(quota.max_events_per_day),
  max_api_requests_per_minute: orDefault(quota.max_api_requests_per_minute),
  max_seats: orDefault(quota.max_seats),
  max_storage_gb: orDefault(quota.max_storage_gb),
  real_time_enabled: orDefault(feature.real_time_enabled),
  export_enabled: orDefault(feature.export_enabled),
  sso_enabled: orDefault(feature.sso_enabled),
  custom_metrics_enabled: orDefault(feature.custom_metrics_enabled),
});
export type TenantPatch = z.infer<typeof TenantPatchSchema>;

/** Every name that a patch may have, by how its value is read from a command line. */
export const PATCH_FIELDS = {
  text: ["name", "plan", "billing_email", "stripe_customer_id"],
  number: ["queue_shards", "buffer_shards", ...QUOTA_NAMES],
  flag: FEATURE_NAMES,
} as const satisfies Record<string, readonly (keyof TenantPatch)[]>;

export const TenantSchema = TenantConfigSchema.extend({
  queue_shards: z.number().int(),
  buffer_shards: z.number().int(),
  seats_taken: z.number().int(),
});
export type Tenant = z.infer<typeof TenantSchema>;

export const TenantCreatedSchema = z.object({
  tenant: TenantSchema,
  ingest_keys: z.array(z.string()).describe("shown once"),
  admin: MemberSchema.pick({ user_id: true, email: true })
    .extend({ password: z.string().nullable().describe("shown once; null: the account was there") })
    .nullable(),
});
export type TenantCreated = z.infer<typeof TenantCreatedSchema>;

export const TenantChangedSchema = z.object({ before: TenantSchema, after: TenantSchema });

export const TenantsPageSchema = z.object({ tenants: z.array(TenantSchema), next_cursor: z.string().nullable() });

export const TenantUsageSchema = z.object({
  org_id: z.string(),
  days: z
    .array(z.object({ day: z.iso.date(), events: z.number().int() }))
    .describe("UTC days of the events' own time, oldest first, only those with events"),
  max_events_per_day: z.number().nullable(),
  seats_taken: z.number().int(),
  max_seats: z.number().nullable(),
  active_keys: z.number().int(),
});
