/** Copies a text and says so. Used beside commands. */
import { type ReactElement, useEffect, useState } from "react";
import { IconCheck, IconCopy } from "./icons.tsx";

const SHOWN_MS = 2_000;

type Outcome = "idle" | "copied" | "failed";
const WORDS: Record<Outcome, string> = { idle: "Copy", copied: "Copied", failed: "Select and copy" };

export function CopyButton({
  text,
  what,
  label = WORDS.idle,
}: {
  text: string;
  /** For people who hear the page, after the label. */
  what: string;
  label?: string;
}): ReactElement {
  const [outcome, setOutcome] = useState<Outcome>("idle");
  useEffect(() => {
    if (outcome === "idle") return;
    const timer = setTimeout(() => setOutcome("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    // There is no clipboard on a page without https that is not on localhost.
    const done = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    done.then(
      () => setOutcome("copied"),
      () => setOutcome("failed"),
    );
  };
  return (
    <button type="button" className="button button-small copy" onClick={copy}>
      {outcome === "copied" ? <IconCheck /> : <IconCopy />}
      <span aria-live="polite">
        {outcome === "idle" ? label : WORDS[outcome]}
        <span className="visually-hidden"> {what}</span>
      </span>
    </button>
  );
}
