/** What the URL of Quality holds besides range and filters. Parsed by its route. */
import { z } from "zod";

/** Fingerprints have 32 characters. */
const MAX_FINGERPRINT = 64;

/** What acceptance is split by. */
export const ACCEPTANCE_BY = ["language", "model", "agent"] as const;
export type AcceptanceBy = (typeof ACCEPTANCE_BY)[number];

/** A value that is not usable is dropped, as in the view's own search. */
export const QualitySearchSchema = z.object({
  accepted: z.enum(ACCEPTANCE_BY).optional().catch(undefined),
  /** Fingerprint of the error group that is open. */
  error: z.string().trim().min(1).max(MAX_FINGERPRINT).optional().catch(undefined),
});
export type QualitySearch = z.infer<typeof QualitySearchSchema>;
