/**
 * Lists and a tenant's own prices in the form that is fast to look up: rates as whole pico-USD per token, moments as numbers,
 * rows by model. Built once per isolate (lists) and per tenant record (own prices); read by price.ts. Pure.
 */
import type { PolicyRates, PricePolicy } from "../../../schema/price-policy.ts";
import { PRICE_LISTS } from "../../../schema/prices/lists.ts";
import {
  factorUnits,
  type PriceList,
  type PriceRow,
  picoUsdPerToken,
  type Rates,
} from "../../../schema/prices/table.ts";

/** Pico-USD per token in the order of BUCKETS; null where no price is known. */
export type Pico = readonly (number | null)[];

/** A price with its time, ready to be multiplied. */
export interface IndexedRow {
  from: number;
  to: number;
  pico: Pico;
  long: { above: number; pico: Pico } | undefined;
  /** Ten-thousandths. undefined: any tier costs the same. */
  tiers: ReadonlyMap<string, number> | undefined;
  /** `anthropic`, …; `tenant` for own prices. */
  list: string;
  /** Own prices may be for one provider only. */
  provider: string | undefined;
}

export type RowsOfModel = ReadonlyMap<string, readonly IndexedRow[]>;

const START = Number.NEGATIVE_INFINITY;
const END = Number.POSITIVE_INFINITY;

const picoOf = (rates: Rates): Pico => rates.map((rate) => (rate === null ? null : picoUsdPerToken(rate)));

/** A name and its dated forms are different entries: what is not dated is looked up under `name`, what is under its base. */
export interface NamedRows {
  exact: RowsOfModel;
  dated: RowsOfModel;
}

function add(rows: Map<string, IndexedRow[]>, name: string, row: IndexedRow): void {
  const list = rows.get(name);
  if (list === undefined) rows.set(name, [row]);
  else list.push(row);
}

function indexRow(list: PriceList, row: PriceRow): IndexedRow {
  return {
    from: row.from === undefined ? START : Date.parse(row.from),
    to: row.to === undefined ? END : Date.parse(row.to),
    pico: picoOf(row.rates),
    long: row.long === undefined ? undefined : { above: row.long.above, pico: picoOf(row.long.rates) },
    tiers: new Map(Object.entries(row.tiers ?? {}).map(([tier, factor]) => [tier, factorUnits(factor)])),
    list: list.provider,
    provider: undefined,
  };
}

/** One list by model. Throws for a rate that is no exact decimal: a wrong list must not start. */
export function indexList(list: PriceList): NamedRows {
  const exact = new Map<string, IndexedRow[]>();
  const dated = new Map<string, IndexedRow[]>();
  for (const row of list.rows) {
    const indexed = indexRow(list, row);
    for (const model of row.models) {
      add(exact, model, indexed);
      if (row.dated !== false) add(dated, model, indexed);
    }
  }
  return { exact, dated };
}

/** The bundled lists, and which of them a provider's name means; a name that is in none has no list price. */
export const LISTS: ReadonlyMap<string, NamedRows> = new Map(
  PRICE_LISTS.map((list) => [list.provider, indexList(list)]),
);
export const LIST_OF_PROVIDER: ReadonlyMap<string, string> = new Map(
  PRICE_LISTS.flatMap(({ provider, aliases }) => [provider, ...aliases].map((alias) => [alias, provider] as const)),
);

export interface IndexedFactor {
  provider: string | undefined;
  models: ReadonlySet<string> | undefined;
  from: number;
  to: number;
  /** Ten-thousandths. */
  factor: number;
}

/** A tenant's prices, made once when its record is read. */
export interface PriceOverrides {
  own: RowsOfModel;
  factors: readonly IndexedFactor[];
  /** The stored prices cannot be read: then no price is known, for list prices could be the wrong ones. */
  unreadable?: true;
}

export const NO_OVERRIDES: PriceOverrides = { own: new Map(), factors: [] };

const momentOf = (text: string | undefined, absent: number): number => (text === undefined ? absent : Date.parse(text));
const ratesOf = (rates: PolicyRates): Pico =>
  picoOf([rates.input, rates.cache_read, rates.cache_write_5m, rates.cache_write_1h, rates.output]);

const UNREADABLE: PriceOverrides = { ...NO_OVERRIDES, unreadable: true };
const indexed = new WeakMap<PricePolicy, PriceOverrides>();

/** A tenant record's prices, indexed; the same for the same object. */
export function overridesOf(policy: PricePolicy | "unreadable"): PriceOverrides {
  if (policy === "unreadable") return UNREADABLE;
  let found = indexed.get(policy);
  if (found === undefined) {
    found = indexPolicy(policy);
    indexed.set(policy, found);
  }
  return found;
}

function indexPolicy(policy: PricePolicy): PriceOverrides {
  const own = new Map<string, IndexedRow[]>();
  for (const price of policy.prices) {
    const row: IndexedRow = {
      from: momentOf(price.valid_from, START),
      to: momentOf(price.valid_to, END),
      pico: ratesOf(price.usd_per_million),
      long:
        price.long_context === undefined
          ? undefined
          : { above: price.long_context.above_tokens, pico: ratesOf(price.long_context.usd_per_million) },
      tiers: undefined,
      list: "tenant",
      provider: price.provider,
    };
    for (const model of price.models) add(own, model, row);
  }
  const factors = policy.factors.map((one) => ({
    provider: one.provider,
    models: one.models === undefined ? undefined : new Set(one.models),
    from: momentOf(one.valid_from, START),
    to: momentOf(one.valid_to, END),
    factor: factorUnits(one.factor),
  }));
  return { own, factors };
}
