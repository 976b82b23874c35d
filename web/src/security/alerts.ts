/** Questions about security alerts and what their answers look like: a course over time, and a list. Pure. */
import type { Interval, TimeseriesAnswer } from "../../../schema/api/metrics.ts";
import type { QueryAnswer } from "../../../schema/api/query.ts";
import type { Filter } from "../../../schema/api/query-parts.ts";
import { RULE_IDS, SECURITY_RULES, SEVERITIES } from "../../../schema/security-rules.ts";
import type { ViewQuestion } from "../app/use-question.ts";
import { seriesToken, type TimeData } from "../chart/time-data.ts";
import type { AlertsBy } from "./search.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Rows of one page of a query: steps times rules must stay below it. */
const MOST_ROWS = 1_000;
/** Alerts in the list. */
export const MAX_ALERTS = 200;

/** As texts: alerts of other senders name others. */
const RULES: readonly string[] = RULE_IDS;
const GRAVITY: readonly string[] = SEVERITIES;

const IS_ALERT: Filter = { op: "eq", of: "type", value: "security_alert" };

/** So few steps that every rule of every step fits into one page. */
export function stepOf(fromTo: { from: number; to: number }): Interval {
  const length = fromTo.to - fromTo.from;
  if (length <= 2 * HOUR) return "1m";
  if (length <= 4 * DAY) return "1h";
  return length <= 120 * DAY ? "1d" : "1w";
}

export function courseQuestion(by: AlertsBy, interval: Interval): ViewQuestion {
  return {
    dimensions: ["time", by],
    measures: [{ fn: "count", as: "alerts" }],
    filters: IS_ALERT,
    interval,
    limit: MOST_ROWS,
  };
}

const SEVERITY_TOKENS: Record<string, string> = {
  critical: "--type-security-alert",
  high: "--series-6",
  medium: "--series-3",
  low: "--series-4",
  info: "--series-rest",
};

/** Gravest first; what nobody knows comes last. */
export function severityRank(severity: string): number {
  const rank = GRAVITY.indexOf(severity);
  return rank < 0 ? SEVERITIES.length : SEVERITIES.length - 1 - rank;
}

/** A rule's title, or its own name when it is not one of Tenfold's. */
export function ruleTitle(rule: string): string {
  return SECURITY_RULES.find(({ id }) => id === rule)?.title ?? (rule === "" ? "no rule given" : rule);
}

/**
 * Alerts per step and group. The steps are those of the series over the same range, so that they are there also when nothing happened;
 * a row belongs to the last step that began at or before it.
 */
export function courseData(
  [series, query]: readonly [Pick<TimeseriesAnswer, "times" | "to">, Pick<QueryAnswer, "rows">],
  by: AlertsBy,
): TimeData {
  const starts = series.times.map((time) => Date.parse(time));
  const groups = new Map<string, number[]>();
  for (const { dimensions, values } of query.rows) {
    const at = Date.parse(String(dimensions[0]));
    const index = Math.max(
      0,
      starts.findLastIndex((start) => start <= at),
    );
    const group = dimensions[1] === null ? "" : String(dimensions[1] ?? "");
    const column = groups.get(group) ?? starts.map(() => 0);
    column[index] = (column[index] ?? 0) + Number(values[0] ?? 0);
    groups.set(group, column);
  }
  const place = (group: string): number => (by === "severity" ? severityRank(group) : indexOfRule(group));
  const sorted = [...groups].sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1));
  const ruleTokens = tokensOf(sorted.map(([rule]) => rule));
  return {
    starts,
    end: Date.parse(series.to),
    series: sorted.map(([group, values]) => ({
      key: `group ${group}`,
      label: by === "rule" ? ruleTitle(group) : group === "" ? "not given" : group,
      token: (by === "severity" ? SEVERITY_TOKENS : ruleTokens)[group] ?? seriesToken(0, true),
      values,
      total: values.reduce((sum, value) => sum + value, 0),
    })),
  };
}

/** A rule of Tenfold's keeps its colour whatever else is there; rules of other senders take those that are free, no rule takes none. */
function tokensOf(rules: readonly string[]): Record<string, string> {
  const free = RULES.flatMap((rule, i) => (rules.includes(rule) ? [] : [seriesToken(i)]));
  const tokens = rules.map((rule): [string, string] => {
    const known = indexOfRule(rule);
    if (known < RULES.length) return [rule, seriesToken(known)];
    return [rule, (rule === "" ? undefined : free.shift()) ?? seriesToken(0, true)];
  });
  return Object.fromEntries(tokens);
}

/** Tenfold's own first, no rule last. */
function indexOfRule(rule: string): number {
  const index = RULES.indexOf(rule);
  return index >= 0 ? index : RULES.length + (rule === "" ? 1 : 0);
}

/** Alerts of one rule, severity and session, latest first. */
export function listQuestion(rule: string | undefined): ViewQuestion {
  return {
    dimensions: ["rule", "severity", "user", "session"],
    measures: [
      { fn: "count", as: "alerts" },
      { fn: "max", of: "timestamp", as: "last" },
    ],
    filters: rule === undefined ? IS_ALERT : { op: "and", filters: [IS_ALERT, { op: "eq", of: "rule", value: rule }] },
    order: [{ by: "last", direction: "desc" }],
    limit: MAX_ALERTS,
  };
}

export interface AlertRow {
  key: string;
  rule: string;
  severity: string;
  user: string;
  session: string;
  count: number;
  /** ms; null: not known. */
  last: number | null;
}

export function alertRows({ rows }: Pick<QueryAnswer, "rows">): AlertRow[] {
  return rows.map(({ dimensions, values: [count, last] }) => {
    const [rule = "", severity = "", user = "", session = ""] = dimensions.map((value) =>
      value === null ? "" : String(value),
    );
    const at = typeof last === "string" ? Date.parse(last) : Number.NaN;
    return {
      key: JSON.stringify([rule, severity, user, session]),
      rule,
      severity,
      user,
      session,
      count: Number(count ?? 0),
      last: Number.isFinite(at) ? at : null,
    };
  });
}
