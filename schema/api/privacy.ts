/** Answers of /api/v1/settings/privacy. Used by workers/api, the OpenAPI document and the page. Never holds a key. */
import { z } from "zod";
import { PrivacyPolicySchema, PrivacyRuleSchema } from "../privacy-policy.ts";
import { MomentSchema } from "./filters.ts";

const PseudonymKeySchema = z
  .object({ created_at: MomentSchema })
  .nullable()
  .describe("null: there is none, and what should be hashed is dropped");

export const PrivacyAnswerSchema = z.object({
  policy: PrivacyPolicySchema.nullable().describe(
    "null: what is stored cannot be read, and nothing but numbers is kept until it is replaced",
  ),
  defaults: z.array(PrivacyRuleSchema).describe("rules that hold after the policy's own"),
  pseudonym_key: PseudonymKeySchema,
});

export const PrivacyChangeSchema = z.object({
  before: PrivacyPolicySchema.nullable(),
  after: PrivacyPolicySchema,
  pseudonym_key: PseudonymKeySchema,
});

export const KeyDestroyedSchema = z.object({
  destroyed: z.object({ created_at: MomentSchema }),
  pseudonym_key: PseudonymKeySchema.describe("the new one, if the policy still hashes; its pseudonyms are others"),
});
