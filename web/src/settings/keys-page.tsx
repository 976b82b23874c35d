/** Ingest keys: the list, and the dialogs that make, show, rotate and revoke one. Used by the route. */
import { type ReactElement, useMemo, useState } from "react";
import type { z } from "zod";
import { type Key, type KeyShownSchema, KeysAnswerSchema } from "../../../schema/api/keys.ts";
import { useApiPages } from "../api/query.ts";
import { useMe } from "../app/me-context.ts";
import { Panel } from "../ui/panel.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer, Empty } from "../ui/states.tsx";
import { useNow } from "../ui/use-now.ts";
import { may } from "./access.ts";
import { Gate } from "./admins-only.tsx";
import { RevokeKeyDialog, RotateKeyDialog } from "./end-key-dialogs.tsx";
import { keyColumns } from "./key-columns.tsx";
import { NewKeyDialog } from "./new-key-dialog.tsx";
import { ShownKeyDialog } from "./shown-key-dialog.tsx";
import { useOrg } from "./use-org.ts";

type Shown = z.infer<typeof KeyShownSchema>;
type Open = { kind: "new" } | { kind: "rotate" | "revoke"; key: Key } | { kind: "shown"; shown: Shown } | null;

/** Ages in the list are no finer than this. */
const MINUTE_MS = 60_000;

export function KeysPage(): ReactElement {
  return (
    <Gate permission="keys:read" scope="org" what="Ingest keys are">
      <Keys />
    </Gate>
  );
}

function Keys(): ReactElement {
  const { params } = useOrg();
  const writes = may(useMe(), "keys:write", "org");
  const zone = useZone();
  const now = Math.floor(useNow(MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  const pages = useApiPages("/api/v1/keys", params, KeysAnswerSchema);
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const show = (shown: Shown): void => setOpen({ kind: "shown", shown });
  const keys = useMemo(() => pages.data?.pages.flatMap((page) => page.keys), [pages.data]);
  const first = pages.data?.pages[0];
  const columns = useMemo(
    () =>
      keyColumns({
        now,
        zone,
        ...(writes
          ? { onRotate: (key) => setOpen({ kind: "rotate", key }), onRevoke: (key) => setOpen({ kind: "revoke", key }) }
          : {}),
      }),
    [now, zone, writes],
  );
  const make = (
    <button
      type="button"
      className="button button-primary button-small"
      onClick={() => setOpen({ kind: "new" })}
      disabled={first === undefined}
    >
      New key
    </button>
  );
  return (
    <div className="grid gap-4">
      <Panel
        title="Ingest keys"
        note="agents send with them; they can read nothing"
        className="min-h-44"
        controls={writes ? make : null}
      >
        <Answer
          query={{ data: keys, error: pages.error, refetch: pages.refetch }}
          what="the ingest keys"
          isEmpty={(list) => list.length === 0}
          empty={
            <Empty title="No ingest key yet">
              <p>Make one, put it into your agents' settings, and watch the first event arrive.</p>
              {writes ? make : null}
            </Empty>
          }
        >
          {(list) => (
            <>
              <PlainTable label="Ingest keys" rows={list} columns={columns} keyOf={({ key_id }) => key_id} />
              {pages.hasNextPage ? (
                <p className="p-3 text-center">
                  <button
                    type="button"
                    className="button button-small"
                    disabled={pages.isFetchingNextPage}
                    onClick={() => void pages.fetchNextPage()}
                  >
                    Show more
                  </button>
                </p>
              ) : null}
            </>
          )}
        </Answer>
      </Panel>
      {open?.kind === "new" && first !== undefined ? (
        <NewKeyDialog regions={first.regions} proposed={first.proposed_region} onClose={close} onMade={show} />
      ) : null}
      {open?.kind === "rotate" ? <RotateKeyDialog of={open.key} onClose={close} onMade={show} /> : null}
      {open?.kind === "revoke" ? <RevokeKeyDialog of={open.key} onClose={close} /> : null}
      {open?.kind === "shown" ? (
        <ShownKeyDialog
          shown={open.shown}
          onClose={() => {
            close();
            // It may have been used meanwhile.
            void pages.refetch();
          }}
        />
      ) : null}
    </div>
  );
}
