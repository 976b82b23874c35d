/** The principal of a person in an org, out of their memberships. Pure; used by auth.ts and api-tokens.ts. */
import type { Principal } from "../../schema/access.ts";
import { PublicError } from "../../schema/errors.ts";
import type { StorageRegion } from "../../schema/pack.ts";
import { homeJurisdiction } from "./access-token.ts";
import type { Membership } from "./directory.ts";

/**
 * 403 when they are no member, or the org is suspended; an org that does not belong to the database it was read from is no
 * membership either.
 */
export function principalOf(
  memberships: readonly Membership[],
  userId: string,
  orgId: string,
  jurisdiction: StorageRegion,
): Principal {
  const membership = memberships.find((one) => one.orgId === orgId);
  if (membership === undefined || homeJurisdiction(membership) !== jurisdiction) throw notAMember();
  if (membership.suspended) throw new PublicError("org_suspended", "this organisation is suspended");
  return {
    user_id: userId,
    org_id: orgId,
    role: membership.role,
    team_id: membership.teamId,
    residency: membership.residency,
    jurisdiction: membership.residency === "global" ? membership.primaryRegion : jurisdiction,
  };
}

export function notAMember(): PublicError {
  return new PublicError("forbidden", "you are not a member of this organisation");
}
