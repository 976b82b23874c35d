/**
 * A tenant's policy documents and pseudonym key in D1: read as stored, written with a record of the change. Called by the prices
 * and privacy routes. Checks no document: that is its schema's.
 */
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { pseudonymKeys, tenantPolicies } from "../../schema/d1/config.ts";
import { type ChangeRecord, changeWithRecord, type PlainStatement } from "./change-records.ts";

export type PolicyRow = typeof tenantPolicies.$inferSelect;
type Subject = PolicyRow["subject"];

/** The row of a subject; undefined: nothing was decided. */
export async function readPolicy(
  database: D1Database,
  orgId: string,
  subject: Subject,
): Promise<PolicyRow | undefined> {
  const [row] = await drizzle(database)
    .select()
    .from(tenantPolicies)
    .where(and(eq(tenantPolicies.orgId, orgId), eq(tenantPolicies.subject, subject)))
    .limit(1);
  return row;
}

/** When the tenant's pseudonym key was made; undefined: it has none. The key itself is never read here. */
export async function pseudonymKeyMade(database: D1Database, orgId: string): Promise<Date | undefined> {
  const [row] = await drizzle(database)
    .select({ createdAt: pseudonymKeys.createdAt })
    .from(pseudonymKeys)
    .where(eq(pseudonymKeys.orgId, orgId))
    .limit(1);
  return row?.createdAt;
}

const UPSERT = `INSERT INTO tenant_policies (org_id, subject, document, updated_at)
VALUES (?, ?, ?, ?)
ON CONFLICT (org_id, subject) DO UPDATE
SET document = excluded.document, updated_at = excluded.updated_at
WHERE tenant_policies.updated_at = ?`;
/** No row has it: where there was none, there must still be none. */
const NEVER = -1;

/** Replaces `before` by `document`; false when somebody else has changed it since. */
export async function writePolicy(
  database: D1Database,
  subject: Subject,
  before: PolicyRow | undefined,
  document: unknown,
  record: ChangeRecord,
  others: readonly PlainStatement[] = [],
): Promise<boolean> {
  const was = before?.updatedAt.getTime() ?? NEVER;
  // Strictly later, so that two changes within a millisecond do not pass for one.
  const now = Math.max(record.at, was + 1);
  const params = [record.orgId, subject, JSON.stringify(document), now, was];
  return await changeWithRecord(database, { sql: UPSERT, params }, record, others);
}

const KEY_BYTES = 32;

/** Makes a tenant's key unless it has one: 32 random bytes. */
export function makePseudonymKey(orgId: string, now: number): PlainStatement {
  const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES))).toString("base64url");
  return {
    sql: "INSERT INTO pseudonym_keys (org_id, secret, created_at) VALUES (?, ?, ?) ON CONFLICT (org_id) DO NOTHING",
    params: [orgId, secret, now],
  };
}

/** Destroys it: nobody can compute its pseudonyms again. `others` run in the same transaction. False when there was none. */
export async function destroyPseudonymKey(
  database: D1Database,
  record: ChangeRecord,
  others: readonly PlainStatement[],
): Promise<boolean> {
  const change = { sql: "DELETE FROM pseudonym_keys WHERE org_id = ?", params: [record.orgId] };
  return await changeWithRecord(database, change, record, others);
}
