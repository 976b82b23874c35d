/** What tokens cost: against exact decimals, and what has no price. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_COST_USD, MAX_TOKENS, NANO_USD } from "../../../schema/limits.ts";
import { PricePolicySchema } from "../../../schema/price-policy.ts";
import { PRICE_LISTS } from "../../../schema/prices/lists.ts";
import { factorUnits, PRICE_TABLE_VERSION, picoUsdPerToken } from "../../../schema/prices/table.ts";
import type { PriceFacts } from "../../../workers/ingest/otlp/normalise/contract.ts";
import { overridesOf, priceOf } from "../../../workers/ingest/otlp/price.ts";
import { productOf } from "../../../workers/ingest/otlp/price-product.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");

const facts = (more: Partial<PriceFacts> = {}): PriceFacts => ({
  provider: "anthropic",
  model: "claude-opus-5-5",
  service_tier: "",
  input_tokens: 0,
  cache_read_tokens: 0,
  cache_write_5m_tokens: 0,
  cache_write_1h_tokens: 0,
  output_tokens: 0,
  context_tokens: 0,
  ...more,
});
const cost = (more: Partial<PriceFacts>, at = NOW) => priceOf(facts(more), at).nanoUsd;
const reason = (more: Partial<PriceFacts>, at = NOW) => {
  const price = priceOf(facts(more), at);
  return price.nanoUsd === null ? [price.reason, price.tokens] : "priced";
};
const policy = (document: object) => overridesOf(PricePolicySchema.parse(document));

/** The exact result by BigInt alone: micro-USD per million tokens is pico-USD a token. */
function exact(tokens: readonly number[], rates: readonly string[], factors: readonly string[]): bigint {
  const digits = (text: string, places: number): bigint => {
    const [whole = "0", fraction = ""] = text.split(".");
    return BigInt(whole) * 10n ** BigInt(places) + BigInt(fraction.padEnd(places, "0") || "0");
  };
  let sum = 0n;
  for (const [i, count] of tokens.entries()) sum += BigInt(count) * digits(rates[i] ?? "0", 6);
  let divisor = 1_000n;
  for (const factor of factors) {
    sum *= digits(factor, 4);
    divisor *= 10_000n;
  }
  const [whole, rest] = [sum / divisor, sum % divisor];
  if (rest * 2n > divisor || (rest * 2n === divisor && whole % 2n === 1n)) return whole + 1n;
  return whole;
}

const places = (whole: number, fraction: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: whole }), fc.integer({ min: 0, max: 10 ** fraction - 1 }))
    .map(([a, b]) => (b === 0 ? String(a) : `${a}.${String(b).padStart(fraction, "0")}`));
const count = fc.oneof(
  fc.integer({ min: 0, max: 5_000_000 }),
  fc.integer({ min: 0, max: MAX_TOKENS }),
  fc.constantFrom(0, 1, MAX_TOKENS),
);

