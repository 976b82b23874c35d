/** The privacy policy as it is being edited: rows with a key of their own, what is wrong with them, the document to save. Pure. */
import {
  hashesAnything,
  type PrivacyPolicy,
  PrivacyPolicySchema,
  type PrivacyRule,
  PrivacyRuleSchema,
} from "../../../schema/privacy-policy.ts";

export interface RuleDraft extends PrivacyRule {
  /** For the page alone: rows move. */
  key: number;
}

export interface PolicyDraft {
  rules: readonly RuleDraft[];
  unknown: PrivacyPolicy["unknown"];
  nextKey: number;
}

/** `policy`: null when what is stored cannot be read; the draft then begins with what holds without one. */
export function draftOf(policy: PrivacyPolicy | null): PolicyDraft {
  const rules = policy?.rules ?? [];
  return {
    rules: rules.map((rule, key) => ({ ...rule, key })),
    unknown: policy?.unknown ?? "identifiers",
    nextKey: rules.length,
  };
}

/** A new rule goes on top: the first that fits decides. */
export function withRule(draft: PolicyDraft): PolicyDraft {
  const rule: RuleDraft = { key: draft.nextKey, agent: "*", attribute: "", action: "drop" };
  return { ...draft, rules: [rule, ...draft.rules], nextKey: draft.nextKey + 1 };
}

export function changeRule(draft: PolicyDraft, key: number, change: Partial<PrivacyRule>): PolicyDraft {
  return { ...draft, rules: draft.rules.map((rule) => (rule.key === key ? { ...rule, ...change } : rule)) };
}

export function removeRule(draft: PolicyDraft, key: number): PolicyDraft {
  return { ...draft, rules: draft.rules.filter((rule) => rule.key !== key) };
}

/** One place up; the first stays. */
export function raiseRule(draft: PolicyDraft, key: number): PolicyDraft {
  const index = draft.rules.findIndex((rule) => rule.key === key);
  const rule = draft.rules[index];
  const before = draft.rules[index - 1];
  if (rule === undefined || before === undefined) return draft;
  return { ...draft, rules: draft.rules.with(index - 1, rule).with(index, before) };
}

/** What is wrong with a rule, in the schema's words; null: nothing. An attribute that is still to be typed is no mistake yet. */
export function problemOf({ key: _, ...rule }: RuleDraft): string | null {
  if (rule.attribute.trim() === "") return null;
  const parsed = PrivacyRuleSchema.safeParse(rule);
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? "is not valid");
}

/** The document; null while a rule is unfinished or wrong. */
export function policyOf(draft: PolicyDraft): PrivacyPolicy | null {
  const parsed = PrivacyPolicySchema.safeParse({
    v: 1,
    rules: draft.rules.map(({ key: _, ...rule }) => rule),
    unknown: draft.unknown,
  });
  return parsed.success ? parsed.data : null;
}

/** True when the draft says something else than what is stored. */
export function differs(draft: PolicyDraft, stored: PrivacyPolicy | null): boolean {
  const now = {
    rules: draft.rules.map(({ agent, attribute, action }) => [agent, attribute, action]),
    unknown: draft.unknown,
  };
  const before =
    stored === null
      ? null
      : {
          rules: stored.rules.map(({ agent, attribute, action }) => [agent, attribute, action]),
          unknown: stored.unknown,
        };
  return JSON.stringify(now) !== JSON.stringify(before);
}

/** True when saving makes the organisation's first pseudonym key. */
export function makesKey(draft: PolicyDraft, hasKey: boolean): boolean {
  const policy = policyOf(draft);
  return !hasKey && policy !== null && hashesAnything(policy);
}
