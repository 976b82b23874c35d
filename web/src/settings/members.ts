/** Members in words and order. Pure; used by the members page. */
import { ROLES, type Role } from "../../../schema/access.ts";
import type { Member } from "../../../schema/api/members.ts";

/** What each role sees and does (schema/access.ts, ROLE_PERMISSIONS). */
export const ROLE_WORDS: Record<Role, string> = {
  admin: "sees everything, changes everything",
  manager: "sees their team, saves metrics",
  user: "sees their own sessions",
  viewer: "sees their own sessions",
};

/** Most rights first, as people choose. */
export const ROLES_DOWN: readonly Role[] = ROLES.toReversed();

export function roleOf(text: string): Role | undefined {
  return ROLES.find((role) => role === text);
}

/** Members that fit a search by name, address or team; in the order of their names. */
export function matchingMembers(members: readonly Member[], search: string): Member[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const fits = ({ name, email, team_id, role }: Member): boolean => {
    const text = `${name} ${email} ${team_id ?? ""} ${role}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const key = ({ name, email }: Member): string => `${name === "" ? email : name} ${email}`.toLowerCase();
  return members.filter(fits).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
