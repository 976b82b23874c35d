/**
 * A question as one parameter of the URL and back: JSON without what is default anyway, as base64url. Every question the API can ask has
 * an address, also one the builder cannot make. Pure.
 */
import { z } from "zod";
import { type Question, SavedQuerySchema } from "../../../schema/api/query.ts";

/** Characters; browsers and proxies take at least 8,000 of an address. */
const MAX_ADDRESS = 6_000;

const DEFAULTS = { dimensions: [], interval: "auto", timezone: "UTC", order: [], limit: 100 } as const;
const KEYS = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[];

/** What the URL of Explore holds besides range and filters. A value that is not usable is dropped, as in the view's own search. */
export const ExploreSearchSchema = z.object({
  q: z
    .string()
    .max(MAX_ADDRESS)
    .refine((text) => readQuestion(text) !== null)
    .optional()
    .catch(undefined),
  /** Id of the saved metric that was opened; its question is in `q`, perhaps changed. */
  metric: z.string().min(1).max(256).optional().catch(undefined),
});
export type ExploreSearch = z.infer<typeof ExploreSearchSchema>;

/** The zone is left out: the page shows every question in the zone that people see. */
export function writeQuestion(question: Question): string {
  const short: Record<string, unknown> = { ...question };
  for (const key of KEYS) if (JSON.stringify(short[key]) === JSON.stringify(DEFAULTS[key])) delete short[key];
  delete short.timezone;
  const bytes = new TextEncoder().encode(JSON.stringify(short));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The question of an address; null: it is none (cut, edited, or of another time). */
export function readQuestion(text: string): Question | null {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return SavedQuerySchema.safeParse(value).data ?? null;
  } catch {
    return null;
  }
}

/** Whether two questions are the same to whoever asks them. */
export function sameQuestion(a: Question, b: Question): boolean {
  return writeQuestion(a) === writeQuestion(b);
}
