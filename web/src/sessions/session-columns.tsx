/** The columns of the list of sessions: many where there is room, two of two lines on a phone. Used by the list. */
import type { ReactElement } from "react";
import type { Session } from "../../../schema/api/sessions.ts";
import { formatUsd, formatUsdExact } from "../format/money.ts";
import { formatCount, formatExact, NO_VALUE } from "../format/number.ts";
import { formatDay, formatDuration, formatMinute, formatMoment, type Zone } from "../format/time.ts";
import type { TableColumn } from "../ui/data-table.tsx";
import { Name } from "../ui/text.tsx";
import { lengthOf, type SessionState, stateLabel, stateOf, stateReason } from "./session-state.ts";
import type { SessionOrder } from "./sort-sessions.ts";

const DOT: Record<SessionState, string> = {
  running: "border-good bg-good",
  idle: "border-faint",
  ended: "border-faint bg-faint",
  lost: "border-warn",
};

/** The state in a dot and a word; the word says it without the colour. */
export function State({ session, now }: { session: Session; now: number }): ReactElement {
  const state = stateOf(session, now);
  return (
    <span className="flex min-w-0 items-center gap-2" title={stateReason(state)} data-state={state}>
      <Dot state={state} />
      <bdi className="truncate first-letter:uppercase">{stateLabel(session, now)}</bdi>
    </span>
  );
}

function Dot({ state }: { state: SessionState }): ReactElement {
  return <span className={`size-2 flex-none rounded-full border-2 ${DOT[state]}`} aria-hidden="true" />;
}

function Started({ at, zone }: { at: number; zone: Zone }): ReactElement {
  return (
    <span className="whitespace-nowrap" title={formatMoment(at, zone)}>
      {formatDay(at, zone)}, {formatMinute(at, zone)}
    </span>
  );
}

/** Tokens without a price make a sum that is too small, or none at all. */
export function Cost({ session }: { session: Session }): ReactElement {
  const { cost_nano_usd, unpriced_tokens } = session;
  const unpriced = unpriced_tokens === 0 ? "" : `, without ${formatExact(unpriced_tokens)} tokens that have no price`;
  const none = unpriced !== "" && cost_nano_usd === "0";
  return (
    <span title={`${none ? "Not known" : formatUsdExact(cost_nano_usd)}${unpriced}`}>
      {none ? NO_VALUE : `${formatUsd(cost_nano_usd)}${unpriced === "" ? "" : " +"}`}
    </span>
  );
}

export function Lines({ session }: { session: Session }): ReactElement {
  const { lines_added, lines_removed } = session;
  return (
    <span
      className={lines_added === 0 && lines_removed === 0 ? "cut faint" : "cut"}
      title={`${formatExact(lines_added)} added, ${formatExact(lines_removed)} removed`}
    >
      +{formatCount(lines_added)} −{formatCount(lines_removed)}
    </span>
  );
}

function Place({ session }: { session: Session }): ReactElement {
  return (
    <span className="flex min-w-0 gap-2">
      <Name value={session.repo} />
      {session.branch === "" ? null : (
        <span className="min-w-10 flex-1 text-muted">
          <Name value={session.branch} className="mono" />
        </span>
      )}
    </span>
  );
}

/** `now`: local ms, for states. */
export function sessionColumns(now: number, zone: Zone): readonly TableColumn<Session>[] {
  const text = (key: SessionOrder & ("user" | "agent"), title: string, track: string): TableColumn<Session> => ({
    key,
    title,
    track,
    sortable: true,
    cell: (session) => <Name value={key === "user" ? session.user_id : session.agent} />,
  });
  const count = (key: "events" | "errors" | "tokens", title: string, track: string): TableColumn<Session> => ({
    key,
    title,
    track,
    numeric: true,
    sortable: true,
    cell: ({ [key]: value }) => (
      <span
        className={value === 0 ? "faint" : key === "errors" ? "font-medium text-bad" : ""}
        title={formatExact(value)}
      >
        {formatCount(value)}
      </span>
    ),
  });
  return [
    {
      key: "started",
      title: "Started",
      track: "92px",
      sortable: true,
      cell: ({ started_at }) => <Started at={Date.parse(started_at)} zone={zone} />,
    },
    text("user", "User", "minmax(96px, 1.2fr)"),
    text("agent", "Agent", "minmax(76px, 0.8fr)"),
    {
      key: "models",
      title: "Models",
      track: "minmax(72px, 1fr)",
      cell: ({ models }) => <Name value={models.join(", ")} />,
    },
    {
      key: "repo",
      title: "Repo, branch",
      track: "minmax(112px, 1.8fr)",
      cell: (session) => <Place session={session} />,
    },
    { key: "state", title: "State", track: "98px", cell: (session) => <State session={session} now={now} /> },
    {
      key: "duration",
      title: "Duration",
      track: "64px",
      numeric: true,
      sortable: true,
      cell: (session) => (
        <span className="whitespace-nowrap" title={`${formatExact(lengthOf(session))} ms`}>
          {formatDuration(lengthOf(session))}
        </span>
      ),
    },
    count("events", "Events", "44px"),
    count("errors", "Errors", "40px"),
    {
      key: "lines",
      title: "Lines",
      track: "80px",
      numeric: true,
      sortable: true,
      cell: (session) => <Lines session={session} />,
    },
    count("tokens", "Tokens", "48px"),
    {
      key: "cost",
      title: "Cost",
      track: "56px",
      numeric: true,
      sortable: true,
      cell: (session) => <Cost session={session} />,
    },
  ];
}

/** CSS pixels of a row of `narrowColumns`. */
export const NARROW_ROW = 56;

export function narrowColumns(now: number, zone: Zone): readonly TableColumn<Session>[] {
  return [
    {
      key: "user",
      title: "Session",
      track: "minmax(0, 1fr)",
      cell: (session) => (
        <>
          <span className="flex min-w-0 items-center gap-2">
            <Dot state={stateOf(session, now)} />
            <span className="visually-hidden">{stateLabel(session, now)}: </span>
            <Name value={session.user_id} />
          </span>
          <span className="flex min-w-0 gap-2 ps-4 text-2 text-muted">
            <span className="max-w-1/2 flex-none">
              <Name value={session.agent} />
            </span>
            <Name value={session.repo} />
          </span>
        </>
      ),
    },
    {
      key: "started",
      title: "Cost, started",
      track: "96px",
      numeric: true,
      cell: (session) => (
        <>
          <span className="block">
            <Cost session={session} />
          </span>
          <span className="block text-2 text-muted">
            <Started at={Date.parse(session.started_at)} zone={zone} />
          </span>
        </>
      ),
    },
  ];
}
