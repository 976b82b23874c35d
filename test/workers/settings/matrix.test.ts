/** Runs every cell of matrix.ts: roles x routes x scopes, people and programs. */
import { beforeAll, describe, expect, it } from "vitest";
import { type Principal, ROLES, type Role, SCOPES, type Scope, TOKEN_PERMISSIONS } from "../../../schema/access.ts";
import { LIVE_CLOSE } from "../../../schema/live.ts";
import { ROUTES } from "../../../workers/api/routes.ts";
import { covers, narrower, needsOf } from "../../../workers/shared/authorize.ts";
import type { SeededOrg } from "../api/world.ts";
import { MATRIX } from "./matrix.ts";
import { bodyOf, Settings } from "./world.ts";

let world: Settings;
let org: SeededOrg;
const people = new Map<string, Principal>();
const person = (name: string): Principal => {
  const found = people.get(name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
};

const at = "2026-11-20T10:00:00.000Z";
const RANGE = "from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z";

/** Each role's person and a mate in team red, somebody far away in team blue; a session of each. */
beforeAll(async () => {
  world = await Settings.start();
  org = await world.org("matrix", "us");
  await world.plan(org, "enterprise");
  for (const team of ["red", "blue"]) await world.team(org, team);
  for (const name of [...ROLES, "mate", "far"]) {
    const role = ROLES.find((one) => one === name) ?? "user";
    const options = { teamId: name === "far" ? "blue" : "red", eventUsers: [`${name}-agent`] };
    people.set(name, await world.person(org, `m-${name}`, role, options));
  }
  await world.insert(
    "us",
    [...people.keys()].map((name) => ({
      org_id: org.orgId,
      event_type: "session_start",
      timestamp: at,
      session_id: `s-${name}`,
      user_id: `${name}-agent`,
    })),
  );
});

/** Whose objects a scope adds, seen by the person with this role. */
const ownerAt = (role: Role, scope: Scope): string => (scope === "own" ? role : scope === "team" ? "mate" : "far");

/** What the request of an allowed cell is. Lists say which ids they show; objects are addressed by their owner. */
type Probe =
  | { list: string; ids: (answer: Record<string, unknown>) => string[]; idOf: (owner: string) => string }
  | { scope: string }
  | { scopeOf: () => Promise<{ path: string; body?: unknown }> }
  | { object: (owner: string) => Promise<{ path: string; body?: unknown }> }
  | { act: () => Promise<{ path: string; body?: unknown }> };

const idsIn =
  (list: string, id: string) =>
  (answer: Record<string, unknown>): string[] =>
    (answer[list] as Record<string, string>[]).map((row) => row[id] ?? "");

let fresh = 0;
const unique = (name: string): string => `${name}-${++fresh}`;
const admin = (): Principal => person("admin");

async function aToken(owner: string): Promise<string> {
  const answer = await bodyOf(
    await world.as(person(owner), "POST", "/api/v1/tokens", { name: "t", permissions: ["me:read"] }),
  );
  return (answer.details as { token_id: string }).token_id;
}
async function aKey(): Promise<string> {
  const answer = await bodyOf(await world.as(admin(), "POST", "/api/v1/keys", { name: "k" }));
  return (answer.details as { key_id: string }).key_id;
}
async function aMember(): Promise<string> {
  const body = { email: `${unique("new")}@example.com`, name: "New", role: "user" };
  const answer = await bodyOf(await world.as(admin(), "POST", "/api/v1/members", body));
  return (answer.after as { user_id: string }).user_id;
}
async function aTeam(): Promise<string> {
  const team_id = unique("team");
  await world.as(admin(), "POST", "/api/v1/teams", { team_id, name: team_id });
  return team_id;
}
async function aClaim(): Promise<{ user_id: string; event_user_id: string }> {
  const event_user_id = unique("claimed");
  await world.as(person("mate"), "POST", "/api/v1/me/identities", { event_user_id });
  return { user_id: "m-mate", event_user_id };
}

const QUESTION = { measures: [{ fn: "count" }] };
async function aMetric(): Promise<string> {
  const body = { name: unique("Metric"), query: QUESTION };
  const answer = await bodyOf(await world.as(admin(), "POST", "/api/v1/custom-metrics", body));
  return (answer.after as { metric_id: string }).metric_id;
}

async function aDashboard(owner: string): Promise<string> {
  const answer = await bodyOf(await world.as(person(owner), "POST", "/api/v1/dashboards", { name: unique("Board") }));
  return (answer.after as { dashboard_id: string }).dashboard_id;
}

const PROBES: Record<string, Probe> = {
  "GET /api/v1/me": { act: async () => ({ path: "/api/v1/me" }) },
  "GET /api/v1/metrics/summary": { scope: `/api/v1/metrics/summary?${RANGE}` },
  "GET /api/v1/metrics/timeseries": { scope: `/api/v1/metrics/timeseries?${RANGE}` },
  "GET /api/v1/metrics/top": { scope: `/api/v1/metrics/top?dimension=user&${RANGE}` },
  "GET /api/v1/metrics/active-users": { scope: `/api/v1/metrics/active-users?${RANGE}` },
  "GET /api/v1/metrics/funnel": { scope: `/api/v1/metrics/funnel?${RANGE}` },
  "GET /api/v1/metrics/unit-costs": { scope: `/api/v1/metrics/unit-costs?${RANGE}` },
  "GET /api/v1/errors": { scope: `/api/v1/errors?${RANGE}` },
  "GET /api/v1/sessions": {
    list: `/api/v1/sessions?${RANGE}`,
    ids: idsIn("sessions", "session_id"),
    idOf: (owner) => `s-${owner}`,
  },
  "GET /api/v1/sessions/:id": { object: async (owner) => ({ path: `/api/v1/sessions/s-${owner}` }) },
  "POST /api/v1/query": {
    scopeOf: async () => ({ path: "/api/v1/query", body: { ...QUESTION, from: at, to: "2026-11-21T00:00:00Z" } }),
  },
  "GET /api/v1/query/catalogue": { act: async () => ({ path: "/api/v1/query/catalogue" }) },
  "GET /api/v1/custom-metrics": { act: async () => ({ path: "/api/v1/custom-metrics" }) },
  "GET /api/v1/custom-metrics/:id": { act: async () => ({ path: `/api/v1/custom-metrics/${await aMetric()}` }) },
  "POST /api/v1/custom-metrics": {
    act: async () => ({ path: "/api/v1/custom-metrics", body: { name: unique("Metric"), query: QUESTION } }),
  },
  "PATCH /api/v1/custom-metrics/:id": {
    act: async () => ({ path: `/api/v1/custom-metrics/${await aMetric()}`, body: { name: unique("Metric") } }),
  },
  "DELETE /api/v1/custom-metrics/:id": { act: async () => ({ path: `/api/v1/custom-metrics/${await aMetric()}` }) },
  "GET /api/v1/custom-metrics/:id/values": {
    scopeOf: async () => ({ path: `/api/v1/custom-metrics/${await aMetric()}/values?${RANGE}` }),
  },
  "GET /api/v1/dashboards": { act: async () => ({ path: "/api/v1/dashboards" }) },
  "GET /api/v1/dashboards/:id": {
    object: async (owner) => ({ path: `/api/v1/dashboards/${await aDashboard(owner)}` }),
  },
  "POST /api/v1/dashboards": { act: async () => ({ path: "/api/v1/dashboards", body: { name: unique("Board") } }) },
  "PATCH /api/v1/dashboards/:id": {
    object: async (owner) => ({
      path: `/api/v1/dashboards/${await aDashboard(owner)}`,
      body: { version: 1, name: unique("Board") },
    }),
  },
  "DELETE /api/v1/dashboards/:id": {
    object: async (owner) => ({ path: `/api/v1/dashboards/${await aDashboard(owner)}` }),
  },
  "GET /api/v1/settings": { act: async () => ({ path: "/api/v1/settings" }) },
  "PATCH /api/v1/settings": { act: async () => ({ path: "/api/v1/settings", body: { name: unique("Name") } }) },
  "GET /api/v1/settings/rules": { act: async () => ({ path: "/api/v1/settings/rules" }) },
  "PUT /api/v1/settings/rules": { act: async () => ({ path: "/api/v1/settings/rules", body: {} }) },
  "GET /api/v1/integrations": { act: async () => ({ path: "/api/v1/integrations" }) },
  "GET /api/v1/integrations/:agent/snippet": { act: async () => ({ path: "/api/v1/integrations/codex/snippet" }) },
  "GET /api/v1/settings/prices": { act: async () => ({ path: "/api/v1/settings/prices" }) },
  "PUT /api/v1/settings/prices": { act: async () => ({ path: "/api/v1/settings/prices", body: {} }) },
  "GET /api/v1/settings/privacy": { act: async () => ({ path: "/api/v1/settings/privacy" }) },
  "PUT /api/v1/settings/privacy": { act: async () => ({ path: "/api/v1/settings/privacy", body: {} }) },
  "DELETE /api/v1/settings/privacy/pseudonym-key": {
    act: async () => {
      const rules = [{ attribute: "user.email", action: "hash" }];
      await world.as(admin(), "PUT", "/api/v1/settings/privacy", { rules });
      return { path: "/api/v1/settings/privacy/pseudonym-key" };
    },
  },
  "GET /api/v1/settings/usage": { act: async () => ({ path: "/api/v1/settings/usage" }) },
  "GET /api/v1/settings/residency": { act: async () => ({ path: "/api/v1/settings/residency" }) },
  "GET /api/v1/settings/pipeline": { act: async () => ({ path: "/api/v1/settings/pipeline" }) },
  "GET /api/v1/reports/daily": { act: async () => ({ path: "/api/v1/reports/daily" }) },
  "GET /api/v1/members": {
    list: "/api/v1/members",
    ids: idsIn("members", "user_id"),
    idOf: (owner) => `m-${owner}`,
  },
  "GET /api/v1/members/:id": { object: async (owner) => ({ path: `/api/v1/members/m-${owner}` }) },
  "POST /api/v1/members": {
    act: async () => ({
      path: "/api/v1/members",
      body: { email: `${unique("new")}@example.com`, name: "New", role: "user" },
    }),
  },
  "PATCH /api/v1/members/:id": {
    act: async () => ({ path: `/api/v1/members/${await aMember()}`, body: { role: "manager" } }),
  },
  "DELETE /api/v1/members/:id": { act: async () => ({ path: `/api/v1/members/${await aMember()}` }) },
  "POST /api/v1/me/identities": {
    act: async () => ({ path: "/api/v1/me/identities", body: { event_user_id: unique("mine") } }),
  },
  "POST /api/v1/members/:id/identities": {
    act: async () => ({ path: "/api/v1/members/m-mate/identities", body: { event_user_id: unique("laptop") } }),
  },
  "DELETE /api/v1/members/:id/identities/:event_user_id": {
    act: async () => {
      const event_user_id = unique("old");
      await world.as(admin(), "POST", "/api/v1/members/m-mate/identities", { event_user_id });
      return { path: `/api/v1/members/m-mate/identities/${event_user_id}` };
    },
  },
  "GET /api/v1/identity-claims": { act: async () => ({ path: "/api/v1/identity-claims" }) },
  "POST /api/v1/identity-claims/decisions": {
    act: async () => ({
      path: "/api/v1/identity-claims/decisions",
      body: { ...(await aClaim()), decision: "refuse" },
    }),
  },
  "GET /api/v1/teams": {
    list: "/api/v1/teams",
    ids: idsIn("teams", "team_id"),
    idOf: (owner) => (owner === "far" ? "blue" : "red"),
  },
  "POST /api/v1/teams": {
    act: async () => {
      const team_id = unique("team");
      return { path: "/api/v1/teams", body: { team_id, name: team_id } };
    },
  },
  "PATCH /api/v1/teams/:id": {
    act: async () => ({ path: `/api/v1/teams/${await aTeam()}`, body: { name: unique("Name") } }),
  },
  "DELETE /api/v1/teams/:id": { act: async () => ({ path: `/api/v1/teams/${await aTeam()}` }) },
  "GET /api/v1/keys": { act: async () => ({ path: "/api/v1/keys" }) },
  "POST /api/v1/keys": { act: async () => ({ path: "/api/v1/keys", body: { name: "k" } }) },
  "POST /api/v1/keys/:id/rotate": { act: async () => ({ path: `/api/v1/keys/${await aKey()}/rotate`, body: {} }) },
  "DELETE /api/v1/keys/:id": { act: async () => ({ path: `/api/v1/keys/${await aKey()}` }) },
  "GET /api/v1/tokens": {
    list: "/api/v1/tokens",
    ids: idsIn("tokens", "user_id"),
    idOf: (owner) => `m-${owner}`,
  },
  "POST /api/v1/tokens": {
    act: async () => ({ path: "/api/v1/tokens", body: { name: "t", permissions: ["me:read"] } }),
  },
  "DELETE /api/v1/tokens/:id": { object: async (owner) => ({ path: `/api/v1/tokens/${await aToken(owner)}` }) },
  "POST /api/v1/live/ticket": { act: async () => ({ path: "/api/v1/live/ticket" }) },
  "GET /api/v1/live/snapshot": { act: async () => ({ path: "/api/v1/live/snapshot" }) },
};
/** The streams have a test of their own: their answer is a socket. */
const STREAMS: ReadonlySet<string> = new Set(["GET /api/v1/live", "GET /api/v1/live/sse"]);

const guarded = (): string[] => [
  ...ROUTES.filter(({ access }) => "permission" in access).map(({ method, path }) => `${method.toUpperCase()} ${path}`),
  ...world.realtime.routes
    .filter(({ handler }) => "permission" in (needsOf(handler) ?? {}))
    .map(({ method, path }) => `${method} ${path}`),
];

describe("the matrix", () => {
  it("has every guarded route of the API and the live app, and no other", () => {
    expect(MATRIX.map(({ route }) => route).sort()).toEqual(guarded().sort());
    const probed = [...Object.keys(PROBES), ...STREAMS];
    expect(probed.sort()).toEqual(MATRIX.map(({ route }) => route).sort());
  });

  const cells = MATRIX.filter(({ route }) => !STREAMS.has(route)).flatMap(({ route, reach }) =>
    ROLES.map((role) => [route, role, reach[role]] as const),
  );

  it.each(cells)("%s as %s: %s", async (route, role, reach) => {
    const [method = ""] = route.split(" ");
    const probe = PROBES[route];
    if (probe === undefined) throw new Error("no probe");
    const ask = async ({ path, body }: { path: string; body?: unknown }) =>
      await world.as(person(role), method, path, body);
    if ("act" in probe) {
      const response = await ask(await probe.act());
      expect([response.status, await response.clone().text()]).toEqual([reach === "-" ? 403 : 200, expect.anything()]);
      return;
    }
    if (reach === "-") throw new Error("a probe with scopes for a route that refuses");
    if ("scope" in probe) {
      expect((await bodyOf(await ask({ path: probe.scope }))).scope).toBe(reach);
      return;
    }
    if ("scopeOf" in probe) {
      expect((await bodyOf(await ask(await probe.scopeOf()))).scope).toBe(reach);
      return;
    }
    if ("list" in probe) {
      if (route === "GET /api/v1/tokens") for (const owner of [role, "mate", "far"]) await aToken(owner);
      const ids = probe.ids(await bodyOf(await ask({ path: probe.list })));
      for (const scope of SCOPES) {
        const seen = ids.includes(probe.idOf(ownerAt(role, scope)));
        expect([scope, seen]).toEqual([scope, covers(reach, scope)]);
      }
      return;
    }
    for (const scope of SCOPES) {
      const response = await ask(await probe.object(ownerAt(role, scope)));
      expect([scope, response.status]).toEqual([scope, covers(reach, scope) ? 200 : 404]);
    }
  });

  it.each([...STREAMS].flatMap((route) => ROLES.map((role) => [route, role] as const)))(
    "%s as %s: a stream that revoke ends",
    async (route, role) => {
      const { ticket } = (await bodyOf(await world.as(person(role), "POST", "/api/v1/live/ticket"))) as {
        ticket: string;
      };
      const { TENANT_LIVE } = world.env;
      const live = TENANT_LIVE.getByName(org.orgId) as unknown as { revoke(userId: string): Promise<number> };
      if (route === "GET /api/v1/live/sse") {
        const response = await world.as(person(role), "GET", "/api/v1/live/sse");
        expect(response.status).toBe(200);
        expect(await live.revoke(`m-${role}`)).toBe(1);
        await response.body?.cancel();
        return;
      }
      const response = await world.send(world.realtime, `/api/v1/live?ticket=${encodeURIComponent(ticket)}`, {
        headers: { upgrade: "websocket" },
      });
      expect(response.status).toBe(101);
      const socket = response.webSocket;
      if (socket === null) throw new Error("no socket");
      const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
      socket.accept();
      expect(await live.revoke(`m-${role}`)).toBe(1);
      expect(await closed).toBe(LIVE_CLOSE.revoked);
    },
  );

  it("gives no cell to nobody: 401 on every guarded route", async () => {
    for (const route of guarded()) {
      const [method = "", path = ""] = route.split(" ");
      const app = path.startsWith("/api/v1/live") ? world.realtime : world.app;
      const headers: Record<string, string> = route === "GET /api/v1/live" ? { upgrade: "websocket" } : {};
      for (const authorization of [
        undefined,
        "Bearer abc.def.ghi",
        "Bearer tft_us_x",
        "Bearer tf_us_x",
        "Basic eDp5",
      ]) {
        const given = authorization === undefined ? headers : { ...headers, authorization };
        const response = await world.send(app, path.replace(/:\w+/g, "x"), { method, headers: given });
        expect([route, authorization, response.status]).toEqual([route, authorization, 401]);
      }
    }
  });
});

/** Routes that read what is the whole team's or organisation's, so that a narrower token may not. */
const LEAST_SCOPE: Record<string, Scope> = {
  "GET /api/v1/settings/pipeline": "team",
  "GET /api/v1/reports/daily": "org",
};

describe("a program's token", () => {
  const roles = (["manager", "admin"] as const).flatMap((role) => SCOPES.map((scope) => [role, scope] as const));

  it.each(roles)(
    "of a %s with scope %s reads that far and no further, and may do nothing else",
    async (role, scope) => {
      const body = { name: "all", permissions: TOKEN_PERMISSIONS, scope };
      const made = await world.as(person(role), "POST", "/api/v1/tokens", body);
      const widest = role === "admin" ? "org" : "team";
      if (!covers(widest, scope)) {
        expect(made.status).toBe(403);
        return;
      }
      const { token } = (await bodyOf(made)) as { token: string };
      for (const { route, reach } of MATRIX) {
        const [method = "", path = ""] = route.split(" ");
        if (STREAMS.has(route)) continue;
        const readable =
          /^(GET \/api\/v1\/(me$|metrics|errors|sessions|live|query|custom-metrics|dashboards|integrations\/)|POST \/api\/v1\/(live|query$))/.test(
            route,
          );
        const probe = PROBES[route];
        if (probe === undefined) throw new Error("no probe");
        const least = LEAST_SCOPE[route];
        if (least !== undefined) {
          const { status } = await world.with(token, path, method);
          expect([route, status]).toEqual([route, covers(scope, least) ? 200 : 403]);
        } else if (!readable) {
          const response = await world.with(token, path.replace(/:\w+/g, "m-mate"), method);
          expect([route, response.status]).toEqual([route, 403]);
        } else if ("scope" in probe) {
          const granted = reach[role];
          if (granted === "-") throw new Error("unreadable");
          expect([route, (await bodyOf(await world.with(token, probe.scope))).scope]).toEqual([
            route,
            narrower(granted, scope),
          ]);
        } else if ("scopeOf" in probe) {
          const granted = reach[role];
          const { path: asked, body } = await probe.scopeOf();
          const answer = await bodyOf(await world.with(token, asked, method, body));
          expect([route, answer.scope]).toEqual([route, narrower(granted === "-" ? "own" : granted, scope)]);
        } else if ("object" in probe) {
          const granted = reach[role];
          for (const target of SCOPES) {
            const { path: object } = await probe.object(ownerAt(role, target));
            expect([route, target, (await world.with(token, object)).status]).toEqual([
              route,
              target,
              covers(granted === "-" ? "own" : narrower(granted, scope), target) ? 200 : 404,
            ]);
          }
        } else if ("act" in probe) {
          expect([route, (await world.with(token, (await probe.act()).path, method)).status]).toEqual([route, 200]);
        }
      }
    },
  );
});
