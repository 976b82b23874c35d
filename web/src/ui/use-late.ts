/**
 * A part of a control that is loaded when somebody reaches for the control, so that first views do not wait for it. Used by menus and
 * popovers: they show a plain button of the same look until it is pressed.
 */
import { useState } from "react";

export interface Late<T> {
  /** Null until it was wanted and has come. */
  part: T | null;
  /** It did not come. Browsers remember that of a module, so only a new page asks again. */
  failed: boolean;
  want(): void;
  /** For the button: pointing at it or focusing it starts the loading. */
  hints: { onPointerEnter(): void; onFocus(): void };
}

/** `load`: an import(), which the browser makes once. */
export function useLate<T>(load: () => Promise<T>): Late<T> {
  const [state, setState] = useState<{ part: T | null; failed: boolean }>({ part: null, failed: false });
  const hint = (): void => void load().catch(() => undefined);
  const want = (): void => {
    load().then(
      (part) => setState({ part, failed: false }),
      () => setState({ part: null, failed: true }),
    );
  };
  return { ...state, want, hints: { onPointerEnter: hint, onFocus: hint } };
}

/** What a control says when its part did not come. */
export const NOT_LOADED = "could not be loaded. Check your connection and reload the page";
