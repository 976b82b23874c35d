/** A moment as a datetime-local field holds it, in the viewer's zone or UTC, and back. Pure but for the browser's zone. */
import type { Zone } from "../format/time.ts";

const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-11-22T14:05`. */
export function toLocalInput(ms: number, zone: Zone): string {
  if (zone === "utc") return new Date(ms).toISOString().slice(0, 16);
  const at = new Date(ms);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** ms, or null when it is no moment. In the hour that a clock change skips, the one after it. */
export function fromLocalInput(text: string, zone: Zone): number | null {
  const ms = Date.parse(zone === "utc" ? `${text}Z` : text);
  return Number.isFinite(ms) ? ms : null;
}
