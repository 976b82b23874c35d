/**
 * What can be measured, from each source: over events, over rollup rows, over windows. The three say the same of the same events.
 * A measure is first a partial (a sum or a state) per source and key, then put together over the sources. Called by partials.ts
 * and the queries. Pure; a closed list.
 */
import type { DistinctMetric, DurationMetric, SeriesMetric, SumMetric } from "../../../schema/api/metrics.ts";
import { identifier, type Sql, sql } from "../../shared/sql.ts";

/** Sums that are no metric of their own but part of a rate. */
export type Measure = SumMetric | DistinctMetric | "duration" | "duration_count" | "session_ends";

interface Partial {
  /** Over `events FINAL`. */
  raw: Sql<"free">;
  /** Over rows of hourly_metrics or daily_metrics. */
  rolled: Sql<"free">;
  /** Over rows of window_metrics; absent: windows do not hold it. */
  window?: Sql<"free">;
  /** A state is merged, a number added. */
  kind: "sum" | "distinct" | "duration";
}

const RAW_TOKENS = sql`input_tokens + output_tokens + cache_read_tokens + cache_write_tokens`;

const events = (type: Sql<"free">, rolled: Sql<"free">): Partial => ({
  raw: sql`countIf(event_type = ${type})`,
  rolled: sql`sum(${rolled})`,
  window: sql`sumIf(events, event_type = ${type})`,
  kind: "sum",
});
const summed = (column: Sql<"free">): Partial => ({
  raw: sql`sum(toUInt64(${column}))`,
  rolled: sql`sum(${column})`,
  window: sql`sum(${column})`,
  kind: "sum",
});
const withoutWindow = ({ raw, rolled, kind }: Partial): Partial => ({ raw, rolled, kind });

/** Money in 128 bits, because 10,000 events of the largest cost exceed Int64. */
const PARTIALS: Record<Measure, Partial> = {
  events: { raw: sql`count()`, rolled: sql`sum(events)`, window: sql`sum(events)`, kind: "sum" },
  errors: events(sql`'error'`, sql`errors`),
  security_alerts: events(sql`'security_alert'`, sql`security_alerts`),
  pull_requests: events(sql`'pr_created'`, sql`pull_requests`),
  session_ends: events(sql`'session_end'`, sql`session_ends`),
  cost_nano_usd: {
    raw: sql`sum(toInt128(ifNull(cost_nano_usd, 0)))`,
    rolled: sql`sum(cost_nano_usd)`,
    window: sql`sum(cost_nano_usd)`,
    kind: "sum",
  },
  unpriced_tokens: {
    raw: sql`sumIf(${RAW_TOKENS}, cost_source = 'unpriced')`,
    rolled: sql`sum(unpriced_tokens)`,
    window: sql`sum(unpriced_tokens)`,
    kind: "sum",
  },
  tokens: {
    raw: sql`sum(${RAW_TOKENS})`,
    rolled: sql`sum(${RAW_TOKENS})`,
    window: sql`sum(${RAW_TOKENS})`,
    kind: "sum",
  },
  input_tokens: summed(sql`input_tokens`),
  output_tokens: summed(sql`output_tokens`),
  cache_read_tokens: summed(sql`cache_read_tokens`),
  cache_write_tokens: summed(sql`cache_write_tokens`),
  reasoning_tokens: withoutWindow(summed(sql`reasoning_tokens`)),
  lines_added: summed(sql`lines_added`),
  lines_removed: summed(sql`lines_removed`),
  accepted: {
    raw: sql`countIf(accepted = true)`,
    rolled: sql`sum(accepted)`,
    window: sql`sum(accepted)`,
    kind: "sum",
  },
  rejected: { raw: sql`countIf(accepted = false)`, rolled: sql`sum(rejected)`, kind: "sum" },
  duration_count: { raw: sql`countIf(duration_ms IS NOT NULL)`, rolled: sql`sum(duration_count)`, kind: "sum" },
  // The functions of schema/clickhouse/0004: the same states, so the same number from events and from rollups.
  users: {
    raw: sql`uniqCombined64State(18)(user_id)`,
    rolled: sql`uniqCombined64MergeState(18)(users)`,
    kind: "distinct",
  },
  sessions: {
    raw: sql`uniqCombined64State(18)(session_id)`,
    rolled: sql`uniqCombined64MergeState(18)(sessions)`,
    kind: "distinct",
  },
  duration: {
    raw: sql`quantilesBFloat16StateIf(0.5, 0.9, 0.95, 0.99)(toUInt64(ifNull(duration_ms, 0)), duration_ms IS NOT NULL)`,
    rolled: sql`quantilesBFloat16MergeState(0.5, 0.9, 0.95, 0.99)(duration)`,
    kind: "duration",
  },
};

