/** Answers of /api/v1/settings/prices. Used by workers/api, the OpenAPI document and the page. */
import { z } from "zod";
import { PricePolicySchema } from "../price-policy.ts";
import { BUCKETS } from "../prices/table.ts";

const RatesSchema = z
  .record(z.enum(BUCKETS), z.string().nullable())
  .describe("USD per million tokens as exact decimals; null: the source names no price");

export const ListPriceSchema = z.object({
  provider: z.string(),
  models: z.array(z.string()),
  valid_from: z.string().nullable().describe("UTC day, inclusive; null: since ever"),
  valid_to: z.string().nullable().describe("UTC day, exclusive; null: until further notice"),
  usd_per_million: RatesSchema,
  long_context: z.object({ above_tokens: z.number().int(), usd_per_million: RatesSchema }).nullable(),
  service_tiers: z.record(z.string(), z.string()).describe("factor of each tier that has a known price"),
  source: z.string().describe("where the price was read, and when"),
});
export type ListPrice = z.infer<typeof ListPriceSchema>;

export const PricesAnswerSchema = z.object({
  version: z.string().describe("of the list prices; stands in every event that they priced"),
  policy: PricePolicySchema.nullable().describe(
    "null: what is stored cannot be read, and nothing is priced until it is replaced",
  ),
  list_prices: z.array(ListPriceSchema),
});

export const PricesChangeSchema = z.object({
  before: PricePolicySchema.nullable(),
  after: PricePolicySchema,
});
