/** The list of saved metrics: open, pin, rename, delete. Used by explore-page.tsx. */
import { Link } from "@tanstack/react-router";
import { type ReactElement, Suspense, useState } from "react";
import type { CustomMetric } from "../../../schema/api/custom-metrics.ts";
import { failureOf } from "../api/query.ts";
import { formatMoment } from "../format/time.ts";
import { ActionMenu } from "../ui/action-menu.tsx";
import { Panel } from "../ui/panel.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer, Empty } from "../ui/states.tsx";
import { PinDialog, RemoveDialog, RenameDialog } from "./late-dialogs.ts";
import { writeQuestion } from "./question-url.ts";
import { savedRefusal } from "./refusal.ts";
import { useMaySave, useSavedMetrics } from "./use-saved.ts";

export function SavedPanel({
  current,
  onRemoved,
}: {
  /** Id of the metric that is open. */
  current: string | undefined;
  onRemoved(metric: CustomMetric): void;
}): ReactElement {
  const saved = useSavedMetrics();
  const maySave = useMaySave();
  const [dialog, setDialog] = useState<{ kind: "pin" | "rename" | "remove"; metric: CustomMetric } | null>(null);
  const failure = saved.error === null ? null : failureOf(saved.error);
  const refusal = failure === null ? null : savedRefusal(failure);
  const close = (): void => setDialog(null);
  return (
    <Panel title="Saved metrics" note={saved.data === undefined ? undefined : String(saved.data.custom_metrics.length)}>
      <div className="min-h-24">
        {refusal === null ? (
          <Answer
            query={saved}
            what="the saved metrics"
            isEmpty={({ custom_metrics }) => custom_metrics.length === 0}
            empty={
              <Empty title="Nothing is saved yet">
                <p>
                  {maySave
                    ? "Build a question and save it: everyone in the organisation finds it here."
                    : "Managers and admins can save questions for everyone."}
                </p>
              </Empty>
            }
          >
            {({ custom_metrics }) => (
              <ul aria-label="Saved metrics">
                {custom_metrics.map((metric) => (
                  <SavedRow
                    key={metric.metric_id}
                    metric={metric}
                    isOpen={metric.metric_id === current}
                    mayChange={maySave}
                    onDialog={(kind) => setDialog({ kind, metric })}
                  />
                ))}
              </ul>
            )}
          </Answer>
        ) : (
          <p className="p-4 text-muted">{refusal}</p>
        )}
      </div>
      <Suspense fallback={null}>
        {dialog?.kind === "pin" ? <PinDialog metric={dialog.metric} onClose={close} /> : null}
        {dialog?.kind === "rename" ? <RenameDialog metric={dialog.metric} onClose={close} /> : null}
        {dialog?.kind === "remove" ? (
          <RemoveDialog metric={dialog.metric} onClose={close} onRemoved={() => onRemoved(dialog.metric)} />
        ) : null}
      </Suspense>
    </Panel>
  );
}

function SavedRow({
  metric,
  isOpen,
  mayChange,
  onDialog,
}: {
  metric: CustomMetric;
  isOpen: boolean;
  mayChange: boolean;
  onDialog(kind: "pin" | "rename" | "remove"): void;
}): ReactElement {
  const zone = useZone();
  const { query, name, description } = metric;
  return (
    <li className="flex min-h-12 items-center gap-2 border-b border-line px-4 py-1 last:border-0">
      <div className="min-w-0 flex-1">
        {query === null ? (
          <bdi className="block truncate font-medium" title={name}>
            {name}
          </bdi>
        ) : (
          <Link
            to="/explore"
            search={(before) => ({ ...before, q: writeQuestion(query), metric: metric.metric_id })}
            aria-current={isOpen ? "true" : undefined}
            className="block truncate font-medium text-accent-text hover:underline"
            title={name}
          >
            <bdi>{name}</bdi>
          </Link>
        )}
        <bdi className="block truncate text-2 text-muted" title={description}>
          {query === null ? "What was saved is no valid question any more." : description}
        </bdi>
      </div>
      {isOpen ? <span className="tag">open</span> : null}
      <span
        className="text-2 whitespace-nowrap text-muted max-sm:hidden"
        title={formatMoment(Date.parse(metric.updated_at), zone)}
      >
        {formatMoment(Date.parse(metric.updated_at), zone).split(",")[0]}
      </span>
      <ActionMenu
        label={`${name}: more`}
        items={[
          { label: "Pin to a dashboard…", onSelect: () => onDialog("pin"), disabled: query === null },
          ...(mayChange
            ? [
                { label: "Rename…", onSelect: () => onDialog("rename") },
                { label: "Delete…", onSelect: () => onDialog("remove") },
              ]
            : []),
        ]}
      />
    </li>
  );
}
