/**
 * GET and PUT /api/v1/settings/rules: which security rules are on and how grave they are, for admins. A change holds for what is
 * received 60 s later at most; alerts that exist stay as they are.
 */
import { RulesAnswerSchema, RulesChangeSchema } from "../../../schema/api/rules.ts";
import { PublicError } from "../../../schema/errors.ts";
import { type RulePolicy, RulePolicySchema } from "../../../schema/rule-policy.ts";
import { SECURITY_RULES } from "../../../schema/security-rules.ts";
import { rulesOf } from "../../shared/tenant-policies.ts";
import { type PolicyRow, readPolicy, writePolicy } from "../../shared/tenant-policy-store.ts";
import { databaseOf, recordOf } from "../configuration.ts";
import { defineRoute } from "../route.ts";

const readable = (orgId: string, row: PolicyRow | undefined): RulePolicy =>
  rulesOf(orgId, row === undefined ? [] : [row]);

export const rulesRoute = defineRoute({
  method: "get",
  path: "/api/v1/settings/rules",
  permission: "settings:read",
  scope: "org",
  reads: "configuration",
  summary: "Security rules over agents' telemetry, and which are on",
  tags: ["settings"],
  answer: RulesAnswerSchema,
  handler: async ({ c, principal }) => {
    const { org_id: orgId } = principal;
    const { rules } = readable(orgId, await readPolicy(databaseOf(c.env, principal), orgId, "rules"));
    return {
      rules: SECURITY_RULES.map(({ id, title, description, severity, matches }) => ({
        id,
        title,
        description,
        agents: [...new Set(matches.map(({ agent }) => agent))],
        default_severity: severity,
        enabled: rules[id]?.enabled !== false,
        severity: rules[id]?.severity ?? severity,
      })),
    };
  },
});

export const changeRulesRoute = defineRoute({
  method: "put",
  path: "/api/v1/settings/rules",
  permission: "settings:write",
  scope: "org",
  reads: "configuration",
  summary: "Switch security rules on or off and set their severity",
  description: "Replaces what was said before; rules that are not named are on, with their own severity.",
  tags: ["settings"],
  body: RulePolicySchema,
  answer: RulesChangeSchema,
  handler: async ({ c, principal, body, now }) => {
    const orgId = principal.org_id;
    const database = databaseOf(c.env, principal);
    const row = await readPolicy(database, orgId, "rules");
    const before = readable(orgId, row);
    const record = recordOf(c, principal, now, { action: "rules.update", target: orgId, before, after: body });
    if (!(await writePolicy(database, "rules", row, body, record))) {
      throw new PublicError("conflict", "somebody else changed the rules at the same time; look again");
    }
    return { before, after: body };
  },
});
