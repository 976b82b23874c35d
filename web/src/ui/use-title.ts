/** The document's title while a view is shown. */
import { useEffect } from "react";

export function useTitle(view: string): void {
  useEffect(() => {
    document.title = `${view} · Tenfold`;
  }, [view]);
}
