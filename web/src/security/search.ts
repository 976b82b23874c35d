/** What the URL of Security holds besides range and filters. Parsed by its route. */
import { z } from "zod";
import { MAX_ID_LENGTH } from "../../../schema/limits.ts";

export const ALERTS_BY = ["rule", "severity"] as const;
export type AlertsBy = (typeof ALERTS_BY)[number];

/** A value that is not usable is dropped, as in the view's own search. */
export const SecuritySearchSchema = z.object({
  by: z.enum(ALERTS_BY).optional().catch(undefined),
  /** Only alerts of this rule in the table. */
  rule: z.string().trim().min(1).max(MAX_ID_LENGTH).optional().catch(undefined),
});
export type SecuritySearch = z.infer<typeof SecuritySearchSchema>;
