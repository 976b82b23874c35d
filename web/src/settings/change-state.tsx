/** How a change went, in words beside its button: nothing, saving, saved, or why not. Used by every form of Settings. */
import type { ReactElement } from "react";
import type { ApiFailure } from "../api/client.ts";
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
          {sentence(failure?.message ?? "Something went wrong in this page")} {afterwards(failure)}
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

/** The API's messages end without a full stop. */
const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`);

/** A refusal changed nothing. Whoever got no answer, or one that cannot be read, does not know. */
function afterwards(failure: ApiFailure | null): string {
  if (failure !== null && failure.status >= 400 && failure.status < 500) return "Nothing was changed.";
  return "It may have been done: look before you try again.";
}
