/** Sockets of TenantLive: resume, revoke, scope, filters, tickets, notices, expiry, hibernation. */
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIVE_CLOSE, MAX_SNAPSHOT_BYTES } from "../../../schema/live.ts";
import type { Notice } from "../../../schema/rpc.ts";
import { ticketBody } from "../../../schema/ticket.ts";
import { applyOf, liveEvent } from "../../support/frames.ts";
import {
  type Client,
  connect,
  countsByType,
  freshObject,
  grant,
  ORG_SCOPE,
  setClock,
  snapshotOf,
  T0,
  until,
  upgrade,
  usersScope,
} from "./world.ts";

beforeEach(() => setClock(T0));
afterEach(() => {
  vi.useRealTimers();
});

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.drop();
});

async function open(...args: Parameters<typeof connect>): Promise<Client> {
  const client = await connect(...args);
  clients.push(client);
  await until(() => client.frames.length > 0);
  return client;
}

const count = (client: Client): number =>
  Object.values(countsByType(client.windows.values())).reduce((sum, n) => sum + n, 0);

function notice(fields: Partial<Notice> = {}): Notice {
  return {
    event_id: crypto.randomUUID(),
    event_type: "error",
    timestamp: T0,
    user_id: "ada",
    session_id: "s1",
    team_id: "red",
    agent: "codex",
    model: "",
    repo: "",
    environment: "production",
    severity: "",
    title: "it broke",
    ...fields,
  };
}

