/** The figures at the top of Quality, out of the summary. Pure. */
import type { SummaryAnswer } from "../../../schema/api/metrics.ts";
import { formatShare } from "../format/change.ts";
import { formatCount, formatExact, NO_VALUE } from "../format/number.ts";
import { changeOfRate, rateOf } from "../format/share.ts";
import { unitFormat } from "../format/unit.ts";
import type { Stat } from "../ui/stat.tsx";

type Figures = Pick<SummaryAnswer, "duration_ms"> & {
  totals: Pick<SummaryAnswer["totals"], "events" | "errors" | "sessions" | "pull_requests" | "accepted" | "rejected">;
};
const TIME = unitFormat("ms");

/** Figures in the order of the page. */
export function qualityStats({ totals, duration_ms: duration }: Figures): Stat[] {
  const { events, errors, sessions, pull_requests: pullRequests, accepted, rejected } = totals;
  const decided = accepted.value + rejected.value;
  return [
    {
      ...rateStat("error-rate", "Error rate", [errors.value, events.value], [errors.previous, events.previous]),
      exact: `${formatExact(errors.value)} errors in ${formatExact(events.value)} events`,
      better: "less",
    },
    {
      key: "errors",
      label: "Errors",
      value: formatCount(errors.value),
      exact: formatExact(errors.value),
      change: errors.value === 0 && errors.previous === 0 ? undefined : errors.change,
      better: "less",
      note: perSession(errors.value, sessions.value),
    },
    lengthStat("p50", "Median session", duration.p50),
    lengthStat("p95", "95th percentile session", duration.p95),
    {
      ...rateStat(
        "acceptance",
        "Acceptance rate",
        [accepted.value, decided],
        [accepted.previous, accepted.previous + rejected.previous],
      ),
      exact: `${formatExact(accepted.value)} of ${formatExact(decided)} suggestions that were decided on`,
      better: "more",
      note: decided === 0 ? "none decided on" : `of ${formatCount(decided)}`,
    },
    {
      key: "pull-requests",
      label: "Pull requests",
      value: formatCount(pullRequests.value),
      exact: formatExact(pullRequests.value),
      change: pullRequests.value === 0 && pullRequests.previous === 0 ? undefined : pullRequests.change,
      better: "more",
    },
  ];
}

type Rate = readonly [part: number, whole: number];

function rateStat(key: string, label: string, now: Rate, before: Rate): Stat {
  const rate = rateOf(...now);
  return {
    key,
    label,
    value: formatShare(rate),
    exact: "",
    change: changeOfRate(rate, rateOf(...before)) ?? undefined,
  };
}

function perSession(errors: number, sessions: number): string {
  const rate = rateOf(errors, sessions);
  return rate === null ? "" : `${rate < 0.01 && rate > 0 ? "<0.01" : rate.toFixed(2)} a session`;
}

function lengthStat(key: string, label: string, figure: Figures["duration_ms"]["p50"]): Stat {
  const { value, previous, change } = figure;
  return {
    key,
    label,
    value: value === null ? NO_VALUE : TIME.short(value),
    exact: value === null ? "no session ended in this range" : `${TIME.exact(value)}, of sessions that ended`,
    change: value === null || previous === null ? undefined : change,
    note: value === null ? "none ended" : "",
  };
}

const FIGURE = { value: 0, previous: 0, change: null };
const NO_LENGTH = { value: null, previous: null, change: null };
/** What keeps the tiles' place while they load. */
export const NO_FIGURES: Figures = {
  duration_ms: { p50: NO_LENGTH, p95: NO_LENGTH },
  totals: {
    events: FIGURE,
    errors: FIGURE,
    sessions: FIGURE,
    pull_requests: FIGURE,
    accepted: FIGURE,
    rejected: FIGURE,
  },
};
