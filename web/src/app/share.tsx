/** Copies a link to what is on screen and says so. Used by the frame: the button in the header and the palette's command. */
import { useCallback, useEffect, useState } from "react";
import { shareLink } from "./share-link.ts";

/** How long the page says that the link was copied. */
const SHOWN_MS = 2_000;

export type Shared = "idle" | "copied" | "failed";

export function useCopyLink(org: string): [Shared, () => void] {
  const [shared, setShared] = useState<Shared>("idle");
  useEffect(() => {
    if (shared === "idle") return;
    const timer = setTimeout(() => setShared("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shared]);
  const copy = useCallback((): void => {
    const link = shareLink(location.href, org, Date.now());
    // There is no clipboard on a page without https that is not on localhost.
    const done = navigator.clipboard?.writeText(link) ?? Promise.reject(new Error("no clipboard"));
    done.then(
      () => setShared("copied"),
      () => setShared("failed"),
    );
  }, [org]);
  return [shared, copy];
}
