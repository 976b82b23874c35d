/**
 * Who may see and change what: roles, permissions as data, the principal of a request and the rows it may read.
 * Used by workers/api, workers/realtime and TenantLive, which all enforce the same RowScope. No I/O; the decision is
 * `authorize` in workers/shared.
 */
import { z } from "zod";
import { ResidencySchema, StorageRegionSchema } from "./pack.ts";

export const ROLES = ["viewer", "user", "manager", "admin"] as const;
export const RoleSchema = z.enum(ROLES);
export type Role = z.infer<typeof RoleSchema>;

/** own = events of my identities; team = events of users in my team by the directory; org = everything of the org. */
export const SCOPES = ["own", "team", "org"] as const;
export const ScopeSchema = z.enum(SCOPES);
export type Scope = z.infer<typeof ScopeSchema>;

/** `resource:action` names that routes declare. */
export const PERMISSIONS = [
  "me:read",
  "metrics:read",
  "sessions:read",
  "live:read",
  "custom_metrics:write",
  "dashboards:write",
  "settings:read",
  "settings:write",
  "members:read",
  "members:write",
  "teams:read",
  "teams:write",
  "identities:claim",
  "identities:write",
  "keys:read",
  "keys:write",
  "tokens:read",
  "tokens:write",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What a program's token may be given: reading what its person reads, and nothing that changes or administers. */
export const TOKEN_PERMISSIONS = [
  "me:read",
  "metrics:read",
  "sessions:read",
  "live:read",
] as const satisfies Permission[];
export const TokenPermissionSchema = z.enum(TOKEN_PERMISSIONS);

/** What everyone has: `scope` is as far as the role sees, tokens and dashboards are each person's own. */
const everyone = (scope: Scope): Partial<Record<Permission, Scope>> => ({
  "me:read": "own",
  "metrics:read": scope,
  "sessions:read": scope,
  "live:read": scope,
  "members:read": scope,
  "teams:read": scope === "own" ? "team" : scope,
  "identities:claim": "own",
  "tokens:read": "own",
  "tokens:write": "own",
  "dashboards:write": "own",
});

/** The widest scope of each permission a role has; a missing entry is a refusal. */
export const ROLE_PERMISSIONS: Record<Role, Partial<Record<Permission, Scope>>> = {
  viewer: everyone("own"),
  user: everyone("own"),
  // A saved metric is a question, not its answer: whoever asks it sees their own rows, so a manager's is of use to all. The same
  // holds for a dashboard of them.
  manager: { ...everyone("team"), "custom_metrics:write": "org", "dashboards:write": "org" },
  admin: {
    ...everyone("org"),
    "custom_metrics:write": "org",
    "dashboards:write": "org",
    "settings:read": "org",
    "settings:write": "org",
    "members:write": "org",
    "teams:write": "org",
    "identities:write": "org",
    "keys:read": "org",
    "keys:write": "org",
    "tokens:read": "org",
    "tokens:write": "org",
  },
};

/** Who makes a request: one person or program in ONE org. */
export const PrincipalSchema = z.object({
  user_id: z.string(),
  org_id: z.string(),
  role: RoleSchema,
  team_id: z.string().nullable(),
  residency: ResidencySchema,
  jurisdiction: StorageRegionSchema.describe("where the org's configuration and live object are"),
  token: z
    .object({ token_id: z.string(), permissions: z.array(TokenPermissionSchema), scope: ScopeSchema })
    .optional()
    .describe("a program's token: it can only narrow what the person's role allows"),
});
export type Principal = z.infer<typeof PrincipalSchema>;

/** The rows a principal may read: all of the org, or only events of these `user_id` values (none when empty). */
export const RowScopeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("org") }),
  z.object({ kind: z.literal("users"), scope: z.enum(["own", "team"]), users: z.array(z.string()) }),
]);
export type RowScope = z.infer<typeof RowScopeSchema>;
