/** What to do when there is nothing to see: loosen the filters, or send the first event. */
import type { ReactElement } from "react";
import { CopyButton } from "../ui/copy-button.tsx";
import { firstEventCommand } from "./first-event.ts";

export function NoMatches({ onClear }: { onClear(): void }): ReactElement {
  return (
    <>
      <h3>No events match these filters</h3>
      <p className="muted">In the last 15 minutes. They appear here as soon as one does.</p>
      <button type="button" className="button" onClick={onClear}>
        Clear filters
      </button>
    </>
  );
}

export function NoEvents({ origin }: { origin: string }): ReactElement {
  const command = firstEventCommand(origin);
  return (
    <>
      <h3>No events in the last 15 minutes</h3>
      <p className="muted">
        Send one with an ingest key of this organisation in <code>TENFOLD_KEY</code>; it appears here within two
        seconds.
      </p>
      <div className="command">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{command}</pre>
        <CopyButton text={command} what="the command" />
      </div>
    </>
  );
}
