/**
 * What a tenant pays instead of list prices: own prices of models, and factors on the lists. The document of
 * `tenant_policies.prices`. Used by the prices route, the tenant record and the price at the edge.
 */
import { z } from "zod";
import { MAX_ID_LENGTH } from "./limits.ts";
import { FACTOR_PATTERN, RATE_PATTERN } from "./prices/table.ts";

/** Own prices of one tenant: hundreds of models in several periods. Looked up by name, so it costs an event nothing. */
const MAX_PRICES = 500;
const MAX_FACTORS = 50;
const MAX_MODELS = 50;
const MAX_THRESHOLD = 100_000_000;

const name = z.string().trim().toLowerCase().min(1).max(MAX_ID_LENGTH);
const rate = z.string().regex(RATE_PATTERN, "a decimal in USD per million tokens, at most six places, as text");
const period = {
  valid_from: z.iso.datetime({ offset: true }).optional().describe("first moment, inclusive; absent: since ever"),
  valid_to: z.iso.datetime({ offset: true }).optional().describe("end, exclusive; absent: until further notice"),
};

const RatesSchema = z
  .strictObject({
    input: rate,
    cache_read: rate,
    cache_write_5m: rate,
    cache_write_1h: rate,
    output: rate,
  })
  .describe("USD per million tokens; input without what was read from or written to the cache, output with reasoning");
export type PolicyRates = z.infer<typeof RatesSchema>;

const inOrder = (row: { valid_from?: string | undefined; valid_to?: string | undefined }): boolean =>
  row.valid_from === undefined || row.valid_to === undefined || Date.parse(row.valid_from) < Date.parse(row.valid_to);
const ORDER = { error: "valid_from must be before valid_to" };

const OwnPriceSchema = z
  .strictObject({
    provider: name.optional().describe("only for this provider as agents name it; absent: whoever serves the model"),
    models: z.array(name).min(1).max(MAX_MODELS).describe("names as agents report them; a name covers its dated forms"),
    ...period,
    usd_per_million: RatesSchema,
    long_context: z
      .strictObject({ above_tokens: z.number().int().min(1).max(MAX_THRESHOLD), usd_per_million: RatesSchema })
      .optional()
      .describe("for requests whose whole prompt has more tokens"),
  })
  .refine(inOrder, ORDER);

const PriceFactorSchema = z
  .strictObject({
    provider: name.optional().describe("of the list: anthropic, openai, google; absent: all"),
    models: z.array(name).min(1).max(MAX_MODELS).optional().describe("absent: all models of the list"),
    ...period,
    factor: z.string().regex(FACTOR_PATTERN, "a decimal below 100 with at most four places, as text"),
  })
  .refine(inOrder, ORDER);

export const PricePolicySchema = z.strictObject({
  v: z.literal(1).default(1),
  prices: z.array(OwnPriceSchema).max(MAX_PRICES).default([]).describe("the first that fits an event is its price"),
  factors: z
    .array(PriceFactorSchema)
    .max(MAX_FACTORS)
    .default([])
    .describe("on list prices, never on own ones; the first that fits is taken"),
});
export type PricePolicy = z.infer<typeof PricePolicySchema>;

export const NO_PRICE_POLICY: PricePolicy = { v: 1, prices: [], factors: [] };
