/** Answers of /api/v1/settings/rules. Used by workers/api, the OpenAPI document and the page. */
import { z } from "zod";
import { RulePolicySchema } from "../rule-policy.ts";
import { RULE_IDS, SEVERITIES } from "../security-rules.ts";

export const SecurityRuleSchema = z.object({
  id: z.enum(RULE_IDS),
  title: z.string(),
  description: z.string(),
  agents: z.array(z.string()).describe("agents whose telemetry can show it; empty: any"),
  default_severity: z.enum(SEVERITIES),
  enabled: z.boolean(),
  severity: z.enum(SEVERITIES),
});

export const RulesAnswerSchema = z.object({ rules: z.array(SecurityRuleSchema) });
export const RulesChangeSchema = z.object({ before: RulePolicySchema, after: RulePolicySchema });
