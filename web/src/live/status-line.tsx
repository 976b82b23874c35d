/** One line of fixed height: is it live, how old is it, whose clock. Never moves what is below it. */
import type { ReactElement } from "react";
import { formatAge, formatClock, formatMoment, type Zone, zoneName } from "../format/time.ts";
import { usePreference } from "../ui/preference.ts";
import { usePreferences } from "../ui/preferences.tsx";
import type { Phase } from "./connection.ts";

const WORDS: Record<Phase, string> = {
  connecting: "Connecting",
  live: "Live",
  stale: "Stale",
  reconnecting: "Reconnecting",
  offline: "Offline",
  refused: "No access",
};
const EXPLAINED: Record<Phase, string | null> = {
  connecting: null,
  live: null,
  stale: "The connection is open, but nothing has been heard for a while.",
  reconnecting: "The connection was lost. What you see is as of the time shown; it catches up when it is back.",
  offline: "This device is offline. What you see is as of the time shown.",
  refused: null,
};

const NEVER_REACHED = "Live data cannot be reached. Trying again.";

export function StatusLine({
  phase,
  refused,
  heardAt,
  skewMs,
  now,
  truncated,
  onRetry,
}: {
  phase: Phase;
  refused: string | null;
  /** Local ms when the server was last heard. */
  heardAt: number | null;
  skewMs: number;
  now: number;
  truncated: boolean;
  onRetry(): void;
}): ReactElement {
  const zone = usePreference(usePreferences().zone);
  const explained = refused ?? (heardAt === null && phase === "reconnecting" ? NEVER_REACHED : EXPLAINED[phase]);
  const troubled = phase !== "live" && phase !== "connecting";
  return (
    <div className={`status-line status-${phase}`}>
      <span className="pill" data-phase={phase}>
        <span className="dot" />
        {WORDS[phase]}
      </span>
      <span className="visually-hidden" role="status">
        Connection: {WORDS[phase]}
      </span>
      <span className="as-of">
        {heardAt === null ? (
          <span className="faint">No data yet</span>
        ) : (
          <>
            <span className="wide-only">Data as of </span>
            <span className="narrow-only">As of </span>
            <time title={formatMoment(heardAt + skewMs, zone)} dateTime={new Date(heardAt + skewMs).toISOString()}>
              {formatClock(heardAt + skewMs, zone)}
            </time>
            <span className="age">{formatAge(now - heardAt)}</span>
          </>
        )}
      </span>
      {explained === null ? null : (
        <span className="status-explained cut" title={explained}>
          {explained}
        </span>
      )}
      {troubled ? (
        <button type="button" className="button button-small" onClick={onRetry}>
          <span>
            Retry<span className="wide-only"> now</span>
          </span>
        </button>
      ) : null}
      <span className="status-space" />
      {truncated ? (
        <span
          className="tag tag-warn"
          title="A limit of the live view was reached: some sessions or windows are summed together."
        >
          Truncated
        </span>
      ) : null}
      <ZoneSwitch now={now} zone={zone} />
    </div>
  );
}

function ZoneSwitch({ now, zone }: { now: number; zone: Zone }): ReactElement {
  const { zone: preference } = usePreferences();
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">Time zone</legend>
      {preference.values.map((value) => (
        <label key={value} className="segment">
          <input
            type="radio"
            name="zone"
            value={value}
            checked={value === zone}
            onChange={() => preference.set(value)}
          />
          <span>{value === "utc" ? "UTC" : zoneLabel(now)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A viewer whose own zone is UTC still has two choices with different names. */
function zoneLabel(now: number): string {
  const name = zoneName("local", now);
  return name === "UTC" ? "Local" : name;
}
