/** How a change went, in words beside its button: nothing, saving, saved, or why not. Used by every form of Settings. */
import type { ReactElement } from "react";
import { failureOf } from "../api/query.ts";
import { IconCheck, IconError } from "../ui/icons.tsx";

export interface ChangeLike {
  isPending: boolean;
  isSuccess: boolean;
  error: Error | null;
}

export function ChangeState({ change, saved = "Saved" }: { change: ChangeLike; saved?: string }): ReactElement {
  return (
    <span className="me-auto min-w-0 text-2" role="status">
      {change.isPending ? (
        <span className="text-muted">Saving…</span>
      ) : change.error !== null ? (
        <Failed error={change.error} />
      ) : change.isSuccess ? (
        <span className="inline-flex items-center gap-1 text-good">
          <IconCheck /> {saved}
        </span>
      ) : null}
    </span>
  );
}

function Failed({ error }: { error: Error }): ReactElement {
  const failure = failureOf(error);
  return (
    <span className="flex items-start gap-1 text-bad">
      <IconError />
      <span className="min-w-0">
        <span className="block break-words first-letter:uppercase">
          {failure?.message ?? "Something went wrong in this page."} Nothing was changed.
        </span>
        {failure === null || failure.requestId === null ? null : (
          <span className="faint">
            Request id <code className="request-id">{failure.requestId}</code>
          </span>
        )}
      </span>
    </span>
  );
}
