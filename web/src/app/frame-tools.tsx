/** The buttons of the header that work on every page: finding and sharing. Used by the frame. */
import type { ReactElement } from "react";
import { IconCheck, IconCopy, IconError, NavIcon } from "../ui/icons.tsx";
import type { Shared } from "./share.tsx";
import { COMMAND_KEY, Keys } from "./shortcuts.tsx";

const WORDS: Record<Shared, string> = {
  idle: "Share: copy a link to this page",
  copied: "Link copied",
  failed: "The link could not be copied: copy the address",
};

export function FrameTools({
  shared,
  onShare,
  onPalette,
}: {
  shared: Shared;
  onShare(): void;
  onPalette(): void;
}): ReactElement {
  const find = `Find a view or an action (${COMMAND_KEY} K)`;
  return (
    <>
      <button type="button" className="button" onClick={onPalette} title={find}>
        <NavIcon name="explore" />
        <span className="visually-hidden">{find}</span>
        <span className="wide-only" aria-hidden="true">
          <span className="inline-flex items-center gap-2 text-muted">
            Find <Keys keys={[COMMAND_KEY, "K"]} />
          </span>
        </span>
      </button>
      <button
        type="button"
        className="button button-quiet button-icon wide-only"
        onClick={onShare}
        title={WORDS[shared]}
        aria-label={WORDS.idle}
      >
        {shared === "copied" ? <IconCheck /> : shared === "failed" ? <IconError /> : <IconCopy />}
      </button>
      <span className="visually-hidden" role="status">
        {shared === "idle" ? "" : WORDS[shared]}
      </span>
    </>
  );
}
