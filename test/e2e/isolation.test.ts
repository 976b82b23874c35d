import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { planOrg } from "../../dev/demo/org-plan.ts";
import { DEMO_SEED } from "../../dev/seed.ts";
import type { Role } from "../../schema/access.ts";
import { TokenAnswerSchema } from "../../schema/api/auth.ts";
import { MAX_GROUPS } from "../../schema/api/metrics.ts";
import { SessionsAnswerSchema } from "../../schema/api/sessions.ts";
import { ServerFrameSchema } from "../../schema/live.ts";
import { settledBooks } from "../support/ledger.ts";
import { signIn, snapshot } from "../support/people.ts";
import { startTenfold, type Tenfold } from "../support/tenfold.ts";

/** Every channel through which a person sees events; each answers with the agents' users that it showed. */
type Channel = (org: string, cookie: string) => Promise<string[]>;

const WAIT_MS = 20_000;
/** Sessions of each other org that a person asks for by name, and requests under way at once. */
const FOREIGN_SESSIONS = 5;
const AT_ONCE = 8;
const ORGS = ["org_acme", "org_nordwind", "org_globex"] as const;

let tenfold: Tenfold;

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();
const developers = (org: string) => planOrg(DEMO_SEED, org).developers;

/** Whose events a role of an org may see: own is one developer's, team is a team's by the directory, org is everybody's. */
function visible(org: string, role: Role): string[] {
  const [first, second] = developers(org);
  const everybody = [...developers(org).map(({ user_id }) => user_id), "nobody-in-the-directory"];
  if (role === "admin") return sorted(everybody);
  if (role === "manager") {
    return sorted(
      developers(org)
        .filter(({ team }) => team.team_id === first?.team.team_id)
        .map(({ user_id }) => user_id),
    );
  }
  return [(role === "user" ? first : second)?.user_id ?? ""];
}

/** One session for every developer, under a team label that is a lie: access must not rest on it. */
async function seedEvents(org: string): Promise<void> {
  const key = tenfold.devJson.orgs.find(({ org_id }) => org_id === org)?.ingest_key;
  const users = [...developers(org).map(({ user_id }) => user_id), "nobody-in-the-directory"];
  const timestamp = new Date().toISOString();
  const team_id = developers(org)[0]?.team.team_id;
  const events = users.flatMap((user_id) =>
    ["session_start", "error"].map((event_type) => ({
      event_type,
      user_id,
      session_id: `${org}:${user_id}`,
      team_id,
      timestamp,
    })),
  );
  const response = await fetch(`${tenfold.url}/v1/events`, {
    method: "POST",
    body: JSON.stringify(events),
    headers: { authorization: `Bearer ${key}` },
  });
  expect(await response.json()).toMatchObject({ accepted: events.length, rejected: [] });
  const expected = { [`${org}/session_start`]: users.length, [`${org}/error`]: users.length };
  expect(await settledBooks(tenfold.devJson, expected, WAIT_MS, `org_id = '${org}'`)).toEqual(expected);
}

async function get(path: string, cookie: string): Promise<unknown> {
  const response = await fetch(`${tenfold.url}${path}`, { headers: { cookie } });
  expect([path, response.status]).toEqual([path, 200]);
  return await response.json();
}

/** Users in one SNAPSHOT frame: sessions and notices together. */
function usersOf(text: string): string[] {
  const frame = ServerFrameSchema.parse(JSON.parse(text));
  if (frame.kind !== "SNAPSHOT") throw new Error(`a ${frame.kind} came before the SNAPSHOT`);
  return [...frame.sessions.list.map(({ user }) => user), ...frame.notices.map(({ user_id }) => user_id)];
}

const socket: Channel = (_org, cookie) =>
  new Promise((resolve, reject) => {
    const url = `${tenfold.url.replace("http", "ws")}/api/v1/live`;
    const ws = new WebSocket(url, { headers: { cookie, origin: tenfold.url } } as unknown as string[]);
    const timer = setTimeout(() => reject(new Error("no SNAPSHOT came")), WAIT_MS);
    ws.addEventListener("error", () => reject(new Error("the socket failed")));
    ws.addEventListener("message", ({ data }) => {
      clearTimeout(timer);
      ws.close();
      resolve(usersOf(String(data)));
    });
  });

const sse: Channel = async (_org, cookie) => {
  const response = await fetch(`${tenfold.url}/api/v1/live/sse`, { headers: { cookie } });
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  for (let text = ""; ; ) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) throw new Error("the stream ended without a SNAPSHOT");
    text += decoder.decode(chunk.value, { stream: true });
    const data = /^data: (.*)\n\n/m.exec(text)?.[1];
    if (data === undefined) continue;
    await reader?.cancel();
    return usersOf(data);
  }
};

const GroupsSchema = z.looseObject({ series: z.array(z.looseObject({ group: z.unknown() })) });