describe("a socket", () => {
  it("starts with a SNAPSHOT and then gets absolute values of the windows that change", async () => {
    const { live, stub } = freshObject();
    await live.apply(applyOf([[liveEvent(T0 - 60_000), liveEvent(T0)]]));
    const client = await open(stub);
    expect(client.frames[0]).toMatchObject({ kind: "SNAPSHOT", seq: 1 });
    await live.apply(applyOf([[liveEvent(T0)]]));
    await until(() => count(client) === 3);
    const update = client.frames.at(-1);
    expect(update?.kind).toBe("METRIC_UPDATE");
    expect(update?.kind === "METRIC_UPDATE" && update.windows).toEqual([
      { start: T0, by_type: { code_generated: [2] } },
    ]);
  });

  it("gets at most one METRIC_UPDATE a second, and the last values however many bursts there were", async () => {
    const { live, stub } = freshObject();
    const client = await open(stub);
    const started = performance.now();
    for (let i = 0; i < 25; i++) {
      await live.apply(applyOf([[liveEvent(T0 + i)]]));
      setClock(T0 + Math.floor(performance.now() - started));
    }
    await until(
      () => count(client) === 25,
      () => client.frames.length,
    );
    const updates = client.frames.filter((frame) => frame.kind === "METRIC_UPDATE").length;
    expect(updates).toBeLessThanOrEqual(2 + Math.floor((performance.now() - started) / 1_000));
  });

  it("answers ping without being woken", async () => {
    const { stub } = freshObject();
    const client = await open(stub);
    client.socket?.send("ping");
    await until(() => client.texts.includes("pong"));
  });

  it("that drops at random moments and resumes sees every window's final value", async () => {
    const { live, stub } = freshObject();
    const client = await open(stub);
    let random = 7;
    const next = (n: number): number => {
      random = (random * 48_271) % 2_147_483_647;
      return random % n;
    };
    for (let step = 0; step < 60; step++) {
      setClock(T0 + step * 3_000);
      const events = Array.from({ length: 1 + next(5) }, () =>
        liveEvent(T0 + step * 3_000 - next(100_000), {
          type: next(2) ? "error" : "code_generated",
          measures: { lines_added: next(9) },
        }),
      );
      await live.apply(applyOf([events]));
      const act = next(6);
      if (act === 0) client.drop();
      if (act === 1) await evictDurableObject(stub);
      if (client.socket === undefined && next(2) === 0) await connect(stub, { client, since: client.cursor });
    }
    if (client.socket === undefined) await connect(stub, { client, since: client.cursor });
    const truth = await snapshotOf(live);
    const final = JSON.stringify(truth.windows);
    const seen = (): string => JSON.stringify([...client.windows.values()].sort((a, b) => a.start - b.start));
    await until(
      () => seen() === final,
      () => ({ seen: seen().length, final: final.length }),
    );
    expect(client.frames.filter((frame) => frame.kind === "SNAPSHOT")).toHaveLength(1);
  });

  it("gets what was applied but not yet sent when the object was evicted", async () => {
    const { live, stub } = freshObject();
    const client = await open(stub);
    await live.apply(applyOf([[liveEvent(T0)]]));
    await live.apply(applyOf([[liveEvent(T0 - 20_000)]]));
    await evictDurableObject(stub);
    await live.apply(applyOf([[liveEvent(T0 - 40_000)]]));
    await until(() => count(client) === 3);
    expect(client.frames.filter(({ kind }) => kind === "SNAPSHOT")).toHaveLength(1);
  });

  it("gets a SNAPSHOT when its cursor is of another epoch, ahead, or too old", async () => {
    const { live, stub } = freshObject();
    await live.apply(applyOf([[liveEvent(T0)]]));
    const { epoch } = await snapshotOf(live);
    for (const since of [`${"0".repeat(16)}.1`, `${epoch}.99`]) {
      expect((await open(stub, { since })).frames[0]?.kind).toBe("SNAPSHOT");
    }
    expect((await open(stub, { since: `${epoch}.0` })).frames[0]?.kind).toBe("METRIC_UPDATE");
    setClock(T0 + 20 * 60_000);
    expect((await open(stub, { since: `${epoch}.0`, grant: grant() })).frames[0]?.kind).toBe("SNAPSHOT");
  });

  it("survives hibernation of the object with its grant, scope and filter", async () => {
    const { live, stub } = freshObject();
    const client = await open(stub, { scope: usersScope("ada"), filter: { type: "error" } });
    await evictDurableObject(stub);
    await live.apply(
      applyOf([
        [liveEvent(T0, { type: "error", user: "ada" }), liveEvent(T0, { type: "error", user: "bob" }), liveEvent(T0)],
      ]),
    );
    await until(() => count(client) > 0);
    expect(countsByType(client.windows.values())).toEqual({ error: 1 });
  });

  it("ends within a second when its user's rights are revoked, and others stay", async () => {
    const { live, stub } = freshObject();
    const [mine, other] = [await open(stub), await open(stub, { grant: grant(ORG_SCOPE, { user_id: "m2" }) })];
    const { ticket } = await live.issueTicket(grant());
    const at = performance.now();
    expect(await live.revoke("m1")).toBe(1);
    await until(() => mine.closed !== undefined);
    expect(performance.now() - at).toBeLessThan(1_000);
    expect(mine.closed?.code).toBe(LIVE_CLOSE.revoked);
    expect((await upgrade(stub, ticket)).status).toBe(401);
    await live.apply(applyOf([[liveEvent(T0)]]));
    await until(() => count(other) === 1);
    expect(count(mine)).toBe(0);
  });

  it("gets nothing after its grant expired and is closed with 4401, unless it renewed in time", async () => {
    const { live, stub } = freshObject();
    const [kept, lost] = [await open(stub), await open(stub)];
    setClock(T0 + 599_000);
    const secret = (await live.issueTicket(grant())).ticket;
    const ticket = `${ticketBody({ orgId: "o", jurisdiction: "us", secret })}.${"0".repeat(32)}`;
    kept.socket?.send(JSON.stringify({ kind: "RENEW", ticket }));
    await until(() => kept.frames.some((frame) => frame.kind === "RENEWED"));
    setClock(T0 + 600_001);
    await live.apply(applyOf([[liveEvent(T0 + 600_001)]]));
    await until(() => count(kept) === 1 && lost.closed !== undefined);
    expect(lost.closed?.code).toBe(LIVE_CLOSE.expired);
    expect(count(lost)).toBe(0);
  });

  it("is closed by the alarm when its grant expires and nothing happens", async () => {
    const { stub } = freshObject();
    const client = await open(stub);
    setClock(T0 + 605_000);
    await runDurableObjectAlarm(stub);
    await until(() => client.closed !== undefined);
    expect(client.closed?.code).toBe(LIVE_CLOSE.expired);
  });

  it("cannot renew with another person's ticket", async () => {
    const { live, stub } = freshObject();
    const client = await open(stub);
    const secret = (await live.issueTicket(grant(ORG_SCOPE, { user_id: "m2" }))).ticket;
    const ticket = `${ticketBody({ orgId: "o", jurisdiction: "us", secret })}.${"0".repeat(32)}`;
    client.socket?.send(JSON.stringify({ kind: "RENEW", ticket }));
    await until(() => client.closed !== undefined);
    expect(client.closed?.code).toBe(LIVE_CLOSE.expired);
  });

  it("is closed with 4400 for a message that is not of the protocol", async () => {
    const { stub } = freshObject();
    const client = await open(stub);
    client.socket?.send("{}");
    await until(() => client.closed !== undefined);
    expect(client.closed?.code).toBe(LIVE_CLOSE.bad_message);
  });

  it("changes its filter in place", async () => {
    const { live, stub } = freshObject();
    await live.apply(applyOf([[liveEvent(T0, { type: "error" }), liveEvent(T0)]]));
    const client = await open(stub);
    client.socket?.send(JSON.stringify({ kind: "FILTER", filter: { type: "error" } }));
    await until(() => client.frames.length === 2);
    expect(countsByType(client.windows.values())).toEqual({ error: 1 });
  });
});

