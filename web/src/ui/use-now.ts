/** The local clock in components. Used for ages, durations and the right edge of the chart. */
import { useEffect, useState } from "react";

const SECOND_MS = 1_000;

/**
 * Local ms, renewed on every whole `stepMs` while the page is visible. Ask for no more than is shown: what uses it is drawn anew each time,
 * and a press waits for that.
 */
export function useNow(stepMs = SECOND_MS): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tick = (): void => {
      setNow(Date.now());
      timer = setTimeout(tick, stepMs - (Date.now() % stepMs));
    };
    const onVisibility = (): void => {
      clearTimeout(timer);
      if (!document.hidden) tick();
    };
    document.addEventListener("visibilitychange", onVisibility);
    onVisibility();
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisibility);
    };
  }, [stepMs]);
  return now;
}
