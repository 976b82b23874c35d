/**
 * What stands where data will be, is not, or could not be had: skeleton, empty state with a next step, failure with a retry. `Answer`
 * chooses among them for one query. Used by every panel.
 */
import type { ReactElement, ReactNode } from "react";
import { failureOf } from "../api/query.ts";
import { IconError } from "./icons.tsx";

/** What a panel needs of a query: one of useApi, or several put together (app/combined.ts). */
export interface Asked<T> {
  data: T | undefined;
  error: Error | null;
  refetch(): unknown;
  /** The answer shown is to an older question. */
  isPlaceholderData: boolean;
}

/** Keeps the place of what is loading. */
export function Skeleton({ what, className = "h-full" }: { what: string; className?: string }): ReactElement {
  return (
    <div className={`p-3 ${className}`}>
      <div className="skeleton h-full">
        <span className="visually-hidden">Loading {what}</span>
      </div>
    </div>
  );
}

/** Nothing is there: why, and what to do next. */
export function Empty({
  title,
  heading: Heading = "h3",
  children,
}: {
  title: string;
  /** One below the heading it stands under. */
  heading?: "h2" | "h3";
  children?: ReactNode;
}): ReactElement {
  return (
    <div className="grid h-full grid-cols-[minmax(0,auto)] place-content-center justify-items-center gap-2 p-6 text-center text-muted">
      <Heading className="text-4 text-fg">{title}</Heading>
      {children}
    </div>
  );
}

/** A part of a page could not be loaded; the rest stays usable. */
export function PartFailure({ error, onRetry }: { error: Error; onRetry(): void }): ReactElement {
  const failure = failureOf(error);
  return (
    <div className="grid h-full place-content-center justify-items-center gap-2 p-6 text-center" role="alert">
      <span className="text-bad">
        <IconError />
      </span>
      <p className="max-w-md break-words first-letter:uppercase">
        {failure?.message ?? "Something went wrong in this part of the page."}
      </p>
      {failure?.requestId === null || failure === null ? null : (
        <p className="faint">
          Request id <code className="request-id">{failure.requestId}</code>
        </p>
      )}
      {failure?.retryAfterSeconds === null || failure === null ? null : (
        <p className="faint">It is asked for again by itself, after {failure.retryAfterSeconds} s.</p>
      )}
      {failure?.kind === "forbidden" ? null : (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/**
 * The answer of one query, or what stands in for it. A failed refresh keeps what is there and says so; only a first failure takes the
 * place of the data.
 */
export function Answer<T>({
  query,
  what,
  isEmpty,
  empty,
  children,
}: {
  query: Omit<Asked<T>, "isPlaceholderData">;
  /** "the sessions": for people who hear the page. */
  what: string;
  isEmpty?: (value: T) => boolean;
  empty?: ReactNode;
  children: (value: T) => ReactNode;
}): ReactElement {
  const { data, error, refetch } = query;
  if (data === undefined) {
    return error === null ? <Skeleton what={what} /> : <PartFailure error={error} onRetry={() => void refetch()} />;
  }
  const body = isEmpty?.(data) === true ? (empty ?? <Empty title="Nothing in this range" />) : children(data);
  return (
    <>
      {error === null ? null : (
        <p className="flex items-center gap-2 bg-warn-soft px-4 py-1 text-2 text-warn" role="status">
          Could not be refreshed: {failureOf(error)?.message ?? "something went wrong"}
          <button type="button" className="button button-small" onClick={() => void refetch()}>
            Try again
          </button>
        </p>
      )}
      {body}
    </>
  );
}
