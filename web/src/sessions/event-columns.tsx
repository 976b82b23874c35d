/** The columns of a session's table of events, wide and narrow. Used by the events panel. */
import type { ReactElement } from "react";
import type { TimelineEvent } from "../../../schema/api/sessions.ts";
import { Swatch } from "../chart/swatch.tsx";
import { formatUsd, formatUsdExact } from "../format/money.ts";
import { formatCount, formatExact, NO_VALUE } from "../format/number.ts";
import { formatClock, formatDuration, type Zone } from "../format/time.ts";
import type { TableColumn } from "../ui/data-table.tsx";
import { Name } from "../ui/text.tsx";
import { factsOf, summaryOf, tokensOf, typeName } from "./event-facts.ts";
import { formatElapsed, formatPrecise } from "./session-times.ts";
import { laneOf } from "./timeline-lanes.ts";
import { tokenOf } from "./timeline-paint.ts";

function TypeCell({ event }: { event: TimelineEvent }): ReactElement {
  return (
    <span className="flex min-w-0 items-center gap-2" title={event.event_type}>
      <Swatch token={tokenOf({ lane: laneOf(event), event })} />
      <span className="truncate">{typeName(event.event_type)}</span>
    </span>
  );
}

/** `start`: ms of the session's first event. */
export function eventColumns(start: number, zone: Zone, narrow: boolean): readonly TableColumn<TimelineEvent>[] {
  const at = ({ timestamp }: TimelineEvent): number => Date.parse(timestamp);
  const elapsed: TableColumn<TimelineEvent> = {
    key: "elapsed",
    title: "After",
    track: "76px",
    numeric: true,
    cell: (event) => (
      <span className="whitespace-nowrap text-muted" title={formatPrecise(at(event), zone)}>
        {formatElapsed(at(event) - start)}
      </span>
    ),
    text: (event) => at(event) - start,
  };
  const clock: TableColumn<TimelineEvent> = {
    key: "at",
    title: "Time",
    track: "56px",
    cell: (event) => <span title={formatPrecise(at(event), zone)}>{formatClock(at(event), zone)}</span>,
    text: ({ timestamp }) => timestamp,
  };
  const type: TableColumn<TimelineEvent> = {
    key: "type",
    title: "Type",
    track: narrow ? "112px" : "120px",
    cell: (event) => <TypeCell event={event} />,
    text: ({ event_type }) => event_type,
  };
  const what: TableColumn<TimelineEvent> = {
    key: "what",
    title: "What",
    track: narrow ? "minmax(0, 1fr)" : "minmax(100px, 1fr)",
    cell: (event) => <Name value={summaryOf(event)} />,
    text: summaryOf,
  };
  if (narrow) return [type, what, elapsed];
  return [
    clock,
    elapsed,
    type,
    what,
    {
      key: "took",
      title: "Took",
      track: "60px",
      numeric: true,
      cell: (event) => <Took ms={factsOf(event).duration_ms} />,
      text: (event) => factsOf(event).duration_ms,
    },
    {
      key: "tokens",
      title: "Tokens",
      track: "48px",
      numeric: true,
      cell: (event) => <Tokens event={event} />,
      text: (event) => (event.event_type === "cost_incurred" ? tokensOf(event) : null),
    },
    {
      key: "cost",
      title: "Cost",
      track: "72px",
      numeric: true,
      cell: ({ cost_nano_usd }) => (
        <span className={cost_nano_usd === null ? "faint" : ""} title={formatUsdExact(cost_nano_usd)}>
          {formatUsd(cost_nano_usd)}
        </span>
      ),
      text: ({ cost_nano_usd }) =>
        cost_nano_usd === null ? null : formatUsdExact(cost_nano_usd).replace(/[$,]/g, "").replace("−", "-"),
    },
  ];
}

function Took({ ms }: { ms: number | null }): ReactElement {
  return (
    <span
      className={ms === null ? "faint" : "whitespace-nowrap"}
      title={ms === null ? "not given" : `${formatExact(ms)} ms`}
    >
      {formatDuration(ms)}
    </span>
  );
}

function Tokens({ event }: { event: TimelineEvent }): ReactElement {
  if (event.event_type !== "cost_incurred") return <span className="faint">{NO_VALUE}</span>;
  const tokens = tokensOf(event);
  return <span title={formatExact(tokens)}>{formatCount(tokens)}</span>;
}
