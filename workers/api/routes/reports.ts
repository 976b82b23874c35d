/**
 * GET /api/v1/reports/daily: stored reports of days, for admins: they hold the whole organisation's totals. Reports are written by
 * the rollup; those of two regions are put together here by the same formula.
 */
import {
  type DailyReport,
  DailyReportsAnswerSchema,
  DailyReportsQuerySchema,
  MAX_REPORT_DAYS,
} from "../../../schema/api/reports.ts";
import {
  type ComplianceCounts,
  complianceScore,
  complianceTerms,
  oldKeyShare,
  violationRate,
} from "../../../schema/compliance.ts";
import { PublicError } from "../../../schema/errors.ts";
import { DAY_MS } from "../../../schema/limits.ts";
import { addDecimals, readRegions } from "../merge.ts";
import { dayStatesQuery, reportsQuery, SUMS } from "../queries/reports.ts";
import type { Asking } from "../queries/status.ts";
import { iso, type Range } from "../range.ts";
import { defineRoute } from "../route.ts";
import { type Part, uniteParts } from "../unite.ts";

const USUAL_DAYS = 30;

export const dailyReportsRoute = defineRoute({
  method: "get",
  path: "/api/v1/reports/daily",
  permission: "metrics:read",
  scope: "org",
  summary: "Daily totals and the compliance score with each of its terms",
  tags: ["reports"],
  query: DailyReportsQuerySchema,
  answer: DailyReportsAnswerSchema,
  handler: async ({ query, principal, read, regions, access, now }) => {
    const range = daysOf(query, now);
    const asking = { read, regions, access };
    const answers = await readRegions(read, regions, reportsQuery, access, { range });
    const reports = new Map<number, PartialReport[]>();
    for (const row of answers.flat()) {
      const day = Number(row.at) * 1_000;
      reports.set(day, [...(reports.get(day) ?? []), row]);
    }
    const distinct = await distinctOf(asking, range);
    return {
      org_id: principal.org_id,
      from: iso(range.from).slice(0, 10),
      to: iso(range.to).slice(0, 10),
      reports: [...reports]
        .sort(([a], [b]) => a - b)
        .map(([day, parts]) => reportOf(day, parts, parts.length > 1 ? distinct.get(day) : undefined)),
    };
  },
});

interface PartialReport {
  created: string;
  sums: string[];
  completeness: number;
}

interface Distinct {
  users: string;
  sessions: string;
}

/** Whole UTC days. Throws PublicError `invalid_request`. */
function daysOf(query: { from?: string | undefined; to?: string | undefined }, now: number): Range {
  const dayAt = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;
  const to = query.to === undefined ? dayAt(now) + DAY_MS : Math.ceil(Date.parse(query.to) / DAY_MS) * DAY_MS;
  const from = query.from === undefined ? to - USUAL_DAYS * DAY_MS : dayAt(Date.parse(query.from));
  if (!(from < to)) throw new PublicError("invalid_request", "`from` must be before `to`");
  if (to - from > MAX_REPORT_DAYS * DAY_MS) {
    throw new PublicError("invalid_request", `at most ${MAX_REPORT_DAYS} days at a time`);
  }
  return { from, to };
}

/** Distinct users and sessions of days that both regions of a tenant have; nothing for a tenant of one region. */
async function distinctOf(asking: Asking, range: Range): Promise<Map<number, Distinct>> {
  if (asking.regions.length < 2) return new Map();
  const answers = await readRegions(asking.read, asking.regions, dayStatesQuery, asking.access, { range });
  const days = new Map<number, { users: Part[]; sessions: Part[] }>();
  for (const { at, users, sessions } of answers.flat()) {
    const day = Number(at) * 1_000;
    const known = days.get(day) ?? { users: [], sessions: [] };
    known.users.push({ value: "0", state: users });
    known.sessions.push({ value: "0", state: sessions });
    days.set(day, known);
  }
  const both = [...days].filter(([, { users }]) => users.length > 1);
  const users = await uniteParts(
    asking,
    "users",
    both.map(([, parts]) => parts.users),
  );
  const sessions = await uniteParts(
    asking,
    "sessions",
    both.map(([, parts]) => parts.sessions),
  );
  return new Map(both.map(([day], n) => [day, { users: users[n] ?? "0", sessions: sessions[n] ?? "0" }]));
}

/** One report from those of the regions. Pure. Keys belong to the organisation: every region counted the same ones. */
function reportOf(day: number, parts: readonly PartialReport[], distinct: Distinct | undefined): DailyReport {
  const text = (name: (typeof SUMS)[number]): string =>
    addDecimals(parts.map(({ sums }) => sums[SUMS.indexOf(name)] ?? "0"));
  const sum = (name: (typeof SUMS)[number]): number => Number(text(name));
  const most = (name: (typeof SUMS)[number]): number =>
    Math.max(...parts.map(({ sums }) => Number(sums[SUMS.indexOf(name)] ?? "0")));
  const counts: ComplianceCounts = {
    openAlerts: sum("open_alerts"),
    violations: sum("violations"),
    sessions: distinct === undefined ? sum("sessions") : Number(distinct.sessions),
    activeKeys: most("active_keys"),
    oldKeys: most("old_keys"),
    completeness: Math.min(...parts.map(({ completeness }) => completeness)),
  };
  const points = complianceTerms(counts);
  return {
    day: iso(day).slice(0, 10),
    created_at: iso(Math.max(...parts.map(({ created }) => Number(created)))),
    events: sum("events"),
    sessions: counts.sessions,
    users: distinct === undefined ? sum("users") : Number(distinct.users),
    errors: sum("errors"),
    security_alerts: sum("security_alerts"),
    pull_requests: sum("pull_requests"),
    cost_nano_usd: text("cost_nano_usd"),
    tokens: sum("tokens"),
    unpriced_tokens: sum("unpriced_tokens"),
    lines_added: sum("lines_added"),
    lines_removed: sum("lines_removed"),
    accepted: sum("accepted"),
    rejected: sum("rejected"),
    compliance: {
      score: complianceScore(counts),
      alerts: { open: counts.openAlerts, points: points.alerts },
      violations: {
        count: counts.violations,
        sessions: counts.sessions,
        per_100_sessions: violationRate(counts),
        points: points.violations,
      },
      keys: { active: counts.activeKeys, old: counts.oldKeys, share: oldKeyShare(counts), points: points.keys },
      telemetry: { completeness: counts.completeness, points: points.telemetry },
    },
  };
}
