/**
 * GET and PUT /api/v1/settings/privacy, DELETE /api/v1/settings/privacy/pseudonym-key: what of agents' attributes is kept, hashed
 * or dropped before anything is stored, for admins. A change holds for what is received 60 s later at most. The key is made
 * by the first policy that hashes and never leaves the database but to the edge.
 */
import { KeyDestroyedSchema, PrivacyAnswerSchema, PrivacyChangeSchema } from "../../../schema/api/privacy.ts";
import { PublicError } from "../../../schema/errors.ts";
import {
  DEFAULT_PRIVACY_RULES,
  hashesAnything,
  type PrivacyPolicy,
  PrivacyPolicySchema,
} from "../../../schema/privacy-policy.ts";
import { privacyOf } from "../../shared/tenant-policies.ts";
import {
  destroyPseudonymKey,
  makePseudonymKey,
  type PolicyRow,
  pseudonymKeyMade,
  readPolicy,
  writePolicy,
} from "../../shared/tenant-policy-store.ts";
import { databaseOf, noSuch, recordOf } from "../configuration.ts";
import { defineRoute } from "../route.ts";

/** Two hundred rules. */
const MAX_POLICY_BYTES = 64_000;

const readable = (orgId: string, row: PolicyRow | undefined): PrivacyPolicy | null => {
  const policy = privacyOf(orgId, row === undefined ? [] : [row]);
  return policy === "strictest" ? null : policy;
};
const shown = (made: Date | undefined): { created_at: string } | null =>
  made === undefined ? null : { created_at: made.toISOString() };

export const privacyRoute = defineRoute({
  method: "get",
  path: "/api/v1/settings/privacy",
  permission: "settings:read",
  scope: "org",
  reads: "configuration",
  summary: "What of agents' attributes is kept, hashed or dropped",
  tags: ["settings"],
  answer: PrivacyAnswerSchema,
  handler: async ({ c, principal }) => {
    const database = databaseOf(c.env, principal);
    const [row, made] = await Promise.all([
      readPolicy(database, principal.org_id, "privacy"),
      pseudonymKeyMade(database, principal.org_id),
    ]);
    return {
      policy: readable(principal.org_id, row),
      defaults: [...DEFAULT_PRIVACY_RULES],
      pseudonym_key: shown(made),
    };
  },
});

export const changePrivacyRoute = defineRoute({
  method: "put",
  path: "/api/v1/settings/privacy",
  permission: "settings:write",
  scope: "org",
  reads: "configuration",
  summary: "Replace the organisation's privacy policy",
  description:
    "Holds for what is received from 60 seconds later at most; what is stored stays as it is. The first policy that hashes " +
    "makes the organisation's pseudonym key.",
  tags: ["settings"],
  body: PrivacyPolicySchema,
  maxBodyBytes: MAX_POLICY_BYTES,
  answer: PrivacyChangeSchema,
  handler: async ({ c, principal, body, now }) => {
    const orgId = principal.org_id;
    const database = databaseOf(c.env, principal);
    const row = await readPolicy(database, orgId, "privacy");
    const before = readable(orgId, row);
    const record = recordOf(c, principal, now, { action: "privacy.update", target: orgId, before, after: body });
    const key = hashesAnything(body) ? [makePseudonymKey(orgId, now)] : [];
    if (!(await writePolicy(database, "privacy", row, body, record, key))) {
      throw new PublicError("conflict", "somebody else changed the privacy policy at the same time; look again");
    }
    return { before, after: body, pseudonym_key: shown(await pseudonymKeyMade(database, orgId)) };
  },
});

export const destroyPseudonymKeyRoute = defineRoute({
  method: "delete",
  path: "/api/v1/settings/privacy/pseudonym-key",
  permission: "settings:write",
  scope: "org",
  reads: "configuration",
  summary: "Destroy the key of the organisation's pseudonyms",
  description:
    "Nobody can trace a pseudonym to a person any more, nor make it again. While the policy hashes, a new key takes its place: " +
    "the same people have other pseudonyms from 60 seconds later at most.",
  tags: ["settings"],
  answer: KeyDestroyedSchema,
  handler: async ({ c, principal, now }) => {
    const orgId = principal.org_id;
    const database = databaseOf(c.env, principal);
    const [row, made] = await Promise.all([readPolicy(database, orgId, "privacy"), pseudonymKeyMade(database, orgId)]);
    if (made === undefined) throw noSuch("key");
    const policy = readable(orgId, row);
    const next = policy !== null && hashesAnything(policy) ? [makePseudonymKey(orgId, now)] : [];
    const before = { created_at: made.toISOString() };
    const after = next.length === 0 ? null : { created_at: new Date(now).toISOString() };
    const record = recordOf(c, principal, now, { action: "pseudonym_key.destroy", target: orgId, before, after });
    if (!(await destroyPseudonymKey(database, record, next))) throw noSuch("key");
    return { destroyed: before, pseudonym_key: after };
  },
});
