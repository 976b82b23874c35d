/** Sessions that run now: who, with what, where, how long. A table with its own scroll, so that the page never grows. */
import { memo, type ReactElement } from "react";
import { formatUsd, formatUsdExact } from "../format/money.ts";
import { formatCount, formatExact } from "../format/number.ts";
import { formatDuration, formatMoment, type Zone } from "../format/time.ts";
import { Name } from "../ui/text.tsx";
import type { Session, SessionCounts } from "./model.ts";

/** Rows on screen; a longer list is for the sessions view, not for watching. */
const MAX_ROWS = 200;

export function SessionList({
  sessions,
  counts,
  now,
  zone,
  loading,
}: {
  sessions: readonly Session[];
  counts: SessionCounts;
  /** Server ms. */
  now: number;
  zone: Zone;
  loading: boolean;
}): ReactElement {
  const rows = sessions.slice(0, MAX_ROWS);
  const more = counts.running + counts.idle - rows.length;
  return (
    <section className="panel panel-fixed" aria-labelledby="sessions-title">
      <div className="panel-head">
        <h2 id="sessions-title">Running now</h2>
        <span className="panel-note">
          {loading ? "" : `${formatCount(counts.running)} running, ${formatCount(counts.idle)} idle`}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="panel-scroll" tabIndex={0} aria-label="Sessions running now, list">
        {loading ? (
          <SkeletonRows />
        ) : rows.length === 0 ? (
          <p className="panel-empty">No session is running. Sessions appear here with their first event.</p>
        ) : (
          <table className="sessions">
            <thead>
              <tr>
                <th scope="col" className="col-user">
                  User
                </th>
                <th scope="col" className="col-agent">
                  Agent
                </th>
                <th scope="col" className="col-model">
                  Model
                </th>
                <th scope="col" className="col-repo">
                  Repo
                </th>
                <th scope="col" className="col-branch">
                  Branch
                </th>
                <th scope="col" className="col-number col-events">
                  Events
                </th>
                <th scope="col" className="col-number col-cost">
                  Cost
                </th>
                <th scope="col" className="col-number col-time">
                  For
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((session) => (
                <SessionRow
                  key={`${session.session} ${session.user}`}
                  session={session}
                  runs={formatDuration(now - session.started_at)}
                  quiet={session.state === "idle" ? formatDuration(now - session.last_at) : null}
                  zone={zone}
                />
              ))}
            </tbody>
          </table>
        )}
        {!loading && more > 0 ? <p className="panel-more">and {formatExact(more)} more</p> : null}
      </section>
    </section>
  );
}

/** Drawn anew only when the session or a text in it changes: a long list ticks every second. */
const SessionRow = memo(function SessionRow({
  session,
  runs,
  quiet,
  zone,
}: {
  session: Session;
  /** How long it runs, and for an idle one how long it has been silent, as texts. */
  runs: string;
  quiet: string | null;
  zone: Zone;
}): ReactElement {
  return (
    <tr data-state={session.state} data-session={session.session}>
      <td className="col-user">
        <span className="cell-line">
          <span
            className="state-dot"
            data-state={session.state}
            title={quiet === null ? "Running" : `Idle: silent for ${quiet}`}
          >
            <span className="visually-hidden">{session.state}: </span>
          </span>
          <Name value={session.user} />
        </span>
        <span className="cell-under narrow-only">
          <Name value={session.agent} />
          {session.model === "" ? null : <Name value={session.model} className="after" />}
        </span>
      </td>
      <td className="col-agent">
        <Name value={session.agent} />
      </td>
      <td className="col-model">
        <Name value={session.model} />
      </td>
      <td className="col-repo">
        <Name value={session.repo} />
        <span className="cell-under narrow-only">
          <Name value={session.branch} className="mono" />
        </span>
      </td>
      <td className="col-branch">
        <Name value={session.branch} className="mono" />
      </td>
      <td className="col-number col-events" title={formatExact(session.events)}>
        {formatCount(session.events)}
      </td>
      <td className="col-number col-cost" title={formatUsdExact(session.cost_nano_usd)}>
        {formatUsd(session.cost_nano_usd)}
      </td>
      <td className="col-number col-time" title={`Since ${formatMoment(session.started_at, zone)}`}>
        {runs}
        <span className="cell-under narrow-only">{session.state}</span>
      </td>
    </tr>
  );
});

function SkeletonRows(): ReactElement {
  return (
    <div className="skeleton-rows">
      <span className="visually-hidden">Loading sessions</span>
      {[72, 58, 80, 64, 70].map((width) => (
        <span key={width} className={`skeleton skeleton-row skeleton-w${width}`} />
      ))}
    </div>
  );
}
