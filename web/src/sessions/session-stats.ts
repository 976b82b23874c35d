/** The figures at the top of a session's page. Pure. */
import type { Session } from "../../../schema/api/sessions.ts";
import { formatShare } from "../format/change.ts";
import { formatUsd, formatUsdExact } from "../format/money.ts";
import { formatCount, formatExact, NO_VALUE } from "../format/number.ts";
import { formatDuration } from "../format/time.ts";
import type { Stat } from "../ui/stat.tsx";
import { lengthOf } from "./session-state.ts";

export function sessionStats(session: Session): Stat[] {
  const unpriced = session.unpriced_tokens;
  const unknown = unpriced > 0 && session.cost_nano_usd === "0";
  return [
    {
      key: "duration",
      label: "Duration",
      value: formatDuration(lengthOf(session)),
      exact: `${formatExact(lengthOf(session))} ms from the first to the last event`,
    },
    {
      key: "cost",
      label: "Cost",
      value: unknown ? NO_VALUE : formatUsd(session.cost_nano_usd),
      exact: unknown ? "No price is known" : formatUsdExact(session.cost_nano_usd),
      note: unpriced === 0 ? "" : `${formatCount(unpriced)} tokens unpriced`,
    },
    {
      key: "events",
      label: "Events",
      value: formatCount(session.events),
      exact: formatExact(session.events),
      note:
        session.security_alerts === 0
          ? ""
          : `${formatExact(session.security_alerts)} security alert${session.security_alerts === 1 ? "" : "s"}`,
    },
    {
      key: "errors",
      label: "Errors",
      value: formatCount(session.errors),
      exact: formatExact(session.errors),
      note:
        session.errors === 0 || session.events === 0 ? "" : `${formatShare(session.errors / session.events)} of events`,
    },
    {
      key: "lines",
      label: "Lines added",
      value: formatCount(session.lines_added),
      exact: formatExact(session.lines_added),
      note: `${formatCount(session.lines_removed)} removed`,
    },
    {
      key: "pull_requests",
      label: "Pull requests",
      value: formatCount(session.pull_requests),
      exact: formatExact(session.pull_requests),
    },
  ];
}
