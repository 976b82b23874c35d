/** Asks before something that cannot be undone: its name has to be typed. Used for every destructive action of Settings. */
import { type ReactElement, type ReactNode, useState } from "react";
import { type ChangeLike, ChangeState } from "./change-state.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";

export function ConfirmDialog({
  title,
  word,
  action,
  change,
  onConfirm,
  onClose,
  children,
}: {
  title: string;
  /** What must be typed. */
  word: string;
  /** Words of the button. */
  action: string;
  change: ChangeLike;
  onConfirm(): void;
  onClose(): void;
  children: ReactNode;
}): ReactElement {
  const [typed, setTyped] = useState("");
  const ready = typed.trim() === word.trim() && !change.isPending;
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => ready && onConfirm()}
      actions={
        <>
          <ChangeState change={change} />
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-danger" disabled={!ready}>
            {action}
          </button>
        </>
      }
    >
      <div className="grid gap-2 text-muted">{children}</div>
      <Field
        label={
          <>
            Type <bdi className="font-mono break-all">{word}</bdi> to go on
          </>
        }
      >
        <input
          className="input"
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Field>
    </Dialog>
  );
}
