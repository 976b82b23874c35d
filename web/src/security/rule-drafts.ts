/** Security rules as they are being changed, and the policy they make. Pure. */
import type { z } from "zod";
import type { SecurityRuleSchema } from "../../../schema/api/rules.ts";
import type { RulePolicy } from "../../../schema/rule-policy.ts";
import type { RuleId, Severity } from "../../../schema/security-rules.ts";

export type ShownRule = z.infer<typeof SecurityRuleSchema>;
/** What was changed and not saved, by rule. */
export type RuleDrafts = Partial<Record<RuleId, { enabled: boolean; severity: Severity }>>;

/** The rule with what was changed. */
export function drafted(rule: ShownRule, drafts: RuleDrafts): ShownRule {
  return { ...rule, ...drafts[rule.id] };
}

/** True when saving would change something. */
export function changesRules(rules: readonly ShownRule[], drafts: RuleDrafts): boolean {
  return rules.some((rule) => {
    const next = drafted(rule, drafts);
    return next.enabled !== rule.enabled || next.severity !== rule.severity;
  });
}

/** The whole policy: only what differs from the rules' own word is said, so that a rule's new default reaches whoever did not choose. */
export function policyOf(rules: readonly ShownRule[], drafts: RuleDrafts): RulePolicy {
  const said = rules.flatMap((rule) => {
    const { id, enabled, severity, default_severity: usual } = drafted(rule, drafts);
    if (enabled && severity === usual) return [];
    return [[id, { enabled, ...(severity === usual ? {} : { severity }) }] as const];
  });
  return { v: 1, rules: Object.fromEntries(said) };
}
