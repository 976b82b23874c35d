/** Sizes as people read them, in steps of 1,000 as storage is billed: 950 B, 1.2 KB, 3.4 GB. Pure. */
import { NBSP, NO_VALUE } from "./number.ts";

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"] as const;
const STEP = 1_000;

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return NO_VALUE;
  let scaled = bytes;
  let unit = 0;
  // 999.96 would read as 1000 of its unit.
  while (Number(scaled.toFixed(1)) >= STEP && unit < UNITS.length - 1) {
    scaled /= STEP;
    unit++;
  }
  const text = scaled.toFixed(scaled < 100 && unit > 0 ? 1 : 0).replace(/\.0$/, "");
  return `${text}${NBSP}${UNITS[unit] ?? ""}`;
}