describe("exact arithmetic", () => {
  it("is that of decimals, for every size of tokens, rates and factors", () => {
    fc.assert(
      fc.property(
        fc.array(count, { minLength: 5, maxLength: 5 }),
        fc.array(fc.oneof(places(100, 6), places(999_999, 6)), { minLength: 5, maxLength: 5 }),
        fc.array(fc.oneof(places(3, 4), places(99, 4)), { maxLength: 2 }),
        (tokens, rates, factors) => {
          const expected = exact(tokens, rates, factors);
          const found = productOf(tokens, rates.map(picoUsdPerToken), factors.map(factorUnits));
          if (expected <= BigInt(Number.MAX_SAFE_INTEGER)) expect(BigInt(found ?? -1)).toBe(expected);
          else expect(found).toBe(Number(expected));
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it("rounds halves to the even nano-USD, once, at the end", () => {
    const half = picoUsdPerToken("0.0005");
    expect([1, 2, 3, 4, 5].map((n) => productOf([n], [half], []))).toEqual([0, 1, 2, 2, 2]);
    expect(productOf([1, 1, 0, 0, 0], [half, half, 0, 0, 0], [])).toBe(1);
  });

  it("stays inside Int64 and the bound of an event: above it the tokens are unpriced", () => {
    fc.assert(
      fc.property(fc.array(count, { minLength: 5, maxLength: 5 }), (tokens) => {
        const [input = 0, read = 0, five = 0, hour = 0, output = 0] = tokens;
        const price = priceOf(
          facts({
            input_tokens: input,
            cache_read_tokens: read,
            cache_write_5m_tokens: five,
            cache_write_1h_tokens: hour,
            output_tokens: output,
          }),
          NOW,
        );
        if (price.nanoUsd === null) expect(price.reason).toBe("out_of_range");
        else expect(Number.isSafeInteger(price.nanoUsd) && price.nanoUsd <= MAX_COST_USD * NANO_USD).toBe(true);
      }),
    );
    // 50,000 M tokens at 20 USD a million are the million dollars that one event may cost.
    expect(cost({ output_tokens: 50_000_000_000 })).toBe(MAX_COST_USD * NANO_USD);
    expect(reason({ output_tokens: 50_000_000_001 })).toEqual(["out_of_range", 50_000_000_001]);
  });

  it.each([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY])("takes %s for no count of tokens", (tokens) => {
    expect(reason({ input_tokens: tokens })).toEqual(["out_of_range", 0]);
  });
});

describe("a list price", () => {
  it("is found by name, dated name, context suffix, router's prefix and case, and by no other name", () => {
    const named = (model: string) => cost({ model, input_tokens: 1_000_000, context_tokens: 1 });
    for (const model of [
      "claude-opus-5-5",
      "Claude-Opus-5-5",
      "claude-opus-5-5[1m]",
      "claude-opus-5-5-20260922",
      "claude-opus-5-5@20260922",
      "anthropic/claude-opus-5-5",
    ]) {
      expect([model, named(model)]).toEqual([model, 4_000_000_000]);
    }
    // A newer model is not the older one with a suffix.
    expect(named("claude-opus-5")).toBe(5_000_000_000);
    for (const model of [
      "claude-opus-5-6",
      "claude-opus-5-5-preview",
      "claude-opus",
      "opus",
      "",
      "constructor",
      "__proto__",
    ]) {
      expect([model, reason({ model, input_tokens: 7 })]).toEqual([model, ["unknown_model", 7]]);
    }
  });

  it("is the provider's own: what a reseller charges is not known", () => {
    expect(cost({ provider: "firstParty", input_tokens: 1_000 })).toBe(4_000_000);
    expect(cost({ provider: "", input_tokens: 1_000 })).toBe(4_000_000);
    expect(reason({ provider: "aws.bedrock", input_tokens: 5 })).toEqual(["unknown_provider", 5]);
    expect(reason({ provider: "openai", input_tokens: 5 })).toEqual(["unknown_model", 5]);
  });

  it("prices each bucket by its own rate, and no bucket whose rate is not known", () => {
    expect(cost({ input_tokens: 1_000 })).toBe(4_000_000);
    expect(cost({ cache_read_tokens: 1_000 })).toBe(200_000);
    expect(cost({ cache_write_5m_tokens: 1_000 })).toBe(5_000_000);
    expect(cost({ cache_write_1h_tokens: 1_000 })).toBe(8_000_000);
    expect(cost({ output_tokens: 1_000 })).toBe(20_000_000);
    const sol = { provider: "openai", model: "gpt-6.1-sol" };
    expect(cost({ ...sol, cache_write_5m_tokens: 1_000 })).toBe(2_500_000);
    expect(reason({ ...sol, cache_write_1h_tokens: 1 })).toEqual(["no_rate", 1]);
  });

  it("is that of the moment", () => {
    const sonnet = { model: "claude-sonnet-5-5", cache_read_tokens: 1_000_000, context_tokens: 1 };
    expect(cost(sonnet, Date.parse("2026-10-06T23:59:59.999Z"))).toBe(200_000_000);
    expect(cost(sonnet, Date.parse("2026-10-07T00:00:00Z"))).toBe(100_000_000);
  });

  it("is another for the whole request above a length of the prompt, cached and written tokens counted", () => {
    const haiku = { model: "claude-haiku-5-5", output_tokens: 1_000_000 };
    expect(cost({ ...haiku, context_tokens: 100_000 })).toBe(500_000_000);
    expect(cost({ ...haiku, context_tokens: 100_001 })).toBe(2_500_000_000);
    expect(cost({ ...haiku, cache_read_tokens: 100_001 })).toBe(2_500_000_000 + 100_001 * 50);
  });

  it("is multiplied by the service tier, and unknown for a tier without a known price", () => {
    expect(cost({ input_tokens: 1_000, service_tier: "fast" })).toBe(8_000_000);
    expect(cost({ input_tokens: 1_000, service_tier: "batch" })).toBe(2_000_000);
    for (const tier of ["", "standard", "default", "normal"])
      expect([tier, cost({ input_tokens: 1_000, service_tier: tier })]).toEqual([tier, 4_000_000]);
    expect(reason({ input_tokens: 3, service_tier: "priority" })).toEqual(["unknown_tier", 3]);
    expect(cost({ provider: "openai", model: "gpt-5.5", input_tokens: 1_000, service_tier: "priority" })).toBe(
      12_500_000,
    );
  });

  it("says which table and which list it is from", () => {
    expect(priceOf(facts({ input_tokens: 1 }), NOW)).toEqual({
      nanoUsd: 4_000,
      version: PRICE_TABLE_VERSION,
      source: "anthropic",
    });
  });
});

describe("the bundled lists", () => {
  it("name a source for every row, and leave no moment of a model with two prices", () => {
    for (const { rows, sources, provider } of PRICE_LISTS) {
      const periods = new Map<string, [number, number][]>();
      for (const row of rows) {
        expect([provider, row.models, Object.hasOwn(sources, row.source)]).toEqual([provider, row.models, true]);
        const from = row.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(row.from);
        const to = row.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(row.to);
        expect(from).toBeLessThan(to);
        for (const model of row.models) {
          expect(model).toBe(model.toLowerCase());
          const others = periods.get(model) ?? [];
          for (const [otherFrom, otherTo] of others)
            expect([model, from >= otherTo || to <= otherFrom]).toEqual([model, true]);
          periods.set(model, [...others, [from, to]]);
        }
      }
    }
  });
});

describe("a tenant's own prices", () => {
  const rates = { input: "1", cache_read: "0.1", cache_write_5m: "1.25", cache_write_1h: "2", output: "3.000001" };

  it("win over the list, for models without one too, and only for their provider and time", () => {
    const own = policy({
      prices: [
        {
          models: ["Claude-Opus-5-5"],
          provider: "aws.bedrock",
          valid_from: "2026-11-01T00:00:00Z",
          usd_per_million: rates,
        },
        { models: ["our-own-model"], usd_per_million: rates },
      ],
    });
    const at = (more: Partial<PriceFacts>, moment = NOW) =>
      priceOf(facts({ output_tokens: 1_000_000, ...more }), moment, own);
    expect(at({ provider: "aws.bedrock" })).toMatchObject({ nanoUsd: 3_000_001_000, source: "tenant" });
    expect(at({ provider: "aws.bedrock" }, Date.parse("2026-10-31T00:00:00Z"))).toMatchObject({
      reason: "unknown_provider",
    });
    expect(at({})).toMatchObject({ nanoUsd: 20_000_000_000, source: "anthropic" });
    expect(at({ provider: "anybody", model: "our-own-model-20260101" })).toMatchObject({ source: "tenant" });
  });

  it("are factors on lists too, never on own prices", () => {
    const own = policy({
      prices: [{ models: ["our-own-model"], usd_per_million: rates }],
      factors: [{ provider: "anthropic", factor: "0.85" }, { factor: "0.5" }],
    });
    expect(priceOf(facts({ input_tokens: 1_000 }), NOW, own)).toMatchObject({
      nanoUsd: 3_400_000,
      source: "anthropic*",
    });
    expect(priceOf(facts({ model: "our-own-model", input_tokens: 1_000 }), NOW, own)).toMatchObject({
      nanoUsd: 1_000_000,
    });
    expect(priceOf(facts({ provider: "openai", model: "gpt-5.5", input_tokens: 1_000 }), NOW, own)).toMatchObject({
      nanoUsd: 2_500_000,
      source: "openai*",
    });
  });

  it("leave everything unpriced when they cannot be read: list prices could be the wrong ones", () => {
    expect(priceOf(facts({ input_tokens: 9 }), NOW, overridesOf("unreadable"))).toEqual({
      nanoUsd: null,
      reason: "prices_unreadable",
      tokens: 9,
    });
  });

  it.each([
    { prices: [{ models: ["m"], usd_per_million: { ...rates, input: "1.0000001" } }] },
    { prices: [{ models: ["m"], usd_per_million: { ...rates, input: 1 } }] },
    { prices: [{ models: ["m"], usd_per_million: { ...rates, input: "-1" } }] },
    { prices: [{ models: ["m"], usd_per_million: { ...rates, input: "1e3" } }] },
    { prices: [{ models: [], usd_per_million: rates }] },
    {
      prices: [
        { models: ["m"], usd_per_million: rates, valid_from: "2026-02-01T00:00:00Z", valid_to: "2026-01-01T00:00:00Z" },
      ],
    },
    { factors: [{ factor: "100" }] },
    { factors: [{ factor: "0.12345" }] },
    { unknown: 1 },
  ])("are refused when they are not exact: %j", (document) => {
    expect(PricePolicySchema.safeParse(document).success).toBe(false);
  });
});
