/** The one time a key's text is seen: to copy, in each agent's settings, and until its first event has come. Used by the keys page. */
import type { ReactElement } from "react";
import type { z } from "zod";
import type { KeyShownSchema } from "../../../schema/api/keys.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Dialog } from "./dialog.tsx";
import { FirstEvent } from "./first-event.tsx";
import { Snippets } from "./snippets.tsx";

export function ShownKeyDialog({
  shown,
  onClose,
}: {
  shown: z.infer<typeof KeyShownSchema>;
  onClose(): void;
}): ReactElement {
  const { key, details } = shown;
  return (
    <Dialog
      title={`${details.name} is ready`}
      wide
      closable={false}
      onClose={onClose}
      actions={
        <button type="button" className="button button-primary" onClick={onClose}>
          I have stored the key
        </button>
      }
    >
      <div className="grid gap-2">
        <p>
          <strong className="font-medium">Copy it now: it is shown only this once.</strong>{" "}
          <span className="text-muted">Tenfold keeps a fingerprint of it, never the key.</span>
        </p>
        <div className="flex min-w-0 items-center gap-2 rounded-md border border-line-strong bg-sunken py-1 ps-3 pe-1">
          <code className="min-w-0 flex-1 break-all select-all" data-secret="key">
            {key}
          </code>
          <CopyButton text={key} what="the key" />
        </div>
      </div>
      <FirstEvent of={details} />
      <Snippets secret={key} keyClass={details.class} />
    </Dialog>
  );
}
