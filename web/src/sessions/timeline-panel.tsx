/** The timeline in its panel: zoom, a picture of it, how much of the session it shows. Used by the session's page. */
import { type ReactElement, useMemo, useRef } from "react";
import type { TimelineEvent } from "../../../schema/api/sessions.ts";
import { formatExact } from "../format/number.ts";
import type { Zone } from "../format/time.ts";
import { ActionMenu } from "../ui/action-menu.tsx";
import { downloadPng } from "../ui/download.ts";
import { Panel } from "../ui/panel.tsx";
import { eventKey } from "./merge-pages.ts";
import type { Span } from "./search.ts";
import { TimelineChart } from "./timeline.tsx";
import { timelineOf } from "./timeline-lanes.ts";

export function TimelinePanel({
  events,
  total,
  complete,
  start,
  zone,
  zoom,
  current,
  onZoom,
  onChoose,
}: {
  events: readonly TimelineEvent[];
  total: number;
  complete: boolean;
  start: number;
  zone: Zone;
  zoom: Span | null;
  current: string | null;
  onZoom(zoom: Span | null): void;
  onChoose(event: TimelineEvent): void;
}): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const timeline = useMemo(() => timelineOf(events), [events]);
  const chosen = useMemo(() => {
    const index = current === null ? -1 : events.findIndex((event) => eventKey(event) === current);
    return index < 0 ? null : index;
  }, [events, current]);
  return (
    <Panel
      title="Timeline"
      note={complete ? "Drag to zoom" : `The first ${formatExact(events.length)} of ${formatExact(total)} events`}
      controls={
        <>
          <button
            type="button"
            className="button button-quiet button-small"
            disabled={zoom === null}
            onClick={() => onZoom(null)}
          >
            Reset zoom
          </button>
          <ActionMenu
            label="Timeline: more"
            items={[
              {
                label: "Download PNG",
                onSelect: () => host.current !== null && downloadPng("Session timeline", host.current),
              },
            ]}
          />
        </>
      }
    >
      <TimelineChart
        timeline={timeline}
        start={start}
        zoom={zoom}
        chosen={chosen}
        zone={zone}
        host={host}
        onZoom={onZoom}
        onChoose={(index) => {
          const event = events[index];
          if (event !== undefined) onChoose(event);
        }}
      />
    </Panel>
  );
}
