/**
 * What a tenant decided about prices, privacy and security rules, out of its stored documents. Called by the tenant record (ingest) and the
 * settings routes. A document that cannot be read never opens anything: the strictest rule holds and the log says so.
 */
import type { tenantPolicies } from "../../schema/d1/config.ts";
import { NO_PRICE_POLICY, type PricePolicy, PricePolicySchema } from "../../schema/price-policy.ts";
import { NO_PRIVACY_POLICY, type PrivacyPolicy, PrivacyPolicySchema } from "../../schema/privacy-policy.ts";
import { NO_RULE_POLICY, type RulePolicy, RulePolicySchema } from "../../schema/rule-policy.ts";
import { log } from "./log.ts";

export interface TenantPolicies {
  /** unreadable: nothing is priced. */
  prices: PricePolicy | "unreadable";
  /** strictest: nothing but numbers and booleans is kept. */
  privacy: PrivacyPolicy | "strictest";
  /** Every rule, as it comes, where what is stored cannot be read. */
  rules: RulePolicy;
  /** Turns identities into pseudonyms; undefined: never made, or destroyed, and what should be hashed is dropped. */
  pseudonymKey: string | undefined;
}

/** Of a tenant that has decided nothing. */
export const NO_POLICIES: TenantPolicies = {
  prices: NO_PRICE_POLICY,
  privacy: NO_PRIVACY_POLICY,
  rules: NO_RULE_POLICY,
  pseudonymKey: undefined,
};

type PolicyRow = Pick<typeof tenantPolicies.$inferSelect, "subject" | "document">;

/** The policies in a tenant's rows; `pseudonymKey`: its secret, if it has one. */
export function policiesOf(
  orgId: string,
  rows: readonly PolicyRow[],
  pseudonymKey: string | undefined,
): TenantPolicies {
  return {
    prices: pricesOf(orgId, rows),
    privacy: privacyOf(orgId, rows),
    rules: rulesOf(orgId, rows),
    pseudonymKey,
  };
}

/** The tenant's own prices; `unreadable` when what is stored is no such document. */
export function pricesOf(orgId: string, rows: readonly PolicyRow[]): TenantPolicies["prices"] {
  const document = documentOf(rows, "prices");
  if (document === undefined) return NO_PRICE_POLICY;
  const read = PricePolicySchema.safeParse(parsed(document));
  return read.success ? read.data : unreadable(orgId, "prices", "unreadable");
}

/** The tenant's privacy policy; `strictest` when what is stored is no such document. */
export function privacyOf(orgId: string, rows: readonly PolicyRow[]): TenantPolicies["privacy"] {
  const document = documentOf(rows, "privacy");
  if (document === undefined) return NO_PRIVACY_POLICY;
  const read = PrivacyPolicySchema.safeParse(parsed(document));
  return read.success ? read.data : unreadable(orgId, "privacy", "strictest");
}

/** The tenant's choice of security rules; every rule as it comes when what is stored is no such document. */
export function rulesOf(orgId: string, rows: readonly PolicyRow[]): RulePolicy {
  const document = documentOf(rows, "rules");
  if (document === undefined) return NO_RULE_POLICY;
  const read = RulePolicySchema.safeParse(parsed(document));
  return read.success ? read.data : unreadable(orgId, "rules", NO_RULE_POLICY);
}

const documentOf = (rows: readonly PolicyRow[], subject: PolicyRow["subject"]): string | undefined =>
  rows.find((row) => row.subject === subject)?.document;

function parsed(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    return undefined;
  }
}

function unreadable<T>(orgId: string, subject: string, instead: T): T {
  log.error("tenant_policy_unreadable", { org_id: orgId, subject });
  return instead;
}
