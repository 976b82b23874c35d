/** List prices of Anthropic's models on its own API. Data; read by lists.ts. Columns: input, cache read, write 5 min, write 1 h, output. */
import type { PriceList, Rates } from "./table.ts";

const OPUS: Rates = ["5", "0.5", "6.25", "10", "25"];
const OPUS_LONG: Rates = ["10", "1", "12.5", "20", "37.5"];
const OPUS_FIRST: Rates = ["15", "1.5", "18.75", "30", "75"];
const SONNET: Rates = ["3", "0.3", "3.75", "6", "15"];
const SONNET_LONG: Rates = ["6", "0.6", "7.5", "12", "22.5"];
const HAIKU_3_5: Rates = ["0.8", "0.08", "1", "1.6", "4"];

const LONG_FROM = 200_000;
/** The day from which the 4.6 models cost the same at any length. */
const LONG_CONTEXT_FREE = "2026-03-13";
const BATCH = { batch: "0.5" };
/** Fast mode: a factor on all rates, caching included. */
const FAST = { ...BATCH, fast: "2" };
/** As it was sold first, for the 4.6 and 4.7 models. */
const FAST_FIRST = { ...BATCH, fast: "6" };

export const ANTHROPIC: PriceList = {
  provider: "anthropic",
  aliases: ["anthropic", "firstparty", "first_party"],
  sources: {
    page: "platform.claude.com/docs, pricing and the overview of each model, copies of September to November 2026",
    fast: "platform.claude.com/docs/en/build-with-claude/fast-mode, vercel.com/ai-gateway and dev.to/hiyoyok (4.8), 2026",
    table: "pydantic/genai-prices (MIT), prices/providers/anthropic.yml at 47df840, checked there 2026-07-29",
    reseller: "docs.laozhang.ai, claude-fable-5-2: the provider's list price, 2026-11-10",
  },
  rows: [
    { models: ["claude-fable-5-2"], rates: ["8", "0.2", "10", "16", "40"], source: "reseller" },
    { models: ["claude-fable-5-1", "claude-mythos-5-1"], rates: ["10", "0.25", "12.5", "20", "50"], source: "page" },
    { models: ["claude-fable-5", "claude-mythos-5"], rates: ["10", "1", "12.5", "20", "50"], source: "page" },
    { models: ["claude-opus-5-5"], rates: ["4", "0.2", "5", "8", "20"], tiers: FAST, source: "page" },
    { models: ["claude-opus-5"], rates: OPUS, tiers: FAST, source: "page" },
    { models: ["claude-opus-4-8"], rates: OPUS, tiers: FAST, source: "page" },
    { models: ["claude-opus-4-7"], rates: OPUS, tiers: FAST_FIRST, source: "page" },
    { models: ["claude-opus-4-5"], rates: OPUS, tiers: BATCH, source: "page" },
    {
      models: ["claude-opus-4-6"],
      to: LONG_CONTEXT_FREE,
      rates: OPUS,
      long: { above: LONG_FROM, rates: OPUS_LONG },
      tiers: BATCH,
      source: "table",
    },
    {
      models: ["claude-opus-4-6"],
      from: LONG_CONTEXT_FREE,
      rates: OPUS,
      tiers: FAST_FIRST,
      source: "fast",
    },
    {
      models: ["claude-opus-4-1", "claude-opus-4-0", "claude-opus-4", "claude-3-opus", "claude-3-opus-latest"],
      rates: OPUS_FIRST,
      tiers: BATCH,
      source: "table",
    },
    {
      models: ["claude-sonnet-5-5"],
      to: "2026-10-07",
      rates: ["2", "0.2", "2.5", "4", "10"],
      tiers: BATCH,
      source: "page",
    },
    {
      models: ["claude-sonnet-5-5"],
      from: "2026-10-07",
      rates: ["2", "0.1", "2.5", "4", "10"],
      tiers: BATCH,
      source: "page",
    },
    // The rise announced for September 2026 was cancelled; the page went on at these rates.
    { models: ["claude-sonnet-5"], rates: ["2", "0.2", "2.5", "4", "10"], tiers: BATCH, source: "page" },
    {
      models: ["claude-sonnet-4-6"],
      to: LONG_CONTEXT_FREE,
      rates: SONNET,
      long: { above: LONG_FROM, rates: SONNET_LONG },
      tiers: BATCH,
      source: "table",
    },
    { models: ["claude-sonnet-4-6"], from: LONG_CONTEXT_FREE, rates: SONNET, tiers: BATCH, source: "table" },
    {
      models: ["claude-sonnet-4-5"],
      rates: SONNET,
      long: { above: LONG_FROM, rates: SONNET_LONG },
      tiers: BATCH,
      source: "table",
    },
    {
      models: [
        "claude-sonnet-4",
        "claude-sonnet-4-0",
        "claude-3-7-sonnet",
        "claude-3-7-sonnet-latest",
        "claude-3-5-sonnet",
        "claude-3-5-sonnet-latest",
      ],
      rates: SONNET,
      tiers: BATCH,
      source: "table",
    },
    {
      models: ["claude-haiku-5-5"],
      rates: ["0.1", "0.01", "0.125", "0.2", "0.5"],
      long: { above: 100_000, rates: ["0.5", "0.05", "0.625", "1", "2.5"] },
      tiers: BATCH,
      source: "page",
    },
    { models: ["claude-haiku-4-5"], rates: ["1", "0.1", "1.25", "2", "5"], tiers: BATCH, source: "page" },
    { models: ["claude-3-5-haiku", "claude-3-5-haiku-latest"], rates: HAIKU_3_5, tiers: BATCH, source: "table" },
    { models: ["claude-3-haiku"], rates: ["0.25", "0.03", "0.3", "0.5", "1.25"], tiers: BATCH, source: "table" },
  ],
};
