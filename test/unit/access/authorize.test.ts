import { describe, expect, it } from "vitest";
import {
  PERMISSIONS,
  type Principal,
  ROLE_PERMISSIONS,
  ROLES,
  type Role,
  SCOPES,
  type Scope,
  TOKEN_PERMISSIONS,
} from "../../../schema/access.ts";
import { authorize, authorizePermission, covers, grantedScope, narrower } from "../../../workers/shared/authorize.ts";

const principal = (role: Role, token?: Principal["token"]): Principal => ({
  user_id: "u",
  org_id: "o",
  role,
  team_id: "t",
  residency: "us",
  jurisdiction: "us",
  ...(token === undefined ? {} : { token }),
});

describe("authorize", () => {
  it("answers how far a role reaches, and refuses everything beyond, for every role, permission and scope", () => {
    for (const role of ROLES) {
      for (const permission of PERMISSIONS) {
        const granted = ROLE_PERMISSIONS[role][permission];
        for (const scope of SCOPES) {
          const ask = () => authorizePermission(principal(role), permission, scope);
          if (granted !== undefined && covers(granted, scope)) expect(ask()).toBe(granted);
          else expect(ask).toThrow(expect.objectContaining({ code: "forbidden" }));
        }
      }
    }
  });

  it("refuses a resource and an action that no permission joins", () => {
    expect(() => authorize(principal("admin"), "metrics", "write")).toThrow(
      expect.objectContaining({ code: "forbidden" }),
    );
  });

  it("lets only admins write what belongs to the organisation", () => {
    for (const resource of ["settings", "members", "teams", "keys", "identities"] as const) {
      for (const role of ["viewer", "user", "manager"] as const) {
        expect(() => authorize(principal(role), resource, "write", "own")).toThrow();
      }
      expect(authorize(principal("admin"), resource, "write", "org")).toBe("org");
    }
  });

  it("never gives a program's token more than its person's role or its own list and scope", () => {
    const all = [...TOKEN_PERMISSIONS];
    for (const role of ROLES) {
      for (const scope of SCOPES) {
        for (const permission of PERMISSIONS) {
          const granted = grantedScope(principal(role, { token_id: "k", permissions: all, scope }), permission);
          const role_ = ROLE_PERMISSIONS[role][permission];
          const may = (TOKEN_PERMISSIONS as readonly string[]).includes(permission) && role_ !== undefined;
          expect([role, scope, permission, granted]).toEqual([
            role,
            scope,
            permission,
            may ? narrower(role_ as Scope, scope) : undefined,
          ]);
        }
      }
    }
    const one = principal("admin", { token_id: "k", permissions: ["metrics:read"], scope: "org" });
    expect(() => authorize(one, "sessions", "read")).toThrow(expect.objectContaining({ code: "forbidden" }));
  });

  it("has no permission for programs that changes anything", () => {
    for (const permission of TOKEN_PERMISSIONS) expect(permission).toMatch(/:read$/);
  });
});
