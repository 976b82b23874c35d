/** Rows of completeness, of one region or two, as what the API says: "we saw 97 %". Pure; called by the integration and session handlers. */
import type { z } from "zod";
import type { CompletenessSchema } from "../../schema/api/integrations.ts";

export interface Measured {
  expected: string;
  seen: string;
  event_tokens: string;
  metric_tokens: string;
}
export type Completeness = z.infer<typeof CompletenessSchema>;

/** A share is shown to a tenth of a percent, and never as whole when something is missing. */
const SHARE_STEPS = 1_000;

/** `sessions`: how many the rows are about. Undefined: there is nothing to measure. */
export function completenessOf(rows: readonly Measured[], sessions: number): Completeness | undefined {
  const sum = (name: keyof Measured): number => rows.reduce((total, row) => total + Number(row[name]), 0);
  const expected = sum("expected");
  const metricTokens = sum("metric_tokens");
  if (rows.length === 0 || (expected === 0 && metricTokens === 0)) return undefined;
  const seen = sum("seen");
  const eventTokens = sum("event_tokens");
  return {
    sessions,
    share: expected === 0 ? null : shareOf(seen, expected),
    missing_records: expected - seen,
    ledger_difference:
      metricTokens === 0 ? null : 1 - shareOf(Math.min(eventTokens, metricTokens), Math.max(eventTokens, metricTokens)),
  };
}

function shareOf(part: number, whole: number): number {
  return part >= whole ? 1 : Math.min(Math.floor((part / whole) * SHARE_STEPS), SHARE_STEPS - 1) / SHARE_STEPS;
}
