/**
 * What a list of prices is: rows of one provider, as its page prints them, and their exact reading. Used by the lists beside
 * this file, by overrides of tenants (schema/price-policy) and by the price at the edge. Holds no price.
 */

/** Raised with every change of a list; written to every event that was priced, so that a price can be traced and redone. */
export const PRICE_TABLE_VERSION = "2026-11-22.1";

/** The buckets of tokens that are priced; a token is in exactly one. The order of `Rates`. */
export const BUCKETS = ["input", "cache_read", "cache_write_5m", "cache_write_1h", "output"] as const;

/** USD per million tokens as exact decimals, in the order of BUCKETS; null: the source names none, so no guess is made. */
export type Rates = readonly [
  input: string | null,
  cacheRead: string | null,
  cacheWrite5m: string | null,
  cacheWrite1h: string | null,
  output: string | null,
];

/** Another price for the whole request when its prompt has more than so many tokens. */
export interface LongContext {
  above: number;
  rates: Rates;
}

/** A price of some models during some time. */
export interface PriceRow {
  /** Lower-case names. A name also stands for its dated forms (`-20251001`, `-2026-03-05`, `@20251001`) unless `dated` is false. */
  models: readonly string[];
  dated?: false;
  /** UTC days, half-open `[from, to)`; absent: since ever, until further notice. */
  from?: string;
  to?: string;
  rates: Rates;
  long?: LongContext;
  /** Service tier -> factor on every rate, an exact decimal. A tier that is not named has no known price. */
  tiers?: Readonly<Record<string, string>>;
  /** Key of the list's `sources`. */
  source: string;
}

export interface PriceList {
  provider: string;
  /** What `gen_ai.provider.name` and agents call this provider when its own list applies. Resellers' prices are others. */
  aliases: readonly string[];
  /** Where the rows were read, and when. */
  sources: Readonly<Record<string, string>>;
  rows: readonly PriceRow[];
}

/** Decimals of a rate: a micro-USD per million tokens is a pico-USD per token, the unit in which rates are whole numbers. */
const RATE_DECIMALS = 6;
/** Decimals of a factor. */
export const FACTOR_DECIMALS = 4;
export const FACTOR_ONE = 10 ** FACTOR_DECIMALS;

/** USD per million tokens, exact, up to 999,999.999999. */
export const RATE_PATTERN = /^(?:0|[1-9]\d{0,5})(?:\.\d{1,6})?$/;
/** A factor on a rate, exact, below 100. */
export const FACTOR_PATTERN = /^(?:0|[1-9]\d?)(?:\.\d{1,4})?$/;

/** Pico-USD per token of a decimal in USD per million tokens. Throws for anything else than RATE_PATTERN. */
export function picoUsdPerToken(rate: string): number {
  if (!RATE_PATTERN.test(rate)) throw new RangeError(`not a rate: ${rate}`);
  return scaled(rate, RATE_DECIMALS);
}

/** Ten-thousandths of a factor. Throws for anything else than FACTOR_PATTERN. */
export function factorUnits(factor: string): number {
  if (!FACTOR_PATTERN.test(factor)) throw new RangeError(`not a factor: ${factor}`);
  return scaled(factor, FACTOR_DECIMALS);
}

/** The decimal without its point, exact: at most twelve digits. */
function scaled(decimal: string, decimals: number): number {
  const [whole = "0", fraction = ""] = decimal.split(".");
  return Number(whole + fraction.padEnd(decimals, "0"));
}
