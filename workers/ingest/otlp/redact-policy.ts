/**
 * A privacy policy in the form that is fast to ask: what happens to an attribute of an agent. Called by redact; made once per
 * policy. Pure but for what it remembers of names it has seen.
 */
import {
  DEFAULT_PRIVACY_RULES,
  IDENTIFIER,
  type PrivacyAction,
  type PrivacyPolicy,
  type PrivacyRule,
} from "../../../schema/privacy-policy.ts";

/** What was stored could not be read: nothing but numbers and booleans is kept. */
export type PrivacyChoice = PrivacyPolicy | "strictest";

export interface CompiledPolicy {
  /** What happens to an attribute. */
  actionOf(agent: string, attribute: string, value: unknown): PrivacyAction;
  /** What the name alone decides of an attribute; undefined: its value does. */
  actionOfName(agent: string, attribute: string): PrivacyAction | undefined;
  /** What happens to an attribute whose name decides nothing. */
  actionOfValue(value: unknown): PrivacyAction;
  /** What a rule says of the name of a text that is no attribute's; undefined when none names it. */
  named(agent: string, name: string): PrivacyAction | undefined;
}

/** Names come from clients: what is remembered of them is bounded. */
const MAX_REMEMBERED = 5_000;

const isText = (value: unknown): boolean => typeof value === "string" || (typeof value === "object" && value !== null);

const strictestAction = (value: unknown): PrivacyAction => (isText(value) ? "drop" : "keep");

const STRICTEST: CompiledPolicy = {
  actionOf: (_agent, _attribute, value) => strictestAction(value),
  actionOfName: () => undefined,
  actionOfValue: strictestAction,
  named: () => "drop",
};

const compiled = new WeakMap<PrivacyPolicy, CompiledPolicy>();

/** The policy's compiled form, the same one for the same object. */
export function compilePolicy(policy: PrivacyChoice): CompiledPolicy {
  if (policy === "strictest") return STRICTEST;
  let found = compiled.get(policy);
  if (found === undefined) {
    found = compile(policy);
    compiled.set(policy, found);
  }
  return found;
}

function compile(policy: PrivacyPolicy): CompiledPolicy {
  const rules = [...policy.rules, ...DEFAULT_PRIVACY_RULES].map((rule) => ({ ...rule, fits: matcher(rule) }));
  const byAgent = new Map<string, Map<string, PrivacyAction | null>>();
  const named = (agent: string, attribute: string): PrivacyAction | undefined => {
    let remembered = byAgent.get(agent);
    if (remembered === undefined) {
      remembered = new Map();
      byAgent.set(agent, remembered);
    }
    const known = remembered.get(attribute);
    if (known !== undefined) return known ?? undefined;
    const name = attribute.toLowerCase();
    const action = rules.find((rule) => (rule.agent === "*" || rule.agent === agent) && rule.fits(name))?.action;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(attribute, action ?? null);
    return action;
  };
  return {
    named,
    actionOfName: named,
    actionOfValue: (value) => unknownAction(policy, value),
    actionOf: (agent, attribute, value) => named(agent, attribute) ?? unknownAction(policy, value),
  };
}

function unknownAction({ unknown }: PrivacyPolicy, value: unknown): PrivacyAction {
  if (unknown !== "identifiers") return unknown;
  return isIdentifier(value) ? "keep" : "drop";
}

function isIdentifier(value: unknown): boolean {
  if (typeof value === "string") return value === "" || IDENTIFIER.test(value);
  if (Array.isArray(value)) return value.every((item) => !Array.isArray(item) && isIdentifier(item));
  return typeof value !== "object" || value === null;
}

/** Parts between the asterisks, in order; linear, whatever the pattern. */
function matcher({ attribute }: PrivacyRule): (name: string) => boolean {
  if (!attribute.includes("*")) return (name) => name === attribute;
  const parts = attribute.split("*");
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  const middle = parts.slice(1, -1);
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
    let at = first.length;
    for (const part of middle) {
      const found = name.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return at <= name.length - last.length;
  };
}
