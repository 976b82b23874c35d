/** Everything of one event: its fields, its metadata as a tree, copies of both. Used by the session's page. */
import type { ReactElement } from "react";
import type { TimelineEvent } from "../../../schema/api/sessions.ts";
import { formatUsdExact } from "../format/money.ts";
import type { Zone } from "../format/time.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Panel } from "../ui/panel.tsx";
import { Name } from "../ui/text.tsx";
import { typeName } from "./event-facts.ts";
import { jsonText } from "./json-tree.ts";
import { JsonView } from "./json-view.tsx";
import { eventKey } from "./merge-pages.ts";
import { formatPrecise } from "./session-times.ts";

export function EventDetails({
  event,
  zone,
  link,
  className,
}: {
  event: TimelineEvent | null;
  zone: Zone;
  /** The address of this event. */
  link: string;
  className: string;
}): ReactElement {
  return (
    <Panel
      title="Event"
      className={className}
      note={event === null ? undefined : typeName(event.event_type)}
      controls={event === null ? null : <CopyButton text={link} label="Copy link" what="to this event" />}
    >
      {event === null ? (
        <p className="panel-empty">Choose an event in the timeline or the table to see all of it.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className="absolute inset-0 overflow-auto px-4 pb-4" tabIndex={0} aria-label="Event, all fields">
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
            {fieldsOf(event, zone).map(([label, value]) => (
              <div key={label} className="contents">
                <dt className="text-muted">{label}</dt>
                <dd className="min-w-0">
                  <Name value={value} />
                </dd>
              </div>
            ))}
          </dl>
          <div className="mt-4 mb-2 flex items-center gap-2">
            <h3>Metadata</h3>
            <span className="flex-1" />
            <CopyButton text={jsonText(event.metadata)} label="Copy as JSON" what="the metadata" />
          </div>
          <JsonView key={eventKey(event)} value={event.metadata} label="Metadata" />
        </section>
      )}
    </Panel>
  );
}

/** Empty text: the sender did not say. */
function fieldsOf(event: TimelineEvent, zone: Zone): [string, string][] {
  const cost = event.cost_nano_usd === null ? "" : `${formatUsdExact(event.cost_nano_usd)} (${event.cost_source})`;
  const unpriced = event.cost_nano_usd === null && event.cost_source === "unpriced" ? "unpriced" : cost;
  return [
    ["Type", event.event_type],
    ["Category", event.event_category],
    ["At", formatPrecise(Date.parse(event.timestamp), zone)],
    ["Received", formatPrecise(Date.parse(event.received_at), zone)],
    ["User", event.user_id],
    ["Agent", `${event.agent} ${event.agent_version}`.trim()],
    ["Model", event.model],
    ["Tool", event.tool_name],
    ["Cost", unpriced],
    ["Repo", event.repo],
    ["Branch", event.branch],
    ["Environment", event.environment],
    ["Sequence", event.seq === null ? "" : String(event.seq)],
    ["Id", event.event_id],
  ];
}
