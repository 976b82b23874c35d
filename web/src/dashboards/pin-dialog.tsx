/** Pins a saved metric to a dashboard that one may change, or to a new one. Used by Explore. */
import { Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { CustomMetric } from "../../../schema/api/custom-metrics.ts";
import { type Dashboard, MAX_TILES } from "../../../schema/api/dashboards.ts";
import { alongSearch } from "../app/nav.ts";
import { ChangeState } from "../settings/change-state.tsx";
import { Dialog } from "../settings/dialog.tsx";
import { Field } from "../settings/field.tsx";
import { Answer } from "../ui/states.tsx";
import { withTile } from "./layout.ts";
import { Audience, MAX_NAME } from "./name-dialogs.tsx";
import { firstSize } from "./tile-kinds.ts";
import { useChangeDashboard, useCreateDashboard, useDashboards, useMayChange } from "./use-dashboards.ts";

/** The choice of a new dashboard; no id is empty. */
const NEW = "";

export function PinDialog({ metric, onClose }: { metric: CustomMetric; onClose(): void }): ReactElement {
  const all = useDashboards();
  const mayChange = useMayChange();
  const create = useCreateDashboard();
  const change = useChangeDashboard();
  const [picked, setPicked] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [pinned, setPinned] = useState<Dashboard | null>(null);
  // One's own first: nothing is put before everyone's eyes by not choosing.
  const mine = (all.data?.dashboards ?? []).filter(mayChange).sort((a, b) => Number(a.shared) - Number(b.shared));
  const choices = mine.map((one) => ({ one, why: refusal(one, metric) }));
  const id = picked ?? choices.find(({ why }) => why === null)?.one.dashboard_id ?? NEW;
  const target = choices.find(({ one }) => one.dashboard_id === id)?.one;
  const isPending = create.isPending || change.isPending;
  const ready = all.data !== undefined && !isPending && (target !== undefined || name.trim() !== "");
  const pin = (): void => {
    if (!ready) return;
    const size = firstSize(metric.query);
    const done = {
      onSuccess: ({ after }: { after: Dashboard | null }) => setPinned(after),
      // What is chosen from may be older than what is there.
      onError: () => void all.refetch(),
    };
    if (target === undefined) {
      create.mutate({ name: name.trim(), shared, items: withTile([], metric.metric_id, size) }, done);
    } else {
      const { dashboard_id, version, items } = target;
      change.mutate({ id: dashboard_id, version, items: withTile(items, metric.metric_id, size) }, done);
    }
  };
  if (pinned !== null) return <Pinned dashboard={pinned} onClose={onClose} />;
  return (
    <Dialog
      title="Pin to a dashboard"
      onClose={onClose}
      onSubmit={pin}
      actions={
        <>
          <ChangeState change={target === undefined ? create : change} />
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={!ready}>
            Pin
          </button>
        </>
      }
    >
      <p className="min-w-0 break-words text-muted">
        <bdi className="font-medium text-fg">{metric.name}</bdi> becomes a tile, which follows the range and filters of
        its dashboard.
      </p>
      <Answer query={all} what="the dashboards">
        {() => (
          <>
            <Field label="Dashboard">
              <select
                className="select max-w-full border-line-strong"
                value={id}
                onChange={(event) => setPicked(event.target.value)}
              >
                {choices.map(({ one, why }) => (
                  <option key={one.dashboard_id} value={one.dashboard_id} disabled={why !== null}>
                    {one.name} ({why ?? (one.shared ? "shared" : "only you")})
                  </option>
                ))}
                <option value={NEW}>A new one…</option>
              </select>
            </Field>
            {target === undefined ? (
              <>
                <Field label="Name of the dashboard">
                  <input
                    className="input"
                    value={name}
                    maxLength={MAX_NAME}
                    autoComplete="off"
                    onChange={(event) => setName(event.target.value)}
                  />
                </Field>
                <Audience shared={shared} onChange={setShared} />
              </>
            ) : null}
          </>
        )}
      </Answer>
    </Dialog>
  );
}

function Pinned({ dashboard, onClose }: { dashboard: Dashboard; onClose(): void }): ReactElement {
  return (
    <Dialog
      title="Pinned"
      onClose={onClose}
      onSubmit={onClose}
      actions={
        <>
          <button type="submit" className="button">
            Stay here
          </button>
          <Link
            to="/dashboards/$dashboardId"
            params={{ dashboardId: dashboard.dashboard_id }}
            search={alongSearch}
            className="button button-primary"
          >
            Open the dashboard
          </Link>
        </>
      }
    >
      <p className="min-w-0 break-words" role="status">
        It is on <bdi className="font-medium">{dashboard.name}</bdi> now.
      </p>
    </Dialog>
  );
}

/** Why it cannot be pinned there; null: it can. */
function refusal({ items }: Dashboard, { metric_id }: CustomMetric): string | null {
  if (items.some((tile) => tile.metric_id === metric_id)) return "has it already";
  return items.length >= MAX_TILES ? `has ${MAX_TILES} tiles, which is the most` : null;
}
