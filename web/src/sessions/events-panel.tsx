/** The table of a session's events, filtered by type, with a CSV of what is listed. Used by the session's page. */
import { type ReactElement, useMemo } from "react";
import type { TimelineEvent } from "../../../schema/api/sessions.ts";
import { formatExact } from "../format/number.ts";
import type { Zone } from "../format/time.ts";
import { ActionMenu } from "../ui/action-menu.tsx";
import { csvRows, DataTable } from "../ui/data-table.tsx";
import { FilterMenu } from "../ui/filter-menu.tsx";
import { Panel } from "../ui/panel.tsx";
import { Empty } from "../ui/states.tsx";
import { useNarrow } from "../ui/use-narrow.ts";
import { eventColumns } from "./event-columns.tsx";
import { typeName } from "./event-facts.ts";
import { eventKey } from "./merge-pages.ts";

export function EventsPanel({
  events,
  total,
  complete,
  loading,
  start,
  zone,
  type,
  current,
  className,
  onType,
  onChoose,
  onMore,
}: {
  events: readonly TimelineEvent[];
  /** Events of the whole session. */
  total: number;
  complete: boolean;
  loading: boolean;
  start: number;
  zone: Zone;
  type: string | undefined;
  /** Key of the chosen event. */
  current: string | null;
  className: string;
  onType(type: string | undefined): void;
  onChoose(event: TimelineEvent): void;
  onMore(): void;
}): ReactElement {
  const narrow = useNarrow();
  const columns = useMemo(() => eventColumns(start, zone, narrow), [start, zone, narrow]);
  const types = useMemo(() => new Set(events.map(({ event_type }) => event_type)), [events]);
  const rows = useMemo(
    () => (type === undefined ? events : events.filter(({ event_type }) => event_type === type)),
    [events, type],
  );
  return (
    <Panel
      title="Events"
      className={className}
      note={
        <span role="status">
          {rows.length === events.length ? "" : `${formatExact(rows.length)} of `}
          {formatExact(events.length)}
          {complete ? "" : ` of ${formatExact(total)} loaded`}
        </span>
      }
      controls={
        <>
          {complete || loading ? null : (
            <button type="button" className="button button-small" onClick={onMore}>
              Load more
            </button>
          )}
          <FilterMenu label="Type" value={type} options={types} optionLabel={typeName} onChange={onType} />
          <ActionMenu
            label="Events: more"
            items={[
              {
                label: "Download CSV",
                file: "Session events",
                csv: rows.length === 0 ? undefined : () => csvRows(eventColumns(start, zone, false), rows),
              },
            ]}
          />
        </>
      }
    >
      <div className="absolute inset-0 flex flex-col">
        {rows.length === 0 ? (
          <Empty title="No event of this type">
            <button type="button" className="button" onClick={() => onType(undefined)}>
              Show all events
            </button>
          </Empty>
        ) : (
          <DataTable<TimelineEvent>
            label="List of events"
            rows={rows}
            columns={columns}
            keyOf={eventKey}
            current={current}
            onOpen={onChoose}
            height="100%"
          />
        )}
      </div>
    </Panel>
  );
}
