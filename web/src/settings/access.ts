/** What somebody may do here, by the permissions in /me. Used by the settings tabs and the security view. Pure: the API decides, this only avoids asking in vain. */
import { type Permission, SCOPES, type Scope } from "../../../schema/access.ts";
import type { Me } from "../api/me.ts";

/** True when the permission reaches at least `least`. */
export function may(me: Pick<Me, "permissions">, permission: Permission, least: Scope = "own"): boolean {
  return me.permissions.some(
    (one) => one.permission === permission && SCOPES.indexOf(one.scope) >= SCOPES.indexOf(least),
  );
}
