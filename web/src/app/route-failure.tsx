/** What is shown when a route fails or there is none: a page with the brand, a reason and a way on. Used by the root route. */
import { useRouter } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { FailureError, FailurePanel } from "../ui/failure-panel.tsx";
import { Brand } from "../ui/header.tsx";

export function RouteFailure({ error }: { error: unknown }): ReactElement {
  const router = useRouter();
  const failure = error instanceof FailureError ? error.failure : null;
  const denied = failure?.kind === "forbidden";
  return (
    <FailurePage>
      <FailurePanel
        title={denied ? "You cannot see this organisation" : "This page could not be loaded"}
        message={failure?.message ?? "Something went wrong in this page."}
        requestId={failure?.requestId ?? null}
        onRetry={() => void router.invalidate()}
      >
        {denied ? (
          <a className="button" href="/live">
            Go to my organisation
          </a>
        ) : null}
      </FailurePanel>
    </FailurePage>
  );
}

export function NotFound(): ReactElement {
  return (
    <FailurePage>
      <FailurePanel title="There is nothing here" message="The address may be wrong or old." requestId={null}>
        <a className="button button-primary" href="/live">
          Go to Live
        </a>
      </FailurePanel>
    </FailurePage>
  );
}

function FailurePage({ children }: { children: ReactNode }): ReactElement {
  return (
    <>
      <header className="header">
        <Brand />
      </header>
      <main className="main" id="main">
        {children}
      </main>
    </>
  );
}
