/** The compliance score of the latest day that has one, its four parts in words, and how it went. Pure. */
import type { DailyReport } from "../../../schema/api/reports.ts";
import { COUNTED_SEVERITIES, OLD_KEY_DAYS, OPEN_ALERT_DAYS } from "../../../schema/compliance.ts";
import { formatShare } from "../format/change.ts";
import { formatExact } from "../format/number.ts";

export interface ScorePart {
  key: keyof Omit<DailyReport["compliance"], "score">;
  label: string;
  /** Points taken off, and the most that it can take. */
  points: number;
  most: number;
  why: string;
  /** How to get the points back. */
  way: string;
}

const plural = (count: number, one: string, many: string): string =>
  `${formatExact(count)} ${count === 1 ? one : many}`;

export function scoreParts({ compliance }: Pick<DailyReport, "compliance">): ScorePart[] {
  const { alerts, violations, keys, telemetry } = compliance;
  return [
    {
      key: "alerts",
      label: "Open alerts",
      points: alerts.points,
      most: 40,
      why: `${plural(alerts.open, "alert", "alerts")} of ${COUNTED_SEVERITIES.join(" or ")} severity in ${OPEN_ALERT_DAYS} days, 5 points each`,
      way: "They count for 30 days. Look into the list above, and set the severity of rules that do not matter to you.",
    },
    {
      key: "violations",
      label: "Policy violations",
      points: violations.points,
      most: 30,
      why: `${plural(violations.count, "violation", "violations")} in ${plural(violations.sessions, "session", "sessions")} of the day: bypassed permissions, blocks, refused tools and suggestions`,
      way: "2 points for each per 100 sessions.",
    },
    {
      key: "keys",
      label: "Old keys",
      points: keys.points,
      most: 20,
      why: `${formatExact(keys.old)} of ${plural(keys.active, "active key", "active keys")} older than ${OLD_KEY_DAYS} days`,
      way: "Rotate them under Settings, Ingest keys.",
    },
    {
      key: "telemetry",
      label: "Completeness",
      points: telemetry.points,
      most: 10,
      why: `${formatShare(telemetry.completeness)} of what agents sent arrived`,
      way: "Settings, Integrations shows what is missing from which agent.",
    },
  ];
}

/** Points as people read them: whole, or with one decimal. */
export function formatPoints(points: number): string {
  const text = points.toFixed(1).replace(/\.0$/, "");
  return points > 0 && text === "0" ? "<0.1" : text;
}

export type ScoreTone = "good" | "warn" | "bad";

/** From 90 on nothing urgent, below 60 something is wrong. */
export function scoreTone(score: number): ScoreTone {
  if (score >= 90) return "good";
  return score >= 60 ? "warn" : "bad";
}
