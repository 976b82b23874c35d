/**
 * What stands below the controls of a view: drawn after them, in pieces that let a key or a press come between, so that a control answers at once
 * however much there is to draw. Used by Overview; not for views with controls of their own in the URL, which would answer late.
 */
import { type ReactElement, useDeferredValue, useMemo } from "react";
import type { View } from "./use-view.ts";

/** `children` must follow from the view alone: it is called again for a new one only. */
export function BelowControls({ view, children }: { view: View; children(view: View): ReactElement }): ReactElement {
  const shown = useDeferredValue(view);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above; the same element again is not drawn again
  return useMemo(() => children(shown), [shown]);
}