/** Place of a level in the quantiles state. */
const LEVEL_OF: Record<DurationMetric, Sql<"free">> = {
  duration_p50: sql`1`,
  duration_p90: sql`2`,
  duration_p95: sql`3`,
  duration_p99: sql`4`,
};

const ALIASES = Object.fromEntries(Object.keys(PARTIALS).map((name) => [name, `m_${name}`]));

/** Name of a measure's partial; never the name of a column, which it would shadow. */
export function alias(measure: Measure): Sql<"free"> {
  return sql`${identifier(Object.values(ALIASES), ALIASES[measure] ?? "")}`;
}

/** The partial of a measure over one source. Throws when windows do not hold it: the plan must not have any then. */
export function partialOf(measure: Measure, source: "raw" | "rolled" | "window"): Sql<"free"> {
  const text = PARTIALS[measure][source];
  if (text === undefined) throw new TypeError(`${measure} is not in windows`);
  return text;
}

/** Do windows hold the measure? */
export function inWindows(measure: Measure): boolean {
  return PARTIALS[measure].window !== undefined;
}

/** A measure over partials, as a decimal string. */
export function sumOrCount(measure: Exclude<Measure, "duration">): Sql<"free"> {
  const { kind } = PARTIALS[measure];
  return kind === "sum"
    ? sql`toString(sum(${alias(measure)}))`
    : sql`toString(uniqCombined64Merge(18)(${alias(measure)}))`;
}

/** A measure over partials as a number to order by. */
export function weightOf(metric: SeriesMetric): Sql<"free"> {
  if (isDuration(metric)) return sql`toInt128(ifNotFinite(${quantile(metric)}, 0))`;
  return sql`toInt128(${sumOrCount(metric)})`;
}

/** A metric over partials, as a decimal string; a duration of nothing is empty. */
export function metricOf(metric: SeriesMetric): Sql<"free"> {
  if (!isDuration(metric)) return sumOrCount(metric);
  return msOf(quantile(metric));
}

/** The state behind a distinct value or a duration in hex, to be united with another region's; empty for sums. */
export function stateOf(metric: SeriesMetric): Sql<"free"> {
  if (isDuration(metric)) {
    return sql`hex(quantilesBFloat16MergeState(0.5, 0.9, 0.95, 0.99)(${alias("duration")}))`;
  }
  return PARTIALS[metric].kind === "distinct" ? sql`hex(uniqCombined64MergeState(18)(${alias(metric)}))` : sql`''`;
}

/** A metric over `state` of two regions, as a decimal string; a duration of nothing is empty. */
export function unitedOf(metric: SeriesMetric): Sql<"free"> {
  if (isDuration(metric)) {
    const state = sql`CAST(state, 'AggregateFunction(quantilesBFloat16(0.5, 0.9, 0.95, 0.99), UInt64)')`;
    return msOf(sql`quantilesBFloat16Merge(0.5, 0.9, 0.95, 0.99)(${state})[${LEVEL_OF[metric]}]`);
  }
  return sql`toString(uniqCombined64Merge(18)(CAST(state, 'AggregateFunction(uniqCombined64(18), String)')))`;
}

/** The measure a metric is made of. */
export function measureOf(metric: SeriesMetric): Measure {
  return isDuration(metric) ? "duration" : metric;
}

export function isDuration(metric: SeriesMetric): metric is DurationMetric {
  return metric in LEVEL_OF;
}

/** Added up across regions, or must their states be united? */
export function isState(metric: SeriesMetric): boolean {
  return isDuration(metric) || PARTIALS[metric].kind === "distinct";
}

/** Whole milliseconds; empty when there was none. */
function msOf(value: Sql<"free">): Sql<"free"> {
  return sql`if(isFinite(${value}), toString(toUInt64(${value})), '')`;
}

function quantile(metric: DurationMetric): Sql<"free"> {
  return sql`quantilesBFloat16Merge(0.5, 0.9, 0.95, 0.99)(${alias("duration")})[${LEVEL_OF[metric]}]`;
}
