/**
 * The compliance score of a day and its terms. Used by the rollup, which stores them, and by the API, which puts the regions of a
 * global tenant together. Pure.
 */

/** Days of which security alerts count as open. */
export const OPEN_ALERT_DAYS = 30;
/** An active ingest key older than this counts as old. */
export const OLD_KEY_DAYS = 90;
/** Severities of alerts that count. */
export const COUNTED_SEVERITIES = ["high", "critical"] as const;
/** Rules of security alerts that are violations of a policy; a suggestion that was not accepted is one too. */
export const VIOLATION_RULES = ["permission_bypass", "tool_rejected", "hook_blocked"] as const;

export interface ComplianceCounts {
  /** H: security alerts of high or critical severity in the 30 days up to the day's end. */
  openAlerts: number;
  /** Of the day. */
  violations: number;
  sessions: number;
  /** At the day's end. */
  activeKeys: number;
  oldKeys: number;
  /** C, 0 to 1. */
  completeness: number;
}

/** Points that each term takes off 100. */
export interface ComplianceTerms {
  alerts: number;
  violations: number;
  keys: number;
  telemetry: number;
}

/** V: violations per 100 sessions. */
export function violationRate({ violations, sessions }: Pick<ComplianceCounts, "violations" | "sessions">): number {
  return sessions === 0 ? 0 : (100 * violations) / sessions;
}

/** K: the share of active keys that are old. */
export function oldKeyShare({ activeKeys, oldKeys }: Pick<ComplianceCounts, "activeKeys" | "oldKeys">): number {
  return activeKeys === 0 ? 0 : oldKeys / activeKeys;
}

export function complianceTerms(counts: ComplianceCounts): ComplianceTerms {
  return {
    alerts: Math.min(40, 5 * counts.openAlerts),
    violations: Math.min(30, 2 * violationRate(counts)),
    keys: 20 * oldKeyShare(counts),
    telemetry: 10 * (1 - counts.completeness),
  };
}

/** 0 to 100. */
export function complianceScore(counts: ComplianceCounts): number {
  const { alerts, violations, keys, telemetry } = complianceTerms(counts);
  return Math.max(0, 100 - alerts - violations - keys - telemetry);
}
