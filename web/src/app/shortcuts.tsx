/** Keyboard shortcuts of every signed-in page, and how keys are shown. Used by the frame. What a key means is shortcuts-state.ts, their list shortcut-help.tsx. */
import { type ReactElement, useEffect, useRef } from "react";
import { usePreference } from "../ui/preference.ts";
import { usePreferences } from "../ui/preferences.tsx";
import { NAV, type NavItem } from "./nav.ts";
import { pressKey, type ShortcutAction } from "./shortcuts-state.ts";

/** Where letters belong to what has the focus. */
const TYPING =
  "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true], [role=menu], [role=listbox], [role=combobox]";
/** The search of a list comes before the filters of a view. */
const FIRST_FILTER = "#main input[type=search], #main .filter-button";

/** Listens while the frame is shown; `onAction` must not change between renders. */
export function useShortcuts(onAction: (action: ShortcutAction<NavItem["to"]>) => void): void {
  const single = usePreference(usePreferences().shortcuts) === "on";
  const since = useRef<number | null>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const target = event.target instanceof Element ? event.target : null;
      const step = pressKey(
        since.current,
        {
          key: event.key,
          ctrlKey: event.ctrlKey,
          metaKey: event.metaKey,
          altKey: event.altKey,
          typing: target?.closest(TYPING) !== null && target !== null,
          inDialog: document.querySelector("dialog[open]") !== null,
        },
        event.timeStamp,
        NAV,
        single,
      );
      since.current = step.since;
      if (step.action === null) return;
      event.preventDefault();
      if (step.action.kind === "filter") document.querySelector<HTMLElement>(FIRST_FILTER)?.focus();
      else onAction(step.action);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [onAction, single]);
}

/** ⌘ on a Mac, Ctrl elsewhere; both keys work everywhere. */
export const COMMAND_KEY = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? "") ? "⌘" : "Ctrl";

/** Keys as they are pressed, one after the other or together. */
export function Keys({ keys }: { keys: readonly string[] }): ReactElement {
  return (
    <span className="inline-flex gap-1">
      {keys.map((key) => (
        <kbd
          key={key}
          className="min-w-5 rounded border border-line-strong bg-sunken px-1 text-center font-sans text-1 text-muted"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
