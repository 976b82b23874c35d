/** Configuration, people and teams: what changes, what refuses to, what takes effect, and what the record says. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { LIVE_CLOSE } from "../../../schema/live.ts";
import type { SeededOrg } from "../api/world.ts";
import { bodyOf, Settings } from "./world.ts";

let world: Settings;
let org: SeededOrg;
let admin: Principal;

beforeAll(async () => {
  world = await Settings.start();
  org = await world.org("set", "us");
  admin = await world.person(org, "set-admin", "admin");
});

async function socketOf(who: Principal): Promise<{ closed: Promise<number> }> {
  const { ticket } = (await bodyOf(await world.as(who, "POST", "/api/v1/live/ticket"))) as { ticket: string };
  const response = await world.send(world.realtime, `/api/v1/live?ticket=${encodeURIComponent(ticket)}`, {
    headers: { upgrade: "websocket" },
  });
  const socket = response.webSocket;
  if (socket === null) throw new Error(`no socket: ${response.status}`);
  const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
  socket.accept();
  return { closed };
}

/** The close code, or `late` after a second. */
async function withinASecond(closed: Promise<number>): Promise<number | "late"> {
  return await Promise.race([closed, new Promise<"late">((resolve) => setTimeout(() => resolve("late"), 1_000))]);
}

describe("settings", () => {
  it("fill in what the plan says", async () => {
    const config = await bodyOf(await world.as(admin, "GET", "/api/v1/settings"));
    expect(config).toMatchObject({
      org_id: "set",
      data_residency: "us",
      quotas: { max_events_per_second: 10_000, max_api_requests_per_minute: 6_000, max_seats: 10 },
      features: { real_time_enabled: true, sso_enabled: false },
      billing: { plan: "starter" },
    });
  });

  it("change with a record of before and after", async () => {
    const answer = await bodyOf(
      await world.as(admin, "PATCH", "/api/v1/settings", { name: "New name", billing_email: "bills@example.com" }),
    );
    expect(answer).toMatchObject({
      before: { name: "Name of set", billing: { billing_email: null } },
      after: { name: "New name", billing: { billing_email: "bills@example.com" } },
    });
    const [record] = await world.records(org);
    expect(record).toMatchObject({ actor: "set-admin", action: "settings.update", target: "set", ...answer });
  });

  it("keep the residency, and say how to move", async () => {
    const refused = await world.as(admin, "PATCH", "/api/v1/settings", { name: "Moved", data_residency: "eu" });
    expect(refused.status).toBe(409);
    expect(JSON.stringify(await bodyOf(refused))).toMatch(/create its keys and move the agents/);
    expect((await world.as(admin, "PATCH", "/api/v1/settings", { data_residency: "us" })).status).toBe(200);
    expect((await bodyOf(await world.as(admin, "GET", "/api/v1/settings"))).name).toBe("New name");
  });

  it.each([
    [{ quotas: { max_seats: 1_000 } }, 400],
    [{ plan: "enterprise" }, 400],
    [{ org_id: "set-other" }, 400],
    [{ features: { sso_enabled: true } }, 403],
    [{ features: { unknown: true } }, 400],
    [{ billing_email: "no address" }, 400],
    [{ name: " " }, 400],
  ])("refuse %j", async (body, status) => {
    const before = await bodyOf(await world.as(admin, "GET", "/api/v1/settings"));
    expect((await world.as(admin, "PATCH", "/api/v1/settings", body)).status).toBe(status);
    expect(await bodyOf(await world.as(admin, "GET", "/api/v1/settings"))).toEqual(before);
  });

  it("let one of two changes at the same time win, never half of each", async () => {
    const names = ["a", "b", "c", "d"];
    const answers = await Promise.all(names.map((name) => world.as(admin, "PATCH", "/api/v1/settings", { name })));
    const won = names.filter((_, n) => answers[n]?.status === 200);
    expect(won.length).toBeGreaterThan(0);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    const records = (await world.records(org)).filter(({ after }) => names.includes((after as { name: string }).name));
    expect(records.length).toBe(won.length);
  });

  it("switch live data off: streams end within a second, every live route answers 403, and on again", async () => {
    const { closed } = await socketOf(admin);
    expect(
      (await world.as(admin, "PATCH", "/api/v1/settings", { features: { real_time_enabled: false } })).status,
    ).toBe(200);
    expect(await withinASecond(closed)).toBe(LIVE_CLOSE.revoked);
    for (const [method, path] of [
      ["GET", "/api/v1/live/sse"],
      ["GET", "/api/v1/live/snapshot"],
      ["POST", "/api/v1/live/ticket"],
    ] as const) {
      const answer = await world.as(admin, method, path);
      expect([path, answer.status, await answer.text()]).toEqual([path, 403, expect.stringMatching(/switched off/)]);
    }
    await world.as(admin, "PATCH", "/api/v1/settings", { features: { real_time_enabled: true } });
    expect((await world.as(admin, "GET", "/api/v1/live/snapshot")).status).toBe(200);
  });
});

