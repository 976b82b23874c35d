/** Moments of a session: to the millisecond, and as time since its start. Pure. */
import { formatDuration, formatMoment, type Zone } from "../format/time.ts";

/** 22 Nov 2026, 14:05:10.042 GMT+1 */
export function formatPrecise(ms: number, zone: Zone): string {
  const fraction = String(((ms % 1_000) + 1_000) % 1_000).padStart(3, "0");
  return formatMoment(ms, zone).replace(/\d\d:\d\d:\d\d/, (clock) => `${clock}.${fraction}`);
}

/** Since the start: +3 m 12 s; what came before it (another clock) has a minus. */
export function formatElapsed(ms: number): string {
  if (!Number.isFinite(ms)) return formatDuration(ms);
  return `${ms < 0 ? "−" : "+"}${formatDuration(Math.abs(ms))}`;
}
