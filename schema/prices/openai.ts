/**
 * List prices of OpenAI's models on its own API. Data; read by lists.ts. Columns: input, cache read, write 5 min, write 1 h, output.
 * Up to GPT-5.5 writing to the cache has no price of its own: a written token is an input token. From GPT-5.6 on it costs 1.25
 * times the input; that stands in the five-minute column, and the hour, which OpenAI does not sell, has no price.
 */
import type { PriceList, PriceRow, Rates } from "./table.ts";

/** A model without a price of its own for writing, and for reading where the page names none. */
const plain = (input: string, cacheRead: string | null, output: string): Rates => [
  input,
  cacheRead ?? input,
  input,
  input,
  output,
];
const written = (input: string, cacheRead: string, write: string, output: string): Rates => [
  input,
  cacheRead,
  write,
  null,
  output,
];

const LONG_FROM = 272_000;
const HALF = { batch: "0.5", flex: "0.5" };
/** Fast mode is what the API calls priority. */
const DOUBLE = { ...HALF, fast: "2", priority: "2" };
const priority = (factor: string) => ({ fast: factor, priority: factor });

/** 5.6 and later: both ways, and the day a price changed. */
const row = (models: readonly string[], rates: Rates, long: Rates, more: Partial<PriceRow> = {}): PriceRow => ({
  models,
  rates,
  long: { above: LONG_FROM, rates: long },
  source: "table",
  ...more,
});

const CUT = "2026-07-30";
const PROMOTION = "2026-08-21";

