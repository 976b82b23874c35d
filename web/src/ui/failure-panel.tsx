/** A failed request, in words, with its request id and a way on. Used by error boundaries and the guard. */
import type { ReactElement, ReactNode } from "react";
import type { ApiFailure } from "../api/client.ts";
import { IconError } from "./icons.tsx";

/** Carries a failure value through the router, which only knows exceptions. */
export class FailureError extends Error {
  override name = "FailureError";
  readonly failure: ApiFailure;
  constructor(failure: ApiFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

export function FailurePanel({
  title,
  message,
  requestId,
  onRetry,
  children,
}: {
  title: string;
  message: string;
  requestId: string | null;
  onRetry?: () => void;
  children?: ReactNode;
}): ReactElement {
  return (
    <div className="failure" role="alert">
      <IconError />
      <h2>{title}</h2>
      <p>{message}</p>
      {requestId === null ? null : (
        <p className="faint">
          Request id <code className="request-id">{requestId}</code>
        </p>
      )}
      <div className="failure-actions">
        {onRetry === undefined ? null : (
          <button type="button" className="button button-primary" onClick={onRetry}>
            Try again
          </button>
        )}
        {children}
      </div>
    </div>
  );
}
