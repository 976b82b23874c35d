/**
 * Which security rules a tenant wants and how grave it finds them: the document of `tenant_policies.rules`. Used by the rules route, the
 * tenant record and the rules at the edge. What is not said is as the rule says.
 */
import { z } from "zod";
import { RULE_IDS, SEVERITIES } from "./security-rules.ts";

export const RuleChoiceSchema = z.strictObject({
  enabled: z.boolean().default(true),
  severity: z.enum(SEVERITIES).optional().describe("default: the rule's own"),
});

export const RulePolicySchema = z.strictObject({
  v: z.literal(1).default(1),
  rules: z.partialRecord(z.enum(RULE_IDS), RuleChoiceSchema).default({}),
});
export type RulePolicy = z.infer<typeof RulePolicySchema>;

export const NO_RULE_POLICY: RulePolicy = { v: 1, rules: {} };
