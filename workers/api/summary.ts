/**
 * Rows of the summary query, of one region or two, to totals and events by type. Pure; called by routes/metrics.ts.
 */
import { SUM_METRICS, type SumMetric, type SummaryAnswer } from "../../schema/api/metrics.ts";
import { addDecimals, figure, mergeDistinct, moneyFigure } from "./merge.ts";

interface SummaryRow {
  current: number;
  sums: string[];
  users: string;
  sessions: string;
  by_type: Record<string, string>;
}

/** `answers`: each region's rows. `united`: distinct values came as keys. */
export function buildSummary(
  answers: readonly SummaryRow[][],
  united: boolean,
): Pick<SummaryAnswer, "totals" | "events_by_type"> {
  const now = period(answers, 1, united);
  const before = period(answers, 0, united);
  const count = (metric: SumMetric) => figure(now.sums[metric], before.sums[metric]);
  const types = new Set([...now.types.keys(), ...before.types.keys()]);
  const byType = [...types].map((type) => ({
    type,
    events: figure(now.types.get(type) ?? "0", before.types.get(type) ?? "0"),
  }));
  byType.sort((a, b) => b.events.value - a.events.value || (a.type < b.type ? -1 : 1));
  return {
    totals: {
      events: count("events"),
      users: figure(now.users, before.users),
      sessions: figure(now.sessions, before.sessions),
      errors: count("errors"),
      security_alerts: count("security_alerts"),
      pull_requests: count("pull_requests"),
      cost_nano_usd: moneyFigure(now.sums.cost_nano_usd, before.sums.cost_nano_usd),
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
    events_by_type: byType,
  };
}

interface Period {
  sums: Record<SumMetric, string>;
  users: string;
  sessions: string;
  types: Map<string, string>;
}

function period(answers: readonly SummaryRow[][], current: 0 | 1, united: boolean): Period {
  const rows = answers.flatMap((region) => region.filter((row) => row.current === current));
  const types = new Map<string, string>();
  for (const row of rows) {
    for (const [type, events] of Object.entries(row.by_type)) {
      types.set(type, addDecimals([types.get(type) ?? "0", events]));
    }
  }
  const sums = Object.fromEntries(
    SUM_METRICS.map((metric, i) => [metric, addDecimals(rows.map((row) => row.sums[i] ?? "0"))]),
  ) as Record<SumMetric, string>;
  return {
    sums,
    users: mergeDistinct(
      rows.map((row) => row.users),
      united,
    ),
    sessions: mergeDistinct(
      rows.map((row) => row.sessions),
      united,
    ),
    types,
  };
}
