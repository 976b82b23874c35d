/**
 * What a normaliser is: one agent's records in, our events out. Implemented by one file per agent beside this one, called by
 * normalise.ts. Types only; a normaliser is pure, keeps nothing between calls, and never sees a tenant, a clock or a price.
 *
 * One signal family per fact: an agent's normaliser names the family that is the ledger of each fact; the other family is
 * only kept to check it (`check`) and makes no event that a total counts.
 */
import type { EventInput } from "../../../../schema/event.ts";
import type { Attributes, DataPoint, LogRecord, Span } from "../model.ts";

/** Five disjoint buckets, before any price: fresh input, cache read, cache write by its time to live, output with reasoning in it. */
export interface TokenBuckets {
  input_tokens: number;
  cache_read_tokens: number;
  cache_write_5m_tokens: number;
  cache_write_1h_tokens: number;
  output_tokens: number;
}

/** What a price needs beside the buckets; "" when the agent does not say. */
export interface PriceFacts extends TokenBuckets {
  /** `anthropic`, `openai`, `gcp.gemini`, …; "" unknown. */
  provider: string;
  /** As priced: without a context suffix like `[1m]`. */
  model: string;
  /** `fast`, `priority`, `flex`, `batch`; "" standard. */
  service_tier: string;
  /** Tokens of the whole prompt (fresh, cached and written), which decide the context tier. */
  context_tokens: number;
  /** The agent did not say how long written tokens are kept: they stand under 5 minutes, and the event says so. */
  cache_write_ttl_assumed?: boolean;
}

/** An event as /v1/events would take it, and what later steps need that is no part of it. */
export interface NormalisedEvent {
  /** With event_id and timestamp, both deterministic: the same record always makes the same event. */
  event: EventInput & { event_id: string; timestamp: string };
  /** The agent's family as in the file's name: `claude-code`, `codex`, `gemini-cli`, `copilot`, `genai`. */
  agent: string;
  /**
   * Attribute name as the agent sent it -> the metadata path (or top-level field) of `event` that holds its value, for every
   * value of the event that came from an attribute: what a privacy policy per attribute is applied to.
   */
  sources: Readonly<Record<string, string>>;
  /** Only on cost_incurred: what the price at the edge is computed from. */
  price?: PriceFacts;
}

/** A cumulative point whose fact no event ledger holds: turned into what was added since the points before it. */
export interface CumulativeFact {
  /** Natural key of the series: hash of resource, scope, metric name and attributes. */
  series: string;
  startTimeUnixNano: string;
  timeUnixNano: string;
  /** Value since the start. */
  value: number;
  /** Builds the event of `amount` added up to this point; `from` and `value` make its id. */
  toEvent(from: number, amount: number): NormalisedEvent;
}

/** What became of one request's records. */
export interface Normalised {
  events: NormalisedEvent[];
  /** Cumulative facts, resolved by the caller, which keeps the series' state. */
  cumulative: CumulativeFact[];
  /** Records by what became of them. `unknown`: names no table has, with how often they came. */
  counts: { records: number; mapped: number; kept: number; ignored: number; unknown: Record<string, number> };
}

/** One agent. */
export interface Normaliser {
  /** `claude-code`, … */
  agent: string;
  /** Of the mapping, as written to events (`metadata.mapping`) and shown in /api/v1/integrations; raised when a mapping changes. */
  version: number;
  /** True when a record with this resource and scope is this agent's. */
  accepts(resource: Attributes, scopeName: string): boolean;
  logs(records: readonly LogRecord[]): Normalised;
  metrics(points: readonly DataPoint[]): Normalised;
  traces(spans: readonly Span[]): Normalised;
}
