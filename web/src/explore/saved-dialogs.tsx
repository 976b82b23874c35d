/** Dialogs of saved metrics: a name for a question, another name, and removing one. Used by saved-panel.tsx and explore-page.tsx. */
import { type ReactElement, useState } from "react";
import type { CustomMetric } from "../../../schema/api/custom-metrics.ts";
import type { Question } from "../../../schema/api/query.ts";
import { type ChangeLike, ChangeState } from "../settings/change-state.tsx";
import { ConfirmDialog } from "../settings/confirm-dialog.tsx";
import { Dialog } from "../settings/dialog.tsx";
import { Field } from "../settings/field.tsx";
import { useChangeMetric, useCreateMetric, useRemoveMetric } from "./use-saved.ts";

/** Characters, as the API takes them. */
const MAX_NAME = 128;
const MAX_DESCRIPTION = 1_000;

export function SaveDialog({
  question,
  onSaved,
  onClose,
}: {
  question: Question;
  onSaved(metric: CustomMetric): void;
  onClose(): void;
}): ReactElement {
  const create = useCreateMetric();
  const save = (name: string, description: string): void =>
    create.mutate(
      { name, description, query: question },
      {
        onSuccess: ({ after }) => {
          onClose();
          if (after !== null) onSaved(after);
        },
      },
    );
  return (
    <NameDialog
      title="Save as a metric"
      action="Save"
      change={create}
      name=""
      description=""
      onSave={save}
      onClose={onClose}
    />
  );
}

export function RenameDialog({ metric, onClose }: { metric: CustomMetric; onClose(): void }): ReactElement {
  const change = useChangeMetric(metric);
  return (
    <NameDialog
      title="Rename the metric"
      action="Rename"
      change={change}
      name={metric.name}
      description={metric.description}
      onSave={(name, description) => change.mutate({ name, description }, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}

function NameDialog({
  title,
  action,
  change,
  name,
  description,
  onSave,
  onClose,
}: {
  title: string;
  action: string;
  change: ChangeLike;
  name: string;
  description: string;
  onSave(name: string, description: string): void;
  onClose(): void;
}): ReactElement {
  const [typedName, setName] = useState(name);
  const [typedDescription, setDescription] = useState(description);
  const ready = typedName.trim() !== "" && !change.isPending;
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => ready && onSave(typedName.trim(), typedDescription.trim())}
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
      <Field label="Name" hint="Unique in the organisation.">
        <input
          className="input"
          value={typedName}
          maxLength={MAX_NAME}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="Description" hint="What it answers, and for whom. Everyone in the organisation sees it.">
        <textarea
          className="input h-20 py-2"
          value={typedDescription}
          maxLength={MAX_DESCRIPTION}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
    </Dialog>
  );
}

export function RemoveDialog({
  metric,
  onRemoved,
  onClose,
}: {
  metric: CustomMetric;
  onRemoved(): void;
  onClose(): void;
}): ReactElement {
  const remove = useRemoveMetric(metric);
  const done = (): void => {
    onClose();
    onRemoved();
  };
  return (
    <ConfirmDialog
      title="Delete the metric"
      word={metric.name}
      action="Delete"
      change={remove}
      onConfirm={() => remove.mutate(null, { onSuccess: done })}
      onClose={onClose}
    >
      <p>
        The definition is deleted for everyone in the organisation: programs that ask it get no answer any more, and
        dashboards say in its place that it is gone. No event is deleted.
      </p>
    </ConfirmDialog>
  );
}
