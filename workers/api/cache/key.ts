/**
 * What makes two requests the same question: route, organisation, whose rows, role, the configuration they were asked under, and
 * the checked input. Everything that could change the answer but the clock and the data. Pure; called by route.ts.
 */
import { createHash } from "node:crypto";
import type { Principal, RowScope } from "../../../schema/access.ts";

export interface Question {
  route: string;
  principal: Pick<Principal, "org_id" | "role" | "user_id">;
  rows: RowScope;
  /** When the organisation's settings last changed, ISO 8601. */
  settingsAt: string;
  /** Checked query, path parameters and body. */
  input: unknown;
}

/** SHA-256 of the question, hex. Users of a scope are part of it, in any order; a person's own rows never meet another's. */
export function cacheKey({ route, principal, rows, settingsAt, input }: Question): string {
  const scope = rows.kind === "org" ? ["org"] : [rows.scope, [...rows.users].sort()];
  const parts = [route, principal.org_id, principal.role, scope, settingsAt, canonical(input)];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** The same value with the keys of every object in order: `{a,b}` and `{b,a}` ask the same. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, canonical(field)]);
}
