/** The price of recorded calls by our lists is what the agent that made them says they cost. */
import { describe, expect, it } from "vitest";
import { NO_OVERRIDES } from "../../../workers/ingest/otlp/price.ts";
import { costOf } from "../../../workers/ingest/otlp/price-event.ts";
import { eventsOf, requests, scenarios } from "../../support/otlp-fixtures.ts";

interface Call {
  model: string;
  reportedMicro: number | undefined;
  nano: number | null;
  notes: object | undefined;
}

/** Recorded calls as enrich prices them. */
function calls(agent: string): Call[] {
  return scenarios(agent).flatMap((scenario) =>
    eventsOf(requests(scenario)).flatMap(({ event, price }) => {
      if (event.event_type !== "cost_incurred" || price === undefined) return [];
      const metadata: Record<string, unknown> = { ...event.metadata };
      const reported = metadata.cost_usd;
      delete metadata.cost_usd;
      const { nanoUsd, notes } = costOf(metadata, price.model, Date.parse(event.timestamp), NO_OVERRIDES, price);
      const reportedMicro = typeof reported === "number" ? Math.round(reported * 1e6) : undefined;
      return [{ model: price.model, reportedMicro, nano: nanoUsd, notes }];
    }),
  );
}

describe("recorded calls", () => {
  it("of Claude Code cost what it reports, to the micro-USD, for every model it used", () => {
    const all = calls("claude-code");
    expect(all.length).toBeGreaterThan(40);
    expect(new Set(all.map(({ model }) => model))).toEqual(
      new Set(["claude-haiku-4-5-20251001", "claude-opus-4-8", "claude-opus-5-5", "claude-sonnet-4-5-20250929"]),
    );
    for (const { model, reportedMicro, nano } of all) {
      expect([model, nano === null ? null : Math.round(nano / 1_000)]).toEqual([model, reportedMicro]);
    }
  });

  it("of Claude Code before it told how long written tokens are kept say what was assumed", () => {
    const old = calls("claude-code-2.1.197");
    const assumed = old.filter(({ notes }) => notes !== undefined && "price_assumed" in notes);
    expect(assumed.length).toBeGreaterThan(old.length / 2);
    expect(calls("claude-code-2.1.330").filter(({ notes }) => notes !== undefined && "price_assumed" in notes)).toEqual(
      [],
    );
  });

  it("of Codex and Gemini CLI, which report no cost, are all priced", () => {
    for (const agent of ["codex", "gemini"]) {
      const all = calls(agent);
      expect(all.length).toBeGreaterThan(10);
      expect(all.filter(({ nano }) => nano === null || nano <= 0)).toEqual([]);
      expect(all.filter(({ reportedMicro }) => reportedMicro !== undefined)).toEqual([]);
    }
  });
});
