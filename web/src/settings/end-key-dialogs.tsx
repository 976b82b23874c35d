/** Rotating a key, which makes its successor, and revoking one, which has to be typed. Used by the keys page. */
import { type ReactElement, useState } from "react";
import type { z } from "zod";
import { type Key, KeyChangeSchema, KeyRotatedSchema, type KeyShownSchema } from "../../../schema/api/keys.ts";
import { useChange } from "../api/query.ts";
import { ChangeState } from "./change-state.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { useOrg } from "./use-org.ts";

const OVERLAPS: readonly { hours: number; label: string }[] = [
  { hours: 0, label: "not at all: it ends now" },
  { hours: 1, label: "1 hour" },
  { hours: 24, label: "1 day" },
  { hours: 168, label: "7 days" },
  { hours: 720, label: "30 days" },
];
const USUAL_HOURS = 24;

const pathOf = (key: Key): string => `/api/v1/keys/${encodeURIComponent(key.key_id)}`;

export function RotateKeyDialog({
  of: key,
  onClose,
  onMade,
}: {
  of: Key;
  onClose(): void;
  onMade(shown: z.infer<typeof KeyShownSchema>): void;
}): ReactElement {
  const { at } = useOrg();
  const [hours, setHours] = useState(USUAL_HOURS);
  const rotate = useChange(
    (overlap_hours: number) => ({
      method: "POST",
      path: at(`${pathOf(key)}/rotate`),
      schema: KeyRotatedSchema,
      body: { overlap_hours },
    }),
    ["/api/v1/keys"],
  );
  return (
    <Dialog
      title={`Rotate ${key.name}`}
      onClose={onClose}
      onSubmit={() => rotate.isPending || rotate.mutate(hours, { onSuccess: onMade })}
      actions={
        <>
          <ChangeState change={rotate} />
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={rotate.isPending}>
            Rotate
          </button>
        </>
      }
    >
      <p className="text-muted">
        A new key like this one is made and shown once. The old one stays good for a while, so that agents can be moved.
      </p>
      <Field label="The old key stays good for">
        <select className="select" value={hours} onChange={(event) => setHours(Number(event.target.value))}>
          {OVERLAPS.map(({ hours: value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </Field>
    </Dialog>
  );
}

export function RevokeKeyDialog({ of: key, onClose }: { of: Key; onClose(): void }): ReactElement {
  const { at } = useOrg();
  const revoke = useChange(
    (_: null) => ({ method: "DELETE", path: at(pathOf(key)), schema: KeyChangeSchema }),
    ["/api/v1/keys"],
  );
  return (
    <ConfirmDialog
      title="Revoke this key?"
      word={key.name}
      action="Revoke"
      change={revoke}
      onConfirm={() => revoke.mutate(null, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>
        Agents that use it are refused everywhere within 60 seconds, and what they send until they have another key is
        lost. This cannot be undone.
      </p>
    </ConfirmDialog>
  );
}
