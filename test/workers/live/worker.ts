/**
 * The worker under test: the real TenantLive and the real realtime app. Authentication is the tests': the header
 * `x-test-user` names a person below; no header is nobody.
 */
import type { Principal, RowScope } from "../../../schema/access.ts";
import { PublicError } from "../../../schema/errors.ts";
import { createRealtimeApp } from "../../../workers/realtime/app.ts";
import type { Env } from "../../../workers/shared/env.ts";

export { TenantLive } from "../../../durable-objects/tenant-live.ts";

const people: Record<string, { principal: Omit<Principal, "org_id">; scope: RowScope }> = {
  admin: {
    principal: { user_id: "admin", role: "admin", team_id: null, residency: "us", jurisdiction: "us" },
    scope: { kind: "org" },
  },
  manager: {
    principal: { user_id: "manager", role: "manager", team_id: "red", residency: "us", jurisdiction: "us" },
    scope: { kind: "users", scope: "team", users: ["ada", "bob"] },
  },
  viewer: {
    principal: { user_id: "viewer", role: "viewer", team_id: "red", residency: "us", jurisdiction: "us" },
    scope: { kind: "users", scope: "own", users: ["ada"] },
  },
};

const app = createRealtimeApp({
  authenticate: async (c) => {
    const [name = "", org = ""] = (c.req.header("x-test-user") ?? "").split("@");
    const person = people[name];
    if (person === undefined) throw new PublicError("unauthorized", "who are you?");
    return { ...person.principal, org_id: org };
  },
  resolveRowScope: async (_, principal) =>
    people[principal.user_id]?.scope ?? { kind: "users", scope: "own", users: [] },
});

export default { fetch: (request, env, ctx) => app.fetch(request, env, ctx) } satisfies ExportedHandler<Env>;
