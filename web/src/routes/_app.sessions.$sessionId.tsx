/** One session, by its id. */
import { createFileRoute, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useMe } from "../app/me-context.ts";
import { SessionSearchSchema, sessionLink } from "../sessions/search.ts";
import { SessionPage } from "../sessions/session-page.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { useTitle } from "../ui/use-title.ts";

export const Route = createFileRoute("/_app/sessions/$sessionId")({
  validateSearch: SessionSearchSchema,
  component: Session,
});

function Session(): ReactElement {
  const { sessionId } = Route.useParams();
  useTitle(`Session ${sessionId}`);
  const navigate = Route.useNavigate();
  const org = useMe().org_id;
  return (
    <>
      <div className="mb-4 flex min-h-8 items-center gap-2">
        <Link
          to="/sessions"
          search={({ event, type, zoom, ...filters }) => filters}
          className="flex-none text-muted no-underline hover:underline"
        >
          Sessions
        </Link>
        <span className="text-muted" aria-hidden="true">
          /
        </span>
        <h1 className="min-w-0 text-4">
          <bdi className="mono cut" title={sessionId}>
            {sessionId}
          </bdi>
        </h1>
        <span className="flex-1" />
        <CopyButton text={sessionLink(location.origin, sessionId, org)} label="Copy link" what="to this session" />
      </div>
      <SessionPage
        key={sessionId}
        id={sessionId}
        org={org}
        search={Route.useSearch()}
        onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      />
    </>
  );
}
