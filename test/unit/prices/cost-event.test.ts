/** Which figure a cost event's columns hold, and what stands beside it. */
import { describe, expect, it } from "vitest";
import { hashString } from "../../../schema/identity.ts";
import { PRICE_TABLE_VERSION } from "../../../schema/prices/table.ts";
import { enrich } from "../../../workers/ingest/enrich.ts";
import { rowPrefix } from "../../../workers/ingest/row-text.ts";
import { validateEvent } from "../../../workers/ingest/validate.ts";
import { makeEvent } from "../../support/events.ts";

const NOW = Date.now();
const add = { org: hashString("org_a"), row: rowPrefix("org_a", "fra", NOW), teamOfUser: new Map<string, string>() };

/** The row of a cost event with this metadata, its metadata parsed. */
function rowOf(metadata: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const checked = validateEvent(makeEvent({ event_type: "cost_incurred", metadata, ...more }, NOW), NOW);
  if (!("envelope" in checked)) throw new Error(checked.message);
  const event = enrich(checked, crypto.randomUUID(), 0, add);
  const row: Record<string, unknown> = JSON.parse(event.line);
  return { row, metadata: JSON.parse(String(row.metadata ?? "{}")) as unknown, event };
}

const TOKENS = { input_tokens: 1_000, cache_read_tokens: 10_000, output_tokens: 100 };
const COMPUTED = 1_000 * 4_000 + 10_000 * 200 + 100 * 20_000;

describe("a cost event", () => {
  it("with a reported cost keeps it, and the computed one beside it", () => {
    const { row, metadata, event } = rowOf({ model: "claude-opus-5-5", ...TOKENS, cost_usd: 0.5 });
    expect(row).toMatchObject({ cost_nano_usd: 500_000_000, cost_source: "reported" });
    expect(metadata).toMatchObject({
      cost_computed_nano_usd: COMPUTED,
      price_version: PRICE_TABLE_VERSION,
      price_source: "anthropic",
    });
    expect(event.costNanoUsd).toBe(500_000_000);
  });

  it("without one is computed from model and tokens", () => {
    const { row, metadata, event } = rowOf(TOKENS, { model: "claude-opus-5-5" });
    expect(row).toMatchObject({ cost_nano_usd: COMPUTED, cost_source: "computed" });
    expect(metadata).toEqual({ ...TOKENS, price_version: PRICE_TABLE_VERSION, price_source: "anthropic" });
    expect(event.costNanoUsd).toBe(COMPUTED);
  });

  it("of an unknown model has no cost, never 0, and counts its tokens", () => {
    const { row, metadata, event } = rowOf({ model: "nobodys-model", ...TOKENS });
    expect(row).not.toHaveProperty("cost_nano_usd");
    expect(row.cost_source).toBe("unpriced");
    expect(metadata).toMatchObject({ unpriced_tokens: 11_100, unpriced_reason: "unknown_model" });
    expect(event.costNanoUsd).toBeNull();
    expect(rowOf({ model: "nobodys-model", ...TOKENS, cost_usd: 0.25 }).row).toMatchObject({
      cost_nano_usd: 250_000_000,
      cost_source: "reported",
    });
  });

  it("without cost and tokens is unpriced and says nothing", () => {
    const { row } = rowOf({ model: "claude-opus-5-5" });
    expect([row.cost_source, row.metadata]).toEqual(["unpriced", '{"model":"claude-opus-5-5"}']);
  });

  it("takes written tokens for five minutes unless told otherwise, and says so", () => {
    const write = (more: object) => rowOf({ model: "claude-opus-5-5", cache_write_tokens: 1_000, ...more });
    expect(write({}).row.cost_nano_usd).toBe(5_000_000);
    expect(write({}).metadata).toMatchObject({ price_assumed: "cache_write_5m" });
    const told = write({ cache_write_1h_tokens: 600, cache_write_5m_tokens: 400 });
    expect(told.row.cost_nano_usd).toBe(600 * 8_000 + 400 * 5_000);
    expect(told.metadata).not.toHaveProperty("price_assumed");
    const half = write({ cache_write_1h_tokens: 600 });
    expect(half.row.cost_nano_usd).toBe(600 * 8_000 + 400 * 5_000);
    expect(half.metadata).toMatchObject({ price_assumed: "cache_write_5m" });
  });

  it("owns the names of its notes: what a client sends under them is gone", () => {
    const forged = { cost_computed_nano_usd: 1, price_version: "mine", price_source: "me", unpriced_tokens: 5 };
    const { metadata } = rowOf({ model: "claude-opus-5-5", ...TOKENS, ...forged, kept: { price_version: "inner" } });
    expect(metadata).toEqual({
      model: "claude-opus-5-5",
      ...TOKENS,
      kept: { price_version: "inner" },
      price_version: PRICE_TABLE_VERSION,
      price_source: "anthropic",
    });
    expect(rowOf({ model: "nobodys-model", ...forged }).metadata).toEqual({ model: "nobodys-model" });
  });

  it("alone is priced: other types keep their metadata as it came", () => {
    const { row } = rowOf({ ...TOKENS, price_version: "mine" }, { event_type: "custom.own", model: "claude-opus-5-5" });
    expect(row).not.toHaveProperty("cost_source");
    expect(JSON.parse(String(row.metadata))).toEqual({ ...TOKENS, price_version: "mine" });
  });
});
