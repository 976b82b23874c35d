/** Errors put together by code, tool and the message's shape; a group opens the sessions it happened in. Used by Quality. */
import { type ReactElement, useCallback, useMemo } from "react";
import type { View } from "../app/use-view.ts";
import { CsvMenu, csvTable } from "../ui/csv-menu.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer, Empty } from "../ui/states.tsx";
import { errorColumns, shownColumns } from "./error-columns.tsx";
import { ErrorDetail } from "./error-detail.tsx";
import { useErrorGroups } from "./use-error-groups.ts";

const HEIGHT = "320px";

export function ErrorsPanel({
  view,
  open,
  onOpen,
}: {
  view: View;
  /** Fingerprint of the group that is open. */
  open: string | undefined;
  onOpen(fingerprint: string | undefined): void;
}): ReactElement {
  const zone = useZone();
  const pages = useErrorGroups(view);
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const rows = useMemo(() => data?.pages.flatMap(({ groups }) => groups), [data]);
  const columns = useMemo(() => errorColumns(open, view.range.to, zone), [open, view.range.to, zone]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const chosen = rows?.find(({ fingerprint }) => fingerprint === open);
  const truncated = data?.pages.some((page) => page.truncated) === true;
  return (
    <Panel
      title="Errors"
      note={truncated ? "there are more kinds of errors; the rarest are not shown" : "by code, tool and message"}
      busy={pages.isPlaceholderData}
      className="min-h-90"
      controls={<CsvMenu title="Errors" table={csvTable(columns, rows)} />}
    >
      <Answer
        query={{ data: rows, error: pages.error, refetch: pages.refetch }}
        what="the errors"
        isEmpty={(groups) => groups.length === 0}
        empty={
          <Empty title="No errors in this range">
            <p>Tool failures, refused requests and crashes of agents are listed here.</p>
          </Empty>
        }
      >
        {(groups) => (
          <>
            <DataTable
              label="Errors; press to see the sessions"
              rows={groups}
              columns={shownColumns(columns)}
              keyOf={({ fingerprint }) => fingerprint}
              onOpen={({ fingerprint }) => onOpen(fingerprint === open ? undefined : fingerprint)}
              onEnd={more}
              height={HEIGHT}
            />
            {chosen === undefined ? null : (
              <ErrorDetail key={chosen.fingerprint} view={view} group={chosen} onClose={() => onOpen(undefined)} />
            )}
          </>
        )}
      </Answer>
    </Panel>
  );
}
