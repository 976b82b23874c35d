/** Where things are on this machine. Used by everything under dev/; no I/O. */
import { dirname } from "node:path";

export const ROOT = dirname(import.meta.dirname);

/** A path inside the checkout. */
export const inRoot = (...parts: string[]): string => [ROOT, ...parts].join("/");

/** The data directory: TENFOLD_DATA, or .tenfold in the checkout. */
export function dataDirectory(env: Record<string, string | undefined> = process.env): string {
  return env.TENFOLD_DATA ?? inRoot(".tenfold");
}
