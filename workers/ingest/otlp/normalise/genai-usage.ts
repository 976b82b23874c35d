/**
 * Tokens, provider and reported cost of one model call, from the attributes of every convention in use: gen_ai.* new and old,
 * OpenLLMetry, OpenInference, the Vercel AI SDK. Used by genai-spans.ts for agents without a file of their own, and for
 * Copilot. Pure.
 *
 * The conventions count cache reads and writes inside the input and reasoning inside the output. Instrumentations of
 * Anthropic's and Google's APIs that copy the API's own numbers count them outside; the numbers show it (a part larger than
 * its whole, or a total that only fits the other reading). Where they show nothing, the conventions are believed.
 */
import { MAX_TOKENS } from "../../../../schema/limits.ts";
import type { Attributes } from "../model.ts";
import type { PriceFacts } from "./contract.ts";
import { modelOf } from "./table.ts";
import { countOf, labelOf, usdOf } from "./values.ts";

/** Attributes that hold each number, best first. */
const INPUT = [
  "gen_ai.usage.input_tokens",
  "gen_ai.usage.prompt_tokens",
  "llm.token_count.prompt",
  "llm.usage.prompt_tokens",
  "llm.usage.input_tokens",
  "ai.usage.inputTokens",
  "ai.usage.promptTokens",
  "ai.usage.tokens",
] as const;
const OUTPUT = [
  "gen_ai.usage.output_tokens",
  "gen_ai.usage.completion_tokens",
  "llm.token_count.completion",
  "llm.usage.completion_tokens",
  "llm.usage.output_tokens",
  "ai.usage.outputTokens",
  "ai.usage.completionTokens",
] as const;
const CACHE_READ = [
  "gen_ai.usage.cache_read.input_tokens",
  "gen_ai.usage.cache_read_input_tokens",
  "gen_ai.usage.input_tokens.cached",
  "gen_ai.usage.cached_tokens",
  "llm.token_count.prompt_details.cache_read",
  "llm.usage.cache_read_input_tokens",
  "ai.usage.cachedInputTokens",
] as const;
const CACHE_WRITE = [
  "gen_ai.usage.cache_write.input_tokens",
  "gen_ai.usage.cache_creation.input_tokens",
  "gen_ai.usage.cache_creation_input_tokens",
  "gen_ai.usage.cache_write_input_tokens",
  "llm.token_count.prompt_details.cache_write",
  "llm.usage.cache_creation_input_tokens",
] as const;
const REASONING = [
  "gen_ai.usage.reasoning.output_tokens",
  "gen_ai.usage.reasoning_tokens",
  "gen_ai.usage.output_tokens.reasoning",
  "llm.token_count.completion_details.reasoning",
  "llm.usage.reasoning_tokens",
  "ai.usage.reasoningTokens",
] as const;
const TOTAL = ["gen_ai.usage.total_tokens", "llm.token_count.total", "llm.usage.total_tokens"] as const;
/** USD, where somebody else has priced the call. There is no standard name. */
const COST = [
  "gen_ai.usage.cost",
  "gen_ai.usage.total_cost",
  "gen_ai.cost.total",
  "llm.cost.total",
  "llm.usage.cost",
  "operation.cost",
] as const;
const PROVIDER = ["gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider"] as const;
const TIER = ["gen_ai.openai.response.service_tier", "openai.response.service_tier", "gen_ai.request.speed"] as const;
const TIERS: ReadonlySet<string> = new Set(["fast", "priority", "flex", "batch"]);

/** Every attribute read here: none of them is carried to metadata a second time. */
export const USAGE_ATTRIBUTES: readonly string[] = [
  ...INPUT,
  ...OUTPUT,
  ...CACHE_READ,
  ...CACHE_WRITE,
  ...REASONING,
  ...TOTAL,
  ...COST,
];

/** Names in use for the providers of the conventions. */
const PROVIDERS: Readonly<Record<string, string>> = {
  "az.ai.openai": "azure.ai.openai",
  "az.ai.inference": "azure.ai.inference",
  azure: "azure.ai.openai",
  azure_openai: "azure.ai.openai",
  "amazon-bedrock": "aws.bedrock",
  aws: "aws.bedrock",
  bedrock: "aws.bedrock",
  gemini: "gcp.gemini",
  google: "gcp.gemini",
  "gcp.gen_ai": "gcp.gemini",
  vertex_ai: "gcp.vertex_ai",
  vertexai: "gcp.vertex_ai",
  mistral: "mistral_ai",
  mistralai: "mistral_ai",
  xai: "x_ai",
};
/** Sell models of others: the provider is the model's maker. */
const RESELLERS: ReadonlySet<string> = new Set(["", "github", "gateway", "litellm", "openrouter", "vercel"]);
const MAKERS: readonly (readonly [RegExp, string])[] = [
  [/^(?:anthropic\/)?claude/, "anthropic"],
  [/^(?:openai\/)?(?:gpt|o\d|codex|chatgpt|text-embedding)/, "openai"],
  [/^(?:google\/)?gemini/, "gcp.gemini"],
  [/^(?:x-?ai\/)?grok/, "x_ai"],
  [/^(?:deepseek\/)?deepseek/, "deepseek"],
  [/^(?:mistralai\/)?(?:mistral|codestral|devstral)/, "mistral_ai"],
];