describe("scope and filter", () => {
  it("limit windows, sessions and notices to the rows of the grant, for sockets and snapshots alike", async () => {
    const { live, stub } = freshObject();
    const scopes = { none: usersScope(), ada: usersScope("ada"), team: usersScope("ada", "bob"), org: ORG_SCOPE };
    const opened = await Promise.all(Object.values(scopes).map((scope) => open(stub, { scope })));
    await live.apply(
      applyOf([["ada", "bob", "eve"].map((user) => liveEvent(T0, { user, session: `of-${user}`, type: "error" }))]),
    );
    await live.notify({
      v: 1,
      org_id: "o",
      notices: ["ada", "bob", "eve"].map((user_id) => notice({ user_id, title: user_id })),
    });
    await until(() => opened[3]?.notices.size === 3 && count(opened[3]) === 3);
    const seen = [[], ["ada"], ["ada", "bob"], ["ada", "bob", "eve"]];
    for (const [i, scope] of Object.values(scopes).entries()) {
      const users = seen[i] ?? [];
      const snapshot = await snapshotOf(live, scope);
      expect(snapshot.sessions.list.map(({ user }) => user).sort()).toEqual(users);
      expect(snapshot.notices.map(({ title }) => title).sort()).toEqual(users);
      expect(countsByType(snapshot.windows)).toEqual(users.length === 0 ? {} : { error: users.length });
      const client = opened[i];
      expect(client && [count(client), client.notices.size]).toEqual([users.length, users.length]);
      expect(client?.texts.join("")).not.toMatch(users.includes("eve") ? /^$/ : /of-eve|"eve"/);
    }
    expect(opened[0]?.frames).toHaveLength(1);
  });

  it("answers every filter, alone and together", async () => {
    const { live } = freshObject();
    const fields = {
      type: "cost_incurred",
      team: "red",
      agent: "codex",
      model: "opus",
      repo: "web",
      environment: "staging",
    };
    await live.apply(
      applyOf([[liveEvent(T0, fields), liveEvent(T0, { ...fields, session: "s2", model: "haiku" }), liveEvent(T0)]]),
    );
    for (const name of Object.keys(fields) as (keyof typeof fields)[]) {
      const { windows } = await snapshotOf(live, ORG_SCOPE, { [name]: fields[name] });
      expect(countsByType(windows), name).toEqual({ cost_incurred: name === "model" ? 1 : 2 });
      expect((await snapshotOf(live, ORG_SCOPE, { [name]: "nothing" })).windows, name).toEqual([]);
    }
    expect(countsByType((await snapshotOf(live, ORG_SCOPE, fields)).windows)).toEqual({ cost_incurred: 1 });
  });

  it("keeps a scope of thousands of users across hibernation", async () => {
    const { live, stub } = freshObject();
    const users = Array.from({ length: 3_000 }, (_, i) => `user-with-a-long-name-${i}`);
    const client = await open(stub, { scope: usersScope(...users) });
    await evictDurableObject(stub);
    await live.apply(applyOf([[liveEvent(T0, { user: users[2_999] ?? "" }), liveEvent(T0, { user: "stranger" })]]));
    await until(() => count(client) > 0);
    expect(count(client)).toBe(1);
  });

  it("keeps a SNAPSHOT under its limit with many types, sessions and long names, and says that it was cut", async () => {
    const { live } = freshObject();
    const events = Array.from({ length: 18_000 }, (_, i) =>
      liveEvent(T0 - (i % 89) * 10_000, {
        type: `custom.${"t".repeat(90)}${i % 100}`,
        session: "x".repeat(200) + (i % 200),
        repo: "é".repeat(250),
        measures: { cost_nano_usd: 123_456_789_012, input_tokens: 1e9 },
      }),
    );
    for (let i = 0; i < events.length; i += 1_000) await live.apply(applyOf([events.slice(i, i + 1_000)]));
    const snapshot = await snapshotOf(live);
    expect(new TextEncoder().encode(JSON.stringify(snapshot)).length).toBeLessThanOrEqual(MAX_SNAPSHOT_BYTES);
    expect(snapshot.truncated).toBe(true);
    expect(snapshot.windows.at(-1)?.start).toBe(T0);
    expect(snapshot.from).toBe(snapshot.windows[0]?.start);
  });
});

