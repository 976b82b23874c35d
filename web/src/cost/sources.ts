/**
 * Where costs come from, and how what agents reported differs from what their tokens cost by the price list: one question, grouped by
 * source and model. Pure.
 */
import type { Label, QueryAnswer, Value } from "../../../schema/api/query.ts";
import type { Operand } from "../../../schema/api/query-parts.ts";
import type { ViewQuestion } from "../app/use-question.ts";
import { parseNanoUsd } from "../format/money.ts";
import { shareOf } from "../format/share.ts";

/** What the edge writes beside a reported cost. */
const COMPUTED: Operand = { path: ["cost_computed_nano_usd"] };

export const SOURCES_QUESTION: ViewQuestion = {
  dimensions: ["cost_source", "model"],
  measures: [
    { fn: "count", as: "events" },
    { fn: "sum", of: "tokens", as: "tokens" },
    { fn: "sum", of: "cost_nano_usd", as: "cost" },
    { fn: "count", where: { op: "exists", of: COMPUTED }, as: "compared" },
    { fn: "sum", of: "cost_nano_usd", where: { op: "exists", of: COMPUTED }, as: "reported" },
    { fn: "sum", of: COMPUTED, as: "computed" },
  ],
  filters: { op: "exists", of: "cost_source" },
  limit: 1_000,
};

export const SOURCES = ["reported", "computed", "unpriced"] as const;
export type Source = (typeof SOURCES)[number];

export interface SourceRow {
  source: Source;
  events: number;
  tokens: number;
  /** nano-USD; null for what has no price. */
  cost: bigint | null;
  /** Of all costs; null when there are none. */
  share: number | null;
}

/** Events that say both figures. The computed one is added up by ClickHouse in doubles: exact to nine million dollars. */
export interface Variance {
  model: string | null;
  events: number;
  reported: bigint;
  computed: bigint;
  difference: bigint;
  /** Of the computed figure. */
  relative: number | null;
}

export interface Sources {
  rows: SourceRow[];
  /** Of all models together; null: no event says both. */
  variance: Variance | null;
  /** The largest difference first. */
  models: Variance[];
}

export function sourcesOf(answer: Pick<QueryAnswer, "rows">): Sources {
  const groups = answer.rows.map(({ dimensions, values }) => readRow(dimensions, values));
  const total = groups.reduce((sum, { cost }) => sum + cost, 0n);
  const rows = SOURCES.flatMap((source): SourceRow[] => {
    const of = groups.filter((group) => group.source === source);
    if (of.length === 0) return [];
    const cost = of.reduce((sum, group) => sum + group.cost, 0n);
    const priced = source !== "unpriced";
    return [
      {
        source,
        events: of.reduce((sum, { events }) => sum + events, 0),
        tokens: of.reduce((sum, { tokens }) => sum + tokens, 0),
        cost: priced ? cost : null,
        share: priced ? shareOf(cost, total) : null,
      },
    ];
  });
  const both = groups.filter(({ compared }) => compared > 0);
  const models = both
    .map(({ model, compared, reported, computed }) => varianceOf(model, compared, reported, computed))
    .sort((a, b) => compare(size(b.difference), size(a.difference)));
  return { rows, variance: both.length === 0 ? null : allOf(models), models };
}

function allOf(models: readonly Variance[]): Variance {
  const sum = (of: "reported" | "computed"): bigint => models.reduce((total, one) => total + one[of], 0n);
  const events = models.reduce((total, one) => total + one.events, 0);
  return varianceOf(null, events, sum("reported"), sum("computed"));
}

function varianceOf(model: string | null, events: number, reported: bigint, computed: bigint): Variance {
  const difference = reported - computed;
  return { model, events, reported, computed, difference, relative: shareOf(difference, computed) };
}

const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
const number = (value: Value | undefined): number => Number(value ?? 0);
const money = (value: Value | undefined): bigint => parseNanoUsd(value) ?? 0n;

function readRow(
  [source, model]: readonly Label[],
  [events, tokens, cost, compared, reported, computed]: readonly Value[],
) {
  return {
    source,
    model: typeof model === "string" ? model : "",
    events: number(events),
    tokens: number(tokens),
    cost: money(cost),
    compared: number(compared),
    reported: money(reported),
    computed: money(computed),
  };
}
