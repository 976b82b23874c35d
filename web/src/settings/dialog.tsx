/**
 * A native modal dialog with a form's head and foot. It is in the page only while it is open, so its fields begin anew each time;
 * Escape and the close button leave it, a failure does not.
 */
import { type FormEvent, type ReactElement, type ReactNode, useEffect, useId, useRef } from "react";
import { IconClose } from "../ui/icons.tsx";

export function Dialog({
  title,
  onClose,
  onSubmit,
  actions,
  wide = false,
  closable = true,
  children,
}: {
  title: string;
  onClose(): void;
  onSubmit?: (() => void) | undefined;
  actions: ReactNode;
  wide?: boolean;
  /** False: only its own buttons end it; for what is shown once. */
  closable?: boolean;
  children: ReactNode;
}): ReactElement {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    if (element !== null && !element.open) {
      element.showModal();
      element.querySelector<HTMLElement>("input, select, textarea")?.focus();
    }
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit?.();
  };
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      className={`pop m-auto max-h-[calc(100dvh-32px)] w-[calc(100vw-24px)] overflow-y-auto p-0 text-fg backdrop:bg-[rgb(0_0_0/50%)] ${wide ? "max-w-190" : "max-w-120"}`}
      onCancel={(event) => {
        event.preventDefault();
        if (closable) onClose();
      }}
      onClose={() => {
        // A second Escape closes a dialog whatever is said to `cancel`; one that is open again, or gone, was closed by this page.
        const element = dialog.current;
        if (element === null || element.open) return;
        if (closable) onClose();
        else element.showModal();
      }}
    >
      <form className="grid gap-4 p-4" onSubmit={submit} noValidate>
        <div className="flex items-center gap-2">
          <h2 id={id} className="min-w-0 flex-1 text-4">
            {title}
          </h2>
          {closable ? (
            <button
              type="button"
              className="button button-quiet button-icon button-small"
              aria-label="Close"
              title="Close"
              onClick={onClose}
            >
              <IconClose />
            </button>
          ) : null}
        </div>
        {children}
        <div className="sticky bottom-0 -mx-4 -mb-4 flex flex-wrap items-center justify-end gap-2 bg-surface px-4 pt-1 pb-4">
          {actions}
        </div>
      </form>
    </dialog>
  );
}
