/**
 * Another tenant's ids in path, query, body and filters of every configuration route: 403 where the request names the tenant, 404
 * where it names an object, nothing changed, and no word of the other tenant in any answer.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { ROUTES } from "../../../workers/api/routes.ts";
import type { SeededOrg } from "../api/world.ts";
import { bodyOf, Settings } from "./world.ts";

let world: Settings;
let mine: Principal;
let theirs: Principal;
let theirOrg: SeededOrg;
const ids = { key: "", token: "" };

beforeAll(async () => {
  world = await Settings.start();
  const org = await world.org("iso-mine", "us");
  theirOrg = await world.org("iso-theirs", "us");
  mine = await world.person(org, "iso-mia", "admin");
  theirs = await world.person(theirOrg, "iso-theo", "admin");
  await world.team(theirOrg, "theirteam");
  await world.person(theirOrg, "iso-thea", "user", { teamId: "theirteam", eventUsers: ["thea-agent"] });
  const key = await bodyOf(await world.as(theirs, "POST", "/api/v1/keys", { name: "theirkey" }));
  ids.key = (key.details as { key_id: string }).key_id;
  const token = await bodyOf(
    await world.as(theirs, "POST", "/api/v1/tokens", { name: "theirtoken", permissions: ["me:read"] }),
  );
  ids.token = (token.details as { token_id: string }).token_id;
  const rules = [{ attribute: "user.email", action: "hash" }];
  await world.as(theirs, "PUT", "/api/v1/settings/privacy", { rules });
  const thea = { ...theirs, user_id: "iso-thea", role: "user" as const };
  await world.as(thea, "POST", "/api/v1/me/identities", { event_user_id: "theirclaim" });
});

/** Everything configured about the other tenant. */
async function theirState(): Promise<string> {
  const tables = [
    "orgs",
    "memberships",
    "teams",
    "identities",
    "identity_claims",
    "api_tokens",
    "ingest_key_details",
    "tenant_policies",
    "pseudonym_keys",
  ];
  const rows = await Promise.all(
    [...tables, "change_records"].map((table) =>
      theirOrg.database.prepare(`SELECT * FROM ${table} WHERE org_id = 'iso-theirs' ORDER BY 1, 2`).all(),
    ),
  );
  const keys = await world.env.ROUTING_DB.prepare("SELECT * FROM ingest_keys WHERE org_id = 'iso-theirs'").all();
  return JSON.stringify([...rows, keys].map(({ results }) => results));
}

type Attack = readonly [what: string, method: string, path: () => string, body: unknown, status: number];

