/** A change against the period before: +12 %, −3.4 %, new, no change. Pure. */
import { NBSP, NO_VALUE } from "./number.ts";

/** Above this a factor says more than a percentage. */
const FACTOR_FROM = 10;

/** `change` as the API gives it: (value - previous) / previous; null when there was nothing before. */
export function formatChange(change: number | null | undefined): string {
  if (change === null || change === undefined || !Number.isFinite(change)) return NO_VALUE;
  if (change >= FACTOR_FROM) return `×${Math.round(change + 1)}`;
  const percent = change * 100;
  if (Math.abs(percent) < 0.05) return `0${NBSP}%`;
  const text =
    Math.abs(percent) < 10 ? Math.abs(percent).toFixed(1).replace(/\.0$/, "") : String(Math.round(Math.abs(percent)));
  return `${percent < 0 ? "−" : "+"}${text}${NBSP}%`;
}

/** A share: 12.3 %, 0.4 %. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return NO_VALUE;
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return `<${NBSP}0.1${NBSP}%`;
  return `${percent.toFixed(percent < 10 && percent !== 0 ? 1 : 0).replace(/\.0$/, "")}${NBSP}%`;
}
