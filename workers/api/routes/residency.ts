/**
 * GET /api/v1/settings/residency: where this tenant's data is, what guarantees it, and the receipts of the last days.
 * For admins; says openly what is not pinned.
 */
import { ResidencyAnswerSchema } from "../../../schema/api/residency.ts";
import { PublicError } from "../../../schema/errors.ts";
import { readConfig } from "../../shared/env.ts";
import { receiptsOf } from "../../shared/receipt-subjects.ts";
import { readReceipts } from "../../shared/receipts.ts";
import { defineRoute } from "../route.ts";
import { placesOf } from "./residency-places.ts";

export const residencyRoute = defineRoute({
  method: "get",
  path: "/api/v1/settings/residency",
  permission: "settings:read",
  summary: "Where this organisation's data is stored and processed, and what guarantees it",
  tags: ["settings"],
  answer: ResidencyAnswerSchema,
  handler: async ({ c, principal, now }) => {
    const { org_id, residency, jurisdiction: primaryRegion } = principal;
    const emulated = readConfig(c.env).jurisdictions === "emulated";
    try {
      const kept = receiptsOf(c.env, org_id, residency);
      const receipts = await Promise.all(kept.map(({ bucket, subject }) => readReceipts(bucket, subject, now)));
      const places = placesOf({ residency, primaryRegion, emulated });
      return { org_id, residency, primary_region: primaryRegion, places, receipts: receipts.flat() };
    } catch (cause) {
      throw new PublicError("unavailable", "the receipts could not be read, please retry", { retryAfter: 1, cause });
    }
  },
});