const ATTACKS: Attack[] = [
  ["member in path", "GET", () => "/api/v1/members/iso-thea", undefined, 404],
  ["member in path", "PATCH", () => "/api/v1/members/iso-thea", { role: "admin" }, 404],
  ["member in path", "DELETE", () => "/api/v1/members/iso-thea", undefined, 404],
  ["member in path", "POST", () => "/api/v1/members/iso-thea/identities", { event_user_id: "x" }, 404],
  ["identity in path", "DELETE", () => "/api/v1/members/iso-thea/identities/thea-agent", undefined, 404],
  ["identity of own member", "DELETE", () => "/api/v1/members/iso-mia/identities/thea-agent", undefined, 404],
  [
    "claim in body",
    "POST",
    () => "/api/v1/identity-claims/decisions",
    { user_id: "iso-thea", event_user_id: "theirclaim", decision: "approve" },
    404,
  ],
  ["team in path", "PATCH", () => "/api/v1/teams/theirteam", { name: "mine" }, 404],
  ["team in path", "DELETE", () => "/api/v1/teams/theirteam", undefined, 404],
  ["team in body", "PATCH", () => "/api/v1/members/iso-mia", { team_id: "theirteam" }, 404],
  [
    "team in body",
    "POST",
    () => "/api/v1/members",
    { email: "iso-new@example.com", name: "New", role: "user", team_id: "theirteam" },
    404,
  ],
  ["key in path", "POST", () => `/api/v1/keys/${ids.key}/rotate`, {}, 404],
  ["key in path", "DELETE", () => `/api/v1/keys/${ids.key}`, undefined, 404],
  ["token in path", "DELETE", () => `/api/v1/tokens/${ids.token}`, undefined, 404],
  ["org in query", "GET", () => "/api/v1/settings?org=iso-theirs", undefined, 403],
  ["org in query", "PATCH", () => "/api/v1/settings?org=iso-theirs", { name: "mine" }, 403],
  ["org in query", "PUT", () => "/api/v1/settings/prices?org=iso-theirs", {}, 403],
  ["org in query", "GET", () => "/api/v1/settings/privacy?org=iso-theirs", undefined, 403],
  ["org in query", "DELETE", () => "/api/v1/settings/privacy/pseudonym-key?org=iso-theirs", undefined, 403],
  ["org in query", "GET", () => "/api/v1/members?org=iso-theirs", undefined, 403],
  ["org in query", "POST", () => "/api/v1/keys?org_id=iso-theirs", { name: "k" }, 403],
  ["two orgs in query", "GET", () => "/api/v1/members?org=iso-mine&org=iso-theirs", undefined, 403],
  ["org in body", "PATCH", () => "/api/v1/settings", { org_id: "iso-theirs", name: "mine" }, 400],
  ["org in body", "PUT", () => "/api/v1/settings/privacy", { org_id: "iso-theirs", rules: [] }, 400],
  ["key of another", "DELETE", () => "/api/v1/settings/privacy/pseudonym-key", undefined, 404],
  ["org in body", "POST", () => "/api/v1/keys", { org_id: "iso-theirs", name: "k" }, 400],
  ["user in body", "POST", () => "/api/v1/tokens", { user_id: "iso-theo", name: "t", permissions: ["me:read"] }, 400],
  ["SQL in path", "GET", () => `/api/v1/members/${encodeURIComponent("x' OR org_id='iso-theirs")}`, undefined, 404],
  ["SQL in path", "DELETE", () => `/api/v1/keys/${encodeURIComponent("' OR 1=1 --")}`, undefined, 404],
  ["SQL in cursor", "GET", () => `/api/v1/members?cursor=${btoa("' OR 1=1 --")}`, undefined, 200],
  ["SQL in body", "PATCH", () => "/api/v1/settings", { name: "x', org_id = 'iso-theirs" }, 200],
];

describe("another tenant's configuration", () => {
  it.each(ATTACKS)("%s: %s", async (_, method, path, body, status) => {
    const before = await theirState();
    const response = await world.as(mine, method, path(), body);
    const text = await response.text();
    expect([response.status, text]).toEqual([status, expect.not.stringMatching(/theo|thea|theirkey|theirclaim/)]);
    expect(await theirState()).toBe(before);
  });

  it("is not told apart from what does not exist", async () => {
    for (const [path, nobodys] of [
      ["/api/v1/members/iso-thea", "/api/v1/members/nobody"],
      [`/api/v1/keys/${ids.key}`, "/api/v1/keys/nobodys"],
      [`/api/v1/tokens/${ids.token}`, "/api/v1/tokens/nobodys"],
      ["/api/v1/teams/theirteam", "/api/v1/teams/nobodys"],
    ] as const) {
      const method = path.includes("members") ? "GET" : "DELETE";
      const answers = await Promise.all(
        [path, nobodys].map(async (one) => {
          const response = await world.as(mine, method, one);
          const { error } = (await bodyOf(response)) as { error: { code: string; message: string } };
          return [response.status, error.code, error.message];
        }),
      );
      expect(answers[0]).toEqual(answers[1]);
    }
  });

  it("stays out of every list", async () => {
    for (const path of [
      "/api/v1/members",
      "/api/v1/teams",
      "/api/v1/keys",
      "/api/v1/tokens",
      "/api/v1/identity-claims",
    ]) {
      const response = await world.as(mine, "GET", path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(await response.text()).not.toMatch(/theo|thea|their/);
    }
  });

  it("is attacked through every route with an id in its path", () => {
    const routed = ROUTES.filter(({ path, tags }) => path.includes("/:") && !tags.includes("sessions"));
    const missed = routed.filter(({ method, path }) => {
      const pattern = new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`);
      return !ATTACKS.some(([, verb, url]) => verb === method.toUpperCase() && pattern.test(url()));
    });
    const others = missed.filter(({ tags }) => ["members", "teams", "keys", "tokens", "settings"].includes(tags[0]));
    expect(others.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});
