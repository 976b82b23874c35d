/** Whether the page is as narrow as a phone: where another layout is needed than styles alone give. */
import { useSyncExternalStore } from "react";

/** As in the stylesheets. */
const NARROW = "(max-width: 719px)";

function subscribe(listener: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(NARROW).matches);
}
