/**
 * GET and PUT /api/v1/settings/prices: list prices as they are bundled, and what the organisation pays instead, for its admins.
 * A change holds for events received up to 60 s later (the age of a tenant record), never for those before.
 */
import { type ListPrice, PricesAnswerSchema, PricesChangeSchema } from "../../../schema/api/prices.ts";
import { PublicError } from "../../../schema/errors.ts";
import { type PricePolicy, PricePolicySchema } from "../../../schema/price-policy.ts";
import { PRICE_LISTS } from "../../../schema/prices/lists.ts";
import { type BUCKETS, PRICE_TABLE_VERSION, type Rates } from "../../../schema/prices/table.ts";
import { pricesOf } from "../../shared/tenant-policies.ts";
import { type PolicyRow, readPolicy, writePolicy } from "../../shared/tenant-policy-store.ts";
import { databaseOf, recordOf } from "../configuration.ts";
import { defineRoute } from "../route.ts";

/** Hundreds of own prices, each with its models and ten decimals. */
const MAX_POLICY_BYTES = 256_000;

const readable = (orgId: string, row: PolicyRow | undefined): PricePolicy | null => {
  const policy = pricesOf(orgId, row === undefined ? [] : [row]);
  return policy === "unreadable" ? null : policy;
};

export const pricesRoute = defineRoute({
  method: "get",
  path: "/api/v1/settings/prices",
  permission: "settings:read",
  scope: "org",
  reads: "configuration",
  summary: "List prices of models, and what the organisation pays instead",
  tags: ["settings"],
  answer: PricesAnswerSchema,
  handler: async ({ c, principal }) => ({
    version: PRICE_TABLE_VERSION,
    policy: readable(principal.org_id, await readPolicy(databaseOf(c.env, principal), principal.org_id, "prices")),
    list_prices: listPrices(),
  }),
});

export const changePricesRoute = defineRoute({
  method: "put",
  path: "/api/v1/settings/prices",
  permission: "settings:write",
  scope: "org",
  reads: "configuration",
  summary: "Replace the organisation's own prices",
  description: "Holds for events received from 60 seconds later at most. What is stored keeps the price it was given.",
  tags: ["settings"],
  body: PricePolicySchema,
  maxBodyBytes: MAX_POLICY_BYTES,
  answer: PricesChangeSchema,
  handler: async ({ c, principal, body, now }) => {
    const orgId = principal.org_id;
    const database = databaseOf(c.env, principal);
    const row = await readPolicy(database, orgId, "prices");
    const before = readable(orgId, row);
    const record = recordOf(c, principal, now, { action: "prices.update", target: orgId, before, after: body });
    if (!(await writePolicy(database, "prices", row, body, record))) {
      throw new PublicError("conflict", "somebody else changed the prices at the same time; look again");
    }
    return { before, after: body };
  },
});

const ratesOf = (rates: Rates): ListPrice["usd_per_million"] => {
  const [input, cache_read, cache_write_5m, cache_write_1h, output] = rates;
  return { input, cache_read, cache_write_5m, cache_write_1h, output } satisfies Record<
    (typeof BUCKETS)[number],
    string | null
  >;
};

function listPrices(): ListPrice[] {
  return PRICE_LISTS.flatMap(({ provider, sources, rows }) =>
    rows.map((row) => ({
      provider,
      models: [...row.models],
      valid_from: row.from ?? null,
      valid_to: row.to ?? null,
      usd_per_million: ratesOf(row.rates),
      long_context:
        row.long === undefined ? null : { above_tokens: row.long.above, usd_per_million: ratesOf(row.long.rates) },
      service_tiers: { ...row.tiers },
      source: sources[row.source] ?? row.source,
    })),
  );
}