describe("members", () => {
  it("keep the last admin, whoever asks and however many at once", async () => {
    const lone = await world.org("lone", "us");
    const one = await world.person(lone, "lone-1", "admin");
    const two = await world.person(lone, "lone-2", "admin");
    const answers = await Promise.all([
      world.as(one, "PATCH", "/api/v1/members/lone-2", { role: "user" }),
      world.as(two, "PATCH", "/api/v1/members/lone-1", { role: "user" }),
    ]);
    expect(answers.map(({ status }) => status).sort()).not.toEqual([200, 200]);
    const { results } = await lone.database
      .prepare("SELECT user_id FROM memberships WHERE org_id = 'lone' AND role = 'admin'")
      .all<{ user_id: string }>();
    expect(results.length).toBe(1);
    const last = results[0]?.user_id === "lone-1" ? one : two;
    expect((await world.as(last, "DELETE", `/api/v1/members/${last.user_id}`)).status).toBe(409);
    expect((await world.as(last, "PATCH", `/api/v1/members/${last.user_id}`, { role: "viewer" })).status).toBe(409);
    expect((await world.as(last, "PATCH", `/api/v1/members/${last.user_id}`, { role: "admin" })).status).toBe(200);
  });

  it("are no more than the seats, also when they come at the same time", async () => {
    const small = await world.org("small", "us");
    const boss = await world.person(small, "small-admin", "admin");
    await small.database.prepare(`UPDATE orgs SET quotas = '{"max_seats":3}' WHERE org_id = 'small'`).run();
    const add = (n: number) =>
      world.as(boss, "POST", "/api/v1/members", { email: `s${n}@example.com`, name: `S${n}`, role: "user" });
    const statuses = (await Promise.all([1, 2, 3, 4].map(add))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 200, 409, 409]);
    expect(await (await add(9)).text()).toMatch(/all 3 seats/);
  });

  it("lose their streams within a second when role, team or membership changes, and nobody else does", async () => {
    for (const team of ["red", "blue"]) await world.team(org, team);
    const person = await world.person(org, "set-user", "user", { teamId: "red" });
    const other = await world.person(org, "set-other", "user", { teamId: "red" });
    const [bystander] = await Promise.all([socketOf(other)]);
    for (const change of [
      () => world.as(admin, "PATCH", "/api/v1/members/set-user", { role: "viewer" }),
      () => world.as(admin, "PATCH", "/api/v1/members/set-user", { team_id: "blue" }),
      () => world.as(admin, "POST", "/api/v1/members/set-user/identities", { event_user_id: "set-laptop" }),
      () => world.as(admin, "DELETE", "/api/v1/members/set-user/identities/set-laptop"),
      () => world.as(admin, "DELETE", "/api/v1/teams/blue"),
      () => world.as(admin, "DELETE", "/api/v1/members/set-user"),
    ]) {
      const { closed } = await socketOf(person);
      expect((await change()).status).toBe(200);
      expect(await withinASecond(closed)).toBe(LIVE_CLOSE.revoked);
    }
    expect(await Promise.race([bystander.closed, Promise.resolve("open")])).toBe("open");
  });

  it("end their managers' streams too, whose team is another one now", async () => {
    for (const team of ["from", "to"]) await world.team(org, team);
    await world.person(org, "set-mover", "user", { teamId: "from" });
    const from = await world.person(org, "set-from", "manager", { teamId: "from" });
    const to = await world.person(org, "set-to", "manager", { teamId: "to" });
    const streams = await Promise.all([socketOf(from), socketOf(to)]);
    await world.as(admin, "PATCH", "/api/v1/members/set-mover", { team_id: "to" });
    for (const { closed } of streams) expect(await withinASecond(closed)).toBe(LIVE_CLOSE.revoked);
  });

  it("take identities, claims and tokens with them when they go", async () => {
    const person = await world.person(org, "set-leaver", "user", { eventUsers: ["leaver-agent"] });
    const made = await bodyOf(
      await world.as(person, "POST", "/api/v1/tokens", { name: "t", permissions: ["metrics:read"] }),
    );
    await world.as(person, "POST", "/api/v1/me/identities", { event_user_id: "somebody" });
    const token = String(made.token);
    expect((await world.with(token, "/api/v1/metrics/summary")).status).toBe(200);
    expect((await world.as(admin, "DELETE", "/api/v1/members/set-leaver")).status).toBe(200);
    expect((await (await world.fresh()).with(token, "/api/v1/metrics/summary")).status).toBe(401);
    const rows = await org.database
      .prepare(
        "SELECT (SELECT count(*) FROM identities WHERE user_id = 'set-leaver') + (SELECT count(*) FROM identity_claims WHERE user_id = 'set-leaver') AS left",
      )
      .first("left");
    expect(rows).toBe(0);
  });
});

