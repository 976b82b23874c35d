/** One group of errors: its latest message, and the sessions it happened in, each a link. Used by the errors panel. */
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useQuestion } from "../app/use-question.ts";
import type { View } from "../app/use-view.ts";
import { formatCount, formatExact, NO_VALUE } from "../format/number.ts";
import { formatAge, formatMoment, type Zone } from "../format/time.ts";
import type { TableColumn } from "../ui/data-table.tsx";
import { IconClose } from "../ui/icons.tsx";
import { PlainTable } from "../ui/plain-table.tsx";
import { useZone } from "../ui/preferences.tsx";
import { Answer } from "../ui/states.tsx";
import { Name } from "../ui/text.tsx";
import {
  type ErrorGroup,
  type ErrorSession,
  errorSessions,
  errorSessionsQuestion,
  MAX_ERROR_SESSIONS,
} from "./error-sessions.ts";

export function ErrorDetail({
  view,
  group,
  onClose,
}: {
  view: View;
  group: ErrorGroup;
  onClose(): void;
}): ReactElement {
  const query = useQuestion(view, errorSessionsQuestion(group));
  const zone = useZone();
  const label = group.code === "" ? "this error" : group.code;
  const rows = query.data === undefined ? [] : errorSessions(query.data);
  return (
    <section className="border-t border-line-strong" aria-label={`Sessions with ${label}`}>
      <div className="flex items-start gap-3 px-4 pt-3">
        <p className="mono min-w-0 flex-1 text-2 break-words whitespace-pre-wrap">
          <bdi>{group.example === "" ? group.shape : group.example}</bdi>
        </p>
        <button
          type="button"
          className="button button-quiet button-icon button-small flex-none"
          aria-label={`Close ${label}`}
          onClick={onClose}
        >
          <IconClose />
        </button>
      </div>
      <p className="px-4 py-2 text-2 text-muted">
        Sessions with this code{group.tool === "" ? "" : " and tool"}, whatever the message; most errors first, at most{" "}
        {MAX_ERROR_SESSIONS}.
      </p>
      <div className="min-h-24">
        <Answer query={query} what={`the sessions with ${label}`} isEmpty={() => rows.length === 0}>
          {() => (
            <PlainTable
              label={`Sessions with ${label}`}
              rows={rows}
              columns={columnsOf(view.range.to, zone)}
              keyOf={({ session, user }) => `${session} ${user}`}
            />
          )}
        </Answer>
      </div>
    </section>
  );
}

const columnsOf = (now: number, zone: Zone): readonly TableColumn<ErrorSession>[] => [
  {
    key: "session",
    title: "Session",
    track: "1fr",
    cell: ({ session }) => (
      <Link
        to="/sessions/$sessionId"
        params={{ sessionId: session }}
        search={(before) => ({ org: before.org, type: "error" })}
        className="text-accent-text underline"
      >
        <Name value={session} className="mono" />
      </Link>
    ),
  },
  { key: "user", title: "User", track: "1fr", cell: ({ user }) => <Name value={user} /> },
  {
    key: "errors",
    title: "Errors",
    track: "72px",
    numeric: true,
    cell: ({ errors }) => <span title={formatExact(errors)}>{formatCount(errors)}</span>,
  },
  {
    key: "last",
    title: "Last",
    track: "96px",
    numeric: true,
    cell: ({ last }) =>
      last === null ? NO_VALUE : <time title={formatMoment(last, zone)}>{formatAge(now - last)}</time>,
  },
];