/** One call's tokens: the five buckets, reasoning (which is in the output), and the cost somebody reported. */
export interface Usage {
  price: PriceFacts;
  reasoning: number;
  costUsd: number | undefined;
}

/** Undefined when no attribute speaks of tokens or cost. `model`: as sent; "" unknown. */
export function usageOf(attributes: Attributes, model: string): Usage | undefined {
  const input = first(attributes, INPUT);
  const output = first(attributes, OUTPUT);
  const costUsd = costOf(attributes);
  if (input === undefined && output === undefined && costUsd === undefined) return undefined;
  const read = first(attributes, CACHE_READ) ?? 0;
  const written = first(attributes, CACHE_WRITE) ?? 0;
  const reasoning = first(attributes, REASONING) ?? 0;
  const outside = partsOutside(input ?? 0, output ?? 0, read + written, reasoning, first(attributes, TOTAL));
  const inside = outside.cache ? 0 : read + written;
  const price: PriceFacts = {
    provider: providerOf(attributes, model),
    model: modelOf(model),
    service_tier: tierOf(attributes),
    input_tokens: (input ?? 0) - inside,
    cache_read_tokens: read,
    cache_write_5m_tokens: written,
    cache_write_1h_tokens: 0,
    output_tokens: Math.min((output ?? 0) + (outside.reasoning ? reasoning : 0), MAX_TOKENS),
    context_tokens: (input ?? 0) - inside + read + written,
    ...(written > 0 ? { cache_write_ttl_assumed: true } : {}),
  };
  return { price, reasoning, costUsd };
}

/** True when any attribute gives tokens: what makes a span the account of a call, and not a wrapper of it. */
export function hasTokens(attributes: Attributes): boolean {
  return first(attributes, INPUT) !== undefined || first(attributes, OUTPUT) !== undefined;
}

/** Which parts are counted beside their whole: by size first, then by the only reading that gives the total. */
function partsOutside(
  input: number,
  output: number,
  cached: number,
  reasoning: number,
  total: number | undefined,
): { cache: boolean; reasoning: boolean } {
  const cache = cached > input;
  const reason = reasoning > output;
  const sum = input + output + (cache ? cached : 0) + (reason ? reasoning : 0);
  if (total === undefined || total <= sum) return { cache, reasoning: reason };
  const missing = total - sum;
  if (!cache && missing === cached) return { cache: true, reasoning: reason };
  if (!reason && missing === reasoning) return { cache, reasoning: true };
  if (!cache && !reason && missing === cached + reasoning) return { cache: true, reasoning: true };
  return { cache, reasoning: reason };
}

function first(attributes: Attributes, names: readonly string[]): number | undefined {
  for (const name of names) {
    const count = countOf(attributes[name], MAX_TOKENS);
    if (count !== undefined) return count;
  }
  return undefined;
}

function costOf(attributes: Attributes): number | undefined {
  for (const name of COST) {
    const usd = usdOf(attributes[name]);
    if (usd !== undefined) return usd;
  }
  return undefined;
}

function tierOf(attributes: Attributes): string {
  for (const name of TIER) {
    const tier = labelOf(attributes[name])?.toLowerCase();
    if (tier !== undefined && TIERS.has(tier)) return tier;
  }
  return "";
}

/** The provider by the conventions' name, or the model's maker; "" unknown. */
function providerOf(attributes: Attributes, model: string): string {
  for (const name of PROVIDER) {
    const sent = labelOf(attributes[name])?.toLowerCase();
    if (sent === undefined) continue;
    // The AI SDK writes `anthropic.messages`.
    const provider = name === "ai.model.provider" ? (sent.split(".")[0] ?? "") : sent;
    if (!RESELLERS.has(provider)) return Object.hasOwn(PROVIDERS, provider) ? (PROVIDERS[provider] ?? "") : provider;
  }
  const name = model.toLowerCase();
  return MAKERS.find(([pattern]) => pattern.test(name))?.[1] ?? "";
}
