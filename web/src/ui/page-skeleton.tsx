/** The outline of a signed-in page while it is found out who is there. */
import type { ReactElement } from "react";
import { Brand } from "./header.tsx";

export function PageSkeleton(): ReactElement {
  return (
    <>
      <header className="header">
        <Brand />
      </header>
      <main className="main" id="main" aria-busy="true">
        <p className="visually-hidden" role="status">
          Loading
        </p>
        <div className="live" aria-hidden="true">
          <span className="skeleton skeleton-line" />
          <span className="skeleton skeleton-line" />
          <span className="skeleton skeleton-tiles" />
          <span className="skeleton skeleton-panel" />
        </div>
      </main>
    </>
  );
}