describe("identities", () => {
  const sees = async (who: Principal): Promise<number> => {
    const answer = await world.as(who, "GET", "/api/v1/sessions?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z");
    return ((await bodyOf(answer)).sessions as unknown[]).length;
  };

  it("give nothing by a claim alone, and events once an admin approves it", async () => {
    const claimer = await world.person(org, "set-claimer", "user");
    const event = { org_id: org.orgId, event_type: "session_start", timestamp: "2026-11-20T10:00:00.000Z" };
    await world.insert("us", [{ ...event, session_id: "victim-session", user_id: "victim-agent" }]);
    const claim = { event_user_id: "victim-agent" };
    expect(await bodyOf(await world.as(claimer, "POST", "/api/v1/me/identities", claim))).toMatchObject({
      status: "pending",
    });
    expect(await sees(claimer)).toBe(0);
    const decision = { user_id: "set-claimer", ...claim };
    const decide = (verdict: string) =>
      world.as(admin, "POST", "/api/v1/identity-claims/decisions", { ...decision, decision: verdict });
    expect((await decide("refuse")).status).toBe(200);
    expect((await decide("approve")).status).toBe(404);
    expect(await sees(claimer)).toBe(0);
    await world.as(claimer, "POST", "/api/v1/me/identities", claim);
    expect((await decide("approve")).status).toBe(200);
    expect(await sees(claimer)).toBe(1);
  });

  it("link a verified address at once, an unverified one never, and never somebody else's", async () => {
    const mail = await world.person(org, "set-mail", "user");
    const ask = (event_user_id: string) => world.as(mail, "POST", "/api/v1/me/identities", { event_user_id });
    expect(await bodyOf(await ask("set-mail@example.com"))).toMatchObject({ status: "pending" });
    await org.database.prepare("UPDATE users SET email_verified_at = 1 WHERE user_id = 'set-mail'").run();
    expect(await bodyOf(await ask("Set-Mail@example.com"))).toMatchObject({ status: "linked" });
    expect(await bodyOf(await ask("set-admin@example.com"))).toMatchObject({ status: "pending" });
  });

  it("belong to one member, and a claim does not tell whether they are taken", async () => {
    const rival = await world.person(org, "set-rival", "user");
    await world.as(admin, "POST", "/api/v1/members/set-admin/identities", { event_user_id: "boss-agent" });
    const taken = await world.as(rival, "POST", "/api/v1/me/identities", { event_user_id: "boss-agent" });
    const free = await world.as(rival, "POST", "/api/v1/me/identities", { event_user_id: "free-agent" });
    expect([taken.status, (await bodyOf(taken)).status]).toEqual([free.status, (await bodyOf(free)).status]);
    const approved = await world.as(admin, "POST", "/api/v1/identity-claims/decisions", {
      user_id: "set-rival",
      event_user_id: "boss-agent",
      decision: "approve",
    });
    expect(approved.status).toBe(409);
  });
});

describe("lists", () => {
  it("come in pages that lose nobody and repeat nobody", async () => {
    const all = (await bodyOf(await world.as(admin, "GET", "/api/v1/members"))).members as { user_id: string }[];
    const paged: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const path: string = `/api/v1/members?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const page = (await bodyOf(await world.as(admin, "GET", path))) as {
        members: { user_id: string }[];
        next_cursor: string | null;
      };
      expect(page.members.length).toBeLessThanOrEqual(2);
      paged.push(...page.members.map((member) => member.user_id));
      cursor = page.next_cursor;
    }
    expect(all.length).toBeGreaterThan(3);
    expect(paged).toEqual(all.map((member) => member.user_id));
  });

  it("hold no hash, password or key", async () => {
    for (const path of ["/api/v1/members", "/api/v1/members/set-admin", "/api/v1/keys", "/api/v1/tokens"]) {
      expect(await (await world.as(admin, "GET", path)).text()).not.toMatch(/hash|scrypt|secret|tft?_(us|eu)_/);
    }
    expect(JSON.stringify(await world.records(org))).not.toMatch(/hash|scrypt|tft?_(us|eu|gl)[_-]/);
  });
});
