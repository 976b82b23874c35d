/**
 * Rows of the summary query, of one region or two, to totals and events by type. Pure but for states of two regions, which
 * `unite` puts together. Called by routes/metrics.ts.
 */
import { type SeriesMetric, SUM_METRICS, type SumMetric, type SummaryAnswer } from "../../schema/api/metrics.ts";
import { addDecimals, changeOf, figure, moneyFigure } from "./merge.ts";
import type { Part } from "./unite.ts";

export interface SummaryRow {
  is_total: number;
  current: number;
  type: string;
  sums: string[];
  users: string;
  sessions: string;
  p50: string;
  p95: string;
  users_state: string;
  sessions_state: string;
  duration_state: string;
}

/** Puts the parts of cells together, one value each. */
export type Unite = (metric: SeriesMetric, cells: Part[][]) => Promise<string[]>;

/** `answers`: each region's rows. */
export async function buildSummary(
  answers: readonly SummaryRow[][],
  unite: Unite,
): Promise<Pick<SummaryAnswer, "totals" | "duration_ms" | "events_by_type">> {
  const rows = answers.flat();
  const totals = (current: number) => rows.filter((row) => row.is_total === 1 && row.current === current);
  const [now, before] = [totals(1), totals(0)];
  const united = async (metric: SeriesMetric, part: (row: SummaryRow) => Part): Promise<[string, string]> => {
    const [value = "0", previous = "0"] = await unite(metric, [now.map(part), before.map(part)]);
    return [value, previous];
  };
  const [users, sessions, p50, p95] = await Promise.all([
    united("users", (row) => ({ value: row.users, state: row.users_state })),
    united("sessions", (row) => ({ value: row.sessions, state: row.sessions_state })),
    united("duration_p50", (row) => ({ value: row.p50, state: row.duration_state })),
    united("duration_p95", (row) => ({ value: row.p95, state: row.duration_state })),
  ]);
  const count = (metric: SumMetric) => figure(sumOf(now, metric), sumOf(before, metric));
  return {
    totals: {
      events: count("events"),
      users: figure(...users),
      sessions: figure(...sessions),
      errors: count("errors"),
      security_alerts: count("security_alerts"),
      pull_requests: count("pull_requests"),
      cost_nano_usd: moneyFigure(sumOf(now, "cost_nano_usd"), sumOf(before, "cost_nano_usd")),
      unpriced_tokens: count("unpriced_tokens"),
      tokens: count("tokens"),
      input_tokens: count("input_tokens"),
      output_tokens: count("output_tokens"),
      cache_read_tokens: count("cache_read_tokens"),
      cache_write_tokens: count("cache_write_tokens"),
      reasoning_tokens: count("reasoning_tokens"),
      lines_added: count("lines_added"),
      lines_removed: count("lines_removed"),
      accepted: count("accepted"),
      rejected: count("rejected"),
    },
    duration_ms: { p50: duration(...p50), p95: duration(...p95) },
    events_by_type: byType(rows.filter((row) => row.is_total === 0)),
  };
}

function byType(rows: readonly SummaryRow[]): SummaryAnswer["events_by_type"] {
  const events = (type: string, current: number): string =>
    sumOf(
      rows.filter((row) => row.type === type && row.current === current),
      "events",
    );
  return [...new Set(rows.map(({ type }) => type))]
    .map((type) => ({ type, events: figure(events(type, 1), events(type, 0)) }))
    .sort((a, b) => b.events.value - a.events.value || (a.type < b.type ? -1 : 1));
}

function sumOf(rows: readonly SummaryRow[], metric: SumMetric): string {
  return addDecimals(rows.map((row) => row.sums[SUM_METRICS.indexOf(metric)] ?? "0"));
}

function duration(value: string, previous: string): SummaryAnswer["duration_ms"]["p50"] {
  const ms = (text: string): number | null => (text === "" ? null : Number(text));
  return { value: ms(value), previous: ms(previous), change: value === "" ? null : changeOf(value, previous) };
}
