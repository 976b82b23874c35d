/**
 * A tenant's configuration: quotas and features by plan, what may be changed by whom, queries and answers of
 * /api/v1/settings. Used by workers/shared/tenant-config, workers/api, workers/operator and the page.
 */
import { z } from "zod";
import { MAX_ID_LENGTH } from "../limits.ts";
import { ResidencySchema, StorageRegionSchema } from "../pack.ts";
import { MomentSchema } from "./filters.ts";

export const PLANS = ["starter", "professional", "enterprise"] as const;
export const PlanSchema = z.enum(PLANS);
export type Plan = z.infer<typeof PlanSchema>;

/** Above any quota that makes sense, below what a double cannot count. */
const MAX_QUOTA = 10 ** 12;
const quota = z.number().int().min(1).max(MAX_QUOTA);

export const QuotasSchema = z.object({
  max_events_per_second: quota,
  max_events_per_day: quota.nullable().describe("null: no limit"),
  max_api_requests_per_minute: quota.describe("of the whole tenant"),
  max_seats: quota.nullable().describe("members; null: no limit"),
  max_storage_gb: quota.nullable().describe("null: no limit"),
});
export type Quotas = z.infer<typeof QuotasSchema>;
export const QUOTA_NAMES = QuotasSchema.keyof().options;
export const QuotaOverridesSchema = QuotasSchema.partial();

export const FeaturesSchema = z.object({
  real_time_enabled: z.boolean(),
  export_enabled: z.boolean(),
  sso_enabled: z.boolean(),
  custom_metrics_enabled: z.boolean(),
});
export type Features = z.infer<typeof FeaturesSchema>;
export const FEATURE_NAMES = FeaturesSchema.keyof().options;
export const FeatureOverridesSchema = FeaturesSchema.partial();

/** 10,000 events/s and 6,000 API requests a minute for everyone; plans differ in people, volume and features. */
const RATES = { max_events_per_second: 10_000, max_api_requests_per_minute: 6_000 };
const ALL_FEATURES: Features = {
  real_time_enabled: true,
  export_enabled: true,
  sso_enabled: true,
  custom_metrics_enabled: true,
};

export const PLAN_DEFAULTS: Record<Plan, { quotas: Quotas; features: Features }> = {
  starter: {
    quotas: { ...RATES, max_events_per_day: 1_000_000, max_seats: 10, max_storage_gb: 10 },
    features: { ...ALL_FEATURES, sso_enabled: false, custom_metrics_enabled: false },
  },
  professional: {
    quotas: { ...RATES, max_events_per_day: 50_000_000, max_seats: 250, max_storage_gb: 500 },
    features: ALL_FEATURES,
  },
  enterprise: {
    quotas: { ...RATES, max_events_per_day: null, max_seats: null, max_storage_gb: null },
    features: ALL_FEATURES,
  },
};

export const BillingSchema = z.object({
  plan: PlanSchema,
  billing_email: z.string().nullable(),
  stripe_customer_id: z.string().nullable(),
});

/** Everything that is configured about one tenant, with the plan's defaults filled in. */
export const TenantConfigSchema = z.object({
  org_id: z.string(),
  name: z.string(),
  slug: z.string(),
  data_residency: ResidencySchema,
  primary_region: StorageRegionSchema,
  suspended: z.boolean(),
  quotas: QuotasSchema,
  features: FeaturesSchema.describe("what is on: granted, and not switched off"),
  granted_features: FeaturesSchema.describe("what may be on: the plan, and what was agreed beside it"),
  billing: BillingSchema,
  created_at: MomentSchema,
  updated_at: MomentSchema,
});
export type TenantConfig = z.infer<typeof TenantConfigSchema>;

export const NameSchema = z.string().trim().min(1).max(128);
export const SlugSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, "lower-case letters, digits and hyphens, at most 64");

/** What admins may change. Residency is here so that its refusal can say how to move. */
export const SettingsPatchSchema = z.strictObject({
  name: NameSchema.optional(),
  features: FeatureOverridesSchema.strict().optional().describe("on only what the plan grants; off what you like"),
  billing_email: z.email().max(254).nullable().optional(),
  data_residency: ResidencySchema.optional().describe("cannot change: any other value than today's is refused"),
});
export type SettingsPatch = z.infer<typeof SettingsPatchSchema>;

export const SettingsAnswerSchema = TenantConfigSchema;
export const SettingsChangeSchema = z.object({ before: TenantConfigSchema, after: TenantConfigSchema });

/** Ids in paths and bodies. */
export const IdSchema = z.string().min(1).max(MAX_ID_LENGTH);

/** Entries on one page of the lists here. */
const MAX_LIST_PAGE = 200;
export const LIST_QUERY = {
  limit: z.coerce.number().int().min(1).max(MAX_LIST_PAGE).default(100),
  cursor: z.string().max(2_048).optional().describe("`next_cursor` of the page before"),
};
export const NextCursorSchema = z.string().nullable().describe("null on the last page");
export const DoneSchema = z.object({ success: z.literal(true) });