const CHANNELS: Record<string, Channel> = {
  socket,
  SSE: sse,
  snapshot: async (_org, cookie) => (await snapshot(tenfold.devJson, cookie)).sessions.list.map(({ user }) => user),
  "/api/v1/sessions": async (_org, cookie) => {
    const answer = SessionsAnswerSchema.parse(await get("/api/v1/sessions?limit=200", cookie));
    return answer.sessions.map(({ user_id }) => user_id);
  },
  "/api/v1/sessions/:id": async (org, cookie) => {
    const asked = ORGS.flatMap((each) =>
      visible(each, "admin")
        .slice(0, each === org ? undefined : FOREIGN_SESSIONS)
        .map((id) => `${each}:${id}`),
    );
    const seen: string[] = [];
    const ask = async (session: string): Promise<void> => {
      const response = await fetch(`${tenfold.url}/api/v1/sessions/${encodeURIComponent(session)}`, {
        headers: { cookie },
      });
      await response.body?.cancel();
      expect([200, 404]).toContain(response.status);
      if (response.status === 200)
        seen.push(session.startsWith(`${org}:`) ? session.slice(org.length + 1) : `FOREIGN ${session}`);
    };
    while (asked.length > 0) await Promise.all(asked.splice(0, AT_ONCE).map(ask));
    return seen;
  },
  "/api/v1/metrics/timeseries": async (_org, cookie) => {
    const { series } = GroupsSchema.parse(
      await get("/api/v1/metrics/timeseries?metric=events&group_by=user&interval=1h", cookie),
    );
    return series.flatMap(({ group }) => (typeof group === "string" && group !== "" ? [group] : []));
  },
};

beforeAll(async () => {
  tenfold = await startTenfold();
  for (const org of ORGS) await seedEvents(org);
});

afterAll(async () => {
  await tenfold.stop();
  rmSync(tenfold.dataDir, { recursive: true, force: true });
});

describe.each(ORGS)("people of %s", (org) => {
  it.each(["admin", "manager", "user", "viewer"] as const)(
    "%s sees the same rows, and no others, on every channel",
    async (role) => {
      const cookie = await signIn(tenfold.devJson, org, role);
      const expected = visible(org, role);
      for (const [name, channel] of Object.entries(CHANNELS)) {
        // A series names the largest groups; the rest is one series without a name.
        const shown = Math.min(name.endsWith("timeseries") ? MAX_GROUPS : Number.POSITIVE_INFINITY, expected.length);
        let seen: string[] = [];
        // The live object may be a second behind history.
        for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await delay(200)) {
          seen = sorted(await channel(org, cookie));
          if (seen.length >= shown) break;
        }
        expect([name, seen.filter((user) => !expected.includes(user))]).toEqual([name, []]);
        expect([name, seen.length]).toEqual([name, shown]);
      }
      const summary = z
        .looseObject({ totals: z.looseObject({ events: z.looseObject({ value: z.number() }) }) })
        .parse(await get("/api/v1/metrics/summary", cookie));
      expect(summary.totals.events.value).toBe(expected.length * 2);
    },
  );

  it("is refused on every channel by naming another org", async () => {
    const cookie = await signIn(tenfold.devJson, org, "admin");
    const other = ORGS.find((each) => each !== org);
    for (const path of [
      "/api/v1/live/snapshot",
      "/api/v1/live/sse",
      "/api/v1/sessions",
      "/api/v1/metrics/summary",
      "/api/v1/metrics/timeseries?metric=events",
      "/api/v1/me",
    ]) {
      const separator = path.includes("?") ? "&" : "?";
      const response = await fetch(`${tenfold.url}${path}${separator}org=${other}`, { headers: { cookie } });
      await response.body?.cancel();
      expect([path, response.status]).toEqual([path, 403]);
    }
  });
});

describe("a socket", () => {
  it("needs the page's own Origin, a session, and not a token in its URL", async () => {
    const cookie = await signIn(tenfold.devJson, "org_acme", "admin");
    const upgrade = (headers: Record<string, string>, query = "") =>
      new Promise<string>((resolve) => {
        const url = `${tenfold.url.replace("http", "ws")}/api/v1/live${query}`;
        const ws = new WebSocket(url, { headers } as unknown as string[]);
        ws.addEventListener("open", () => {
          ws.close();
          resolve("open");
        });
        ws.addEventListener("error", () => resolve("refused"));
      });
    expect(await upgrade({ cookie, origin: tenfold.url })).toBe("open");
    expect(await upgrade({ cookie, origin: "https://evil.example" })).toBe("refused");
    expect(await upgrade({ cookie })).toBe("refused");
    expect(await upgrade({ origin: tenfold.url })).toBe("refused");
    const { access_token: token } = TokenAnswerSchema.parse(await get("/api/auth/token?org=org_acme", cookie));
    expect(await upgrade({ origin: tenfold.url }, `?token=${token}`)).toBe("refused");
    expect(await upgrade({ origin: tenfold.url }, `?access_token=${token}`)).toBe("refused");
  });
});