export const OPENAI: PriceList = {
  provider: "openai",
  aliases: ["openai"],
  sources: {
    table: "pydantic/genai-prices (MIT), prices/providers/openai.yml at 47df840, 2026-08-21",
    page: "developers.openai.com/api/docs, model pages and pricing, copies of September to November 2026",
    litellm: "docs.litellm.ai and BerriAI/litellm discussions (MIT), GPT-6 and GPT-6.1, September and October 2026",
    priority: "openai.com/api-priority-processing, 2026; rates from the table",
  },
  rows: [
    row(["gpt-6.2-sol"], written("2", "0.1", "2.5", "10"), written("4", "0.2", "5", "15"), {
      tiers: { batch: "0.5", fast: "2", priority: "2" },
      source: "page",
    }),
    row(["gpt-6.1-sol"], written("2", "0.1", "2.5", "10"), written("4", "0.2", "5", "15"), {
      tiers: DOUBLE,
      source: "page",
    }),
    row(["gpt-6.1-terra"], written("1", "0.05", "1.25", "5"), written("2", "0.1", "2.5", "7.5"), {
      tiers: DOUBLE,
      source: "litellm",
    }),
    row(["gpt-6-sol"], written("2", "0.2", "2.5", "10"), written("4", "0.4", "5", "15"), { source: "litellm" }),
    row(["gpt-6-luna"], written("0.1", "0.01", "0.125", "0.5"), written("0.2", "0.02", "0.25", "0.75"), {
      source: "litellm",
    }),
    // The promotion was announced until 2026-11-21 at least; no price after it has been read.
    row(["gpt-5.6-sol", "gpt-5.6"], written("5", "0.5", "6.25", "30"), written("10", "1", "12.5", "45"), {
      to: PROMOTION,
    }),
    row(["gpt-5.6-sol", "gpt-5.6"], written("4", "0.4", "5", "20"), written("8", "0.8", "10", "30"), {
      from: PROMOTION,
      source: "page",
    }),
    row(["gpt-5.6-terra"], written("2.5", "0.25", "3.125", "15"), written("5", "0.5", "6.25", "22.5"), { to: CUT }),
    row(["gpt-5.6-terra"], written("2", "0.2", "2.5", "12"), written("4", "0.4", "5", "18"), { from: CUT }),
    row(["gpt-5.6-luna"], written("1", "0.1", "1.25", "6"), written("2", "0.2", "2.5", "9"), { to: CUT }),
    row(["gpt-5.6-luna"], written("0.2", "0.02", "0.25", "1.2"), written("0.4", "0.04", "0.5", "1.8"), { from: CUT }),
    {
      models: ["gpt-5.5", "gpt-5.5-chat", "gpt-5.5-chat-latest", "gpt-5.5-codex"],
      rates: plain("5", "0.5", "30"),
      tiers: priority("2.5"),
      source: "priority",
    },
    { models: ["gpt-5.5-pro"], rates: plain("30", null, "180"), source: "table" },
    // Priority is not sold above the threshold; such a request is an ordinary one, so the factor is not given here.
    row(["gpt-5.4"], plain("2.5", "0.25", "15"), plain("5", "0.5", "22.5")),
    row(["gpt-5.4-pro"], plain("30", null, "180"), plain("60", null, "270")),
    { models: ["gpt-5.4-mini"], rates: plain("0.75", "0.075", "4.5"), tiers: priority("2"), source: "priority" },
    { models: ["gpt-5.4-nano"], rates: plain("0.2", "0.02", "1.25"), source: "table" },
    {
      models: ["gpt-5.3", "gpt-5.3-chat", "gpt-5.3-chat-latest", "gpt-5.3-codex"],
      rates: plain("1.75", "0.175", "14"),
      source: "table",
    },
    { models: ["gpt-5.2"], rates: plain("1.75", "0.175", "14"), tiers: priority("2"), source: "priority" },
    {
      models: ["gpt-5.2-chat", "gpt-5.2-chat-latest", "gpt-5.2-codex"],
      rates: plain("1.75", "0.175", "14"),
      source: "table",
    },
    { models: ["gpt-5.2-pro"], rates: plain("21", null, "168"), source: "table" },
    {
      models: ["gpt-5.1", "gpt-5.1-codex", "gpt-5", "gpt-5-codex"],
      rates: plain("1.25", "0.125", "10"),
      tiers: priority("2"),
      source: "priority",
    },
    {
      models: ["gpt-5.1-codex-max", "gpt-5.1-chat", "gpt-5.1-chat-latest", "gpt-5-chat", "gpt-5-chat-latest"],
      rates: plain("1.25", "0.125", "10"),
      source: "table",
    },
    { models: ["gpt-5-mini"], rates: plain("0.25", "0.025", "2"), tiers: priority("1.8"), source: "priority" },
    { models: ["gpt-5.1-codex-mini", "gpt-5.1-mini"], rates: plain("0.25", "0.025", "2"), source: "table" },
    { models: ["gpt-5-nano"], rates: plain("0.05", "0.005", "0.4"), source: "table" },
    { models: ["gpt-5-pro"], rates: plain("15", null, "120"), source: "table" },
    { models: ["gpt-4.1"], rates: plain("2", "0.5", "8"), tiers: priority("1.75"), source: "priority" },
    { models: ["gpt-4.1-mini"], rates: plain("0.4", "0.1", "1.6"), source: "table" },
    { models: ["gpt-4.1-nano"], rates: plain("0.1", "0.025", "0.4"), source: "table" },
    {
      // Its first snapshot, of May 2024, cost more.
      models: ["gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"],
      dated: false,
      rates: plain("2.5", "1.25", "10"),
      source: "table",
    },
    { models: ["gpt-4o-mini"], rates: plain("0.15", "0.075", "0.6"), source: "table" },
    { models: ["o4-mini", "o4-mini-high"], rates: plain("1.1", "0.275", "4.4"), source: "table" },
    { models: ["o3"], to: "2025-06-10", rates: plain("10", null, "40"), source: "table" },
    { models: ["o3"], from: "2025-06-10", rates: plain("2", "0.5", "8"), source: "table" },
    { models: ["o3-mini", "o3-mini-high"], rates: plain("1.1", "0.55", "4.4"), source: "table" },
    { models: ["o3-pro"], rates: plain("20", null, "80"), source: "table" },
    { models: ["o1", "o1-preview"], rates: plain("15", "7.5", "60"), source: "table" },
  ],
};
