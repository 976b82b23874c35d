/** Rows of the insight queries, of one region or two, to answers. Pure; called by routes/insights.ts and routes/errors.ts. */
import {
  COST_UNITS,
  type ErrorsAnswer,
  FUNNEL_STEPS,
  type FunnelAnswer,
  type UnitCostsAnswer,
} from "../../schema/api/insights.ts";
import type { SummaryAnswer } from "../../schema/api/metrics.ts";
import { changeOf } from "./merge.ts";
import { iso } from "./range.ts";
import type { Part } from "./unite.ts";

/** A ratio is shown to a hundredth of a percent. */
const RATIO_SCALE = 10_000;

/** `part` of `whole`; null of nothing. */
export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * RATIO_SCALE) / RATIO_SCALE;
}

/** The parts of each key, in the order in which keys first come. */
export function groupParts<Row extends Part>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const parts = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const known = parts.get(key);
    if (known === undefined) parts.set(key, [row]);
    else known.push(row);
  }
  return parts;
}

/** Sessions with code or a pull request, and the two together, to the steps. Both at once = each alone - either. */
export function funnelOf(
  sessions: Record<"all" | "code" | "pr" | "any", number>,
): Pick<FunnelAnswer, "steps" | "pull_requests_without_code"> {
  const both = Math.min(Math.max(0, sessions.code + sessions.pr - sessions.any), sessions.code, sessions.pr);
  const counts = [sessions.all, sessions.code, both];
  return {
    steps: FUNNEL_STEPS.map((step, i) => ({
      step,
      sessions: counts[i] ?? 0,
      of_sessions: ratio(counts[i] ?? 0, sessions.all),
      of_step_before: ratio(counts[i] ?? 0, counts[Math.max(0, i - 1)] ?? 0),
    })),
    pull_requests_without_code: sessions.pr - both,
  };
}

/** Costs of one of each, from the totals. */
export function unitCostsOf({
  totals,
}: Pick<SummaryAnswer, "totals">): Pick<
  UnitCostsAnswer,
  "cost_nano_usd" | "unpriced_tokens" | "unpriced_share" | "units"
> {
  const { cost_nano_usd: cost, unpriced_tokens: unpriced } = totals;
  const counts = {
    session: totals.sessions,
    user: totals.users,
    pull_request: totals.pull_requests,
    accepted_suggestion: totals.accepted,
    line_added: totals.lines_added,
  };
  return {
    cost_nano_usd: cost,
    unpriced_tokens: unpriced,
    unpriced_share: ratio(unpriced.value, totals.tokens.value),
    units: COST_UNITS.map((unit) => {
      const count = counts[unit];
      const [value, previous] = [each(cost.value, count.value), each(cost.previous, count.previous)];
      const change = value === null || previous === null ? null : changeOf(value, previous);
      return { unit, count, cost_nano_usd: { value, previous, change } };
    }),
  };
}

function each(cost: string, count: number): string | null {
  return count === 0 ? null : (BigInt(cost) / BigInt(count)).toString();
}

export interface ErrorRow {
  fingerprint: string;
  code: string;
  tool: string;
  message_shape: string;
  example: string;
  events: string;
  first: string;
  last: string;
  users: string;
  sessions: string;
  users_state: string;
  sessions_state: string;
}

/** A group as the regions know it. */
export interface ErrorParts {
  fingerprint: string;
  count: number;
  parts: ErrorRow[];
}

/** The groups of all regions together, most frequent first, then by fingerprint. */
export function errorGroups(answers: readonly ErrorRow[][]): ErrorParts[] {
  const groups = new Map<string, ErrorParts>();
  for (const row of answers.flat()) {
    const group = groups.get(row.fingerprint) ?? { fingerprint: row.fingerprint, count: 0, parts: [] };
    group.count += Number(row.events);
    group.parts.push(row);
    groups.set(row.fingerprint, group);
  }
  return [...groups.values()].sort(byErrorOrder);
}

export function byErrorOrder(
  a: Pick<ErrorParts, "count" | "fingerprint">,
  b: Pick<ErrorParts, "count" | "fingerprint">,
): number {
  return b.count - a.count || (a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0);
}

/** One group as answers show it; `users` and `sessions` are put together already. */
export function showErrorGroup(
  { fingerprint, count, parts }: ErrorParts,
  users: string,
  sessions: string,
): ErrorsAnswer["groups"][number] {
  const [first, ...rest] = parts;
  if (first === undefined) throw new TypeError("a group without parts");
  const latest = rest.reduce((a, b) => (Number(b.last) > Number(a.last) ? b : a), first);
  return {
    fingerprint,
    code: first.code,
    tool: first.tool,
    shape: first.message_shape,
    example: latest.example,
    count,
    first_seen: iso(Math.min(...parts.map((part) => Number(part.first)))),
    last_seen: iso(Number(latest.last)),
    users: Number(users),
    sessions: Number(sessions),
  };
}
