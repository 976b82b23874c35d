/**
 * List prices of Google's Gemini models, text. Data; read by lists.ts. Columns: input, cache read, write 5 min, write 1 h, output.
 * Writing to the cache has no price of its own (a written token is an input token); keeping it is charged by the hour, which
 * no token count says, so it is in no computed cost.
 */
import type { PriceList, Rates } from "./table.ts";

const rates = (input: string, cacheRead: string, output: string): Rates => [input, cacheRead, input, input, output];

const LONG_FROM = 200_000;
const HALF = { batch: "0.5", flex: "0.5" };
const PRO_3 = { rates: rates("2", "0.2", "12"), long: { above: LONG_FROM, rates: rates("4", "0.4", "18") } };
/** Introductory rates end with 2026. */
const FULL_PRICE = "2027-01-01";
const FLASH_NOW = rates("0.75", "0.075", "3.75");
const FLASH_FULL = rates("1.5", "0.15", "7.5");

export const GOOGLE: PriceList = {
  provider: "google",
  aliases: ["google", "gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai"],
  sources: {
    table: "pydantic/genai-prices (MIT), prices/providers/google.yml at 47df840, 2026-08-13",
    page: "ai.google.dev/gemini-api/docs/pricing, as transcribed 2026-10-07 by api-evangelist/deepmind and in BerriAI/litellm discussion 39357",
  },
  rows: [
    { models: ["gemini-3.8-flash"], to: FULL_PRICE, rates: FLASH_NOW, tiers: HALF, source: "page" },
    { models: ["gemini-3.8-flash"], from: FULL_PRICE, rates: FLASH_FULL, tiers: HALF, source: "page" },
    {
      models: ["gemini-3.7-flash"],
      to: FULL_PRICE,
      rates: FLASH_NOW,
      tiers: { ...HALF, priority: "1.8" },
      source: "table",
    },
    {
      models: ["gemini-3.7-flash"],
      from: FULL_PRICE,
      rates: FLASH_FULL,
      tiers: { ...HALF, priority: "1.8" },
      source: "table",
    },
    { models: ["gemini-3.6-flash"], to: FULL_PRICE, rates: FLASH_NOW, tiers: HALF, source: "table" },
    { models: ["gemini-3.6-flash"], from: FULL_PRICE, rates: FLASH_FULL, tiers: HALF, source: "table" },
    { models: ["gemini-3.5-flash"], rates: rates("1.5", "0.15", "9"), tiers: HALF, source: "table" },
    { models: ["gemini-3.5-flash-lite"], rates: rates("0.3", "0.03", "2.5"), tiers: HALF, source: "table" },
    { models: ["gemini-3.1-pro-preview", "gemini-3-pro-preview"], ...PRO_3, source: "table" },
    {
      models: ["gemini-3.1-flash-lite", "gemini-3.1-flash-lite-preview"],
      rates: rates("0.25", "0.025", "1.5"),
      source: "table",
    },
    { models: ["gemini-3-flash-preview"], rates: rates("0.5", "0.05", "3"), tiers: { batch: "0.5" }, source: "table" },
    {
      models: ["gemini-2.5-pro"],
      rates: rates("1.25", "0.125", "10"),
      long: { above: LONG_FROM, rates: rates("2.5", "0.25", "15") },
      source: "table",
    },
    {
      models: ["gemini-2.5-flash", "gemini-2.5-flash-latest", "gemini-2.5-flash-preview-09-2025"],
      rates: rates("0.3", "0.03", "2.5"),
      source: "table",
    },
    { models: ["gemini-2.5-flash-lite"], rates: rates("0.1", "0.01", "0.4"), source: "table" },
    { models: ["gemini-2.0-flash", "gemini-2.0-flash-001"], rates: rates("0.1", "0.025", "0.4"), source: "table" },
  ],
};
