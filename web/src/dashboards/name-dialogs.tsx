/** Dialogs that make, rename and delete a dashboard. Used by the dashboard pages. */
import { type ReactElement, useState } from "react";
import type { Dashboard } from "../../../schema/api/dashboards.ts";
import { type ChangeLike, ChangeState } from "../settings/change-state.tsx";
import { ConfirmDialog } from "../settings/confirm-dialog.tsx";
import { Dialog } from "../settings/dialog.tsx";
import { Field } from "../settings/field.tsx";
import { Segments } from "../ui/segments.tsx";
import { useChangeDashboard, useCreateDashboard, useMayChange, useRemoveDashboard } from "./use-dashboards.ts";

/** Characters, as the API takes them. */
export const MAX_NAME = 128;

export function NewDashboardDialog({
  onMade,
  onClose,
}: {
  onMade(dashboard: Dashboard): void;
  onClose(): void;
}): ReactElement {
  const create = useCreateDashboard();
  const make = (name: string, shared: boolean): void =>
    create.mutate(
      { name, shared },
      {
        onSuccess: ({ after }) => {
          onClose();
          if (after !== null) onMade(after);
        },
      },
    );
  return <SettingsDialog title="New dashboard" action="Make it" change={create} onSave={make} onClose={onClose} />;
}

export function EditDashboardDialog({ dashboard, onClose }: { dashboard: Dashboard; onClose(): void }): ReactElement {
  const change = useChangeDashboard();
  const { dashboard_id: id, version } = dashboard;
  return (
    <SettingsDialog
      title="Name and sharing"
      action="Save"
      change={change}
      before={dashboard}
      onSave={(name, shared) => change.mutate({ id, version, name, shared }, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}

function SettingsDialog({
  title,
  action,
  change,
  before,
  onSave,
  onClose,
}: {
  title: string;
  action: string;
  change: ChangeLike;
  before?: Dashboard;
  onSave(name: string, shared: boolean): void;
  onClose(): void;
}): ReactElement {
  const [name, setName] = useState(before?.name ?? "");
  const [shared, setShared] = useState(before?.shared ?? false);
  const ready = name.trim() !== "" && !change.isPending;
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => ready && onSave(name.trim(), shared)}
      actions={
        <>
          <ChangeState change={change} />
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={!ready}>
            {action}
          </button>
        </>
      }
    >
      <Field label="Name">
        <input
          className="input"
          value={name}
          maxLength={MAX_NAME}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Audience shared={shared} onChange={setShared} />
    </Dialog>
  );
}

/** Who sees a dashboard; nothing to choose for those who may not share. */
export function Audience({ shared, onChange }: { shared: boolean; onChange(shared: boolean): void }): ReactElement {
  const mayShare = useMayChange()({ shared: true });
  return (
    <div className="grid justify-items-start gap-1">
      {mayShare ? (
        <Segments
          label="Who sees it"
          value={shared ? "all" : "me"}
          options={[
            { value: "me", label: "Only me" },
            { value: "all", label: "Everyone" },
          ]}
          onChange={(value) => onChange(value === "all")}
        />
      ) : null}
      <p className="text-2 text-muted">
        {shared
          ? "Everyone in the organisation sees it, each over the events that they may see. Managers and admins change it."
          : mayShare
            ? "Nobody else sees it, admins included."
            : "Nobody else sees it, admins included. Managers and admins make shared ones."}
      </p>
    </div>
  );
}

export function RemoveDashboardDialog({
  dashboard,
  onRemoved,
  onClose,
}: {
  dashboard: Dashboard;
  onRemoved(): void;
  onClose(): void;
}): ReactElement {
  const remove = useRemoveDashboard(dashboard);
  const done = (): void => {
    onClose();
    onRemoved();
  };
  return (
    <ConfirmDialog
      title="Delete the dashboard"
      word={dashboard.name}
      action="Delete"
      change={remove}
      onConfirm={() => remove.mutate(null, { onSuccess: done })}
      onClose={onClose}
    >
      <p>
        {dashboard.shared ? "It is deleted for everyone in the organisation. " : ""}Its metrics stay saved in Explore.
      </p>
    </ConfirmDialog>
  );
}
