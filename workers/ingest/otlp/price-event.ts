/**
 * The cost of one cost_incurred event: what the agent reported wins, what the tokens cost stands beside it in metadata, so that
 * the difference can be shown. Called by enrich for events of /v1/events and of OTLP alike. Pure.
 */
import { NANO_USD } from "../../../schema/limits.ts";
import type { PriceFacts } from "./normalise/contract.ts";
import { type PriceOverrides, priceOf } from "./price.ts";

type Metadata = Readonly<Record<string, unknown>>;

export interface EventCost {
  nanoUsd: number | null;
  /** Which figure is in `cost_nano_usd`. */
  source: "reported" | "computed" | "unpriced";
  /** What the event's metadata gets besides, by COST_NOTES; undefined: nothing. */
  notes: CostNotes | undefined;
}

export interface CostNotes {
  /** The computed figure, where another one was reported. */
  cost_computed_nano_usd?: number;
  price_version?: string;
  price_source?: string;
  /** `cache_write_5m`: how long written tokens are kept was not said; five minutes were taken. */
  price_assumed?: "cache_write_5m";
  /** Tokens without a known price, and why. */
  unpriced_tokens?: number;
  unpriced_reason?: string;
}

/** Names in metadata that are ours: what a client sends under them is not kept. */
export const COST_NOTES = [
  "cost_computed_nano_usd",
  "price_version",
  "price_source",
  "price_assumed",
  "unpriced_tokens",
  "unpriced_reason",
] as const satisfies (keyof CostNotes)[];

/**
 * `facts`: from a normaliser; absent for /v1/events, whose token fields are disjoint already. `model` as in the event's column,
 * `at` its time in ms. Metadata has passed the schema of cost_incurred.
 */
export function costOf(
  metadata: Metadata,
  model: string,
  at: number,
  overrides: PriceOverrides,
  facts: PriceFacts | undefined = factsOf(metadata, model),
): EventCost {
  const reported = typeof metadata.cost_usd === "number" ? Math.round(metadata.cost_usd * NANO_USD) : undefined;
  if (facts === undefined) {
    return reported === undefined
      ? { nanoUsd: null, source: "unpriced", notes: undefined }
      : { nanoUsd: reported, source: "reported", notes: undefined };
  }
  const price = priceOf(facts, at, overrides);
  if (price.nanoUsd === null) {
    return reported === undefined
      ? { nanoUsd: null, source: "unpriced", notes: { unpriced_tokens: price.tokens, unpriced_reason: price.reason } }
      : { nanoUsd: reported, source: "reported", notes: undefined };
  }
  const notes: CostNotes = { price_version: price.version, price_source: price.source };
  if (facts.cache_write_ttl_assumed === true && facts.cache_write_5m_tokens > 0) notes.price_assumed = "cache_write_5m";
  if (reported === undefined) return { nanoUsd: price.nanoUsd, source: "computed", notes };
  notes.cost_computed_nano_usd = price.nanoUsd;
  return { nanoUsd: reported, source: "reported", notes };
}

const count = (value: unknown): number =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;

/**
 * Facts of an event that came without: `input_tokens` is fresh input, `output_tokens` has reasoning in it, and what of
 * `cache_write_tokens` is not under `cache_write_5m_tokens` or `cache_write_1h_tokens` is taken for five minutes.
 * undefined without any token.
 */
function factsOf(metadata: Metadata, model: string): PriceFacts | undefined {
  const input = count(metadata.input_tokens);
  const read = count(metadata.cache_read_tokens);
  const output = count(metadata.output_tokens);
  const hour = count(metadata.cache_write_1h_tokens);
  const minutes = count(metadata.cache_write_5m_tokens);
  const rest = Math.max(0, count(metadata.cache_write_tokens) - hour - minutes);
  if (input + read + output + hour + minutes + rest === 0) return undefined;
  return {
    provider: typeof metadata.provider === "string" ? metadata.provider : "",
    model,
    service_tier: typeof metadata.service_tier === "string" ? metadata.service_tier : "",
    input_tokens: input,
    cache_read_tokens: read,
    cache_write_5m_tokens: minutes + rest,
    cache_write_1h_tokens: hour,
    output_tokens: output,
    context_tokens: input + read + hour + minutes + rest,
    cache_write_ttl_assumed: rest > 0,
  };
}

/** Metadata as JSON with the notes behind it. What the client sent under their names is left out: the edge owns them. */
export function withNotes(metadataText: string, metadata: Metadata, notes: CostNotes | undefined): string {
  const own = COST_NOTES.some((name) => Object.hasOwn(metadata, name));
  if (!own && notes === undefined) return metadataText;
  const text = own ? withoutOwn(metadata) : metadataText;
  if (notes === undefined) return text;
  const added = JSON.stringify(notes);
  return text === "{}" ? added : `${text.slice(0, -1)},${added.slice(1)}`;
}

function withoutOwn(metadata: Metadata): string {
  return JSON.stringify(Object.fromEntries(Object.entries(metadata).filter(([name]) => !OURS.has(name))));
}
const OURS: ReadonlySet<string> = new Set(COST_NOTES);
