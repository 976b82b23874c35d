/**
 * How many values were taken out of events, by what happened to them: travels with a pack and ends in the daily receipts.
 * Used by ingest (redaction), the pack header, copies in R2 and the receipts. Counts only, never a value or a name.
 */
import { z } from "zod";

const count = z.number().int().min(0);

export const RedactionCountsSchema = z.object({
  dropped: count.describe("attributes that the privacy policy drops"),
  hashed: count.describe("attributes replaced by a pseudonym"),
  secrets: count.describe("keys, tokens and passwords removed from what is kept"),
});
export type RedactionCounts = z.infer<typeof RedactionCountsSchema>;

/** The sum; undefined when nothing was taken out. */
export function sumOfRedactions(counts: Iterable<RedactionCounts | undefined>): RedactionCounts | undefined {
  const sum = { dropped: 0, hashed: 0, secrets: 0 };
  for (const one of counts) {
    if (one === undefined) continue;
    sum.dropped += one.dropped;
    sum.hashed += one.hashed;
    sum.secrets += one.secrets;
  }
  return sum.dropped + sum.hashed + sum.secrets === 0 ? undefined : sum;
}
