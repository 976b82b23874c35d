/** What an agent's counts say: fates of its records as parts of a whole, completeness in words. Pure; used by the integrations page. */
import type { IntegrationsAnswer } from "../../../schema/api/integrations.ts";
import { formatShare } from "../format/change.ts";
import { formatExact } from "../format/number.ts";
import { rateOf } from "../format/share.ts";

export type AgentFacts = IntegrationsAnswer["agents"][number];

export interface Fate {
  key: "mapped" | "kept" | "ignored" | "unknown" | "rejected";
  label: string;
  meaning: string;
  count: number;
  /** Of what was received; null when nothing was. */
  share: number | null;
  /** A colour of tokens.css. */
  token: string;
}

const FATES: readonly Omit<Fate, "count" | "share">[] = [
  { key: "mapped", label: "mapped", meaning: "became an event or a part of one", token: "--series-2" },
  { key: "kept", label: "kept", meaning: "kept as a custom event of the agent", token: "--series-4" },
  { key: "ignored", label: "ignored", meaning: "known, and left out on purpose", token: "--series-rest" },
  { key: "unknown", label: "unknown", meaning: "of a name no table has; kept as custom events", token: "--series-3" },
  {
    key: "rejected",
    label: "refused",
    meaning: "refused, with the reason in the answer to the agent",
    token: "--series-6",
  },
];

/** Every fate, also those of nothing. */
export function fatesOf(records: AgentFacts["records"]): Fate[] {
  return FATES.map((fate) => ({
    ...fate,
    count: records[fate.key],
    share: rateOf(records[fate.key], records.received),
  }));
}

export interface Completeness {
  text: string;
  note: string;
  /** Something is missing. */
  warn: boolean;
}

/** Below this difference metrics and events agree: they are cut at other moments. */
const LEDGER_TOLERANCE = 0.01;

/** How much of what an agent sent was seen, over the last 24 hours. */
export function completenessOf(value: AgentFacts["completeness"]): Completeness {
  if (value === null) return { text: "—", note: "This agent numbers nothing, so gaps cannot be seen.", warn: false };
  const { sessions, share, missing_records: missing, ledger_difference: difference } = value;
  if (share === null && difference === null)
    return { text: "—", note: "Nothing to measure in the last 24 hours.", warn: false };
  const of = `${formatExact(sessions)} ${sessions === 1 ? "session" : "sessions"} of 24 hours`;
  const gaps =
    share === null ? "" : missing === 0 ? "no gap in the numbering" : `${formatExact(missing)} records missing`;
  const ledger = difference === null ? "" : `metrics and events differ by ${formatShare(difference)} of tokens`;
  return {
    text: share === null ? "—" : exactShare(share),
    note: [of, gaps, ledger].filter((part) => part !== "").join("; "),
    warn: missing > 0 || (difference ?? 0) > LEDGER_TOLERANCE,
  };
}

/** A share that is not whole never reads as 100 %. */
function exactShare(share: number): string {
  return share < 1 && share > 0.995 ? `${(Math.floor(share * 10_000) / 100).toFixed(2)}\u00a0%` : formatShare(share);
}
