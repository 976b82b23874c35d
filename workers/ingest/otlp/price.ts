/**
 * What tokens cost: list price or the tenant's own, exact to the nano-USD. Called for every cost event by price-event.ts.
 * Never guesses: a model, provider, service tier or bucket without a known price leaves the tokens unpriced. Pure.
 */
import { MAX_COST_USD, NANO_USD } from "../../../schema/limits.ts";
import { PRICE_TABLE_VERSION } from "../../../schema/prices/table.ts";
import type { PriceFacts } from "./normalise/contract.ts";
import {
  type IndexedRow,
  LIST_OF_PROVIDER,
  LISTS,
  type NamedRows,
  NO_OVERRIDES,
  type PriceOverrides,
} from "./price-index.ts";
import { productOf } from "./price-product.ts";

export { NO_OVERRIDES, overridesOf, type PriceOverrides } from "./price-index.ts";

/** `no_rate`: a bucket has tokens and the row no price for it. `prices_unreadable`: the tenant's own prices are damaged. */
export type UnpricedReason =
  | "unknown_model"
  | "unknown_provider"
  | "unknown_tier"
  | "no_rate"
  | "out_of_range"
  | "prices_unreadable";

export interface Priced {
  /** Whole, 0 to 1e15. */
  nanoUsd: number;
  /** Of the bundled lists, whoever's price it is: which code and which lists computed it. */
  version: string;
  /** `anthropic`, `openai`, `google`; `tenant` for an own price; `anthropic*` when a factor of the tenant was applied. */
  source: string;
}

export interface Unpriced {
  nanoUsd: null;
  reason: UnpricedReason;
  /** Of all buckets. */
  tokens: number;
}

const MAX_NANO_USD = MAX_COST_USD * NANO_USD;
/** What agents say for the ordinary tier. */
const STANDARD_TIERS: ReadonlySet<string> = new Set(["", "standard", "default", "normal", "auto", "on_demand"]);
const CONTEXT_SUFFIX = /\[\d+[km]\]$/;
const DATED = /^(.+?)[-@](?:\d{8}|\d{4}-\d{2}-\d{2})$/;

/**
 * The price of `facts` at a moment (ms). Rounded once, half to even, after exact addition: rates are whole pico-USD per token
 * and factors ten-thousandths, so nothing before that is inexact. Above MAX_COST_USD an event is a fault, not a cost.
 */
export function priceOf(facts: PriceFacts, at: number, overrides: PriceOverrides = NO_OVERRIDES): Priced | Unpriced {
  const tokens = [
    facts.input_tokens,
    facts.cache_read_tokens,
    facts.cache_write_5m_tokens,
    facts.cache_write_1h_tokens,
    facts.output_tokens,
  ];
  if (!tokens.every((count) => Number.isSafeInteger(count) && count >= 0)) return unpriced("out_of_range", []);
  if (overrides.unreadable === true) return unpriced("prices_unreadable", tokens);
  const found = findRow(facts, at, overrides);
  if (typeof found === "string") return unpriced(found, tokens);
  const { row, model } = found;
  const tier = STANDARD_TIERS.has(facts.service_tier.toLowerCase()) ? "" : facts.service_tier.toLowerCase();
  const tierFactor = tier === "" || row.tiers === undefined ? undefined : row.tiers.get(tier);
  if (tier !== "" && row.tiers !== undefined && tierFactor === undefined) return unpriced("unknown_tier", tokens);
  const prompt =
    facts.input_tokens + facts.cache_read_tokens + facts.cache_write_5m_tokens + facts.cache_write_1h_tokens;
  const context = Math.max(facts.context_tokens, prompt);
  const rates = row.long !== undefined && context > row.long.above ? row.long.pico : row.pico;
  const discount = row.list === "tenant" ? undefined : factorFor(row.list, model, at, overrides);
  const factors = [tierFactor, discount].filter((factor) => factor !== undefined);
  const nanoUsd = productOf(tokens, rates, factors);
  if (nanoUsd === undefined) return unpriced("no_rate", tokens);
  if (nanoUsd > MAX_NANO_USD) return unpriced("out_of_range", tokens);
  return { nanoUsd, version: PRICE_TABLE_VERSION, source: discount === undefined ? row.list : `${row.list}*` };
}

function unpriced(reason: UnpricedReason, tokens: readonly number[]): Unpriced {
  return { nanoUsd: null, reason, tokens: tokens.reduce((sum, count) => sum + count, 0) };
}

interface Found {
  row: IndexedRow;
  /** The name under which it was found. */
  model: string;
}

function findRow(facts: PriceFacts, at: number, overrides: PriceOverrides): Found | UnpricedReason {
  const provider = facts.provider.toLowerCase();
  const model = facts.model.toLowerCase().replace(CONTEXT_SUFFIX, "");
  if (overrides.own.size > 0) {
    for (const name of namesOf(model)) {
      const own = overrides.own.get(name)?.find((row) => holds(row, at) && (row.provider ?? provider) === provider);
      if (own !== undefined) return { row: own, model: name };
    }
  }
  const listed = provider === "" ? undefined : LIST_OF_PROVIDER.get(provider);
  if (provider !== "" && listed === undefined) return "unknown_provider";
  for (const [list, rows] of LISTS) {
    if (listed !== undefined && list !== listed) continue;
    const row = rowIn(rows, withoutPrefix(model, list), at);
    if (row !== undefined) return row;
  }
  return "unknown_model";
}

/** `anthropic/claude-…` and `models/gemini-…` are how routers and one SDK write it. */
function withoutPrefix(model: string, list: string): string {
  const slash = model.indexOf("/");
  if (slash === -1) return model;
  const prefix = model.slice(0, slash);
  return prefix === list || prefix === "models" ? model.slice(slash + 1) : model;
}

function rowIn(rows: NamedRows, model: string, at: number): Found | undefined {
  const exact = rows.exact.get(model);
  if (exact !== undefined) return valid(exact, model, at);
  const base = DATED.exec(model)?.[1];
  return base === undefined ? undefined : valid(rows.dated.get(base) ?? [], base, at);
}

function valid(rows: readonly IndexedRow[], model: string, at: number): Found | undefined {
  const row = rows.find((one) => holds(one, at));
  return row === undefined ? undefined : { row, model };
}

const holds = (row: { from: number; to: number }, at: number): boolean => row.from <= at && at < row.to;

function namesOf(model: string): string[] {
  const base = DATED.exec(model)?.[1];
  return base === undefined ? [model] : [model, base];
}

function factorFor(list: string, model: string, at: number, overrides: PriceOverrides): number | undefined {
  return overrides.factors.find(
    (one) =>
      holds(one, at) &&
      (one.provider === undefined || one.provider === list) &&
      (one.models === undefined || one.models.has(model)),
  )?.factor;
}
