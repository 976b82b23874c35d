/** Security: alerts over time and in the list, the parts of the score, rules as they are changed. */
import { describe, expect, it } from "vitest";
import { SavedQuerySchema } from "../../../schema/api/query.ts";
import { complianceScore, complianceTerms } from "../../../schema/compliance.ts";
import { RulePolicySchema } from "../../../schema/rule-policy.ts";
import { RULE_IDS, SECURITY_RULES } from "../../../schema/security-rules.ts";
import {
  alertRows,
  courseData,
  courseQuestion,
  listQuestion,
  severityRank,
  stepOf,
} from "../../../web/src/security/alerts.ts";
import { changesRules, policyOf, type ShownRule } from "../../../web/src/security/rule-drafts.ts";
import { formatPoints, scoreParts, scoreTone } from "../../../web/src/security/score.ts";

const HOUR = 3_600_000;
const FROM = Date.parse("2026-11-22T00:00:00Z");
const iso = (ms: number): string => new Date(ms).toISOString();
const row = (dimensions: (string | null)[], values: (number | string)[]) => ({ dimensions, values, previous: null });

describe("alerts over time", () => {
  const series = { times: [iso(FROM), iso(FROM + HOUR), iso(FROM + 2 * HOUR)], to: iso(FROM + 3 * HOUR) };
  it("put each group into its step, with a nothing where there was none", () => {
    const rows = [
      row([iso(FROM), "hook_blocked"], [2]),
      row([iso(FROM + 2 * HOUR), "hook_blocked"], [1]),
      row([iso(FROM + HOUR), null], [4]),
    ];
    const data = courseData([series, { rows }], "rule");
    expect(data.series.map(({ label, values, total }) => [label, values, total])).toEqual([
      ["Blocked by a hook", [2, 0, 1], 3],
      ["no rule given", [0, 4, 0], 4],
    ]);
    expect(data.end).toBe(FROM + 3 * HOUR);
  });
  it("count a row that begins before the first step, as cut days do, in the first", () => {
    const data = courseData([series, { rows: [row([iso(FROM - HOUR), "x"], [1])] }], "rule");
    expect(data.series[0]?.values).toEqual([1, 0, 0]);
  });
  it("order severities by gravity and keep a rule's colour whatever else is there", () => {
    const rows = ["low", "critical", "weird", "high"].map((severity) => row([iso(FROM), severity], [1]));
    expect(courseData([series, { rows }], "severity").series.map(({ label }) => label)).toEqual([
      "critical",
      "high",
      "low",
      "weird",
    ]);
    expect(severityRank("weird")).toBeGreaterThan(severityRank("info"));
    const alone = courseData([series, { rows: [row([iso(FROM), "auth_failed"], [1])] }], "rule").series[0]?.token;
    const among = courseData([series, { rows: RULE_IDS.map((id) => row([iso(FROM), id], [1])) }], "rule").series;
    expect(among.find(({ key }) => key === "group auth_failed")?.token).toBe(alone);
    expect(new Set(among.map(({ token }) => token)).size).toBe(RULE_IDS.length);
  });
  it("give rules of other senders colours that no rule beside them has", () => {
    const rows = ["secret-in-diff", "hook_blocked", "egress", null].map((rule) => row([iso(FROM), rule], [1]));
    const tokens = courseData([series, { rows }], "rule").series.map(({ token }) => token);
    expect(new Set(tokens).size).toBe(4);
    expect(tokens.at(-1)).toBe("--series-rest");
  });
  it.each([1, 24, 24 * 7, 24 * 90, 24 * 366])(
    "of %i hours fit every rule into one page, as the API's schema takes it",
    (hours) => {
      const interval = stepOf({ from: FROM - hours * HOUR, to: FROM });
      const lengths = { "10s": 1 / 360, "1m": 1 / 60, "1h": 1, "1d": 24, "1w": 168, "1mo": 720 };
      expect((hours / lengths[interval] + 2) * RULE_IDS.length).toBeLessThan(1_010);
      expect(SavedQuerySchema.safeParse(courseQuestion("rule", interval)).success).toBe(true);
    },
  );
});

it("the list of alerts is a question that the API takes, and its rows keep what is not given apart", () => {
  for (const rule of [undefined, "hook_blocked"])
    expect(SavedQuerySchema.safeParse(listQuestion(rule)).success).toBe(true);
  const rows = alertRows({
    rows: [row(["r", "high", "ada", "s1"], [3, iso(FROM)]), row([null, null, null, null], [1, "?"])],
  });
  expect(rows[0]).toMatchObject({ rule: "r", count: 3, last: FROM });
  expect(rows[1]).toMatchObject({ rule: "", session: "", last: null });
});

describe("the score", () => {
  const counts = { openAlerts: 20, violations: 40, sessions: 100, activeKeys: 4, oldKeys: 4, completeness: 0 };
  const terms = complianceTerms(counts);
  const compliance = {
    score: complianceScore(counts),
    alerts: { open: 20, points: terms.alerts },
    violations: { count: 40, sessions: 100, per_100_sessions: 40, points: terms.violations },
    keys: { active: 4, old: 4, share: 1, points: terms.keys },
    telemetry: { completeness: 0, points: terms.telemetry },
  };
  it("names for each part the most it can take, as the score is made", () => {
    const parts = scoreParts({ compliance });
    expect(parts.map(({ points, most }) => [points, most])).toEqual([
      [40, 40],
      [30, 30],
      [20, 20],
      [10, 10],
    ]);
    expect(100 - parts.reduce((sum, { points }) => sum + points, 0)).toBe(compliance.score);
  });
  it("shows points without noise and never a lost one as none", () => {
    expect([0, 0.01, 2.5, 30].map(formatPoints)).toEqual(["0", "<0.1", "2.5", "30"]);
    expect([95, 65, 20].map(scoreTone)).toEqual(["good", "warn", "bad"]);
  });
});

describe("rules", () => {
  const rules: ShownRule[] = SECURITY_RULES.map(({ id, title, description, severity }) => ({
    id,
    title,
    description,
    agents: [],
    default_severity: severity,
    enabled: true,
    severity,
  }));
  it("say only what differs from their own word", () => {
    expect(policyOf(rules, {})).toEqual({ v: 1, rules: {} });
    const drafts = {
      hook_blocked: { enabled: false, severity: "medium" },
      secret_seen: { enabled: true, severity: "critical" },
    } as const;
    const policy = policyOf(rules, drafts);
    expect(policy.rules).toEqual({
      hook_blocked: { enabled: false },
      secret_seen: { enabled: true, severity: "critical" },
    });
    expect(RulePolicySchema.parse(policy)).toEqual(policy);
  });
  it("keep what was chosen before beside a new choice", () => {
    const chosen = rules.map((rule) => (rule.id === "auth_failed" ? { ...rule, enabled: false } : rule));
    expect(policyOf(chosen, { hook_blocked: { enabled: false, severity: "medium" } }).rules).toEqual({
      hook_blocked: { enabled: false },
      auth_failed: { enabled: false },
    });
  });
  it("are changed only by what differs", () => {
    expect(changesRules(rules, { hook_blocked: { enabled: true, severity: "medium" } })).toBe(false);
    expect(changesRules(rules, { hook_blocked: { enabled: false, severity: "medium" } })).toBe(true);
  });
});