describe("a ticket", () => {
  it("opens one socket, within 30 s", async () => {
    const { live, stub } = freshObject();
    const { ticket } = await live.issueTicket(grant());
    const first = await upgrade(stub, ticket);
    expect(first.status).toBe(101);
    first.webSocket?.accept();
    first.webSocket?.close(1000, "bye");
    expect((await upgrade(stub, ticket)).status).toBe(401);
    const late = (await live.issueTicket(grant())).ticket;
    setClock(T0 + 30_001);
    expect((await upgrade(stub, late)).status).toBe(401);
  });

  it("opens one socket of many that try at once", async () => {
    const { live, stub } = freshObject();
    const { ticket } = await live.issueTicket(grant());
    const responses = await Promise.all(Array.from({ length: 10 }, () => upgrade(stub, ticket)));
    expect(responses.filter(({ status }) => status === 101)).toHaveLength(1);
    for (const { webSocket } of responses) {
      webSocket?.accept();
      webSocket?.close(1000, "bye");
    }
  });

  it("outlives an eviction of the object", async () => {
    const { live, stub } = freshObject();
    const { ticket } = await live.issueTicket(grant());
    await evictDurableObject(stub);
    const response = await upgrade(stub, ticket);
    expect(response.status).toBe(101);
    response.webSocket?.accept();
    response.webSocket?.close(1000, "bye");
  });
});

describe("a notice", () => {
  it("arrives at once, replaces an older one of the same identity, and is not counted", async () => {
    const { live, stub } = freshObject();
    const client = await open(stub);
    const first = notice();
    const at = performance.now();
    await live.notify({ v: 1, org_id: "o", notices: [first] });
    await until(() => client.notices.size === 1);
    expect(performance.now() - at).toBeLessThan(300);
    await live.notify({ v: 1, org_id: "o", notices: [first, { ...first, title: "it broke badly" }] });
    await until(() => client.notices.get(first.event_id) === "it broke badly");
    expect(client.notices.size).toBe(1);
    expect(count(client)).toBe(0);
  });

  it("is there after an eviction, and for a socket that resumes", async () => {
    const { live, stub } = freshObject();
    const client = await open(stub);
    client.drop();
    await live.notify({ v: 1, org_id: "o", notices: [notice()] });
    await evictDurableObject(stub);
    await connect(stub, { client, since: client.cursor });
    await until(() => client.notices.size === 1);
    expect((await snapshotOf(live)).notices).toHaveLength(1);
  });
});
